//! How an analysis is shown: as the `json` output has it, and for people.

use std::time::Duration;

use serde_json::{Map, Number, Value as Json, json};

use super::metric::{Metric, Parsed};
use super::run::{Analysis, MetricResult};

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
}

impl MetricResult {
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
