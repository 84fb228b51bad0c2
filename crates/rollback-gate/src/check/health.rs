//! `health URL`: the address answers with a status of 200 to 299, or with the one status that is named; with a path, also a value of its
//! JSON is as it must be.

use std::fmt;

use slipway_core::Result;

use super::grammar::{self, invalid};
use super::json::document;
use super::literal::{self, Comparison};
use super::path::Path;
use super::{Asked, Deployed, Kind, Observation, Probe, Test};
use crate::endpoint::Endpoint;

pub(super) const KIND: Kind = Kind { word: "health", form: "health https://shop.example/health", parse };

#[derive(Debug)]
struct Health {
    endpoint: Endpoint,
    expected: Expected,
}

#[derive(Debug)]
enum Expected {
    /// From 200 to 299.
    Success,
    Status(u16),
    /// From 200 to 299, and what stands there compares so.
    Value(Path, Comparison),
}

fn parse(rest: &str) -> Result<Test> {
    let (endpoint, rest) = grammar::endpoint(rest)?;
    let (path, rest) = Path::take(rest)?;
    let expected = if let Some(path) = path {
        Expected::Value(path, Comparison::parse(rest)?)
    } else if let Some(status) = rest.strip_prefix("==") {
        Expected::Status(parse_status(status.trim())?)
    } else if rest.is_empty() {
        Expected::Success
    } else {
        return Err(invalid(format!("`{rest}` is not understood")));
    };
    Ok(Test::Probe(Box::new(Health { endpoint, expected })))
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

    fn judge(&self, answer: &Asked, _: Deployed<'_>) -> Observation {
        let answer = match answer {
            Ok(answer) => answer,
            Err(why) => return Observation::probed(false, why),
        };
        let (is_good, value) = match &self.expected {
            Expected::Success => (answer.body_if_good().is_ok(), answer.status.to_string()),
            Expected::Status(status) => (answer.status == *status, answer.status.to_string()),
            Expected::Value(path, comparison) => match document(answer) {
                Ok(document) => match path.find(&document) {
                    Some(value) => (comparison.holds(value) == Ok(true), literal::shown(value)),
                    None => (false, format!("no `{path}` in the answer")),
                },
                Err(why) => (false, why),
            },
        };
        Observation::probed(is_good, value)
    }

    fn rule(&self) -> String {
        let endpoint = &self.endpoint;
        match &self.expected {
            Expected::Success => format!("the status of {endpoint} is 200 to 299"),
            Expected::Status(status) => format!("the status of {endpoint} is {status}"),
            Expected::Value(path, comparison) => {
                format!("the status of {endpoint} is 200 to 299, and `{path}` of its JSON is {comparison}")
            }
        }
    }
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "health {}", self.endpoint)?;
        match &self.expected {
            Expected::Success => Ok(()),
            Expected::Status(status) => write!(f, " == {status}"),
            Expected::Value(path, comparison) => write!(f, " {path} {comparison}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Answer, Check, Standing};

    #[test]
    fn a_value_decides_where_a_path_is_given() {
        let line = "health https://x/ .status == \"healthy\"";
        for (status, body, standing, value) in [
            (200, r#"{"status":"healthy","uptime":3}"#, Standing::Good, "\"healthy\""),
            (200, r#"{"status":"degraded"}"#, Standing::Bad, "\"degraded\""),
            (503, r#"{"status":"healthy"}"#, Standing::Bad, "status 503"),
            (200, r#"{"status":true}"#, Standing::Bad, "true"),
            (200, r#"{"state":"healthy"}"#, Standing::Bad, "no `.status` in the answer"),
            (200, "healthy", Standing::Bad, "no JSON"),
            (200, "<html>Sign in", Standing::Bad, "HTML instead of JSON"),
        ] {
            let Test::Probe(probe) = line.parse::<Check>().unwrap().test else { panic!("{line}") };
            let seen = probe.judge(&Ok(Answer { status, body: body.into() }), Deployed::Release(None));
            assert_eq!((seen.standing, seen.value.as_str()), (standing, value), "{body}");
        }
    }

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
