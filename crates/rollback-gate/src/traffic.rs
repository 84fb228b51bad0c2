//! Requests and their durations, found among the counters of the scraped targets.

use std::collections::BTreeSet;
use std::time::Duration;

use litemap::LiteMap;
use serde::Serialize;
use slipway_core::input::InputSpec;
use slipway_core::order;
use slipway_core::text::{nearest, quoted};
use slipway_core::{Error, ErrorKind};

use crate::counters::{Counters, Series, Target};
use crate::histogram::Histogram;
use crate::inputs::{DURATION_METRIC, REQUESTS_METRIC, STATUS_LABEL};
use crate::scrape::Vitals;

/// Labels that hold the status of an answer.
const STATUS_LABELS: [&str; 3] = ["status", "status_code", "code"];
/// How the metric that counts requests ends, unless an input names it.
const REQUESTS: &str = "requests_total";
/// How the histogram of durations ends, unless an input names it.
const DURATION: &str = "request_duration_seconds";
pub(crate) const BUCKET: &str = "_bucket";

/// The metrics that inputs name; what is not named is found by how names end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names {
    pub(crate) requests: Option<String>,
    pub(crate) duration: Option<String>,
    pub(crate) status: Option<String>,
}

impl Names {
    /// Whether a series can be one of those that checks of traffic read.
    pub(crate) fn wants(&self, series: &str) -> bool {
        self.is_requests(series) || self.histogram(series).is_some()
    }

    fn is_requests(&self, series: &str) -> bool {
        is_named(series, self.requests.as_deref(), REQUESTS)
    }

    /// The histogram of durations that a series is a bucket of.
    fn histogram<'a>(&self, series: &'a str) -> Option<&'a str> {
        series.strip_suffix(BUCKET).filter(|name| is_named(name, self.duration.as_deref(), DURATION))
    }
}

fn is_named(name: &str, given: Option<&str>, ending: &str) -> bool {
    given.map_or_else(|| ends_with_words(name, ending), |given| name == given)
}

fn ends_with_words(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|start| start.is_empty() || start.ends_with(['_', ':']))
}

/// The metrics and the label that were found: what the checks read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The counter of requests.
    pub requests: Option<String>,
    /// Its label that holds the status.
    pub status_label: Option<String>,
    /// The histogram of durations.
    pub duration: Option<String>,
    /// How often a target started anew while it was watched.
    pub restarts: u32,
    /// What the use of a resource is read from, by the word of the check.
    #[serde(skip_serializing_if = "LiteMap::is_empty")]
    pub resources: LiteMap<&'static str, String>,
}

/// Something that is to be found in the metrics, or the gap in its place.
pub(crate) type Finding<T> = Result<T, Gap>;

/// Why something was not found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Gap {
    /// It is not there, at least not yet.
    Missing(String),
    /// A person has to choose; only an error if a check reads it.
    Unclear(Error),
}

/// What was counted since the first scrape.
#[derive(Clone, Debug)]
pub(crate) struct Traffic {
    pub(crate) requests: Finding<Requests>,
    pub(crate) durations: Finding<Histogram>,
    /// The time that the counts cover.
    pub(crate) window: Duration,
    /// Why nothing good can be concluded from the counts, if so; what is bad in them is bad all the same.
    pub(crate) reservation: Option<String>,
    /// Why a target could not be read now.
    pub(crate) missing: Option<String>,
    pub(crate) found: Found,
    pub(crate) vitals: Vitals,
}

/// Requests in all, and those that the server failed.
#[derive(Clone, Debug)]
pub(crate) struct Requests {
    pub(crate) all: f64,
    /// Answers with a status of 500 to 599.
    pub(crate) errors: Finding<f64>,
}

impl Traffic {
    /// Finds requests and durations among the counters: what grew since the first scrape.
    pub(crate) fn read(counters: &Counters, names: &Names) -> Self {
        Self::of(counters, &counters.increases(), names)
    }

    /// The same since the processes started.
    pub(crate) fn history(counters: &Counters, names: &Names) -> Self {
        Self::of(counters, &counters.levels(), names)
    }

    /// What one process counted.
    pub(crate) fn of_one(counters: &Counters, process: &Target, names: &Names) -> Self {
        Self { window: process.window(), ..Self::of(counters, &process.increases(), names) }
    }

    fn of(counters: &Counters, increases: &LiteMap<&Series, f64>, names: &Names) -> Self {
        let of = |metric: &str| -> Vec<(&Series, f64)> {
            increases.iter().filter(|(series, _)| series.name == metric).map(|(series, n)| (*series, *n)).collect()
        };
        let mut found = Found { restarts: counters.restarts(), ..Found::default() };

        let known = order::set(counters.names().into_iter().filter(|name| names.is_requests(name)));
        let requests = choose(&known, names.requests.as_deref(), &REQUESTS_METRIC, "a counter of requests")
            .and_then(|metric| expect_kind(counters, metric, "counter", &REQUESTS_METRIC))
            .map(|metric| {
                found.requests = Some(metric.into());
                let series = of(metric);
                let label = status_label(metric, &series, names.status.as_deref());
                found.status_label = label.as_ref().ok().cloned();
                sum_requests(&series, label)
            });

        let known = order::set(counters.names().into_iter().filter_map(|name| names.histogram(name)));
        let durations = choose(&known, names.duration.as_deref(), &DURATION_METRIC, "a histogram of durations")
            .map_err(|gap| without_buckets(counters, names).filter(|_| known.is_empty()).unwrap_or(gap))
            .and_then(|metric| expect_kind(counters, metric, "histogram", &DURATION_METRIC))
            .and_then(|metric| {
                found.duration = Some(metric.into());
                let series = of(&format!("{metric}{BUCKET}"));
                Histogram::sum(series.into_iter()).map_err(|why| Gap::Missing(format!("`{metric}` {why}")))
            });
        let (window, vitals) = (counters.window(), Vitals::default());
        Self { requests, durations, window, reservation: None, missing: None, found, vitals }
    }
}

/// Why durations that are there cannot be read.
fn without_buckets(counters: &Counters, names: &Names) -> Option<Gap> {
    counters.kinds().find_map(|(metric, kind)| {
        let why = match kind {
            "histogram" => "is a native histogram, or was not filled yet: let the service expose classic buckets",
            "summary" => {
                "is a summary: each process computes its percentiles alone, so they say nothing about all requests"
            }
            _ => return None,
        };
        is_named(metric, names.duration.as_deref(), DURATION).then(|| Gap::Missing(format!("`{metric}` {why}")))
    })
}

/// The one metric of its sort.
fn choose<'a>(known: &BTreeSet<&'a str>, named: Option<&str>, input: &InputSpec, what: &str) -> Finding<&'a str> {
    let candidates: Vec<&str> = known.iter().copied().filter(|name| named.is_none_or(|named| *name == named)).collect();
    match (&candidates[..], named) {
        ([metric], _) => Ok(metric),
        ([], Some(named)) => Err(Gap::Missing(format!("no target has the metric `{named}`"))),
        ([], None) => Err(Gap::Missing(format!("no target has {what}"))),
        (several, _) => {
            let message = format!("more than one metric is {what}: {}", quoted(&mut several.iter().copied()));
            Err(Gap::Unclear(
                Error::new(ErrorKind::AmbiguousMatch, message)
                    .hint(format!("name the one of users' requests in the input `{}`", input.name)),
            ))
        }
    }
}

/// A metric without a `# TYPE` line can be of any type.
fn expect_kind<'a>(counters: &Counters, metric: &'a str, expected: &str, input: &InputSpec) -> Finding<&'a str> {
    match counters.kind(metric) {
        Some(kind) if kind != expected && !matches!(kind, "untyped" | "unknown") => Err(Gap::Unclear(
            Error::new(
                ErrorKind::InvalidInput,
                format!("the metric `{metric}` is a {kind}, where a {expected} is needed"),
            )
            .hint(format!("name another metric in the input `{}`", input.name)),
        )),
        _ => Ok(metric),
    }
}

/// The label that holds the status.
fn status_label(metric: &str, series: &[(&Series, f64)], named: Option<&str>) -> Finding<String> {
    let labels = order::set(series.iter().flat_map(|(series, _)| &series.labels).map(|(name, _)| name.as_str()));
    if let Some(named) = named {
        if labels.contains(named) {
            return Ok(named.into());
        }
        let meant = nearest(named, labels).map_or(String::new(), |meant| format!("; did you mean `{meant}`?"));
        return Err(Gap::Missing(format!("`{metric}` has no label `{named}`{meant}")));
    }
    let fitting: Vec<&str> = STATUS_LABELS.into_iter().filter(|label| labels.contains(label)).collect();
    match fitting[..] {
        [label] => Ok(label.into()),
        [] => Err(Gap::Missing(format!("`{metric}` has no label {}", quoted(&mut STATUS_LABELS.into_iter())))),
        _ => {
            let message =
                format!("`{metric}` has more than one label for the status: {}", quoted(&mut fitting.iter().copied()));
            Err(Gap::Unclear(
                Error::new(ErrorKind::AmbiguousMatch, message)
                    .hint(format!("name the one that holds it in the input `{}`", STATUS_LABEL.name)),
            ))
        }
    }
}

fn sum_requests(series: &[(&Series, f64)], label: Finding<String>) -> Requests {
    // A sum of floats begins at -0, which would show.
    let all = series.iter().fold(0.0, |sum, (_, increase)| sum + increase);
    let errors = label.map(|label| {
        let failed = series.iter().filter(|(series, _)| series.label(&label).is_some_and(is_server_error));
        failed.fold(0.0, |sum, (_, increase)| sum + increase)
    });
    Requests { all, errors }
}

/// `500` to `599`, or `5xx` where a service counts by class.
pub(crate) fn is_server_error(status: &str) -> bool {
    let bytes = status.as_bytes();
    bytes.len() == 3
        && bytes[0] == b'5'
        && (bytes[1..].iter().all(u8::is_ascii_digit) || bytes[1..].eq_ignore_ascii_case(b"xx"))
}

#[cfg(test)]
impl Traffic {
    /// Traffic in which nothing was found.
    pub(crate) fn nothing() -> Self {
        let missing = || Gap::Missing("nothing was scraped".into());
        let (requests, durations) = (Err(missing()), Err(missing()));
        let (found, vitals) = (Found::default(), Vitals::default());
        Self { requests, durations, window: Duration::ZERO, reservation: None, missing: None, found, vitals }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exposition::Exposition;

    /// What grew from nothing to the text.
    fn traffic(text: &str, names: &Names) -> Traffic {
        let mut counters = Counters::default();
        for (second, scrape) in [(1, "up 1"), (11, text)] {
            let scrape = Exposition::parse(scrape.as_bytes()).unwrap();
            counters.observe(0, Duration::from_secs(second), &scrape, |name| names.wants(name)).unwrap();
        }
        Traffic::read(&counters, names)
    }

    fn named(requests: &str, status: &str) -> Names {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Names { requests: given(requests), status: given(status), duration: None }
    }

    #[test]
    fn requests_and_errors_are_counted_by_status() {
        for (text, all, errors) in [
            ("http_requests_total{status=\"200\"} 90\nhttp_requests_total{status=\"503\"} 10", 100.0, 10.0),
            ("requests_total{code=\"5xx\"} 1\nrequests_total{code=\"2xx\"} 3", 4.0, 1.0),
            (
                "a_requests_total{status_code=\"500\",path=\"/a\"} 1\na_requests_total{status_code=\"500\",path=\"/b\"} 2",
                3.0,
                3.0,
            ),
            (
                "a_requests_total{status=\"5\"} 1\na_requests_total{status=\"5000\"} 1\na_requests_total{status=\"\"} 1",
                3.0,
                0.0,
            ),
        ] {
            let requests = traffic(text, &Names::default()).requests.unwrap();
            assert_eq!((requests.all, requests.errors), (all, Ok(errors)), "{text}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let missing = |why: &str| Gap::Missing(why.into());
        for (text, names, why) in [
            ("my_prerequests_total 1", named("", ""), "no target has a counter of requests"),
            ("a_requests_total 1", named("b_total", ""), "no target has the metric `b_total`"),
        ] {
            assert_eq!(traffic(text, &names).requests.unwrap_err(), missing(why));
        }
        for (text, names, why) in [
            (
                "a_requests_total{path=\"/\"} 1",
                named("", ""),
                "`a_requests_total` has no label `status`, `status_code`, `code`",
            ),
            (
                "a_requests_total{outcome=\"500\"} 1",
                named("", "outcom"),
                "`a_requests_total` has no label `outcom`; did you mean `outcome`?",
            ),
        ] {
            assert_eq!(traffic(text, &names).requests.unwrap().errors.unwrap_err(), missing(why));
        }
        let durations = |text: &str| traffic(text, &Names::default()).durations.unwrap_err();
        assert_eq!(durations("x_request_duration_seconds_count 5"), missing("no target has a histogram of durations"));
        let native =
            durations("# TYPE x_request_duration_seconds histogram\nx_request_duration_seconds {count:5,sum:1}");
        assert!(
            matches!(native, Gap::Missing(why) if why.starts_with("`x_request_duration_seconds` is a native histogram"))
        );
        let summary =
            durations("# TYPE x_request_duration_seconds summary\nx_request_duration_seconds{quantile=\"0.9\"} 5");
        assert!(matches!(summary, Gap::Missing(why) if why.starts_with("`x_request_duration_seconds` is a summary")));
    }

    #[test]
    fn where_two_fit_an_input_is_asked_for() {
        for (text, names, kind, message, hint) in [
            (
                "a_requests_total 1\nb_requests_total 1",
                named("", ""),
                ErrorKind::AmbiguousMatch,
                "more than one metric is a counter of requests: `a_requests_total`, `b_requests_total`",
                "`requests-metric`",
            ),
            (
                "a_requests_total{status=\"2\",code=\"200\"} 1",
                named("", ""),
                ErrorKind::AmbiguousMatch,
                "`a_requests_total` has more than one label for the status: `status`, `code`",
                "`status-label`",
            ),
            (
                "# TYPE active gauge\nactive{status=\"2\"} 1",
                named("active", ""),
                ErrorKind::InvalidInput,
                "the metric `active` is a gauge, where a counter is needed",
                "`requests-metric`",
            ),
        ] {
            let gap = traffic(text, &names).requests.and_then(|requests| requests.errors).unwrap_err();
            let Gap::Unclear(error) = gap else { panic!("{gap:?}") };
            assert_eq!((error.kind(), error.message()), (kind, message));
            assert!(error.hint_text().unwrap().contains(hint), "{error}");
        }
        let text = "a_requests_total{code=\"500\"} 1\nb_requests_total{status=\"x\",code=\"200\"} 1";
        let chosen = traffic(text, &named("b_requests_total", "code"));
        assert_eq!(chosen.found.requests.as_deref(), Some("b_requests_total"));
        assert_eq!(chosen.requests.unwrap().errors, Ok(0.0));
    }
}
