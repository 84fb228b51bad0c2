//! `error-rate < 5%`: the share of requests that the server failed, among all that were counted.

use std::fmt;

use slipway_core::Result;

use super::grammar::{Decimal, comparison, invalid, percent};
use super::{Kind, Measurement, Observation, Reads, Test};
use crate::operator::Operator;
use crate::shown;
use crate::traffic::{Found, Traffic};

pub(super) const KIND: Kind = Kind { word: "error-rate", form: "error-rate < 5%", parse };

#[derive(Debug)]
struct ErrorRate {
    operator: Operator,
    percent: Decimal,
}

fn parse(rest: &str) -> Result<Test> {
    let (operator, bound) = comparison(rest, [Operator::Less, Operator::LessOrEqual])?;
    let percent = percent(bound)
        .ok_or_else(|| invalid(format!("`{bound}` is not a percentage")).hint("write one such as `5%` or `0.1%`"))?;
    if percent.digits == 0 && operator == Operator::Less {
        return Err(invalid("it can never hold").hint("write `error-rate <= 0%`"));
    }
    if operator.holds(100.0, percent.value()) {
        return Err(invalid("it holds whatever happens"));
    }
    Ok(Test::Measurement(Box::new(ErrorRate { operator, percent })))
}

impl Measurement for ErrorRate {
    fn judge(&self, traffic: &Traffic, minimum: u64) -> Result<Observation> {
        let requests = match &traffic.requests {
            Ok(requests) => requests,
            Err(gap) => return Observation::gap(gap),
        };
        let (all, samples) = (requests.all, requests.all as u64);
        if samples < minimum {
            return Ok(Observation::too_few(samples, minimum));
        }
        let errors = match &requests.errors {
            Ok(errors) => *errors,
            Err(gap) => return Observation::gap(gap),
        };
        // Whole numbers on both sides: 5 of 100 is not below 5 % by a rounding error.
        let share = errors * 100.0 * f64::from(self.percent.scale);
        let is_good = self.operator.holds(share, all * f64::from(self.percent.digits));
        Ok(Observation::measured(traffic, is_good, shown::percent(errors, all), samples)
            .amounting(100.0 * errors / all))
    }

    fn reads(&self) -> Reads {
        Reads::Processes
    }

    fn bound(&self) -> Option<f64> {
        Some(self.percent.value())
    }

    fn failed_share(&self) -> Option<f64> {
        Some(self.percent.value() / 100.0)
    }

    fn rule(&self, found: &Found, minimum: u64) -> String {
        let metric = found.requests.as_deref().unwrap_or("*_requests_total");
        let label = found.status_label.as_deref().unwrap_or("status|status_code|code");
        let (operator, percent) = (self.operator, self.percent);
        format!(
            "{metric}{{{label}=\"5..\"}} / {metric} {operator} {percent}%, counted since the first look, from {minimum} requests on"
        )
    }
}

impl fmt::Display for ErrorRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error-rate {} {}%", self.operator, self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};
    use crate::traffic::{Finding, Gap, Requests};

    #[test]
    fn the_share_is_compared_exactly() {
        for (line, errors, all, standing, value) in [
            ("error-rate < 5%", 4.0, 100.0, Standing::Good, "4%"),
            ("error-rate < 5%", 5.0, 100.0, Standing::Bad, "5%"),
            ("error-rate <= 5%", 5.0, 100.0, Standing::Good, "5%"),
            ("error-rate < 7%", 7.0, 100.0, Standing::Bad, "7%"),
            ("error-rate < 0.1%", 1.0, 1000.0, Standing::Bad, "0.1%"),
            ("error-rate < 0.1%", 1.0, 1001.0, Standing::Good, "0.0999%"),
            ("error-rate <= 0%", 0.0, 20.0, Standing::Good, "0%"),
            ("error-rate <= 0%", 1.0, 1e9, Standing::Bad, "0.0000001%"),
            ("error-rate < 5%", 19.0, 19.0, Standing::None, ""),
            ("error-rate < 5%", 0.0, 0.0, Standing::None, ""),
        ] {
            let Test::Measurement(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let traffic = Traffic { requests: Ok(Requests { all, errors: Ok(errors) }), ..Traffic::nothing() };
            let seen = check.judge(&traffic, 20).unwrap();
            assert_eq!((seen.standing, seen.value.as_str()), (standing, value), "{line}: {errors} of {all}");
            assert_eq!(seen.samples, Some(all as u64));
        }
    }

    #[test]
    fn what_cannot_be_known_is_neither_good_nor_bad() {
        let Test::Measurement(check) = "error-rate < 5%".parse::<Check>().unwrap().test else { panic!() };
        let judge = |errors: Finding<f64>, reservation: Option<&str>| {
            let requests = Ok(Requests { all: 100.0, errors });
            check.judge(&Traffic { requests, reservation: reservation.map(Into::into), ..Traffic::nothing() }, 20)
        };
        assert_eq!(check.judge(&Traffic::nothing(), 20).unwrap(), Observation::none("nothing was scraped"));
        assert_eq!(judge(Err(Gap::Missing("no label".into())), None).unwrap(), Observation::none("no label"));
        assert!(judge(Err(Gap::Unclear(invalid("two labels"))), None).is_err());
        assert_eq!(judge(Ok(0.0), Some("a target is missing")).unwrap(), Observation::none("a target is missing"));
        assert_eq!(judge(Ok(50.0), Some("a target is missing")).unwrap().standing, Standing::Bad);
    }
}
