//! The inputs.

use std::collections::BTreeSet;
use std::time::Duration;

use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Error, ErrorKind};

use crate::check::{Check, Test};
use crate::endpoint::Endpoint;
use crate::engine::Terms;
use crate::traffic::Names;

/// The shortest time between two looks.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
/// The most looks of one run; each stands in the `json` output.
const LOOK_LIMIT: u128 = 10_000;

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
pub(crate) const STATUS_LABEL: InputSpec = InputSpec::new(
    "status-label",
    InputKind::Text,
    "Label of the counter that holds the status. Without it, the one of `status`, `status_code` and `code` that is there.",
);

/// Every input.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["plan", "gate"],
        "`plan` takes one look and tells what the gate would read and conclude; `gate` watches and gives a verdict.",
    )
    .default("gate"),
    InputSpec::new(
        "checks",
        InputKind::List,
        "What must hold, one check a line: `health URL`, `version URL == release`, `error-rate < 5%`, `p95 < 2s` (also p50, p90, \
         p99), `throughput > 50/s`.",
    )
    .required(),
    InputSpec::new(
        "metrics-url",
        InputKind::List,
        "Addresses of Prometheus metrics, one process a line; their counts are summed. `error-rate`, `p95` and `throughput` need \
         one.",
    ),
    REQUESTS_METRIC,
    DURATION_METRIC,
    STATUS_LABEL,
    InputSpec::new(
        "minimum-requests",
        InputKind::Number,
        "Requests that a share or a percentile must rest on; fewer are no evidence.",
    )
    .default("20"),
    InputSpec::new("duration", InputKind::Duration, "How long to watch.").default("5m"),
    InputSpec::new("interval", InputKind::Duration, "Time between two looks.").default("10s"),
    InputSpec::new(
        "failure-limit",
        InputKind::Number,
        "Failed looks in a row that lead to a rollback before the time is over.",
    )
    .default("3"),
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Take one look and tell.
    Plan,
    /// Watch and give a verdict.
    Gate,
}

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    pub(crate) checks: Vec<Check>,
    pub(crate) targets: Vec<Endpoint>,
    pub(crate) names: Names,
    pub(crate) minimum_requests: u64,
    pub(crate) interval: Duration,
    pub(crate) terms: Terms,
}

impl Inputs {
    /// Reads all of them; errors are noted in the reader.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let mode = reader.choice("mode", &[("plan", Mode::Plan), ("gate", Mode::Gate)]);
        let checks = read_checks(reader);
        let targets: Vec<Endpoint> = reader.parsed_list("metrics-url");
        refuse_repeated(reader, "metrics-url", targets.iter().map(|target| target.url().as_str()), |repeated| {
            format!("`{}` is listed twice, so its requests would count twice", repeated.split('?').next().unwrap_or_default())
        });
        let measurement = checks.iter().find(|check| matches!(check.test, Test::Measurement(_)));
        if let Some(check) = measurement.filter(|_| !reader.is_given("metrics-url")) {
            let error = invalid(format!("`{}` needs the metrics of the service", check.text));
            reader.refuse("metrics-url", error.hint("add the address of its metrics, such as `http://10.0.0.5:8080/metrics`"));
        }
        let names = Names {
            requests: reader.optional(REQUESTS_METRIC.name),
            duration: reader.optional(DURATION_METRIC.name),
            status: reader.optional(STATUS_LABEL.name),
        };
        let inputs = Self {
            mode: mode?,
            checks,
            targets,
            names,
            minimum_requests: read_positive(reader, "minimum-requests")?,
            interval: reader.duration("interval")?,
            terms: Terms {
                duration: reader.duration("duration")?,
                failure_limit: u32::try_from(read_positive(reader, "failure-limit")?).unwrap_or(u32::MAX),
            },
        };
        inputs.refuse_times(reader);
        (!reader.has_errors()).then_some(inputs)
    }

    fn refuse_times(&self, reader: &mut Reader) {
        let duration = self.terms.duration;
        if self.interval < SHORTEST_INTERVAL {
            reader.refuse("interval", invalid("it is shorter than 100ms").hint("write a longer one, such as `10s`"));
        } else if duration.is_zero() {
            reader.refuse("duration", invalid("nothing can be seen in no time").hint("write a longer one, such as `5m`"));
        } else if duration.as_millis() / self.interval.as_millis() > LOOK_LIMIT {
            let error = invalid(format!("that is more than {LOOK_LIMIT} looks in the time of `duration`"));
            reader.refuse("interval", error.hint("look less often, or for a shorter time"));
        }
    }
}

fn read_checks(reader: &mut Reader) -> Vec<Check> {
    let lines = reader.list("checks");
    if lines.is_empty() && reader.is_given("checks") && !reader.has_errors() {
        reader.refuse("checks", invalid("there is no check in it").hint("write one a line, such as `error-rate < 5%`"));
    }
    let checks: Vec<Check> = reader.parsed_list("checks");
    refuse_repeated(reader, "checks", checks.iter().map(|check| check.text.as_str()), |repeated| {
        format!("`{repeated}` is listed twice")
    });
    checks
}

fn refuse_repeated<'a>(
    reader: &mut Reader,
    name: &str,
    mut entries: impl Iterator<Item = &'a str>,
    message: impl Fn(&str) -> String,
) {
    let mut seen = BTreeSet::new();
    if let Some(repeated) = entries.find(|entry| !seen.insert(*entry)) {
        reader.refuse(name, invalid(message(repeated)).hint("remove one of the two lines"));
    }
}

fn read_positive(reader: &mut Reader, name: &str) -> Option<u64> {
    let number = reader.number(name)?;
    if number == 0 {
        reader.refuse(name, invalid("it is 0").hint("write 1 or more"));
    }
    Some(number)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
