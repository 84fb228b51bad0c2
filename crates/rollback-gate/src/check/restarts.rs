//! `restarts == 0`: how often processes were started anew since the release is in service.

use std::fmt;

use slipway_core::Result;

use super::grammar::invalid;
use super::{Kind, Measurement, Observation, Reads, Test};
use crate::operator::Operator;
use crate::traffic::{Found, Traffic};

pub(super) const KIND: Kind = Kind { word: "restarts", form: "restarts == 0", parse };

#[derive(Debug)]
struct Restarts {
    operator: Operator,
    bound: u32,
}

fn parse(rest: &str) -> Result<Test> {
    let (operator, bound) = bound(rest)?;
    Ok(Test::Measurement(Box::new(Restarts { operator, bound })))
}

/// Reads `== 0` or `<= 2`: how often is accepted.
///
/// # Errors
/// `InvalidInput` if that is no upper bound.
pub(super) fn bound(text: &str) -> Result<(Operator, u32)> {
    let Some((operator, bound)) = Operator::split(text) else {
        return Err(invalid("there is no comparison"));
    };
    let bound = bound.parse().map_err(|_| {
        invalid(format!("`{bound}` is not a number of restarts")).hint("write a whole number, such as `0`")
    })?;
    match (operator, bound) {
        (Operator::Equal, 0) | (Operator::LessOrEqual, _) | (Operator::Less, 1..) => Ok((operator, bound)),
        (Operator::Less, 0) => Err(invalid("it can never hold")),
        _ => Err(invalid("it must be compared by `<=` or `<`, or be `== 0`")),
    }
}

impl Measurement for Restarts {
    fn judge(&self, traffic: &Traffic, _: u64) -> Result<Observation> {
        let restarts = match &traffic.vitals.restarts {
            Some(Ok(restarts)) => *restarts,
            Some(Err(gap)) => return Observation::gap(gap),
            None => return Ok(Observation::none("nothing was scraped")),
        };
        let is_good = self.operator.holds(f64::from(restarts), f64::from(self.bound));
        Ok(match &traffic.missing {
            Some(why) if is_good => Observation::none(why),
            _ => Observation::probed(is_good, restarts.to_string()).amounting(f64::from(restarts)),
        })
    }

    fn reads(&self) -> Reads {
        Reads::Restarts
    }

    fn bound(&self) -> Option<f64> {
        Some(f64::from(self.bound))
    }

    fn rule(&self, _: &Found, _: u64) -> String {
        format!(
            "the restarts of all processes since the release is in service, by process_start_time_seconds or \
             kube_pod_container_status_restarts_total, are {} {}",
            self.operator, self.bound
        )
    }
}

impl fmt::Display for Restarts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "restarts {} {}", self.operator, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};
    use crate::traffic::Gap;

    #[test]
    fn restarts_are_counted() {
        for (line, restarts, missing, standing) in [
            ("restarts == 0", 0, None, Standing::Good),
            ("restarts == 0", 1, None, Standing::Bad),
            ("restarts <= 1", 1, None, Standing::Good),
            ("restarts < 3", 3, None, Standing::Bad),
            ("restarts == 0", 0, Some("a target is gone"), Standing::None),
            ("restarts == 0", 1, Some("a target is gone"), Standing::Bad),
        ] {
            let Test::Measurement(check) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let mut traffic = Traffic { missing: missing.map(Into::into), ..Traffic::nothing() };
            traffic.vitals.restarts = Some(Ok(restarts));
            assert_eq!(check.judge(&traffic, 20).unwrap().standing, standing, "{line} {restarts}");
            traffic.vitals.restarts = Some(Err(Gap::Missing("untold".into())));
            assert_eq!(check.judge(&traffic, 20).unwrap(), Observation::none("untold"));
        }
    }
}
