//! What the comparison says at a look, for the engine and for people.

use serde::Serialize;

use super::ledger::{Ledger, Part};
use super::process::Counts;
use crate::shown;

/// What is known of canary and stable.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// The evidence that the canary is worse than tolerated, over all metrics and runs.
    pub against: f64,
    /// The evidence that it is better than feared in every metric.
    pub favour: f64,
    /// By metric.
    pub metrics: Vec<Compared>,
    /// The evidence that a share is above the bound of a check, by check.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bounds: Vec<(String, f64)>,
    /// The seconds that this run compared.
    pub seconds: f64,
    /// Why nothing was learned at this look; empty if something was.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// One way of counting bad requests.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Compared {
    /// What is bad: `errors`, or `slower than 0.5 s`.
    pub name: String,
    /// How many times as often a request is bad on the canary.
    pub ratio: f64,
    /// Where that lies, roughly, with a certainty of 95 %. The verdict does not rest on it.
    pub interval: [f64; 2],
    /// The evidence that the canary is worse than tolerated in this.
    pub against: f64,
    /// The evidence that it is better than feared.
    pub favour: f64,
    /// What this run counted.
    pub counts: Counts,
}

impl Comparison {
    /// From what was learned and what this run counted, by metric and part.
    pub(super) fn new(ledger: &Ledger, counts: &[Vec<Counts>], seconds: f64, why: String) -> Self {
        let parts = ledger.metrics.iter().enumerate().flat_map(|(place, metric)| {
            metric.parts.iter().enumerate().map(move |(index, part)| {
                let counts = counts.get(place).and_then(|parts| parts.get(index)).copied().unwrap_or_default();
                Compared::new(&metric.name, part, counts)
            })
        });
        Self {
            against: ledger.against(),
            favour: ledger.favour(),
            metrics: parts.collect(),
            bounds: Vec::new(),
            seconds,
            why,
        }
    }

    /// The metric that speaks most against the canary.
    pub(crate) fn worst(&self) -> Option<&Compared> {
        self.metrics.iter().max_by(|left, right| left.against.total_cmp(&right.against))
    }

    /// The metric that speaks least in its favour.
    pub(crate) fn least_certain(&self) -> Option<&Compared> {
        self.metrics.iter().min_by(|left, right| left.favour.total_cmp(&right.favour))
    }
}

impl Compared {
    fn new(metric: &str, part: &Part, counts: Counts) -> Self {
        let (ratio, interval) = part.process.estimate();
        let name = part.bound.map_or(metric.to_owned(), |bound| format!("slower than {}", shown::seconds(bound)));
        Self { name, ratio, interval, against: part.process.against(), favour: part.process.favour(), counts }
    }

    /// The estimate for people: `×1.9 [1.3, 2.8]`.
    pub(crate) fn estimate(&self) -> String {
        let [least, most] = self.interval;
        format!("×{} [{}, {}]", shown::figures(self.ratio), shown::figures(least), shown::figures(most))
    }

    /// The same with its name: `errors ×1.9 [1.3, 2.8]`.
    pub(crate) fn shown(&self) -> String {
        format!("{} {}", self.name, self.estimate())
    }
}
