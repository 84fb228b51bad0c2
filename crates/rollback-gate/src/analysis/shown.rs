//! How an analysis is shown: as the `json` output has it, and for people.

use std::time::Duration;

use serde_json::{Map, Number, Value as Json, json};
use slipway_core::text::markdown::{code, table, text};
use slipway_core::text::shorten;

use super::metric::{Metric, Parsed};
use super::replay::Replay;
use super::run::{Analysis, MetricResult};
use crate::shown;

/// How much of a value, and of a query, is shown.
const SHOWN: usize = 120;

impl Metric {
    pub(super) fn shown_conditions(&self) -> String {
        let shown = |word: &str, condition: &Option<Parsed>| {
            condition.as_ref().map(|condition| match condition {
                Ok(condition) => format!("{word} if `{condition}`"),
                Err(why) => format!("{word} if what does not parse: {why}"),
            })
        };
        let parts = [shown("good", &self.success), shown("bad", &self.failure)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "good if it can be measured".into() } else { parts.join(", ") }
    }
}

impl Analysis {
    /// The metrics by their names, as recorded cases expect them.
    pub(crate) fn metrics_as_json(&self) -> Json {
        Json::Object(self.metrics.iter().map(|result| (result.name.clone(), result.as_json())).collect())
    }

    /// A table of the metrics.
    pub(crate) fn summary(&self) -> String {
        let head = ["Metric", "Phase", "Value", "Good / bad / undecided / errors", "Asked, and its conditions", "Why"];
        table(head, self.metrics.iter().map(MetricResult::row))
    }
}

impl Replay {
    /// What the recorded answers lead to.
    pub(crate) fn summary(&self) -> String {
        match (&self.reason, &self.analysis) {
            (Some(reason), _) => format!("The metrics are not valid: {}.\n", text(reason)),
            (None, Some(analysis)) => {
                let (phase, took) = (analysis.phase.name(), shown::clock(analysis.took));
                format!("The recorded answers end as **{phase}** after {took}.\n\n{}", analysis.summary())
            }
            (None, None) => String::new(),
        }
    }
}

impl MetricResult {
    fn row(&self) -> [String; 6] {
        let value = self.measurements.last().and_then(|last| last.value.as_deref()).unwrap_or_default();
        let dry = if self.dry_run { " (dry run)" } else { "" };
        [
            code(&self.name),
            format!("{}{dry}", self.phase.name()),
            text(&shorten(value, SHOWN)),
            format!("{} / {} / {} / {}", self.successful, self.failed, self.inconclusive, self.error),
            format!("{}: {}", code(&shorten(&self.query, SHOWN)), text(&shorten(&self.conditions, 2 * SHOWN))),
            text(&self.why),
        ]
    }

    fn as_json(&self) -> Json {
        let each = |value: fn(&super::run::Measurement) -> Json| self.measurements.iter().map(value).collect::<Json>();
        let mut entries = Map::from_iter([
            ("phase".to_owned(), self.phase.name().into()),
            ("measurement_phases".to_owned(), each(|one| one.phase.name().into())),
            ("measurement_at_s".to_owned(), each(|one| seconds(one.at))),
            ("values".to_owned(), each(|one| json!(one.value))),
        ]);
        if self.count + self.error > 0 {
            for (key, count) in [
                ("count", self.count),
                ("successful", self.successful),
                ("failed", self.failed),
                ("inconclusive", self.inconclusive),
                ("error", self.error),
                ("consecutive_error", self.consecutive_error),
                ("consecutive_success", self.consecutive_success),
            ] {
                entries.insert(key.to_owned(), count.into());
            }
        }
        Json::Object(entries)
    }
}

/// A length of time in seconds, to the millisecond.
pub(crate) fn seconds(length: Duration) -> Json {
    let milliseconds = u64::try_from(length.as_millis()).unwrap_or(u64::MAX);
    if milliseconds.is_multiple_of(1000) {
        return (milliseconds / 1000).into();
    }
    Number::from_f64(milliseconds as f64 / 1000.0).map_or(Json::Null, Json::Number)
}
