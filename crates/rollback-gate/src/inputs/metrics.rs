//! Which metrics are read, where what is exposed does not tell.

use litemap::LiteMap;
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::text::quoted;

use crate::check::RESOURCES;
use crate::errors::invalid;
use crate::resource::Choice;
use crate::scrape::RESTARTS;
use crate::selector::Selector;
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

/// Reads what is said of resources, and of restarts.
pub(super) fn read_choices(reader: &mut Reader) -> LiteMap<&'static str, Choice> {
    let mut choices = LiteMap::new();
    for resource in RESOURCES {
        let limit = resource.limit_input.and_then(|(input, read)| {
            let limit = read(&reader.optional(input)?);
            limit.map_err(|error| reader.refuse(input, error)).ok()
        });
        let metric = read_metric(reader, resource.metric_input, resource.word, &mut resource.usages());
        choices.insert(resource.word, Choice { metric, limit });
    }
    let metric = read_metric(reader, RESTARTS_METRIC.name, "restarts", &mut [RESTARTS].into_iter());
    choices.insert("restarts", Choice { metric, limit: None });
    choices
}

/// Reads the metric that is meant, which must be one of those that are understood.
fn read_metric(
    reader: &mut Reader,
    input: &str,
    word: &str,
    understood: &mut dyn Iterator<Item = &'static str>,
) -> Option<Selector> {
    let metric: Selector = reader.parsed(input)?;
    let understood: Vec<&str> = understood.collect();
    if !understood.contains(&metric.metric()) {
        let error = invalid(format!("`{}` is not a metric that `{word}` understands", metric.metric()));
        reader.refuse(input, error.hint(format!("name one of {}", quoted(&mut understood.iter().copied()))));
    }
    Some(metric)
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

#[cfg(test)]
mod tests {
    use slipway_core::host::scripted::ScriptedHost;
    use slipway_core::order;

    use super::*;
    use crate::inputs::INPUTS;

    #[test]
    fn a_metric_is_one_that_its_check_understands() {
        for (input, metric, told) in [
            ("cpu-metric", "container_cpu_usage_seconds_total{container=\"shop\"}", None),
            ("cpu-metric", "cpu_seconds", Some("`cpu_seconds` is not a metric that `cpu` understands")),
            ("restarts-metric", "kube_pod_container_status_restarts_total{container=\"shop\"}", None),
            ("restarts-metric", "restarts_total", Some("`restarts_total` is not a metric that `restarts` understands")),
            ("disk-metric", "node_filesystem_avail_bytes", None),
            ("memory-limit", "512", Some("`512` is not a size")),
            ("cpu-limit", "500m", Some("`500m` is not a number of processors")),
        ] {
            let flags = order::map([(input.to_owned(), metric.to_owned())]);
            let mut reader = Reader::new(INPUTS, &ScriptedHost::new(&[]), &flags);
            read_choices(&mut reader);
            let refused = reader.finish().err().map(|error| error.message().to_owned());
            assert_eq!(refused.is_some(), told.is_some(), "{metric}: {refused:?}");
            assert!(refused.unwrap_or_default().contains(told.unwrap_or_default()), "{metric}");
        }
    }
}
