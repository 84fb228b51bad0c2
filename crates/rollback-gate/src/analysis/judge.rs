//! What one measurement means.

use super::metric::{Compatibility, Metric, Parsed};
use super::phase::Phase;
use crate::condition::Value;
use crate::provider::Reading;

/// A measurement's phase and why, where it is not plain.
pub(super) struct Judgement {
    pub(super) phase: Phase,
    /// Whether it is no evidence at all.
    pub(super) is_unknown: bool,
    pub(super) why: String,
}

/// Judges a reading by the conditions of its metric.
pub(super) fn judge(metric: &Metric, reading: &Reading) -> Judgement {
    if metric.compatibility == Compatibility::Strict
        && let Some(why) = doubt(metric, reading)
    {
        return Judgement { phase: Phase::Inconclusive, is_unknown: true, why };
    }
    let holds = |condition: &Option<Parsed>| match condition {
        None => Ok(None),
        Some(Ok(condition)) => condition.holds(&reading.value).map(Some).map_err(|why| format!("`{condition}`: {why}")),
        Some(Err(why)) => Err(why.clone()),
    };
    let both = holds(&metric.success).and_then(|success| Ok((success, holds(&metric.failure)?)));
    let phase = match both {
        Err(why) => return Judgement { phase: Phase::Error, is_unknown: false, why },
        Ok((None, None) | (Some(true), None) | (None, Some(false)) | (Some(true), Some(false))) => Phase::Successful,
        Ok((Some(false), None) | (_, Some(true))) => Phase::Failed,
        Ok((Some(false), Some(false))) => Phase::Inconclusive,
    };
    let why = if phase == Phase::Inconclusive { "neither condition holds".into() } else { String::new() };
    Judgement { phase, is_unknown: false, why }
}

/// Why a reading is no evidence, unless the conditions show that they know about it.
fn doubt(metric: &Metric, reading: &Reading) -> Option<String> {
    let know = |function: &str| metric.conditions().any(|condition| condition.calls(function));
    if let Some(doubt) = &reading.doubt {
        return Some(doubt.clone());
    }
    let numbers = match &reading.value {
        Value::List(items) if reading.is_series => items.as_slice(),
        one @ Value::Number(_) => std::slice::from_ref(one),
        _ => return None,
    };
    if numbers.is_empty() {
        return (!know("len")).then(|| "the query answers no series".into());
    }
    let any =
        |test: fn(f64) -> bool| numbers.iter().any(|value| matches!(value, Value::Number(number) if test(*number)));
    if any(f64::is_nan) && !know("isNaN") {
        return Some("the query answers NaN, which is no number".into());
    }
    if any(f64::is_infinite) && !know("isInf") {
        return Some("the query answers an infinite number".into());
    }
    let mut reads = metric.conditions().map(crate::condition::Condition::reads);
    let seen = reads.try_fold(0, |most, reads| (!reads.whole).then_some(most.max(reads.positions)))?;
    (seen > 0 && seen < numbers.len()).then(|| match seen {
        1 => format!("the query answers {} values, and the conditions read the first one only", numbers.len()),
        _ => format!("the query answers {} values, and the conditions read {seen} of them", numbers.len()),
    })
}
