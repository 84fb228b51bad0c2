//! `health URL`: the address answers with a status of 200 to 299, or with the one status that is named.

use std::fmt;

use slipway_core::Result;

use super::grammar::{invalid, word};
use super::{Answer, Deployed, Kind, Observation, Probe, Test};
use crate::endpoint::Endpoint;

pub(super) const KIND: Kind = Kind { word: "health", form: "health https://shop.example/health", parse };

#[derive(Debug)]
struct Health {
    endpoint: Endpoint,
    status: Option<u16>,
}

fn parse(rest: &str) -> Result<Test> {
    let (address, rest) = word(rest);
    if address.is_empty() {
        return Err(invalid("there is no address"));
    }
    let endpoint = address.parse()?;
    let status = match rest.strip_prefix("==") {
        Some(status) => Some(parse_status(status.trim())?),
        None if rest.is_empty() => None,
        None => return Err(invalid(format!("`{rest}` is not understood"))),
    };
    Ok(Test::Probe(Box::new(Health { endpoint, status })))
}

fn parse_status(text: &str) -> Result<u16> {
    match text.parse() {
        Ok(300..=399) => Err(invalid("redirects are followed, so no answer has this status")
            .hint("write the status of the page that they lead to")),
        Ok(status @ 200..=599) => Ok(status),
        _ => Err(invalid(format!("`{text}` is not a status")).hint("write a number from 200 to 599")),
    }
}

impl Probe for Health {
    fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn judge(&self, answer: &std::result::Result<Answer, String>, _: Deployed<'_>) -> Observation {
        match answer {
            Ok(answer) => {
                let is_good = match self.status {
                    Some(status) => answer.status == status,
                    None => (200..300).contains(&answer.status),
                };
                Observation::probed(is_good, answer.status.to_string())
            }
            Err(why) => Observation::probed(false, why),
        }
    }

    fn rule(&self) -> String {
        let expected = self.status.map_or("200 to 299".into(), |status| status.to_string());
        format!("the status of {} is {expected}", self.endpoint)
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "health {}", self.endpoint)?;
        self.status.map_or(Ok(()), |status| write!(f, " == {status}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};

    #[test]
    fn the_status_decides() {
        for (line, status, standing) in [
            ("health https://x/", 200, Standing::Good),
            ("health https://x/", 204, Standing::Good),
            ("health https://x/", 301, Standing::Bad),
            ("health https://x/", 404, Standing::Bad),
            ("health https://x/", 503, Standing::Bad),
            ("health https://x/ == 401", 401, Standing::Good),
            ("health https://x/ == 200", 204, Standing::Bad),
        ] {
            let Test::Probe(probe) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let answer = Ok(Answer { status, body: b"anything".into() });
            let seen = probe.judge(&answer, Deployed::Release(None));
            assert_eq!((seen.standing, seen.value), (standing, status.to_string()), "{line}");
            let refused = probe.judge(&Err("refused".into()), Deployed::Release(None));
            assert_eq!((refused.standing, refused.value.as_str()), (Standing::Bad, "refused"));
        }
    }
}
