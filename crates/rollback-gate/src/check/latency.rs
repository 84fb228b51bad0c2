//! `p95 < 2s`: a quantile of the durations, as far as a histogram's buckets tell it.
//!
//! A bucket says how many requests lay between its bounds, not where. So a quantile is an interval, never an interpolated number: the
//! check is good if the whole interval is, bad if none of it is, and undecided in between.

use std::fmt;
use std::time::Duration;

use slipway_core::{Result, input};

use super::grammar::{comparison, invalid};
use super::{Kind, Measurement, Observation, Reads, Test};
use crate::operator::Operator;
use crate::shown;
use crate::traffic::{Found, Traffic};

pub(super) const P50: Kind = Kind { word: "p50", form: "p50 < 200ms", parse: |rest| parse(50, rest) };
pub(super) const P90: Kind = Kind { word: "p90", form: "p90 < 1s", parse: |rest| parse(90, rest) };
pub(super) const P95: Kind = Kind { word: "p95", form: "p95 < 2s", parse: |rest| parse(95, rest) };
pub(super) const P99: Kind = Kind { word: "p99", form: "p99 < 5s", parse: |rest| parse(99, rest) };

#[derive(Debug)]
struct Latency {
    hundredths: u32,
    operator: Operator,
    bound: Duration,
}

fn parse(hundredths: u32, rest: &str) -> Result<Test> {
    let (operator, text) = comparison(rest, [Operator::Less, Operator::LessOrEqual])?;
    const HINT: &str = "write a duration such as `500ms` or `2s`";
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(invalid(format!("`{text}` has no unit")).hint(HINT));
    }
    let bound = input::duration(text).map_err(|_| invalid(format!("`{text}` is not a duration")).hint(HINT))?;
    if bound.is_zero() {
        return Err(invalid("no request takes less than no time"));
    }
    Ok(Test::Measurement(Box::new(Latency { hundredths, operator, bound })))
}

impl Latency {
    /// The requests of which at least one is slower than the quantile.
    fn least(&self, minimum: u64) -> u64 {
        minimum.max(u64::from(100_u32.div_ceil(100 - self.hundredths)))
    }
}

impl Measurement for Latency {
    fn judge(&self, traffic: &Traffic, minimum: u64) -> Result<Observation> {
        let histogram = match &traffic.durations {
            Ok(histogram) => histogram,
            Err(gap) => return Observation::gap(gap),
        };
        let (samples, minimum) = (histogram.count() as u64, self.least(minimum));
        let Some((lower, upper)) = histogram.quantile(self.hundredths).filter(|_| samples >= minimum) else {
            return Ok(Observation::too_few(samples, minimum));
        };
        let (value, bound) = (shown::interval(lower, upper), self.bound.as_secs_f64());
        let seen = if upper <= bound {
            Observation::measured(traffic, true, value, samples)
        } else if lower >= bound {
            Observation::measured(traffic, false, value, samples)
        } else {
            let why = format!(
                "p{} lies between {} and {}, and {} is no bound of a bucket",
                self.hundredths,
                shown::seconds(lower),
                shown::seconds(upper),
                shown::duration(self.bound)
            );
            Observation { value, samples: Some(samples), ..Observation::none(why) }
        };
        // The worse end, as far as it is known.
        Ok(seen.amounting(if upper.is_finite() { upper } else { lower }))
    }

    fn reads(&self) -> Reads {
        Reads::Processes
    }

    fn bound(&self) -> Option<f64> {
        Some(self.bound.as_secs_f64())
    }

    fn rule(&self, found: &Found, minimum: u64) -> String {
        let metric = found.duration.as_deref().unwrap_or("*_request_duration_seconds");
        format!(
            "the bucket of {metric} that holds the {}th percentile ends at {} or below, counted since the first look, from {} \
             requests on; bad if it begins there or above",
            self.hundredths,
            shown::duration(self.bound),
            self.least(minimum)
        )
    }
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{} {} {}", self.hundredths, self.operator, shown::duration(self.bound))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};
    use crate::histogram::Histogram;

    fn judge(line: &str, buckets: &[(f64, f64)]) -> Observation {
        let Test::Measurement(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
        check
            .judge(&Traffic { durations: Ok(Histogram { buckets: buckets.into() }), ..Traffic::nothing() }, 20)
            .unwrap()
    }

    #[test]
    fn a_quantile_is_good_bad_or_undecided() {
        const BUCKETS: [(f64, f64); 4] = [(0.5, 90.0), (1.0, 96.0), (2.5, 99.0), (f64::INFINITY, 100.0)];
        for (line, standing, value) in [
            ("p50 < 500ms", Standing::Good, "≤ 0.5 s"),
            ("p95 < 2s", Standing::Good, "0.5 s to 1 s"),
            ("p95 < 1s", Standing::Good, "0.5 s to 1 s"),
            ("p95 < 500ms", Standing::Bad, "0.5 s to 1 s"),
            ("p95 < 400ms", Standing::Bad, "0.5 s to 1 s"),
            ("p95 < 600ms", Standing::None, "0.5 s to 1 s"),
            ("p99 < 2s", Standing::None, "1 s to 2.5 s"),
            ("p99 < 2500ms", Standing::Good, "1 s to 2.5 s"),
        ] {
            let seen = judge(line, &BUCKETS);
            assert_eq!((seen.standing, seen.value.as_str(), seen.samples), (standing, value, Some(100)), "{line}");
        }
        assert_eq!(
            judge("p95 < 600ms", &BUCKETS).why,
            "p95 lies between 0.5 s and 1 s, and 600ms is no bound of a bucket"
        );
    }

    #[test]
    fn the_last_bucket_has_no_end() {
        let slow = [(10.0, 80.0), (f64::INFINITY, 100.0)];
        assert_eq!(
            (judge("p95 < 10s", &slow).standing, judge("p95 < 10s", &slow).value),
            (Standing::Bad, "> 10 s".into())
        );
        assert_eq!(judge("p95 < 11s", &slow).standing, Standing::None);
    }

    #[test]
    fn few_requests_have_no_quantile() {
        for (line, count, standing) in [
            ("p95 < 1s", 19.0, Standing::None),
            ("p95 < 1s", 20.0, Standing::Good),
            ("p99 < 1s", 99.0, Standing::None),
            ("p99 < 1s", 100.0, Standing::Good),
            ("p50 < 1s", 0.0, Standing::None),
        ] {
            assert_eq!(judge(line, &[(1.0, count), (f64::INFINITY, count)]).standing, standing, "{line} {count}");
        }
    }
}
