//! What a value of a JSON answer is compared with: a text, a number or a boolean.

use std::fmt;

use serde_json::Value;
use slipway_core::Result;
use slipway_core::text::shorten;

use super::grammar::invalid;
use crate::operator::Operator;

/// A comparison with something fixed: `== "healthy"`, `< 5`, `!= true`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Comparison {
    operator: Operator,
    bound: Literal,
}

#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Text(String),
    Number(f64),
    Boolean(bool),
}

impl Comparison {
    /// Reads an operator and what stands behind it.
    ///
    /// # Errors
    /// `InvalidInput` if there is none, or the two do not fit.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let Some((operator, bound)) = Operator::split(text) else {
            return Err(invalid("there is no comparison"));
        };
        let bound = Literal::parse(bound)?;
        if !matches!(bound, Literal::Number(_)) && !matches!(operator, Operator::Equal | Operator::NotEqual) {
            return Err(invalid(format!("{bound} is no number, so it must be compared by `==` or `!=`")));
        }
        Ok(Self { operator, bound })
    }

    /// Whether a value compares so.
    ///
    /// # Errors
    /// Why it cannot be compared, for people: it is of another type.
    pub(super) fn holds(&self, value: &Value) -> std::result::Result<bool, String> {
        let other = |expected: &str| Err(format!("{}, which is no {expected}", shown(value)));
        let is_equal = match (&self.bound, value) {
            (Literal::Number(bound), Value::Number(number)) => {
                let Some(number) = number.as_f64().filter(|number| number.is_finite()) else { return other("number") };
                return Ok(self.operator.holds(number, *bound));
            }
            (Literal::Text(bound), Value::String(text)) => text == bound,
            (Literal::Boolean(bound), Value::Bool(boolean)) => boolean == bound,
            (Literal::Number(_), _) => return other("number"),
            (Literal::Text(_), _) => return other("text"),
            (Literal::Boolean(_), _) => return other("boolean"),
        };
        Ok(is_equal == (self.operator == Operator::Equal))
    }
}

impl Literal {
    fn parse(text: &str) -> Result<Self> {
        match serde_json::from_str(text) {
            Ok(Value::String(text)) => Ok(Self::Text(text)),
            Ok(Value::Bool(boolean)) => Ok(Self::Boolean(boolean)),
            Ok(Value::Number(number)) if number.as_f64().is_some_and(f64::is_finite) => {
                Ok(Self::Number(number.as_f64().unwrap_or_default()))
            }
            _ => Err(invalid(format!("`{text}` is neither a number, a boolean nor a text in quotes"))
                .hint("write one such as `5`, `true` or `\"healthy\"`")),
        }
    }
}

/// A value as it is shown.
pub(super) fn shown(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".into(),
        Value::Array(_) => "a list".into(),
        Value::String(text) => format!("\"{}\"", shorten(text, 40)),
        _ => value.to_string(),
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{}", Value::String(text.clone())),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(boolean) => write!(f, "{boolean}"),
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.operator, self.bound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_compared_with_their_like() {
        for (comparison, value, expected) in [
            ("< 5", "4.9", Ok(true)),
            ("< 5", "5", Ok(false)),
            ("<= -0.5", "-0.5", Ok(true)),
            ("== 0", "-0", Ok(true)),
            ("!= 3", "3.0", Ok(false)),
            (">= 1e3", "1000", Ok(true)),
            ("== \"healthy\"", "\"healthy\"", Ok(true)),
            ("== \"healthy\"", "\"Healthy\"", Ok(false)),
            ("!= \"é\\\"\"", "\"x\"", Ok(true)),
            ("==true", "true", Ok(true)),
            ("!= true", "true", Ok(false)),
            ("< 5", "\"4\"", Err("\"4\", which is no number")),
            ("< 5", "\"NaN\"", Err("\"NaN\", which is no number")),
            ("< 5", "null", Err("null, which is no number")),
            ("< 5", "[1]", Err("a list, which is no number")),
            ("== \"5\"", "5", Err("5, which is no text")),
            ("== true", "1", Err("1, which is no boolean")),
            ("== \"x\"", "{}", Err("an object, which is no text")),
        ] {
            let value = serde_json::from_str(value).unwrap();
            let holds = Comparison::parse(comparison).unwrap().holds(&value);
            assert_eq!(holds, expected.map_err(str::to_owned), "{comparison} {value}");
        }
    }

    #[test]
    fn what_is_no_comparison_is_refused() {
        for text in
            ["", "5", "<", "< x", "== healthy", "< \"5\"", "> true", "== null", "< 1e400", "< NaN", "= 5", "< 5 6"]
        {
            assert!(Comparison::parse(text).is_err(), "{text}");
        }
    }
}
