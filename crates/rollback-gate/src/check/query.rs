//! `query "…" < 0.7`: what a Prometheus server answers to an instant query, one number, compared with a bound.

use std::fmt;

use slipway_core::Result;

use super::grammar::{self, invalid};
use super::{Asked, Inquiry, Kind, Observation, Test};
use crate::ask::Asks;
use crate::condition::{self, Value};
use crate::lineage::Lineage;
use crate::operator::Operator;
use crate::provider::{Provider, Surroundings, prometheus};

pub(super) const KIND: Kind = Kind { word: "query", form: "query \"sum(rate(errors_total[1m]))\" < 0.7", parse };

#[derive(Debug)]
struct Query {
    query: String,
    operator: Operator,
    bound: f64,
}

fn parse(rest: &str) -> Result<Test> {
    let (query, comparison) = quoted(rest)?;
    let (operator, bound) = Operator::split(comparison).ok_or_else(|| invalid("there is no comparison"))?;
    let bound = grammar::number(bound)?;
    Ok(Test::Inquiry(Box::new(Query { query: query.to_owned(), operator, bound })))
}

/// Takes a query in double quotes from the beginning and gives what follows. The last quote ends it, for it can have quotes of its own.
///
/// # Errors
/// `InvalidInput` if there is none.
pub(super) fn quoted(text: &str) -> Result<(&str, &str)> {
    let quoted = text.strip_prefix('"').and_then(|text| text.rsplit_once('"'));
    let quoted = quoted.map(|(query, rest)| (query.trim(), rest.trim())).filter(|(query, _)| !query.is_empty());
    quoted.ok_or_else(|| invalid("there is no query in double quotes"))
}

impl Inquiry for Query {
    fn asks(&self, surroundings: &Surroundings, now: i64) -> Result<Asks> {
        Ok(Asks::Address(Box::new(prometheus::instant(&self.query, surroundings)?.request(now))))
    }

    fn judge(&self, answer: &Asked, _: &Lineage) -> Observation {
        let reading = match answer.as_ref().map_err(Clone::clone).and_then(prometheus::read) {
            Ok(reading) => reading,
            Err(why) => return Observation::none(why),
        };
        let number = match &reading.value {
            _ if reading.doubt.is_some() => return Observation::none(reading.doubt.unwrap_or_default()),
            Value::Number(number) => *number,
            Value::List(items) => match items[..] {
                [] => return Observation::none("the query answers no series"),
                [Value::Number(number)] => number,
                _ => {
                    let why = format!("the query answers {} series; make one of them by `sum` or `max`", items.len());
                    return Observation::none(why);
                }
            },
            _ => return Observation::none("the query answers no number"),
        };
        if !number.is_finite() {
            return Observation::none(format!("the query answers {}", condition::number(number)));
        }
        Observation::probed(self.operator.holds(number, self.bound), condition::number(number)).amounting(number)
    }

    fn bound(&self) -> Option<f64> {
        Some(self.bound)
    }

    fn rule(&self) -> String {
        format!("the answer to `{}` is one number, and {} {}", self.query, self.operator, self.bound)
    }

    fn needs_prometheus(&self) -> bool {
        true
    }
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "query \"{}\" {} {}", self.query, self.operator, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Answer, Check, Standing};

    #[test]
    fn one_number_decides_and_everything_else_is_no_evidence() {
        let Test::Inquiry(query) = r#"query "a{b="c"}" < 0.7"#.parse::<Check>().unwrap().test else { panic!() };
        let judge = |kind: &str, result: &str| {
            let body = format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#);
            query.judge(&Ok(Answer { status: 200, body: body.into() }), &Lineage::default())
        };
        for (kind, result, standing, told) in [
            ("vector", r#"[{"value":[1,"0.5"]}]"#, Standing::Good, "0.5"),
            ("vector", r#"[{"value":[1,"0.7"]}]"#, Standing::Bad, "0.7"),
            ("scalar", r#"[1,"0.1"]"#, Standing::Good, "0.1"),
            ("vector", "[]", Standing::None, "the query answers no series"),
            ("vector", r#"[{"value":[1,"NaN"]}]"#, Standing::None, "the query answers NaN"),
            ("vector", r#"[{"value":[1,"-Inf"]}]"#, Standing::None, "the query answers -Inf"),
            (
                "vector",
                r#"[{"value":[1,"1"]},{"value":[1,"0"]}]"#,
                Standing::None,
                "the query answers 2 series; make one of them by `sum` or `max`",
            ),
            ("vector", r#"[{"histogram":[1,{}]}]"#, Standing::None, "the query answers native histograms, not numbers"),
            ("string", r#"[1,"x"]"#, Standing::None, "the query answers a string, which is not a number"),
        ] {
            let seen = judge(kind, result);
            let said = if seen.value.is_empty() { seen.why.as_str() } else { seen.value.as_str() };
            assert_eq!((seen.standing, said), (standing, told), "{result}");
        }
        let refused = query.judge(&Err("refused".into()), &Lineage::default());
        assert_eq!((refused.standing, refused.why.as_str()), (Standing::None, "refused"));
    }
}
