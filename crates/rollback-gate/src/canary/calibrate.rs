//! What the comparison would have done: it is replayed over recorded counters of processes that were all the same.

use std::time::Duration;

use serde::Serialize;
use slipway_core::{Error, ErrorKind, Result};

use super::arms::{ERRORS, LATENCY, bounds};
use super::history::{History, Point};
use super::inputs::Limits;
use super::ledger::{Ledger, Metric};
use super::power::looks_until_seen;
use super::process::{Counts, Rule};
use crate::shown;
use crate::traffic::Names;

/// The regressions that are tried.
const REGRESSIONS: [f64; 5] = [1.0, 1.25, 1.5, 2.0, 3.0];
/// The most watches that are replayed.
const WATCH_LIMIT: usize = 2_000;

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    /// The watches that were replayed: each process as a canary beside the others, again and again for `duration`.
    pub watches: usize,
    /// The processes.
    pub processes: usize,
    /// The seconds of history.
    pub seconds: f64,
    /// By the regression that is tolerated.
    pub regressions: Vec<Calibrated>,
    /// The least regression at which the history keeps the budget; none if it keeps it at none of them.
    pub advice: Option<f64>,
}

/// What a setting would have done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Calibrated {
    /// The input `regression`.
    pub regression: f64,
    /// The watches that would have ended in a rollback, all of them false.
    pub rolled_back: usize,
    /// The seconds until a doubling of errors is seen, about half of the time.
    pub doubling: Option<f64>,
    /// The seconds until five times as many are.
    pub fivefold: Option<f64>,
}

impl Calibration {
    /// Replays the history.
    ///
    /// # Errors
    /// `InvalidInput` if it cannot be read or is shorter than a watch.
    pub(crate) fn of(text: &[u8], names: &Names, duration: Duration, limits: Limits) -> Result<Self> {
        let history = History::read(text, names)?;
        let points = history.processes[0].len();
        let looks = usize::try_from(duration.as_millis() / history.step.as_millis().max(1)).unwrap_or(usize::MAX);
        if looks == 0 || points <= looks {
            let lasts = shown::duration(history.step * u32::try_from(points.saturating_sub(1)).unwrap_or(u32::MAX));
            let message = format!("the history lasts {lasts}, and a watch {}", shown::duration(duration));
            return Err(
                Error::new(ErrorKind::InvalidInput, message).hint("save a longer one, or watch for a shorter time")
            );
        }
        let metrics = metrics(&history);
        // Watches that begin twice within `duration` see much the same.
        let starts: Vec<usize> = (0..points - looks).step_by((looks / 2).max(1)).collect();
        let watches: Vec<(usize, usize)> =
            starts.iter().flat_map(|start| (0..history.processes.len()).map(move |canary| (*start, canary))).collect();
        let every = watches.len().div_ceil(WATCH_LIMIT);
        let watches: Vec<(usize, usize)> = watches.into_iter().step_by(every).collect();
        let usual = usual(&history, points - 1);
        let step = history.step.as_secs_f64();
        let regressions = REGRESSIONS.map(|regression| {
            let rule = Rule::catching(regression);
            let ends_badly = |(start, canary): &&(usize, usize)| {
                watch(&history, &metrics, *canary, *start..*start + looks, &rule, limits.against)
            };
            let seen = |factor| looks_until_seen(&usual, factor, &rule, limits.against, metrics.metrics.len() - 1);
            Calibrated {
                regression,
                rolled_back: watches.iter().filter(ends_badly).count(),
                doubling: seen(2.0).map(|looks| f64::from(looks) * step),
                fivefold: seen(5.0).map(|looks| f64::from(looks) * step),
            }
        });
        let keeps = |found: &&Calibrated| found.rolled_back as f64 <= watches.len() as f64 / limits.against;
        Ok(Self {
            watches: watches.len(),
            processes: history.processes.len(),
            seconds: step * (points - 1) as f64,
            advice: regressions.iter().find(keeps).map(|found| found.regression),
            regressions: regressions.into(),
        })
    }
}

/// What can be compared.
fn metrics(history: &History) -> Ledger {
    let mut metrics = vec![Metric::new(ERRORS, &[None])];
    let bounds = history.durations.as_ref().map(bounds).unwrap_or_default();
    if !bounds.is_empty() {
        metrics.push(Metric::new(LATENCY, &bounds));
    }
    Ledger { metrics, ..Ledger::default() }
}

/// Whether a process would have been rolled back as a canary beside the others.
fn watch(
    history: &History,
    metrics: &Ledger,
    canary: usize,
    looks: std::ops::Range<usize>,
    rule: &Rule,
    limit: f64,
) -> bool {
    let mut ledger = metrics.clone();
    looks.into_iter().any(|look| {
        for metric in &mut ledger.metrics {
            let counts: Vec<Counts> =
                metric.parts.iter().map(|part| between(history, canary, look, look + 1, part.bound)).collect();
            metric.observe(&counts, rule);
        }
        ledger.against() >= limit
    })
}

/// What was counted between two points by a process and by the others.
fn between(history: &History, canary: usize, from: usize, to: usize, bound: Option<f64>) -> Counts {
    let mut counts = Counts::default();
    for (place, points) in history.processes.iter().enumerate() {
        let ((bad, all), (bad_before, all_before)) = (counted(&points[to], bound), counted(&points[from], bound));
        let (bad, all) = ((bad - bad_before).max(0.0), (all - all_before).max(0.0));
        if place == canary {
            (counts.canary_bad, counts.canary_all) = (bad, all);
        } else {
            counts.stable_bad += bad;
            counts.stable_all += all;
        }
    }
    counts
}

fn counted(point: &Point, bound: Option<f64>) -> (f64, f64) {
    match (bound, &point.durations) {
        (None, _) => (point.errors, point.requests),
        (Some(bound), Some(durations)) => {
            let all = durations.count();
            (all - durations.up_to(bound).unwrap_or(all), all)
        }
        (Some(_), None) => (0.0, 0.0),
    }
}

/// What is usually counted between two points.
fn usual(history: &History, steps: usize) -> Counts {
    let mut counts = between(history, 0, 0, steps, None);
    for count in [&mut counts.canary_bad, &mut counts.canary_all, &mut counts.stable_bad, &mut counts.stable_all] {
        *count /= steps as f64;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The recorded counters of processes at a point every 15 s: requests and errors so far.
    fn recorded(processes: &[&dyn Fn(u64) -> (u64, u64)], points: u64) -> String {
        let series = processes.iter().enumerate().flat_map(|(instance, counted)| {
            ["200", "500"].map(|status| {
                let values = (0..points).map(|point| {
                    let (all, failed) = counted(point);
                    let value = if status == "500" { failed } else { all - failed };
                    format!("[{},\"{value}\"]", 1_700_000_000 + point * 15)
                });
                let values = values.collect::<Vec<_>>().join(",");
                format!(
                    "{{\"metric\":{{\"__name__\":\"http_requests_total\",\"instance\":\"{instance}\",\"status\":\"{status}\"}},\
                     \"values\":[{values}]}}"
                )
            })
        });
        let series = series.collect::<Vec<_>>().join(",");
        format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}")
    }

    fn calibrate(text: &str) -> Result<Calibration> {
        Calibration::of(text.as_bytes(), &Names::default(), Duration::from_secs(300), Limits::of(0.01))
    }

    #[test]
    fn processes_that_are_the_same_are_not_rolled_back() {
        let same = |point: u64| (point * 1500, point * 15 + point % 3);
        // It restarts in the middle.
        let restarted = |point: u64| {
            if point < 100 { (9000 + point * 1500, point * 15) } else { ((point - 99) * 1500, (point - 99) * 15) }
        };
        let found = calibrate(&recorded(&[&same, &same, &restarted], 241)).unwrap();
        assert_eq!((found.processes, found.watches, found.seconds), (3, 69, 3600.0));
        assert_eq!(found.regressions.iter().map(|found| found.rolled_back).collect::<Vec<_>>(), [0; 5]);
        assert_eq!(found.advice, Some(1.0));
        let [sensitive, usual, ..] = &found.regressions[..] else { panic!() };
        assert!(sensitive.doubling < usual.doubling && usual.fivefold < usual.doubling, "{found:?}");
    }

    #[test]
    fn a_process_that_is_worse_for_a_while_asks_for_tolerance() {
        let same = |point: u64| (point * 1500, point * 15);
        let worse = |point: u64| (point * 1500, point * 15 + (point.clamp(80, 140) - 80) * 18);
        let found = calibrate(&recorded(&[&same, &worse], 241)).unwrap();
        let rolled_back: Vec<usize> = found.regressions.iter().map(|found| found.rolled_back).collect();
        assert!(rolled_back[0] > rolled_back[1] && rolled_back[1] > 0 && rolled_back[3] == 0, "{rolled_back:?}");
        assert!(found.advice == Some(1.5), "{found:?}");
    }

    #[test]
    fn what_is_no_history_is_refused() {
        let same = |point: u64| (point * 1500, point * 15);
        for (text, message) in [
            ("<html>".to_owned(), "it is no answer of Prometheus to `query_range`"),
            (
                "{\"data\":{\"resultType\":\"vector\",\"result\":[]}}".into(),
                "it is a `vector`, where a `matrix` is needed",
            ),
            ("{\"data\":{\"resultType\":\"matrix\",\"result\":[]}}".into(), "it has the counters of 0 processes"),
            (recorded(&[&same], 100), "it has the counters of 1 processes, and two are needed"),
            (recorded(&[&same, &same], 20), "the history lasts 4m45s, and a watch 5m"),
            (recorded(&[&same, &same], 100).replace("\"1485\"", "\"NaN\""), "which no counter has"),
        ] {
            let error = calibrate(&text).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
