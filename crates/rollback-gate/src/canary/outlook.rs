//! What the comparison will be able to see, and where its guarantee is weaker.

use std::time::Duration;

use serde::Serialize;

use super::comparison::{Compared, Comparison};
use super::inputs::CanaryInputs;
use super::power::looks_until_seen;
use super::process::Counts;
use crate::shown;

/// Regressions whose time until they are seen is told.
const FACTORS: [(f64, &str); 2] = [(2.0, "a doubling"), (5.0, "five times as many")];
/// The canary's share of the traffic outside which the two count as unequal, and outside which the budget is known to be exceeded.
const EQUAL: (f64, f64) = (0.4, 0.6);
const KNOWN: (f64, f64) = (0.09, 0.91);

/// What `mode: plan` tells of the comparison.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outlook {
    /// By metric, when a regression would be seen.
    pub power: Vec<Power>,
    /// What to know before relying on it.
    pub warnings: Vec<String>,
}

/// When a regression would be seen, about half of the time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Power {
    /// The metric.
    pub metric: String,
    /// How many times as often requests would be bad.
    pub factor: f64,
    /// The seconds until the rollback; none if it would take very long.
    pub seconds: Option<f64>,
    /// For people.
    pub sentence: String,
}

impl Outlook {
    /// From the traffic between two looks.
    pub(crate) fn new(comparison: &Comparison, inputs: &CanaryInputs, interval: Duration, duration: Duration) -> Self {
        let mut outlook = Self { power: Vec::new(), warnings: Vec::new() };
        if comparison.metrics.is_empty() || comparison.seconds <= 0.0 {
            let why = if comparison.why.is_empty() { "nothing was compared yet" } else { &comparison.why };
            outlook.warnings.push(format!("nobody knows what the comparison will see: {why}"));
            return outlook;
        }
        let budgets = if comparison.metrics.len() > 1 { 1 } else { 0 };
        for metric in &comparison.metrics {
            for (factor, word) in FACTORS {
                outlook.foresee(metric, (factor, word), comparison.seconds, inputs, (interval, duration), budgets);
            }
        }
        outlook.warn_of_traffic(&comparison.metrics[0].counts);
        outlook.warnings.push(
            "error rates that drift for minutes in one of the two alone look like a regression: replay your own history with \
             `mode: calibrate`, and raise `regression` if it asks for that"
                .into(),
        );
        outlook
    }

    fn foresee(
        &mut self,
        metric: &Compared,
        (factor, word): (f64, &str),
        seconds: f64,
        inputs: &CanaryInputs,
        (interval, duration): (Duration, Duration),
        budgets: usize,
    ) {
        let counts = &metric.counts;
        let scale = interval.as_secs_f64() / seconds;
        // Half a bad request where none was seen.
        let per_look = Counts {
            canary_bad: 0.0,
            canary_all: counts.canary_all * scale,
            stable_bad: counts.stable_bad.max(0.5) * scale,
            stable_all: counts.stable_all * scale,
        };
        let limit = inputs.limits.against;
        let looks = looks_until_seen(&per_look, factor, &inputs.rule, limit, budgets);
        let took = looks.map(|looks| interval * looks);
        let when = match took {
            Some(took) if took <= duration => format!("would be seen in about {}", shown::about(took)),
            Some(took) => format!(
                "would be seen in about {}, and `duration` is {}",
                shown::about(took),
                shown::duration(duration)
            ),
            None => "would not be seen in any sensible time".into(),
        };
        let name = &metric.name;
        let sentence = format!(
            "{name}: {word} {when} at this traffic ({} and {} requests/s, {} of stable's are bad)",
            shown::figures(counts.canary_all / seconds),
            shown::figures(counts.stable_all / seconds),
            if counts.stable_bad > 0.0 { shown::percent(counts.stable_bad, counts.stable_all) } else { "none".into() },
        );
        if factor == FACTORS[1].0 && took.is_none_or(|took| took > duration) && name == super::arms::ERRORS {
            self.warnings.push(format!("even {word} failed requests {when}: watch longer, or send more traffic"));
        }
        self.power.push(Power { metric: name.clone(), factor, seconds: took.map(|took| took.as_secs_f64()), sentence });
    }

    fn warn_of_traffic(&mut self, counts: &Counts) {
        let share = counts.canary_all / (counts.canary_all + counts.stable_all);
        const WAY_OUT: &str = "compare it with a baseline of its own size: the old version in as many processes";
        let percent = shown::percent(counts.canary_all, counts.canary_all + counts.stable_all);
        if counts.canary_all == 0.0 || counts.stable_all == 0.0 {
            let idle = if counts.canary_all == 0.0 { "the canary" } else { "stable" };
            self.warnings.push(format!("{idle} served no request, so there is nothing to compare"));
        } else if share < KNOWN.0 || share > KNOWN.1 {
            self.warnings.push(format!(
                "the canary gets {percent} of the traffic, where noisy error rates are known to exceed the budget: {WAY_OUT}"
            ));
        } else if share < EQUAL.0 || share > EQUAL.1 {
            self.warnings.push(format!(
                "the canary gets {percent} of the traffic: the budget of false rollbacks holds for equal shares, and for these \
                 only as far as the noise was estimated; to be sure, {WAY_OUT}"
            ));
        }
    }
}
