//! Where a fault shows most: the labels (an endpoint, a method) whose share of bad requests moved most, from what it was before the
//! watch or from that of stable.

use litemap::LiteMap;
use slipway_core::order;
use slipway_core::text::shorten;

use crate::counters::{Counters, Series};
use crate::histogram::Histogram;
use crate::shown;
use crate::traffic::{BUCKET, Found, is_server_error};

/// How much each series counted.
type Counted<'a> = LiteMap<&'a Series, f64>;

/// The requests from which a share is known.
const LEAST: f64 = 20.0;
/// The longest labels that are shown, in characters.
const SHOWN: usize = 120;

/// What was counted of requests with the same labels.
#[derive(Clone, Debug, Default)]
struct Part {
    labels: String,
    all: f64,
    bad: f64,
    all_before: f64,
    bad_before: f64,
}

impl Part {
    /// The share of bad requests before, if there were enough.
    fn before(&self) -> Option<f64> {
        (self.all_before >= LEAST).then(|| self.bad_before / self.all_before)
    }

    fn add(&mut self, other: &Self) {
        self.all += other.all;
        self.bad += other.bad;
        self.all_before += other.all_before;
        self.bad_before += other.bad_before;
    }
}

/// What is compared with what.
#[derive(Clone, Copy)]
struct Sides<'a> {
    found: &'a Found,
    before: &'a Counted<'a>,
    after: &'a Counted<'a>,
    /// What `before` is called.
    word: &'static str,
}

/// What a share is held against.
#[derive(Clone, Copy, PartialEq)]
enum Against {
    /// What it was before.
    Before,
    /// None at all.
    Nothing,
    /// The share of all requests.
    All,
}

/// Where a canary is furthest from stable, in words: what failed and what was slow. None if nothing is there but chance.
pub(crate) fn from_stable(found: &Found, stable: &Counters, canary: &Counters) -> Option<String> {
    moved(Sides { found, before: &stable.increases(), after: &canary.increases(), word: "stable" })
}

/// What moved most since the first scrape, likewise. Where nothing moved, because the fault was there from the start, what fails most.
pub(crate) fn since_first(found: &Found, counters: &Counters) -> Option<String> {
    moved(Sides { found, before: &counters.firsts(), after: &counters.increases(), word: "before" })
}

fn moved(sides: Sides<'_>) -> Option<String> {
    let slow = slow(sides, Against::Before).or_else(|| slow(sides, Against::All));
    let told: Vec<String> = [failed(sides), slow].into_iter().flatten().collect();
    (!told.is_empty()).then(|| told.join("; "))
}

fn failed(sides: Sides<'_>) -> Option<String> {
    let Sides { found, after, word, .. } = sides;
    let (metric, label) = (found.requests.as_deref()?, found.status_label.as_deref()?);
    let fails = |series: &Series| series.label(label).is_some_and(is_server_error);
    let weigh = |series: &Series| (1.0, f64::from(u8::from(fails(series))));
    let parts = parts(sides, metric, label, &weigh);
    let (part, usual) = most(&parts, Against::Before).or_else(|| most(&parts, Against::Nothing))?;
    let failed = after.iter().filter(|(series, _)| series.name == metric && fails(series));
    let of_part = failed.filter(|(series, _)| labels(series, label) == part.labels);
    let most_often = of_part.max_by(|(_, left), (_, right)| left.total_cmp(right));
    let status = most_often.and_then(|(series, _)| series.label(label)).unwrap_or_default();
    Some(told(&part, &format!("failed, mostly with `{status}`"), usual, word))
}

/// Slow is what takes longer than nearly all requests took before, or as long as the slowest of all.
fn slow(sides: Sides<'_>, against: Against) -> Option<String> {
    let metric = format!("{}{BUCKET}", sides.found.duration.as_deref()?);
    let (usual, word) = match against {
        Against::Before => (sides.before, sides.word),
        _ => (sides.after, "all"),
    };
    let buckets = usual.iter().filter(|(series, _)| series.name == metric).map(|(series, count)| (*series, *count));
    let usual = Histogram::sum(buckets.collect::<Vec<_>>().into_iter()).ok()?;
    let (lower, upper) = usual.quantile(95).filter(|_| usual.count() >= LEAST)?;
    let bound = if against == Against::Before { upper } else { lower };
    if !bound.is_finite() || bound == 0.0 {
        return None;
    }
    let weigh = |series: &Series| match series.label("le").and_then(|bound| bound.parse::<f64>().ok()) {
        Some(f64::INFINITY) => (1.0, 1.0),
        Some(upper) if upper == bound => (0.0, -1.0),
        _ => (0.0, 0.0),
    };
    let (part, usual) = most(&parts(sides, &metric, "le", &weigh), against)?;
    Some(told(&part, &format!("took longer than {}", shown::seconds(bound)), usual, word))
}

fn told(part: &Part, what: &str, usual: Option<f64>, word: &str) -> String {
    let labels = if part.labels.is_empty() { "all".into() } else { shorten(&part.labels, SHOWN) };
    let usual = usual.map_or(String::new(), |share| format!(" ({word}: {})", shown::percent(share, 1.0)));
    format!("`{labels}`: {} of {} requests {what}{usual}", shown::percent(part.bad, part.all), part.all)
}

/// What was counted, by labels. A series weighs so much of all requests and so much of those that are bad.
fn parts(sides: Sides<'_>, metric: &str, hidden: &str, weigh: &dyn Fn(&Series) -> (f64, f64)) -> Vec<Part> {
    let mut counted = Vec::new();
    for (counts, is_before) in [(sides.before, true), (sides.after, false)] {
        for (series, count) in counts.iter().filter(|(series, _)| series.name == metric) {
            let (all, bad) = weigh(series);
            let (all, bad, labels) = (all * count, bad * count, labels(series, hidden));
            counted.push(match is_before {
                true => Part { labels, all_before: all, bad_before: bad, ..Part::default() },
                false => Part { labels, all, bad, ..Part::default() },
            });
        }
    }
    order::sort_by(&mut counted, |left, right| left.labels.cmp(&right.labels));
    let mut parts: Vec<Part> = Vec::new();
    for part in counted {
        match parts.last_mut() {
            Some(last) if last.labels == part.labels => last.add(&part),
            _ => parts.push(part),
        }
    }
    parts
}

/// The part with the most bad requests above what a share would give, with its usual share. It must be more than chance: three standard
/// deviations of a count.
fn most(parts: &[Part], against: Against) -> Option<(Part, Option<f64>)> {
    let mut whole = Part::default();
    parts.iter().for_each(|part| whole.add(part));
    let mut most: Option<(f64, &Part, Option<f64>)> = None;
    for part in parts {
        let usual = match against {
            Against::All => Some(whole.bad / whole.all.max(1.0)),
            _ => part.before().or(whole.before()),
        };
        let expected = if against == Against::Nothing { 0.0 } else { part.all * usual.unwrap_or_default() };
        let excess = part.bad - expected;
        if excess > 3.0 * expected.max(1.0).sqrt() && most.is_none_or(|(largest, ..)| excess > largest) {
            most = Some((excess, part, usual));
        }
    }
    most.map(|(_, part, usual)| (part.clone(), usual))
}

/// All labels but one, as they are written in a query.
fn labels(series: &Series, hidden: &str) -> String {
    let labels = series.labels.iter().filter(|(name, _)| name != hidden).cloned().collect();
    Series { name: String::new(), labels }.to_string()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::exposition::Exposition;
    use crate::traffic::{Names, Traffic};

    /// What moved between two scrapes: before it is what the first shows, after it how much the second grew.
    fn between(first: &str, second: &str) -> Option<String> {
        let mut counters = Counters::default();
        for (at, text) in [(0, first), (60, second)] {
            let text = text.replace(';', "\n");
            let scrape = Exposition::parse(text.as_bytes()).unwrap();
            counters.observe(0, Duration::from_secs(at), &scrape, |_| true).unwrap();
        }
        let found = Traffic::read(&counters, &Names::default()).found;
        since_first(&found, &counters)
    }

    /// Requests by path and status, as `path status count`.
    fn requests(counts: &str) -> String {
        let lines = counts.split(", ").map(|line| {
            let [path, status, count] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            format!("http_requests_total{{path=\"/{path}\",status=\"{status}\"}} {count};")
        });
        lines.collect()
    }

    #[test]
    fn the_endpoint_that_fails_most_is_named_with_its_status() {
        for (first, second, told) in [
            (
                "pay 200 900, pay 503 1, list 200 5000, list 500 50",
                "pay 200 960, pay 503 31, pay 500 10, list 200 5990, list 500 60",
                Some("`{path=\"/pay\"}`: 40% of 100 requests failed, mostly with `503` (before: 0.111%)"),
            ),
            // Where nothing moved, what fails most.
            (
                "list 200 500, list 500 500, pay 500 5",
                "list 200 550, list 500 550, pay 500 9",
                Some("`{path=\"/list\"}`: 50% of 100 requests failed, mostly with `500` (before: 50%)"),
            ),
            // One error is chance.
            ("pay 200 900", "pay 200 1000, pay 500 2", None),
            // Without a past, what fails most.
            (
                "pay 200 1",
                "pay 200 11, pay 500 30, list 200 100, list 502 12",
                Some("`{path=\"/pay\"}`: 75% of 40 requests failed, mostly with `500`"),
            ),
            // An endpoint that is new is held against all of before.
            (
                "list 200 9900, list 500 100",
                "list 200 10890, list 500 110, new 200 50, new 500 50",
                Some("`{path=\"/new\"}`: 50% of 100 requests failed, mostly with `500` (before: 1%)"),
            ),
        ] {
            assert_eq!(between(&requests(first), &requests(second)).as_deref(), told, "{second}");
        }
        assert_eq!(between("up 1", "up 1"), None);
    }

    #[test]
    fn the_endpoint_that_became_slow_is_named() {
        let buckets = |path: &str, counts: [u32; 3]| {
            let bounds = ["0.5", "1", "+Inf"].into_iter().zip(counts);
            let line = |(bound, count)| {
                format!("http_request_duration_seconds_bucket{{path=\"/{path}\",le=\"{bound}\"}} {count};")
            };
            bounds.map(line).collect::<String>()
        };
        let first = buckets("list", [970, 1000, 1000]) + &buckets("find", [96, 100, 100]);
        let second = buckets("list", [1940, 2000, 2000]) + &buckets("find", [136, 190, 200]);
        assert_eq!(
            between(&first, &second).as_deref(),
            Some("`{path=\"/find\"}`: 60% of 100 requests took longer than 0.5 s (before: 4%)")
        );
        assert_eq!(between(&first, &(buckets("list", [1940, 2000, 2000]) + &buckets("find", [192, 200, 200]))), None);
        // Without a past, what is slower than all.
        assert_eq!(
            between("up 1", &second).as_deref(),
            Some("`{path=\"/find\"}`: 32% of 200 requests took longer than 0.5 s (all: 5.64%)")
        );
    }
}
