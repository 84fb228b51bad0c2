//! Recorded counters: the answer of a Prometheus server to `query_range`, by process.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use litemap::LiteMap;
use serde::Deserialize;
use slipway_core::{Error, Result, order};

use crate::counters::Counters;
use crate::errors::invalid;
use crate::exposition::{Exposition, Sample};
use crate::histogram::Histogram;
use crate::traffic::{Gap, Names, Traffic};

/// Labels that tell processes apart, the first that is there.
const PROCESS_LABELS: [&str; 3] = ["instance", "pod", "host"];
/// The most processes: each is compared with the others.
const PROCESS_LIMIT: usize = 16;
/// The most points in time: a month at 30 seconds.
const TIME_LIMIT: usize = 100_000;

/// The answer as it came.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Data {
    pub(super) result_type: String,
    pub(super) result: Vec<Recorded>,
}

#[derive(Deserialize)]
pub(super) struct Recorded {
    metric: BTreeMap<String, String>,
    #[serde(default)]
    values: Vec<(f64, String)>,
}

/// What the processes counted.
#[derive(Debug)]
pub(super) struct History {
    /// The time between two points.
    pub(super) step: Duration,
    /// By process, then by point in time.
    pub(super) processes: Vec<Vec<Point>>,
    /// The durations of all processes since the first point.
    pub(super) durations: Option<Histogram>,
}

/// What a process counted since the first point, if it was there.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Point {
    pub(super) requests: f64,
    pub(super) errors: f64,
    pub(super) durations: Option<Histogram>,
}

impl History {
    /// Reads the answer.
    ///
    /// # Errors
    /// `InvalidInput` if it is something else, has no request counter, or one process only; what is unclear in the metrics.
    pub(super) fn read(text: &[u8], names: &Names) -> Result<Self> {
        let answer: Answer = serde_json::from_slice(text).map_err(|error| {
            invalid(format!("it is no answer of Prometheus to `query_range`: {error}")).hint(
                "save what `/api/v1/query_range` answers for the raw counters, such as `{__name__=~\"http_.*_total\"}`",
            )
        })?;
        if answer.data.result_type != "matrix" {
            let message = format!("it is a `{}`, where a `matrix` is needed", answer.data.result_type);
            return Err(invalid(message).hint("ask `/api/v1/query_range`, not `/api/v1/query`"));
        }
        let by_process = arrange(&answer.data.result, names)?;
        let times: Vec<u64> =
            order::set(by_process.values().flat_map(|samples| samples.keys().copied())).into_iter().collect();
        if by_process.len() < 2 {
            let message = format!("it has the counters of {} processes, and two are needed", by_process.len());
            let hint = "save raw counters such as `http_requests_total` with their label `instance`, of a service with several processes";
            return Err(invalid(message).hint(hint));
        }
        if by_process.len() > PROCESS_LIMIT || times.len() > TIME_LIMIT {
            let message = format!("it has {} processes at {} points in time", by_process.len(), times.len());
            return Err(invalid(message).hint(format!("save at most {PROCESS_LIMIT} processes at {TIME_LIMIT} points")));
        }
        let step = times.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or_default();
        let processes = by_process.values().map(|series| count(series, &times, names)).collect::<Result<Vec<_>>>()?;
        let durations = processes.iter().filter_map(|points| points.last()?.durations.clone()).reduce(Histogram::add);
        Ok(Self { step: Duration::from_millis(step), processes, durations })
    }
}

/// Series of one process by time, in milliseconds.
pub(super) type ByTime<'a> = LiteMap<u64, Vec<Sample<'a>>>;

/// The samples by process and time.
pub(super) fn arrange<'a>(result: &'a [Recorded], names: &Names) -> Result<LiteMap<&'a str, ByTime<'a>>> {
    let mut by_process: LiteMap<&str, ByTime<'_>> = LiteMap::new();
    for recorded in result {
        let Some(name) = recorded.metric.get("__name__").filter(|name| names.wants(name)) else { continue };
        let process = PROCESS_LABELS.iter().find_map(|label| recorded.metric.get(*label));
        let samples = by_process.entry(process.map_or("", String::as_str)).or_default();
        for (time, value) in &recorded.values {
            let labels = recorded.metric.iter().filter(|(label, _)| *label != "__name__");
            let labels = labels.map(|(label, value)| (label.as_str(), Cow::Borrowed(value.as_str()))).collect();
            let value = value.parse().map_err(|_| invalid(format!("`{name}` has the value `{value}`")))?;
            samples.entry((time * 1000.0) as u64).or_default().push(Sample { name, labels, value });
        }
    }
    Ok(by_process)
}

/// What a process counted until each point; what it counted before a gap is kept.
fn count(samples: &ByTime<'_>, times: &[u64], names: &Names) -> Result<Vec<Point>> {
    let mut counters = Counters::default();
    let mut latest = Point { requests: 0.0, errors: 0.0, durations: None };
    let mut points = Vec::with_capacity(times.len());
    for time in times {
        if let Some(samples) = samples.get(time) {
            let scrape = Exposition { samples: samples.clone(), ..Exposition::default() };
            counters.observe(0, Duration::from_millis(*time), &scrape, |_| true).map_err(invalid)?;
            let traffic = Traffic::read(&counters, names);
            let requests = traffic.requests.map_err(unclear)?;
            latest = Point {
                requests: requests.all,
                errors: requests.errors.map_err(unclear)?,
                durations: traffic.durations.ok(),
            };
        }
        points.push(latest.clone());
    }
    Ok(points)
}

fn unclear(gap: Gap) -> Error {
    match gap {
        Gap::Missing(why) => invalid(why).hint("name the counter in `requests-metric`"),
        Gap::Unclear(error) => error,
    }
}
