//! The inputs of the comparison.

use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::{Result, WorkspacePath};

use super::process::Rule;
use super::recorded::{Query, check_selector};
use crate::analysis::PROMETHEUS_URL;
use crate::bake::BAKE_QUERY;
use crate::check::Check;
use crate::endpoint::Endpoint;
use crate::errors::invalid;
use crate::inputs::refuse_repeated_targets;

/// How many days ago the same hour is looked at.
const OTHER_DAYS: &[u8] = &[1, 7];
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
pub(crate) const CANARY_QUERY: InputSpec = InputSpec::new(
    "canary-query",
    InputKind::Text,
    "The same by the server `prometheus-url`: a selector of the canary's raw counters, such as \
     `http_requests_total{version=\"1.5.0\"}`, or `{app=\"shop\",version=\"1.5.0\"}` for durations too.",
);
pub(crate) const STABLE_QUERY: InputSpec =
    InputSpec::new("stable-query", InputKind::Text, "The same of what serves beside the canary.");
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
    /// Reads them, with the budget; none if an error was noted.
    pub(crate) fn read(reader: &mut Reader, budget: Option<f64>) -> Option<Self> {
        let file = reader.parsed(CALIBRATE_FILE.name);
        if file.is_none() && !reader.has_errors() {
            let error = invalid("it is missing");
            reader.refuse(CALIBRATE_FILE.name, error.hint("save an answer of `/api/v1/query_range` and name the file"));
        }
        Some(Self { file: file?, limits: Limits::of(budget?) })
    }
}

/// The two groups and the rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CanaryInputs {
    pub(crate) canary: Vec<Endpoint>,
    pub(crate) stable: Vec<Endpoint>,
    /// The counters of the two on a Prometheus server, instead.
    pub(crate) queries: Option<[Query; 2]>,
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
    /// What is compared with what, for people.
    pub(crate) sides: [&'static str; 2],
}

impl Limits {
    /// From the budget of false rollbacks, as a share.
    pub(crate) fn of(budget: f64) -> Self {
        Self { against: 1.0 / budget, favour: 1.0 / FALSE_PROMOTIONS, sides: ["canary", "stable"] }
    }
}

impl CanaryInputs {
    /// Shares the budget with checks that rest on a test of their own.
    pub(crate) fn share_budget(&mut self, checks: &[Check]) {
        let others = checks.iter().filter(|check| check.failed_share().is_some()).count();
        self.limits.against *= 1.0 + others as f64;
    }

    /// Reads the selector of a service that is compared with itself on other days; none if there is none, or an error was noted.
    pub(crate) fn beside_other_days(
        reader: &mut Reader,
        name: &'static str,
        (budget, rule): (Option<f64>, Option<Rule>),
    ) -> Option<Self> {
        let selector = reader.optional(name)?;
        if let Err(error) = check_query(reader, &selector) {
            reader.refuse(name, error);
            return None;
        }
        let queries = [&[][..], OTHER_DAYS].map(|days| Query { selector: selector.clone(), days });
        let limits = Limits { sides: ["service", "itself on other days"], ..Limits::of(budget? / 2.0) };
        Some(Self { canary: Vec::new(), stable: Vec::new(), queries: Some(queries), rule: rule?, limits })
    }

    /// Reads them; none if nothing is to be compared, or an error was noted.
    pub(crate) fn read(reader: &mut Reader, (budget, rule): (Option<f64>, Option<Rule>)) -> Option<Self> {
        let canary: Vec<Endpoint> = reader.parsed_list(CANARY.name);
        let stable: Vec<Endpoint> = reader.parsed_list(STABLE.name);
        // One budget for a release: the other half is for the time after the promotion.
        let share = if reader.is_given(BAKE_QUERY.name) { 2.0 } else { 1.0 };
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
        let queries = read_queries(reader, &canary);
        if (canary.is_empty() || stable.is_empty()) && queries.is_none() {
            return None;
        }
        Some(Self { canary, stable, queries, rule: rule?, limits: Limits::of(budget? / share) })
    }
}

/// Refuses a selector that cannot be asked for.
fn check_query(reader: &Reader, selector: &str) -> Result<()> {
    match reader.is_given(PROMETHEUS_URL.name) {
        true => check_selector(selector),
        false => Err(invalid("it needs a Prometheus server").hint("add its address as `prometheus-url`")),
    }
}

/// Reads the selectors of both; none if there are none, or an error was noted.
fn read_queries(reader: &mut Reader, targets: &[Endpoint]) -> Option<[Query; 2]> {
    let names = [CANARY_QUERY.name, STABLE_QUERY.name];
    let [canary, stable] = names.map(|name| reader.optional(name));
    if canary.is_none() && stable.is_none() {
        return None;
    }
    for (name, own, other) in [(names[0], &canary, names[1]), (names[1], &stable, names[0])] {
        let refused = match own {
            _ if reader.has_errors() => continue,
            None => Err(invalid(format!("it is missing, and `{other}` is given"))
                .hint("give both: the one is compared with the other")),
            Some(_) if !targets.is_empty() => {
                Err(invalid(format!("`{}` is given as well", CANARY.name)).hint("leave one of them out"))
            }
            Some(selector) => check_query(reader, selector),
        };
        if let Err(error) = refused {
            reader.refuse(name, error);
        }
    }
    let (canary, stable) = canary.zip(stable).filter(|_| !reader.has_errors())?;
    if canary == stable {
        let error = invalid("it selects the same counters as `canary-query`");
        reader.refuse(STABLE_QUERY.name, error.hint("tell the two apart by a label"));
        return None;
    }
    Some([canary, stable].map(|selector| Query { selector, days: &[] }))
}

/// The budget as a share, and the rule; none of what an error was noted of.
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
