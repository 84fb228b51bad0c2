//! `alarm shop-5xx`: the state of a CloudWatch alarm, by the `aws` program, which knows how to sign.

use std::fmt;

use slipway_core::Result;

use super::cloudwatch::moment;
use super::command::printed;
use super::grammar::{invalid, word};
use super::{Asked, Inquiry, Kind, Observation, Test, Time};
use crate::ask::Asks;
use crate::lineage::Lineage;
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind { word: "alarm", form: "alarm shop-5xx", parse };

#[derive(Debug)]
struct Alarm(String);

fn parse(rest: &str) -> Result<Test> {
    match word(rest) {
        ("", _) => Err(invalid("there is no name")),
        (name, _) if name.starts_with('-') => Err(invalid(format!("`{name}` is not a name"))),
        (name, "") => Ok(Test::Inquiry(Box::new(Alarm(name.to_owned())))),
        (_, more) => Err(invalid(format!("`{more}` is not understood"))),
    }
}

impl Inquiry for Alarm {
    fn asks(&self, _: &Surroundings, _: i64) -> Result<Asks> {
        let words = [
            "aws",
            "cloudwatch",
            "describe-alarms",
            "--alarm-types",
            "MetricAlarm",
            "CompositeAlarm",
            "--output",
            "json",
        ];
        let name = ["--alarm-names", &self.0];
        Ok(Asks::Program(words.iter().chain(&name).map(|word| (*word).to_owned()).collect()))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        let json = match printed(answer, "aws") {
            Ok(json) => json,
            Err(why) => return Observation::none(why),
        };
        let lists = ["MetricAlarms", "CompositeAlarms"].iter().filter_map(|key| json[*key].as_array());
        let alarms = lists.flatten().filter_map(|alarm| Some((alarm["StateValue"].as_str()?, alarm)));
        match alarms.collect::<Vec<_>>()[..] {
            [("OK", _)] => Observation::probed(true, "OK"),
            [("ALARM", alarm)] => {
                let times = ["StateTransitionedTimestamp", "StateUpdatedTimestamp"];
                let since = times.iter().find_map(|key| moment(&alarm[*key])).map_or(Time::Now, Time::Since);
                Observation::probed(false, "ALARM").at(since)
            }
            [(other, _)] => Observation::none(format!("the alarm's state is {other}")),
            [] => Observation::none("there is no such alarm"),
            _ => Observation::none("there is more than one such alarm"),
        }
    }

    fn rule(&self) -> String {
        format!("the state of the CloudWatch alarm `{}` is OK", self.0)
    }
}

impl fmt::Display for Alarm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "alarm {}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Answer, Check, Standing};

    #[test]
    fn the_state_decides() {
        let Test::Inquiry(alarm) = "alarm shop-5xx".parse::<Check>().unwrap().test else { panic!() };
        for (status, body, standing, told) in [
            (0, r#"{"MetricAlarms":[{"StateValue":"OK"}],"CompositeAlarms":[]}"#, Standing::Good, "OK"),
            (0, r#"{"CompositeAlarms":[{"StateValue":"ALARM"}]}"#, Standing::Bad, "ALARM"),
            (
                0,
                r#"{"MetricAlarms":[{"StateValue":"INSUFFICIENT_DATA"}]}"#,
                Standing::None,
                "the alarm's state is INSUFFICIENT_DATA",
            ),
            (0, r#"{"MetricAlarms":[]}"#, Standing::None, "there is no such alarm"),
            (0, "None", Standing::None, "what `aws` says is not JSON"),
            (254, "no credentials", Standing::None, "`aws` exits with 254: no credentials"),
        ] {
            let seen = alarm.judge(&Ok(Answer { status, body: body.into() }), &Lineage::default());
            let said = if seen.value.is_empty() { seen.why } else { seen.value };
            assert_eq!((seen.standing, said.as_str()), (standing, told), "{body}");
        }
        for line in ["alarm", "alarm a b", "alarm --profile"] {
            assert!(line.parse::<Check>().is_err(), "{line}");
        }
    }
}
