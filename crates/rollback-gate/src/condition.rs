//! The condition language of Argo Rollouts' AnalysisTemplates: a typed subset of expr-lang over one `result`.
//!
//! A condition is parsed once, type-checked against what its source can answer, and evaluated over each answer. Nesting and work are
//! limited, so that no condition and no answer can take long.

mod check;
mod evaluate;
mod functions;
mod operators;
mod parser;
mod predicates;
mod syntax;
mod token;
mod types;
mod value;

use std::fmt;

pub(crate) use types::Type;
pub(crate) use value::{Value, number};

use syntax::{Node, Tree};

/// The longest condition, in bytes.
const LONGEST: usize = 4096;

/// A condition that parses.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    text: String,
    tree: Tree,
}

/// What a condition reads of its result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// The highest of the fixed positions, counted as a length: 2 for `result[1]`.
    pub(crate) positions: usize,
    /// Whether the result is also read as a whole, or from its end.
    pub(crate) whole: bool,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let tree = parser::parse(text)?;
        Ok(Self { text: text.to_owned(), tree })
    }

    /// Checks that it yields a boolean from a result of this type.
    ///
    /// # Errors
    /// The operation that does not fit its operands.
    pub(crate) fn check(&self, result: &Type) -> Result<(), String> {
        match check::check(&self.tree, result, true)? {
            Type::Bool | Type::Any => Ok(()),
            other => Err(format!("it is {other}, not true or false")),
        }
    }

    /// Whether it holds for this result.
    ///
    /// # Errors
    /// If it does not fit the result, reads what is not there, or takes too long.
    pub(crate) fn holds(&self, result: &Value) -> Result<bool, String> {
        check::check(&self.tree, &result.kind(), false)?;
        match evaluate::evaluate(&self.tree, result)? {
            Value::Bool(holds) => Ok(holds),
            other => Err(format!("it is {}, not true or false", other.kind())),
        }
    }

    /// Whether it calls a function.
    pub(crate) fn calls(&self, name: &str) -> bool {
        self.tree.nodes().any(|node| matches!(node, Node::Call { function, .. } if function.name == name))
    }

    /// Whether `default` is given something else than the result, which it would ignore.
    pub(crate) fn misuses_default(&self) -> bool {
        self.tree.nodes().any(|node| match node {
            Node::Call { function, arguments } if matches!(function.name, "default" | "isNil") => {
                !matches!(arguments.first().map(|first| self.tree.node(*first)), Some(Node::Result))
            }
            _ => false,
        })
    }

    /// What it reads of its result.
    pub(crate) fn reads(&self) -> Reads {
        let mut reads = Reads::default();
        let mut fixed = 0;
        let mut all = 0;
        for node in self.tree.nodes() {
            match node {
                Node::Result => all += 1,
                Node::Member { of, key, .. } if matches!(self.tree.node(*of), Node::Result) => {
                    if let Node::Integer(position) = self.tree.node(*key)
                        && let Ok(position) = usize::try_from(*position)
                    {
                        fixed += 1;
                        reads.positions = reads.positions.max(position.saturating_add(1));
                    }
                }
                _ => {}
            }
        }
        reads.whole = all > fixed;
        reads
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    fn read(vector: &Json) -> Value {
        let float = |text: &Json| Value::Number(text.as_str().unwrap().parse().unwrap());
        match vector["result_kind"].as_str().unwrap() {
            "float-list" => Value::list(vector["result"].as_array().unwrap().iter().map(float).collect()),
            "float" => float(&vector["result"]),
            _ => Value::from_json(&vector["result"]),
        }
    }

    fn evaluated(condition: &str, result: &Value) -> String {
        let holds = Condition::parse(condition).and_then(|condition| condition.holds(result));
        holds.map_or_else(|_| "error".into(), |holds| holds.to_string())
    }

    #[test]
    fn every_vector_agrees_with_upstream() {
        let Some(vectors) = testbed::shared_case::<Json>("expr-vectors.json") else { return };
        let vectors = vectors["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 657);
        let differences: Vec<String> = vectors
            .iter()
            .filter_map(|vector| {
                let condition = vector["condition"].as_str().unwrap();
                let ours = evaluated(condition, &read(vector));
                (vector["expect"] != ours.as_str()).then(|| format!("{condition} over {}: {ours}", vector["result"]))
            })
            .collect();
        assert!(differences.is_empty(), "{differences:#?}");
    }

    #[test]
    fn everything_in_the_wild_parses() {
        let Some(wild) = testbed::shared_case::<Json>("wild-conditions.json") else { return };
        for entry in wild.as_array().unwrap() {
            let condition = entry["condition"].as_str().unwrap();
            let filled = condition.replace("{{args.error-rate-threshold}}", "0.05");
            let is_malformed = condition == "result[0] 10.000000";
            assert_eq!(
                Condition::parse(&filled).is_err(),
                is_malformed,
                "{condition}: {:?}",
                Condition::parse(&filled)
            );
        }
    }

    #[test]
    fn a_condition_is_checked_before_there_is_a_result() {
        let vector = Type::list(Type::Number);
        for (condition, of_vector, of_number, of_any) in [
            ("result[0] < 0.05", true, false, true),
            ("result < 0.05", false, true, true),
            ("result[0]", false, false, true),
            ("result == 'ok'", false, false, true),
            ("len(result) > 0 && all(result, # < 1)", true, false, true),
            ("isNaN(result)", false, true, true),
            ("result.status == 'ok'", false, false, true),
            ("result.error-rate < 1", false, false, false),
            ("resultt[0] < 1", false, false, false),
            ("result[0] < 1 && 'x'", false, false, false),
            ("result[0] < '1'", false, false, true),
            ("'true'", false, false, false),
            ("len(1) == 1", false, false, false),
            ("result matches '['", false, false, false),
            ("default(result, 0) < 0.05", false, true, true),
            ("default(result, [0])[0] < 0.05", true, false, true),
        ] {
            let checks = |kind: &Type| Condition::parse(condition).is_ok_and(|parsed| parsed.check(kind).is_ok());
            let seen = (checks(&vector), checks(&Type::Number), checks(&Type::Any));
            assert_eq!(seen, (of_vector, of_number, of_any), "{condition}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let vector = Type::list(Type::Number);
        for (condition, expected) in [
            ("result[0] <", "something is missing at the end"),
            ("result[0] 10.0", "`10.0` at byte 11 does not belong here"),
            ("value < 0.05", "`value` at byte 1 is not known: the answer is called `result`"),
            ("lenn(result) > 0", "`lenn` at byte 1 is not a function; did you mean `len`?"),
            ("result[0] < 'x", "the text that begins at byte 13 has no end"),
            ("now() == result", "`now` at byte 1 is a function that is not supported here"),
            ("result < 0.05", "`<` compares a list of numbers with a number"),
            ("result[0]", "it is a number, not true or false"),
            ("isNaN(result)", "`isNaN` takes a number, not a list of numbers"),
            ("all(result[0], # > 1)", "`all` takes a list, not a number"),
            ("result.error-rate < 1", "`rate` at byte 14 is not known: the answer is called `result`"),
            ("result[0] matches 'x'", "`matches` takes texts, not a number and a text"),
            ("len(result, 1) > 0", "`len` takes 1 argument, not 2"),
            ("# > 1", "`#` at byte 1 stands outside of a predicate"),
        ] {
            let error = Condition::parse(condition).and_then(|parsed| parsed.check(&vector)).unwrap_err();
            assert_eq!(error, expected, "{condition}");
        }
    }

    #[test]
    fn neither_nesting_nor_work_is_without_bound() {
        let list = Value::list((0..2000).map(|n| Value::Number(f64::from(n))).collect());
        let within = "any(result, any(result, any(result, any(result, # < 0))))";
        let error = Condition::parse(within).unwrap().holds(&list).unwrap_err();
        assert_eq!(error, "it takes too long");
        for deep in ["(".repeat(500), "!".repeat(500), "-".repeat(500), "[".repeat(500), "1+".repeat(500)] {
            let error = Condition::parse(&format!("{deep}1")).unwrap_err();
            assert_eq!(error, "it is nested too deeply", "{deep}");
        }
        assert!(Condition::parse(&"true ".repeat(1000)).unwrap_err().contains("longer than"));
        assert!(Condition::parse("len(1..999999999) > 1").unwrap().holds(&Value::Nil).is_err());
    }

    #[test]
    fn no_text_makes_it_panic() {
        let parts = [
            "result", "[0]", "(", ")", "{", "}", "#", ".", "?.", "??", "not", "in", "|", "let", "=", ";", "'", "é",
            "1", "all(", ",", "-",
        ];
        let mut seed = 1_u32;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                text += parts[(seed >> 16) as usize % parts.len()];
            }
            if let Ok(condition) = Condition::parse(&text) {
                let _ = condition.holds(&Value::list(vec![Value::Number(1.0)]));
                let _ = condition.holds(&Value::Nil);
            }
        }
    }

    #[test]
    fn operators_bind_as_upstream() {
        let one = Value::Number(1.0);
        for (condition, expected) in [
            ("1 + 2 * 3 == 7", "true"),
            ("2 ** 3 ** 2 == 512", "true"),
            ("-2 ** 2 == -4", "true"),
            ("7 % 4 == 3 and 7 / 2 == 3.5", "true"),
            ("not (result > 1) || false", "true"),
            ("not result > 1", "error"),
            ("0 < result <= 1", "true"),
            ("0 < result < 1", "false"),
            ("result == 1 ? true : 1/0 > 2", "true"),
            ("nil ?? result == 1", "true"),
            ("result in [1, 2] && 3 not in 1..2", "true"),
            ("[1,2,3][-1] == 3 && [1,2,3][1:] == [2,3]", "true"),
            ("[1, 2] | map(# + 1) | sum() == 5", "true"),
            ("let a = 2; let b = a * 2; b == 4", "true"),
            ("'a' + \"b\" == `ab` && len('é') == 1", "true"),
            ("1e3 == 1000 && 0x10 == 16 && 1_000 == 1000 && .5 == 0.5", "true"),
            ("asInt('42') == 42 && asFloat('1.5') == 1.5 && int('3') == 3", "true"),
            ("asInt('29.5') == 29", "error"),
            ("5 % 0 == 1", "error"),
            ("nil?.a.b == nil", "true"),
            ("isNil(5)", "false"),
            ("'x' < 'y' && 'abc' endsWith 'c' && not ('abc' contains 'd')", "true"),
        ] {
            assert_eq!(evaluated(condition, &one), expected, "{condition}");
        }
    }

    #[test]
    fn what_is_read_of_the_result_is_known() {
        for (condition, positions, whole) in [
            ("result[0] < 1", 1, false),
            ("result[0] <= result[1] * 1.5", 2, false),
            ("all(result, # < 1)", 0, true),
            ("len(result) > 0 && result[0] < 1", 1, true),
            ("result[-1] < 1", 0, true),
            ("true", 0, false),
        ] {
            assert_eq!(Condition::parse(condition).unwrap().reads(), Reads { positions, whole }, "{condition}");
        }
    }
}
