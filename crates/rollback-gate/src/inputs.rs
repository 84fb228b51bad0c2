//! The inputs.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use slipway_core::input::{GITHUB_TOKEN, InputKind, InputSpec, Reader, WORKING_DIRECTORY};
use slipway_core::{Error, ErrorKind, Result};
use slipway_gitops::{
    COMPONENT, CONFIG_BRANCH, CONFIG_REPOSITORY, ConfigLocation, ENVIRONMENT, RECORD, ReleaseVersion, Target,
};

use crate::analysis::{self, AnalysisInputs};
use crate::canary::{self, CalibrateInputs, CanaryInputs};
use crate::check::{Check, PRESET, Preset, RESOURCES, Test, complete};
use crate::endpoint::Endpoint;
use crate::engine::Terms;
use crate::evidence::{EVIDENCE, EVIDENCE_AGE, EVIDENCE_COMMIT, Evidence};
use crate::headers::{HEADERS, Headers};
use crate::plan::Recourse;
use crate::recovery::{self, Recovery};
use crate::request::{self, Request};
use crate::resource::Choice;
use crate::selector::Selector;
use crate::size;
use crate::telling::{self, Telling};
use crate::traffic::Names;

/// The shortest time between two looks.
pub(crate) const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
/// The most looks of one run; each stands in the `json` output.
pub(crate) const LOOK_LIMIT: u128 = 10_000;

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
const CPU_METRIC: InputSpec = InputSpec::new(
    "cpu-metric",
    InputKind::Text,
    "Metric of used processor time that `cpu` reads, where several fit, such as `container_cpu_usage_seconds_total{container=\"shop\"}`.",
);
const MEMORY_METRIC: InputSpec = InputSpec::new(
    "memory-metric",
    InputKind::Text,
    "The same for `memory`, such as `container_memory_working_set_bytes{container=\"shop\"}`.",
);
const DISK_METRIC: InputSpec = InputSpec::new(
    "disk-metric",
    InputKind::Text,
    "The same for `disk`, such as `node_filesystem_avail_bytes{mountpoint=\"/\"}`.",
);
const RESTARTS_METRIC: InputSpec = InputSpec::new(
    "restarts-metric",
    InputKind::Text,
    "The same for `restarts`, such as `kube_pod_container_status_restarts_total{container=\"shop\"}`.",
);
const CPU_LIMIT: InputSpec = InputSpec::new(
    "cpu-limit",
    InputKind::Text,
    "Processors that each process may use, such as `2` or `0.5`, where its metrics do not tell.",
);
const MEMORY_LIMIT: InputSpec = InputSpec::new(
    "memory-limit",
    InputKind::Text,
    "Memory that each process may use, such as `512MiB` or `2GB`, where its metrics do not tell.",
);

pub(crate) const STATUS_LABEL: InputSpec = InputSpec::new(
    "status-label",
    InputKind::Text,
    "Label of the counter that holds the status. Without it, the one of `status`, `status_code` and `code` that is there.",
);

/// Every input.
pub(crate) const INPUTS: &[InputSpec] = &[
    InputSpec::mode(
        &["plan", "gate", "rollback", "decide", "replay", "calibrate"],
        "`plan` takes one look and tells what the gate would read and conclude; `gate` watches and gives a verdict; `rollback` \
         takes the release back because a person says so; `decide` is a person's answer to a hold; `replay` runs an analysis over \
         recorded answers; `calibrate` replays the comparison of a canary over recorded counters and tells how often it would have \
         been wrong.",
    )
    .default("gate"),
    ENVIRONMENT,
    COMPONENT,
    InputSpec::new(
        "checks",
        InputKind::List,
        "What must hold, one check a line: `health URL`, `health URL .status == \"healthy\"`, `version URL == release`, `uptime URL`, \
         `json URL .path < 5`, `error-rate < 5%`, `p95 < 2s` (also p50, p90, p99), `throughput > 50/s`, `cpu < 70%`, `memory < 80%`, \
         `disk < 85%`, `restarts == 0`, `slo 99.9% window 30d`, `query \"…\" < 0.7`, `alarm NAME`, `command PROGRAM …`. \
         Something to judge by is needed: this, `preset`, `analysis-template`, `canary` or `evidence`.",
    ),
    PRESET,
    analysis::TEMPLATE,
    analysis::ARGUMENTS,
    analysis::COMPATIBILITY,
    analysis::PROMETHEUS_URL,
    analysis::PROMETHEUS_HEADERS,
    analysis::CERTIFICATE_AUTHORITY,
    analysis::REPLAY_FILE,
    InputSpec::new(
        "metrics-url",
        InputKind::List,
        "Addresses of Prometheus metrics, one process a line, or a name that has an address for each. Their counts are summed, and a \
         fault that only one has is a fault. Checks of metrics need one; without it, they read `canary`.",
    ),
    HEADERS,
    canary::CANARY,
    canary::STABLE,
    canary::BUDGET,
    canary::REGRESSION,
    canary::CALIBRATE_FILE,
    EVIDENCE,
    EVIDENCE_COMMIT,
    EVIDENCE_AGE,
    REQUESTS_METRIC,
    DURATION_METRIC,
    STATUS_LABEL,
    CPU_METRIC,
    MEMORY_METRIC,
    DISK_METRIC,
    RESTARTS_METRIC,
    CPU_LIMIT,
    MEMORY_LIMIT,
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
    InputSpec::new(
        "on-failure",
        InputKind::Choice(&["report", "rollback"]),
        "What a verdict of rollback leads to: `report` records it; `rollback` also restores the verified release in the config \
         repository.",
    )
    .default("report"),
    InputSpec::new(
        "fail-on",
        InputKind::Choice(&["hold", "rollback"]),
        "The mildest verdict that makes the run fail: with `rollback`, a hold is told and recorded but does not.",
    )
    .default("hold"),
    InputSpec::new(
        "restore-time",
        InputKind::Duration,
        "How long to wait until a restored release is healthy, by the `health` and `version` checks.",
    )
    .default("5m"),
    recovery::COMMAND,
    recovery::IRREVERSIBLE,
    request::TO,
    request::DECISION,
    request::RELEASE,
    request::DECIDED_BY,
    InputSpec::new(
        "reason",
        InputKind::Text,
        "A note for the record and for the commit of a rollback; `mode: decide` needs one.",
    ),
    telling::RUNBOOK,
    telling::WEBHOOK,
    CONFIG_REPOSITORY,
    CONFIG_BRANCH,
    RECORD,
    WORKING_DIRECTORY,
    GITHUB_TOKEN,
];

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Take one look and tell.
    Plan,
    /// Watch and give a verdict.
    Gate,
    /// Take the release back because a person says so.
    Rollback,
    /// Answer a hold as a person says.
    Decide,
    /// Run an analysis over recorded answers.
    Replay,
    /// Replay the comparison over recorded counters.
    Calibrate,
}

impl Mode {
    /// Whether something is done about the verdict.
    pub(crate) fn acts(self) -> bool {
        matches!(self, Self::Gate | Self::Rollback | Self::Decide)
    }
}

const MODES: &[(&str, Mode)] = &[
    ("plan", Mode::Plan),
    ("gate", Mode::Gate),
    ("rollback", Mode::Rollback),
    ("decide", Mode::Decide),
    ("replay", Mode::Replay),
    ("calibrate", Mode::Calibrate),
];

/// What a verdict of rollback leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// It is told and recorded.
    Report,
    /// The verified release is restored.
    Rollback,
}

/// The mildest verdict that makes the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailOn {
    /// Hold and rollback.
    Hold,
    /// Rollback alone.
    Rollback,
}

/// Which deployment is judged.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) location: ConfigLocation,
    pub(crate) target: Target,
}

/// The inputs after parsing.
#[derive(Debug)]
pub struct Inputs {
    pub(crate) mode: Mode,
    /// The deployment under judgement; without one the gate only tells.
    pub(crate) config: Option<Config>,
    pub(crate) checks: Vec<Check>,
    pub(crate) analysis: AnalysisInputs,
    pub(crate) targets: Vec<Endpoint>,
    /// What is compared with what.
    pub(crate) canary: Option<CanaryInputs>,
    /// The reports that must be there, and what they must be of.
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) evidence_commit: Option<String>,
    pub(crate) evidence_age: Duration,
    /// Whether a deployment is named although reports alone are judged, which say nothing of it.
    pub(crate) ignores_config: bool,
    /// The verdicts that make the run fail.
    pub(crate) fail_on: FailOn,
    /// What `mode: calibrate` replays.
    pub(crate) calibrate: Option<CalibrateInputs>,
    pub(crate) names: Names,
    pub(crate) headers: Headers,
    /// What is said of resources, by the word of the check.
    pub(crate) choices: BTreeMap<&'static str, Choice>,
    pub(crate) minimum_requests: u64,
    pub(crate) interval: Duration,
    pub(crate) terms: Terms,
    pub(crate) on_failure: OnFailure,
    pub(crate) restore_time: Duration,
    pub(crate) reason: Option<String>,
    /// What a person asks for.
    pub(crate) request: Option<Request>,
    pub(crate) recovery: Recovery,
    pub(crate) telling: Telling,
}

impl Inputs {
    /// Reads all of them; errors are noted in the reader.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let mode = reader.choice("mode", MODES);
        let checks = read_checks(reader);
        let analysis = AnalysisInputs::read(reader, mode == Some(Mode::Replay));
        let mut targets: Vec<Endpoint> = reader.parsed_list("metrics-url");
        let canary = CanaryInputs::read(reader);
        if let Some(canary) = canary.as_ref().filter(|_| !reader.is_given("metrics-url")) {
            targets.clone_from(&canary.canary);
        }
        refuse_repeated(reader, "metrics-url", targets.iter().map(|target| target.url().as_str()), |repeated| {
            format!(
                "`{}` is listed twice, so its requests would count twice",
                repeated.split('?').next().unwrap_or_default()
            )
        });
        let calibrate = if mode == Some(Mode::Calibrate) { CalibrateInputs::read(reader) } else { None };
        let request = mode.and_then(|mode| Request::read(reader, mode));
        let evidence: Vec<Evidence> = reader.parsed_list(EVIDENCE.name);
        refuse_repeated(reader, EVIDENCE.name, evidence.iter().map(|line| line.text.as_str()), |repeated| {
            format!("`{repeated}` is listed twice")
        });
        let measures = analysis.as_ref().is_some_and(AnalysisInputs::has_something);
        let watches = !checks.is_empty() || canary.is_some() || measures;
        let judges = calibrate.is_none() && request.is_none() && !matches!(mode, Some(Mode::Rollback | Mode::Decide));
        if !watches && evidence.is_empty() && judges && !reader.has_errors() {
            let why =
                if reader.is_given("checks") { "there is no check in it" } else { "there is nothing to judge by" };
            let hint = "write one check a line, such as `error-rate < 5%`, or name an `analysis-template`, a `canary` or \
                        reports in `evidence`";
            reader.refuse("checks", invalid(why).hint(hint));
        }
        let measurement = checks.iter().find(|check| matches!(check.test, Test::Measurement(_)));
        if let Some(check) = measurement.filter(|_| targets.is_empty() && !reader.has_errors()) {
            let error = invalid(format!("`{}` needs the metrics of the service", check.text));
            reader.refuse(
                "metrics-url",
                error.hint("add the address of its metrics, such as `http://10.0.0.5:8080/metrics`"),
            );
        }
        let inquiry =
            checks.iter().find(|check| matches!(&check.test, Test::Inquiry(asked) if asked.needs_prometheus()));
        if let Some(check) = inquiry.filter(|_| !reader.is_given(analysis::PROMETHEUS_URL.name) && !reader.has_errors())
        {
            let error = invalid(format!("`{}` needs a Prometheus server", check.text));
            reader.refuse(
                analysis::PROMETHEUS_URL.name,
                error.hint("add its address, such as `https://prometheus.example`"),
            );
        }
        let duration = reader.optional(DURATION_METRIC.name);
        if let Some(unit) = OTHER_UNITS.iter().find(|unit| duration.as_ref().is_some_and(|name| name.ends_with(*unit)))
        {
            let error = invalid(format!("its name ends with `{unit}`"));
            reader.refuse(DURATION_METRIC.name, error.hint("name a histogram whose bounds are seconds"));
        }
        let names = Names {
            requests: reader.optional(REQUESTS_METRIC.name),
            duration,
            status: reader.optional(STATUS_LABEL.name),
        };
        let headers = Headers::read(reader);
        if let Some(origin) = headers.unused(endpoints(&checks, &targets, canary.as_ref()))
            && !reader.has_errors()
        {
            let error = invalid(format!("nothing is asked at `{origin}`"));
            reader.refuse(HEADERS.name, error.hint("write the origin as it is in `checks` or `metrics-url`"));
        }
        let config = read_config(reader);
        if request.is_some() && config.is_none() && !reader.has_errors() {
            let error = invalid("it is not known whose release is meant");
            reader.refuse(ENVIRONMENT.name, error.hint("give `environment` and `component`"));
        }
        let ignores_config = config.is_some() && request.is_none() && !watches && !evidence.is_empty();
        let config = config.filter(|_| !ignores_config);
        let on_failure =
            reader.choice("on-failure", &[("report", OnFailure::Report), ("rollback", OnFailure::Rollback)]);
        if !watches && !evidence.is_empty() && on_failure == Some(OnFailure::Rollback) {
            let error = invalid("reports alone are judged before a deployment, so there is nothing to roll back");
            reader.refuse("on-failure", error.hint("leave it out, or add `checks` of what is deployed"));
        } else if config.is_none() {
            refuse_without_config(reader, &checks, on_failure);
        }
        let limits = canary.as_ref().map(|canary| canary.limits);
        let inputs = Self {
            mode: mode?,
            config,
            checks,
            analysis: analysis?,
            targets,
            canary,
            evidence,
            evidence_commit: reader.optional(EVIDENCE_COMMIT.name),
            evidence_age: reader.duration(EVIDENCE_AGE.name)?,
            ignores_config,
            fail_on: reader.choice("fail-on", &[("hold", FailOn::Hold), ("rollback", FailOn::Rollback)])?,
            calibrate,
            names,
            headers,
            choices: read_choices(reader),
            minimum_requests: read_positive(reader, "minimum-requests")?,
            interval: reader.duration("interval")?,
            terms: Terms {
                duration: reader.duration("duration")?,
                limits,
                failure_limit: u32::try_from(read_positive(reader, "failure-limit")?).unwrap_or(u32::MAX),
            },
            on_failure: on_failure?,
            restore_time: reader.duration("restore-time")?,
            reason: reader.optional("reason"),
            request,
            recovery: Recovery::read(reader),
            telling: Telling::read(reader),
        };
        inputs.refuse_times(reader);
        (!reader.has_errors()).then_some(inputs)
    }

    /// What a verdict of rollback leads to.
    pub(crate) fn recourse(&self) -> Recourse {
        let by_person = self.request.is_some();
        Recourse {
            on_failure: if by_person { OnFailure::Rollback } else { self.on_failure },
            by_command: self.recovery.command.is_some(),
            is_irreversible: self.recovery.is_irreversible,
            by_person,
        }
    }

    /// The version that a person wants to go back to.
    pub(crate) fn wanted(&self) -> Option<&ReleaseVersion> {
        self.request.as_ref().and_then(|request| request.to.as_ref())
    }

    /// Whether there is something to look at again and again.
    pub(crate) fn has_looks(&self) -> bool {
        !self.checks.is_empty() || self.canary.is_some()
    }

    fn refuse_times(&self, reader: &mut Reader) {
        let duration = self.terms.duration;
        if self.interval < SHORTEST_INTERVAL {
            reader.refuse("interval", invalid("it is shorter than 100ms").hint("write a longer one, such as `10s`"));
        } else if duration.is_zero() {
            reader
                .refuse("duration", invalid("nothing can be seen in no time").hint("write a longer one, such as `5m`"));
        } else if duration.as_millis() / self.interval.as_millis() > LOOK_LIMIT {
            let error = invalid(format!("that is more than {LOOK_LIMIT} looks in the time of `duration`"));
            reader.refuse("interval", error.hint("look less often, or for a shorter time"));
        }
    }
}

fn read_checks(reader: &mut Reader) -> Vec<Check> {
    let mut checks: Vec<Check> = reader.parsed_list("checks");
    let presets: Vec<Preset> = reader.parsed_list(PRESET.name);
    if let Err(error) = complete(&mut checks, &presets) {
        reader.refuse(PRESET.name, error);
    }
    refuse_repeated(reader, "checks", checks.iter().map(|check| check.text.as_str()), |repeated| {
        format!("`{repeated}` is listed twice")
    });
    checks
}

fn read_choices(reader: &mut Reader) -> BTreeMap<&'static str, Choice> {
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

/// Every address that is asked.
fn endpoints<'a>(
    checks: &'a [Check],
    targets: &'a [Endpoint],
    canary: Option<&'a CanaryInputs>,
) -> impl Iterator<Item = &'a Endpoint> {
    let probes = checks.iter().filter_map(|check| match &check.test {
        Test::Probe(probe) => Some(probe.endpoint()),
        Test::Inquiry(inquiry) => inquiry.endpoint(),
        Test::Measurement(_) => None,
    });
    let arms = canary.into_iter().flat_map(|canary| canary.canary.iter().chain(&canary.stable));
    probes.chain(targets).chain(arms)
}

fn read_config(reader: &mut Reader) -> Option<Config> {
    let (environment, component) = (reader.parsed(ENVIRONMENT.name), reader.parsed(COMPONENT.name));
    let location = ConfigLocation::read(reader);
    let (missing, given) = match (environment, component) {
        (Some(environment), Some(component)) => {
            return Some(Config { location, target: Target { environment, component } });
        }
        (Some(_), None) => (COMPONENT.name, ENVIRONMENT.name),
        (None, Some(_)) => (ENVIRONMENT.name, COMPONENT.name),
        (None, None) => return None,
    };
    if !reader.has_errors() {
        let error = invalid(format!("it is missing, and `{given}` is given"));
        reader.refuse(missing, error.hint("give both, or none to judge without a record"));
    }
    None
}

/// What needs to know the deployment.
fn refuse_without_config(reader: &mut Reader, checks: &[Check], on_failure: Option<OnFailure>) {
    if reader.has_errors() {
        return;
    }
    const HINT: &str = "give `environment` and `component`";
    if on_failure == Some(OnFailure::Rollback) {
        let error = invalid("nobody can roll back without knowing what is deployed where");
        reader.refuse("on-failure", error.hint(HINT));
    }
    let needs = checks.iter().find(|check| matches!(&check.test, Test::Probe(probe) if probe.needs_release()));
    if let Some(check) = needs {
        let error = invalid(format!("`{}` needs to know what is deployed", check.text));
        reader.refuse("checks", error.hint(format!("{HINT}, or write the version")));
    }
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
