//! The inputs of the comparison.

use slipway_core::WorkspacePath;
use slipway_core::input::{InputKind, InputSpec, Reader};

use super::process::Rule;
use crate::endpoint::Endpoint;
use crate::errors::invalid;
use crate::inputs::refuse_repeated_targets;

/// The chance that a canary that is no better than feared is promoted.
const FALSE_PROMOTIONS: f64 = 0.05;

pub(crate) const CANARY: InputSpec = InputSpec::new(
    "canary",
    InputKind::List,
    "Addresses of the canary's Prometheus metrics, one process a line: it is compared with `stable`, by failed requests and by \
     durations.",
);
pub(crate) const STABLE: InputSpec = InputSpec::new(
    "stable",
    InputKind::List,
    "Addresses of the metrics of what serves beside the canary. Best is a baseline of its own: the old version, started together \
     with the canary, in as many processes.",
);
pub(crate) const BUDGET: InputSpec = InputSpec::new(
    "false-rollback-budget",
    InputKind::Text,
    "How often a release that is as good as stable may be rolled back by the comparison: one budget for all metrics, steps and runs \
     of a release.",
)
.default("1%");
pub(crate) const REGRESSION: InputSpec = InputSpec::new(
    "regression",
    InputKind::Text,
    "Regression that is worth catching: a request that is up to so many times as often bad on the canary is tolerated.",
)
.default("1.25x");

pub(crate) const CALIBRATE_FILE: InputSpec = InputSpec::new(
    "calibrate-file",
    InputKind::Text,
    "In `mode: calibrate`, recorded counters: a file with what Prometheus answers to `query_range` for the raw counters of several \
     processes of the service.",
);

/// What is replayed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CalibrateInputs {
    pub(crate) file: WorkspacePath,
    pub(crate) limits: Limits,
}

impl CalibrateInputs {
    /// Reads them; none if an error was noted.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let file = reader.parsed(CALIBRATE_FILE.name);
        if file.is_none() && !reader.has_errors() {
            let error = invalid("it is missing");
            reader.refuse(CALIBRATE_FILE.name, error.hint("save an answer of `/api/v1/query_range` and name the file"));
        }
        Some(Self { file: file?, limits: Limits::of(read_terms(reader).0?) })
    }
}

/// The two groups and the rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CanaryInputs {
    pub(crate) canary: Vec<Endpoint>,
    pub(crate) stable: Vec<Endpoint>,
    pub(crate) rule: Rule,
    pub(crate) limits: Limits,
}

/// From which evidence on the comparison decides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    /// The canary is rolled back.
    pub(crate) against: f64,
    /// It is promoted.
    pub(crate) favour: f64,
}

impl Limits {
    /// From the budget of false rollbacks, as a share.
    pub(crate) fn of(budget: f64) -> Self {
        Self { against: 1.0 / budget, favour: 1.0 / FALSE_PROMOTIONS }
    }
}

impl CanaryInputs {
    /// Reads them; none if nothing is to be compared, or an error was noted.
    pub(crate) fn read(reader: &mut Reader) -> Option<Self> {
        let canary: Vec<Endpoint> = reader.parsed_list(CANARY.name);
        let stable: Vec<Endpoint> = reader.parsed_list(STABLE.name);
        let (budget, rule) = read_terms(reader);
        for (name, missing, other, given) in
            [(CANARY.name, &canary, STABLE.name, &stable), (STABLE.name, &stable, CANARY.name, &canary)]
        {
            if missing.is_empty() && !given.is_empty() && !reader.has_errors() {
                let error = invalid(format!("it is missing, and `{other}` is given"));
                reader.refuse(name, error.hint("give both: the one is compared with the other"));
            }
        }
        if let Some(shared) = canary.iter().find(|target| stable.contains(target)) {
            let error = invalid(format!("`{shared}` is in `{}` as well", CANARY.name));
            reader.refuse(STABLE.name, error.hint("a process belongs to one of the two"));
        }
        for (name, targets) in [(CANARY.name, &canary), (STABLE.name, &stable)] {
            refuse_repeated_targets(reader, name, targets);
        }
        if canary.is_empty() || stable.is_empty() {
            return None;
        }
        Some(Self { canary, stable, rule: rule?, limits: Limits::of(budget?) })
    }
}

/// The budget as a share, and the rule.
pub(crate) fn read_terms(reader: &mut Reader) -> (Option<f64>, Option<Rule>) {
    let text = reader.text(BUDGET.name);
    let budget = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    let budget = budget.map(|percent| percent / 100.0).filter(|share| (1e-6..=0.2).contains(share));
    if budget.is_none() {
        let error = invalid(format!("`{text}` is not a share between 0.0001% and 20%"));
        reader.refuse(BUDGET.name, error.hint("write one such as `1%`"));
    }
    let text = reader.text(REGRESSION.name);
    let number = text.strip_suffix(['x', '×']).unwrap_or(&text).trim().parse::<f64>().ok();
    let regression = number.filter(|factor| (1.0..=100.0).contains(factor));
    if regression.is_none() {
        let error = invalid(format!("`{text}` is not a factor between 1 and 100"));
        reader.refuse(REGRESSION.name, error.hint("write one such as `1.25x`"));
    }
    (budget, regression.map(Rule::catching))
}
