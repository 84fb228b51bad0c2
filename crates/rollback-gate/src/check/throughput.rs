//! `throughput > 50/s`: requests a second, on average over all the time that was counted.

use std::fmt;

use slipway_core::Result;

use super::grammar::{Decimal, comparison, invalid};
use super::{Kind, Measurement, Observation, Test};
use crate::operator::Operator;
use crate::traffic::{Found, Traffic};

pub(super) const KIND: Kind = Kind { word: "throughput", form: "throughput > 50/s", parse };

#[derive(Debug)]
struct Throughput {
    operator: Operator,
    per_second: Decimal,
}

fn parse(rest: &str) -> Result<Test> {
    let (operator, bound) = comparison(rest, [Operator::Greater, Operator::GreaterOrEqual])?;
    let per_second = bound
        .strip_suffix("/s")
        .and_then(Decimal::parse)
        .ok_or_else(|| invalid(format!("`{bound}` is not a rate")).hint("write one such as `50/s` or `0.5/s`"))?;
    if operator.holds(0.0, per_second.value()) {
        return Err(invalid("it holds whatever happens"));
    }
    Ok(Test::Measurement(Box::new(Throughput { operator, per_second })))
}

impl Measurement for Throughput {
    fn judge(&self, traffic: &Traffic, _: u64) -> Result<Observation> {
        let all = match &traffic.requests {
            Ok(requests) => requests.all,
            Err(gap) => return Observation::gap(gap),
        };
        let (samples, seconds) = (all as u64, traffic.window.as_secs_f64());
        // No request at all is more likely a metric that does not count than a release that turns users away.
        if samples == 0 || seconds == 0.0 {
            return Ok(Observation::too_few(samples, 1));
        }
        let rate = all / seconds;
        let is_good = self.operator.holds(rate, self.per_second.value());
        Ok(Observation::measured(traffic, is_good, format!("{rate:.1}/s"), samples).amounting(rate))
    }

    fn bound(&self) -> Option<f64> {
        Some(self.per_second.value())
    }

    fn rule(&self, found: &Found, _: u64) -> String {
        let metric = found.requests.as_deref().unwrap_or("*_requests_total");
        format!("{metric} grew by {} {}/s on average since the first look", self.operator, self.per_second)
    }
}

impl fmt::Display for Throughput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "throughput {} {}/s", self.operator, self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::check::{Check, Standing};
    use crate::traffic::Requests;

    #[test]
    fn the_rate_is_an_average() {
        for (line, all, seconds, standing, value) in [
            ("throughput > 50/s", 600.0, 10, Standing::Good, "60.0/s"),
            ("throughput > 50/s", 500.0, 10, Standing::Bad, "50.0/s"),
            ("throughput >= 50/s", 500.0, 10, Standing::Good, "50.0/s"),
            ("throughput > 0/s", 1.0, 10, Standing::Good, "0.1/s"),
            ("throughput > 50/s", 0.0, 10, Standing::None, ""),
            ("throughput > 50/s", 0.0, 0, Standing::None, ""),
        ] {
            let Test::Measurement(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let requests = Ok(Requests { all, errors: Ok(0.0) });
            let traffic = Traffic { requests, window: Duration::from_secs(seconds), ..Traffic::nothing() };
            let seen = check.judge(&traffic, 20).unwrap();
            assert_eq!((seen.standing, seen.value.as_str()), (standing, value), "{line}: {all} in {seconds} s");
        }
    }
}
