//! `json URL .path < 5`: a value of any JSON answer. An answer that cannot be read is no evidence: nobody knows whether the release is at
//! fault, for the answer need not come from it.

use std::fmt;

use serde_json::Value;
use slipway_core::Result;
use slipway_core::http::Fetch;

use super::grammar::{self, invalid};
use super::literal::{self, Comparison};
use super::path::Path;
use super::{Answer, Asked, Inquiry, Kind, Observation, Test};
use crate::ask::Asks;
use crate::endpoint::Endpoint;
use crate::lineage::Lineage;
use crate::provider::Surroundings;

pub(super) const KIND: Kind = Kind { word: "json", form: "json https://monitor.example/api .open_alerts < 5", parse };

/// The largest answer in bytes.
const LARGEST: usize = 1024 * 1024;

#[derive(Debug)]
struct Json {
    endpoint: Endpoint,
    path: Path,
    comparison: Comparison,
}

fn parse(rest: &str) -> Result<Test> {
    let (endpoint, rest) = grammar::endpoint(rest)?;
    let (path, rest) = Path::take(rest)?;
    let path = path.ok_or_else(|| invalid("there is no path to a value"))?;
    Ok(Test::Inquiry(Box::new(Json { endpoint, path, comparison: Comparison::parse(rest)? })))
}

/// The JSON of a good answer.
///
/// # Errors
/// Why there is none, for people.
pub(super) fn document(answer: &Answer) -> std::result::Result<Value, String> {
    let body = answer.body_if_good()?;
    serde_json::from_slice(body).map_err(|_| match body.trim_ascii_start().first() {
        Some(b'<') => "HTML instead of JSON".into(),
        _ => "no JSON".into(),
    })
}

impl Inquiry for Json {
    fn asks(&self, _: &Surroundings, _: i64) -> Result<Asks> {
        Ok(Asks::Address(Box::new(Fetch { body_limit: LARGEST, ..Fetch::get(self.endpoint.url().clone()) })))
    }

    fn endpoint(&self) -> Option<&Endpoint> {
        Some(&self.endpoint)
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        let document = match answer.as_ref().map_err(Clone::clone).and_then(document) {
            Ok(document) => document,
            Err(why) => return Observation::none(why),
        };
        let Some(value) = self.path.find(&document) else {
            return Observation::none(format!("`{}` is not in the answer", self.path));
        };
        match self.comparison.holds(value) {
            Ok(holds) => Observation { amount: value.as_f64(), ..Observation::probed(holds, literal::shown(value)) },
            Err(why) => Observation::none(format!("`{}` is {why}", self.path)),
        }
    }

    fn rule(&self) -> String {
        format!("`{}` of {} is {}", self.path, self.endpoint, self.comparison)
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "json {} {} {}", self.endpoint, self.path, self.comparison)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Check, Standing};

    #[test]
    fn a_value_is_good_bad_or_nothing_that_is_known() {
        for (status, body, standing, told) in [
            (200, r#"{"a":[{"b":4}]}"#, Standing::Good, "4"),
            (200, r#"{"a":[{"b":5.5}]}"#, Standing::Bad, "5.5"),
            (200, r#"{"a":[{"b":-0}]}"#, Standing::Good, "-0.0"),
            (200, r#"{"a":[{"b":"4"}]}"#, Standing::None, "`.a[0].b` is \"4\", which is no number"),
            (200, r#"{"a":[{"b":"NaN"}]}"#, Standing::None, "`.a[0].b` is \"NaN\", which is no number"),
            (200, r#"{"a":[{"b":null}]}"#, Standing::None, "`.a[0].b` is null, which is no number"),
            (200, r#"{"a":[{"b":NaN}]}"#, Standing::None, "no JSON"),
            (200, r#"{"a":[{"b":1e400}]}"#, Standing::None, "no JSON"),
            (200, r#"{"a":[]}"#, Standing::None, "`.a[0].b` is not in the answer"),
            (200, "", Standing::None, "no JSON"),
            (200, " <html>", Standing::None, "HTML instead of JSON"),
            (404, r#"{"a":[{"b":4}]}"#, Standing::None, "status 404"),
            (503, "", Standing::None, "status 503"),
        ] {
            let Test::Inquiry(inquiry) = "json https://x/ .a[0].b < 5".parse::<Check>().unwrap().test else { panic!() };
            let seen = inquiry.judge(&Ok(Answer { status, body: body.into() }), &Lineage::default());
            let seen_told = if seen.value.is_empty() { &seen.why } else { &seen.value };
            assert_eq!((seen.standing, seen_told.as_str()), (standing, told), "{body}");
            let refused = inquiry.judge(&Err("refused".into()), &Lineage::default());
            assert_eq!(refused, Observation::none("refused"));
        }
    }
}
