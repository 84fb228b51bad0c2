//! The course of an analysis: a pure state machine, the same under a real and a virtual clock.

use std::time::Duration;

use serde::Serialize;
use slipway_core::text::counted;

use super::judge::judge;
use super::metric::{Compatibility, Metric, RETRY};
use super::phase::Phase;
use crate::provider::Reading;

/// One look at a metric.
#[derive(Clone, Debug, Serialize)]
pub struct Measurement {
    /// What it means.
    pub phase: Phase,
    /// When it began, since the analysis did.
    #[serde(skip)]
    pub at: Duration,
    /// When it ended.
    #[serde(skip)]
    pub finished: Duration,
    /// The value as it is shown; none if nothing could be learned.
    pub value: Option<String>,
    /// Why the phase is what it is, where that is not plain.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// How a metric fared so far.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetricResult {
    /// Its name.
    pub name: String,
    /// What is asked.
    pub query: String,
    /// Its conditions, as they are shown.
    pub conditions: String,
    /// Whether its phase does not count.
    pub dry_run: bool,
    /// Where it stands.
    pub phase: Phase,
    /// Why, where that is not plain.
    pub why: String,
    /// The looks at it.
    pub measurements: Vec<Measurement>,
    /// Measurements that are not errors.
    pub count: u64,
    /// Measurements that were good.
    pub successful: u64,
    /// Measurements that were bad.
    pub failed: u64,
    /// Measurements that were neither.
    pub inconclusive: u64,
    /// Those of them that are no evidence at all, which only a strict analysis tells apart.
    #[serde(skip)]
    pub unknown: u64,
    /// Measurements that learned nothing.
    pub error: u64,
    /// Errors in a row, up to now.
    pub consecutive_error: u64,
    /// Good measurements in a row, up to now.
    pub consecutive_success: u64,
}

/// How an analysis went.
#[derive(Clone, Debug, Serialize)]
pub struct Analysis {
    /// Where it stands.
    pub phase: Phase,
    /// Its metrics.
    pub metrics: Vec<MetricResult>,
    /// How long it took.
    #[serde(skip)]
    pub took: Duration,
}

/// An analysis under way.
#[derive(Clone, Debug)]
pub(crate) struct Run<'m> {
    metrics: &'m [Metric],
    results: Vec<MetricResult>,
    is_terminated: bool,
}

impl<'m> Run<'m> {
    /// Begins without a measurement.
    pub(crate) fn new(metrics: &'m [Metric]) -> Self {
        Self { metrics, results: metrics.iter().map(MetricResult::new).collect(), is_terminated: false }
    }

    /// What is measured.
    pub(crate) fn metrics(&self) -> &'m [Metric] {
        self.metrics
    }

    /// The metrics that are to be measured at a time.
    pub(crate) fn due(&self, now: Duration) -> Vec<usize> {
        (0..self.metrics.len()).filter(|index| self.due_at(*index).is_some_and(|due| due <= now)).collect()
    }

    /// When the next metric is to be measured; none if there is nothing left to do.
    pub(crate) fn next(&self) -> Option<Duration> {
        (0..self.metrics.len()).filter_map(|index| self.due_at(index)).min()
    }

    fn due_at(&self, index: usize) -> Option<Duration> {
        let (metric, result) = (&self.metrics[index], &self.results[index]);
        if result.phase.is_completed() || self.is_terminating() {
            return None;
        }
        match result.measurements.last() {
            None => Some(metric.initial_delay),
            Some(last) if last.phase == Phase::Error => Some(last.finished.saturating_add(RETRY)),
            Some(last) => Some(last.finished.saturating_add(metric.interval.unwrap_or_default())),
        }
    }

    /// Takes in what a metric's source answered.
    pub(crate) fn record(&mut self, index: usize, at: Duration, finished: Duration, read: Result<Reading, String>) {
        let result = &mut self.results[index];
        let (phase, value, why) = match read {
            Ok(reading) => {
                let judgement = judge(&self.metrics[index], &reading);
                let value = (judgement.phase != Phase::Error).then_some(reading.text);
                result.unknown += u64::from(judgement.is_unknown);
                (judgement.phase, value, judgement.why)
            }
            Err(why) => (Phase::Error, None, why),
        };
        result.add(Measurement { phase, at, finished, value, why });
    }

    /// Draws the conclusions, and ends the analysis if that is wished.
    pub(crate) fn settle(&mut self, terminate: bool) {
        self.is_terminated |= terminate;
        // A metric that fails ends the others, which may be before it.
        loop {
            let is_terminating = self.is_terminating();
            let mut changed = false;
            for (metric, result) in self.metrics.iter().zip(&mut self.results) {
                let (phase, why) = assess(metric, result, is_terminating, self.is_terminated);
                changed |= phase != result.phase;
                if phase != result.phase {
                    (result.phase, result.why) = (phase, why);
                }
            }
            if !changed {
                return;
            }
        }
    }

    /// Whether nothing more is to be measured.
    pub(crate) fn is_over(&self) -> bool {
        self.phase().is_completed()
    }

    /// Whether only metrics without an end are left.
    pub(crate) fn is_endless(&self) -> bool {
        let left = self.metrics.iter().zip(&self.results).filter(|(_, result)| !result.phase.is_completed());
        left.into_iter().all(|(metric, _)| metric.effective_count().is_none())
    }

    /// Where it stands: by the worst of its metrics, once all are completed.
    pub(crate) fn phase(&self) -> Phase {
        let is_terminating = self.is_terminating();
        let is_left =
            |result: &MetricResult| !(result.phase.is_completed() || is_terminating && result.measurements.is_empty());
        if self.results.iter().any(is_left) {
            return Phase::Running;
        }
        let counted = self.results.iter().filter(|result| !result.dry_run && result.phase.is_completed());
        counted.map(|result| result.phase).max().unwrap_or(Phase::Successful)
    }

    fn is_terminating(&self) -> bool {
        self.is_terminated || self.results.iter().any(|result| !result.dry_run && result.phase.ends_all())
    }

    /// How the metrics stand.
    pub(crate) fn results(&self) -> &[MetricResult] {
        &self.results
    }

    /// What is known now, which is after this time.
    pub(crate) fn finish(mut self, took: Duration) -> Analysis {
        let phase = self.phase();
        for (metric, result) in self.metrics.iter().zip(&mut self.results) {
            if let Some(retention) = metric.retention {
                let excess = result.measurements.len().saturating_sub(retention);
                result.measurements.drain(..excess);
            }
        }
        Analysis { phase, metrics: self.results, took }
    }
}

/// Where a metric stands, and why.
fn assess(metric: &Metric, result: &MetricResult, is_terminating: bool, is_terminated: bool) -> (Phase, String) {
    let is_strict = metric.compatibility == Compatibility::Strict;
    let plain = |phase| (phase, String::new());
    if result.phase.is_completed() {
        return (result.phase, result.why.clone());
    }
    let Some(last) = result.measurements.last() else {
        return match is_terminated {
            true if is_strict => (Phase::Inconclusive, "it was never measured".into()),
            _ => plain(Phase::Pending),
        };
    };
    let exceeds = |count: u64, limit: i64| i64::try_from(count).unwrap_or(i64::MAX) > limit;
    let more = |noun: &str, limit: i64| {
        let why = format!("{noun}, and {limit} are tolerated");
        if last.why.is_empty() { why } else { format!("{why}: {}", last.why) }
    };
    if exceeds(result.consecutive_error, metric.consecutive_error_limit) {
        let errors = usize::try_from(result.consecutive_error).unwrap_or(usize::MAX);
        let noun = format!("{} in a row", counted(errors, "error"));
        return (Phase::Error, more(&noun, metric.consecutive_error_limit));
    }
    // What is not known is tolerated as often as what is bad.
    let is_tolerated = result.unknown > 0
        && !exceeds(result.inconclusive - result.unknown, metric.inconclusive_limit)
        && !exceeds(result.unknown + result.failed, metric.failure_limit);
    if exceeds(result.inconclusive, metric.inconclusive_limit) && !is_tolerated {
        let noun = format!("{} inconclusive", result.inconclusive);
        return (Phase::Inconclusive, more(&noun, metric.inconclusive_limit));
    }
    if metric.failure_limit >= 0 && exceeds(result.failed, metric.failure_limit) {
        return (Phase::Failed, more(&format!("{} failed", result.failed), metric.failure_limit));
    }
    let wanted = u64::try_from(metric.consecutive_success_limit).unwrap_or_default();
    if wanted > 0 && result.consecutive_success >= wanted {
        return plain(Phase::Successful);
    }
    if metric.effective_count().is_some_and(|count| result.count >= count) {
        if wanted > 0 {
            let phase = if metric.failure_limit >= 0 { Phase::Inconclusive } else { Phase::Failed };
            return (phase, format!("it was never good {wanted} times in a row"));
        }
        return without_success(is_strict, result);
    }
    // What another metric's failure ends is as good as it was, and what the end of time ends must have been good once.
    match is_terminating {
        true if is_terminated => without_success(is_strict, result),
        true => plain(Phase::Successful),
        false => plain(Phase::Running),
    }
}

/// The end of a metric that exceeded no limit. Where the doubtful does not count, it must have been good.
fn without_success(is_strict: bool, result: &MetricResult) -> (Phase, String) {
    if is_strict && result.successful == 0 {
        return (Phase::Inconclusive, "it was not good once".into());
    }
    (Phase::Successful, String::new())
}

impl MetricResult {
    fn new(metric: &Metric) -> Self {
        Self {
            name: metric.name.clone(),
            query: metric.shown.clone(),
            conditions: metric.shown_conditions(),
            dry_run: metric.dry_run,
            phase: Phase::Pending,
            why: String::new(),
            measurements: Vec::new(),
            count: 0,
            successful: 0,
            failed: 0,
            inconclusive: 0,
            unknown: 0,
            error: 0,
            consecutive_error: 0,
            consecutive_success: 0,
        }
    }

    fn add(&mut self, measurement: Measurement) {
        let is_good = measurement.phase == Phase::Successful;
        match measurement.phase {
            Phase::Successful => self.successful += 1,
            Phase::Failed => self.failed += 1,
            Phase::Inconclusive => self.inconclusive += 1,
            Phase::Pending | Phase::Running | Phase::Error => self.error += 1,
        }
        let is_error = measurement.phase == Phase::Error;
        self.count += u64::from(!is_error);
        self.consecutive_error = if is_error { self.consecutive_error + 1 } else { 0 };
        self.consecutive_success = if is_good { self.consecutive_success + 1 } else { 0 };
        self.measurements.push(measurement);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::analysis::sources::{Sources, of_case};
    use crate::condition::Value;
    use crate::provider::Surroundings;

    fn metrics(metric: serde_json::Value, compatibility: Compatibility) -> Vec<Metric> {
        let mut metric = metric;
        metric["name"] = "m".into();
        metric["provider"] = json!({"prometheus": {"address": "http://p.example", "query": "q"}});
        let sources = Sources { arguments: Vec::new(), surroundings: Surroundings::default(), compatibility };
        of_case(&json!({"metrics": [metric]}), &sources).unwrap()
    }

    fn reading(value: f64) -> Reading {
        let text = value.to_string();
        Reading { value: Value::list(vec![Value::Number(value)]), text, is_series: true, doubt: None }
    }

    #[test]
    fn what_is_never_good_does_not_pass_where_it_is_strict() {
        let metric = json!({"interval": "1m", "count": 3, "inconclusiveLimit": 3,
            "successCondition": "result[0] < 1", "failureCondition": "result[0] > 2"});
        for (compatibility, expected) in
            [(Compatibility::ArgoRollouts, Phase::Successful), (Compatibility::Strict, Phase::Inconclusive)]
        {
            let metrics = metrics(metric.clone(), compatibility);
            let mut run = Run::new(&metrics);
            while let Some(at) = run.next() {
                run.record(0, at, at, Ok(reading(1.5)));
                run.settle(false);
            }
            assert_eq!((run.phase(), run.results()[0].count), (expected, 3), "{compatibility:?}");
        }
    }

    #[test]
    fn what_is_never_measured_does_not_pass_where_it_is_strict() {
        let metric = json!({"interval": "1m", "initialDelay": "1h", "successCondition": "result[0] < 1"});
        for (compatibility, expected) in
            [(Compatibility::ArgoRollouts, Phase::Successful), (Compatibility::Strict, Phase::Inconclusive)]
        {
            let metrics = metrics(metric.clone(), compatibility);
            let mut run = Run::new(&metrics);
            assert_eq!((run.next(), run.phase()), (Some(Duration::from_secs(3600)), Phase::Running));
            run.settle(true);
            assert_eq!((run.phase(), run.next()), (expected, None), "{compatibility:?}");
        }
    }

    #[test]
    fn a_measurement_that_takes_long_delays_the_next() {
        let metrics = metrics(json!({"interval": "1m", "successCondition": "result[0] < 1"}), Compatibility::Strict);
        let mut run = Run::new(&metrics);
        run.record(0, Duration::ZERO, Duration::from_secs(25), Ok(reading(0.5)));
        run.settle(false);
        assert_eq!((run.next(), run.is_endless()), (Some(Duration::from_secs(85)), true));
        run.record(0, Duration::from_secs(85), Duration::from_secs(86), Err("refused".into()));
        run.settle(false);
        assert_eq!(run.next(), Some(Duration::from_secs(96)), "an error is tried again after 10 s");
    }
}
