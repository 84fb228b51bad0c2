//! Which metrics are read, where what is exposed does not tell.

use std::collections::BTreeMap;

use slipway_core::Result;
use slipway_core::input::{InputKind, InputSpec, Reader};

use crate::check::RESOURCES;
use crate::errors::invalid;
use crate::resource::Choice;
use crate::selector::Selector;
use crate::size;
use crate::traffic::Names;

/// Units of durations that are not seconds.
const OTHER_UNITS: [&str; 4] = ["_milliseconds", "_ms", "_microseconds", "_nanoseconds"];

pub(crate) const REQUESTS_METRIC: InputSpec = InputSpec::new(
    "requests-metric",
    InputKind::Text,
    "Counter of requests. Without it, the one metric whose name ends with `requests_total`.",
);
pub(crate) const DURATION_METRIC: InputSpec = InputSpec::new(
    "duration-metric",
    InputKind::Text,
    "Histogram of durations in seconds. Without it, the one whose name ends with `request_duration_seconds`.",
);
pub(super) const CPU_METRIC: InputSpec = InputSpec::new(
    "cpu-metric",
    InputKind::Text,
    "Metric of used processor time that `cpu` reads, where several fit, such as `container_cpu_usage_seconds_total{container=\"shop\"}`.",
);
pub(super) const MEMORY_METRIC: InputSpec = InputSpec::new(
    "memory-metric",
    InputKind::Text,
    "The same for `memory`, such as `container_memory_working_set_bytes{container=\"shop\"}`.",
);
pub(super) const DISK_METRIC: InputSpec = InputSpec::new(
    "disk-metric",
    InputKind::Text,
    "The same for `disk`, such as `node_filesystem_avail_bytes{mountpoint=\"/\"}`.",
);
pub(super) const RESTARTS_METRIC: InputSpec = InputSpec::new(
    "restarts-metric",
    InputKind::Text,
    "The same for `restarts`, such as `kube_pod_container_status_restarts_total{container=\"shop\"}`.",
);
pub(super) const CPU_LIMIT: InputSpec = InputSpec::new(
    "cpu-limit",
    InputKind::Text,
    "Processors that each process may use, such as `2` or `0.5`, where its metrics do not tell.",
);
pub(super) const MEMORY_LIMIT: InputSpec = InputSpec::new(
    "memory-limit",
    InputKind::Text,
    "Memory that each process may use, such as `512MiB` or `2GB`, where its metrics do not tell.",
);

pub(crate) const STATUS_LABEL: InputSpec = InputSpec::new(
    "status-label",
    InputKind::Text,
    "Label of the counter that holds the status. Without it, the one of `status`, `status_code` and `code` that is there.",
);

/// Reads what is said of resources.
pub(super) fn read_choices(reader: &mut Reader) -> BTreeMap<&'static str, Choice> {
    let mut choices = BTreeMap::new();
    for (word, metric, limit) in [
        ("cpu", &CPU_METRIC, Some((&CPU_LIMIT, size::processors as fn(&str) -> Result<f64>))),
        ("memory", &MEMORY_METRIC, Some((&MEMORY_LIMIT, size::bytes))),
        ("disk", &DISK_METRIC, None),
        ("restarts", &RESTARTS_METRIC, None),
    ] {
        let choice = Choice {
            metric: reader.parsed(metric.name),
            limit: limit.and_then(|(input, read)| {
                let read = read(&reader.optional(input.name)?);
                read.map_err(|error| reader.refuse(input.name, error)).ok()
            }),
        };
        let resource = RESOURCES.iter().find(|resource| resource.word == word);
        let named = choice.metric.as_ref().map(Selector::metric);
        if let (Some(resource), Some(named)) = (resource, named)
            && resource.usages().all(|usage| usage != named)
        {
            let usages: Vec<String> = resource.usages().map(|usage| format!("`{usage}`")).collect();
            let error = invalid(format!("`{named}` is not a metric that `{word}` understands"));
            reader.refuse(metric.name, error.hint(format!("name one of {}", usages.join(", "))));
        }
        choices.insert(word, choice);
    }
    choices
}

/// Reads the names of what counts requests.
pub(super) fn read_names(reader: &mut Reader) -> Names {
    let duration = reader.optional(DURATION_METRIC.name);
    if let Some(unit) = OTHER_UNITS.iter().find(|unit| duration.as_ref().is_some_and(|name| name.ends_with(*unit))) {
        let error = invalid(format!("its name ends with `{unit}`"));
        reader.refuse(DURATION_METRIC.name, error.hint("name a histogram whose bounds are seconds"));
    }
    Names { requests: reader.optional(REQUESTS_METRIC.name), duration, status: reader.optional(STATUS_LABEL.name) }
}
