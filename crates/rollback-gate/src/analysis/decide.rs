//! From the phase of an analysis to a verdict.

use slipway_core::text::counted;
use slipway_gitops::Verdict;

use super::phase::Phase;
use super::run::{Analysis, MetricResult};
use crate::engine::Decision;

impl Analysis {
    /// What it means for the release. An error is no reason to take anything back: nobody knows.
    pub(crate) fn decide(&self) -> Decision {
        let verdict = match self.phase {
            Phase::Successful => Verdict::Promote,
            Phase::Failed => Verdict::Rollback,
            Phase::Pending | Phase::Running | Phase::Inconclusive | Phase::Error => Verdict::Hold,
        };
        let culprit = self.metrics.iter().find(|result| !result.dry_run && result.phase == self.phase);
        let reason = match (self.phase, culprit) {
            (Phase::Successful, _) => {
                let dry = self.metrics.iter().filter(|result| result.dry_run).count();
                let all = counted(self.metrics.len() - dry, "metric");
                let but = if dry > 0 {
                    format!(", not counting {} of a dry run", counted(dry, "metric"))
                } else {
                    String::new()
                };
                format!("the analysis is successful: {all}{but}")
            }
            (Phase::Pending | Phase::Running, _) | (_, None) => "the analysis was not finished".into(),
            (_, Some(result)) => format!("the metric `{}` {}", result.name, result.told()),
        };
        Decision { verdict, reason }
    }
}

impl MetricResult {
    /// How it ended, in words.
    fn told(&self) -> String {
        let word = match self.phase {
            Phase::Failed => "failed",
            Phase::Error => "could not be measured",
            _ => "is inconclusive",
        };
        let value = self.measurements.last().and_then(|last| last.value.as_deref());
        let value = value.map_or(String::new(), |value| format!(" at {}", slipway_core::text::shorten(value, 80)));
        if self.why.is_empty() { format!("{word}{value}") } else { format!("{word}{value}: {}", self.why) }
    }
}
