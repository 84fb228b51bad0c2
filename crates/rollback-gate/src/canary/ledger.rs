//! The evidence about one release: all metrics, over steps and runs, under one budget.

use serde::{Deserialize, Serialize};

use super::bound::Bound;
use super::process::{Counts, Process, Rule};

/// What was learned about a release. It is written into the record, and the next run goes on from there.
///
/// The budget is one per release. The mean of e-values is an e-value, whatever they have to do with each other, and an e-process that
/// is taken up again is still one. So the whole ledger exceeds `1 / budget` with a probability of at most the budget, ever.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// The metrics, from the first look at the release on: one that came later would have been chosen knowing what was seen.
    pub metrics: Vec<Metric>,
    /// What was learned about the bounds of checks, by check.
    #[serde(default)]
    pub bounds: Vec<(String, Bound)>,
}

/// One metric: what counts as bad, in one way or in several.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    /// What is counted.
    pub name: String,
    /// The ways.
    pub parts: Vec<Part>,
}

/// One way of counting what is bad.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// In seconds: a request is bad if it took longer. None where something else makes it bad.
    pub bound: Option<f64>,
    /// What was learned.
    pub process: Process,
}

impl Metric {
    /// Begins without a look; the bounds of a histogram, or one that is none.
    pub fn new(name: impl Into<String>, bounds: &[Option<f64>]) -> Self {
        let parts = bounds.iter().map(|bound| Part { bound: *bound, process: Process::default() });
        Self { name: name.into(), parts: parts.collect() }
    }

    /// The evidence that the canary is worse than tolerated.
    pub fn against(&self) -> f64 {
        mean(self.parts.iter().map(|part| part.process.against()))
    }

    /// The evidence that it is better than feared in every way.
    pub fn favour(&self) -> f64 {
        self.parts.iter().map(|part| part.process.favour()).fold(f64::INFINITY, f64::min)
    }

    /// Takes in a look, the counts by part.
    pub fn observe(&mut self, counts: &[Counts], rule: &Rule) {
        for (part, counts) in self.parts.iter_mut().zip(counts) {
            part.process.observe(counts, rule);
        }
    }
}

impl Ledger {
    /// The evidence that the release is worse than tolerated.
    pub fn against(&self) -> f64 {
        mean(self.metrics.iter().map(Metric::against))
    }

    /// The evidence that it is better than feared in every metric.
    pub fn favour(&self) -> f64 {
        match self.metrics.is_empty() {
            true => 0.0,
            false => self.metrics.iter().map(Metric::favour).fold(f64::INFINITY, f64::min),
        }
    }
}

/// The mean; 0 of nothing.
fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.fold(0.0, |sum, value| sum + value / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(canary_bad: f64) -> Counts {
        Counts { canary_bad, canary_all: 1500.0, stable_bad: 15.0, stable_all: 1500.0 }
    }

    #[test]
    fn evidence_is_averaged_against_and_the_least_in_favour() {
        let rule = Rule::catching(1.25);
        let mut ledger = Ledger {
            metrics: vec![Metric::new("errors", &[None]), Metric::new("latency", &[Some(0.1), Some(1.0)])],
            ..Ledger::default()
        };
        for _ in 0..20 {
            ledger.metrics[0].observe(&[counts(15.0)], &rule);
            ledger.metrics[1].observe(&[counts(15.0), counts(45.0)], &rule);
        }
        let [errors, latency] = &ledger.metrics[..] else { panic!() };
        assert!(errors.against() < 1.0 && errors.favour() > 20.0, "{errors:?}");
        assert_eq!(latency.against(), (latency.parts[0].process.against() + latency.parts[1].process.against()) / 2.0);
        assert!(latency.against() > 100.0 && latency.favour() < 1e-3, "{latency:?}");
        assert_eq!(ledger.against(), (errors.against() + latency.against()) / 2.0);
        assert_eq!(ledger.favour(), latency.favour());
    }

    #[test]
    fn a_run_goes_on_where_the_one_before_ended() {
        let rule = Rule::catching(1.25);
        let mut through = Ledger { metrics: vec![Metric::new("errors", &[None])], ..Ledger::default() };
        let mut in_steps = through.clone();
        for look in 0..40 {
            through.metrics[0].observe(&[counts(f64::from(look % 7) * 8.0)], &rule);
            in_steps.metrics[0].observe(&[counts(f64::from(look % 7) * 8.0)], &rule);
            let recorded = serde_json::to_string(&in_steps).unwrap();
            in_steps = serde_json::from_str(&recorded).unwrap();
        }
        assert_eq!(in_steps, through);
    }

    #[test]
    fn without_a_look_there_is_no_evidence() {
        let ledger = Ledger { metrics: vec![Metric::new("errors", &[None])], ..Ledger::default() };
        assert_eq!((ledger.against(), ledger.favour()), (0.0, 0.0));
        assert_eq!((Ledger::default().against(), Ledger::default().favour()), (0.0, 0.0));
    }
}
