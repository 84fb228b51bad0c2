//! From a template and the values of its names to a text.

use super::{Argument, Clock, Date, Expression, Node};

/// The value of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// A text; the empty one counts as false.
    Text(String),
    /// A number; zero counts as false.
    Number(u64),
    /// True or false.
    Boolean(bool),
}

impl Value {
    fn holds(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0,
            Self::Boolean(holds) => *holds,
        }
    }

    fn into_text(self) -> String {
        match self {
            Self::Text(text) => text,
            Self::Number(number) => number.to_string(),
            Self::Boolean(holds) => holds.to_string(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// What the names of a template stand for.
pub(crate) trait Scope {
    /// The value of a name, if it has one.
    fn value(&self, name: &str) -> Option<Value>;

    /// A date in a time zone, in a format of moment.js. A vocabulary without dates never asks.
    fn date(&self, _clock: Clock, _format: &str, _zone: &str) -> String {
        String::new()
    }
}

pub(super) fn nodes(nodes: &[Node], scope: &dyn Scope, text: &mut String) {
    for node in nodes {
        match node {
            Node::Text(plain) => text.push_str(plain),
            Node::Value(expression) => {
                text.push_str(&value(expression, scope).map(Value::into_text).unwrap_or_default());
            }
            Node::Choice { condition, holds, otherwise } => {
                let side =
                    if argument(condition, scope).is_some_and(|value| value.holds()) { holds } else { otherwise };
                self::nodes(side, scope, text);
            }
        }
    }
}

fn value(expression: &Expression, scope: &dyn Scope) -> Option<Value> {
    match expression {
        Expression::Name(name) => scope.value(name),
        Expression::Date(Date { clock, format, zone }) => {
            let format = argument(format, scope).map(Value::into_text).unwrap_or_default();
            Some(Value::Text(scope.date(*clock, &format, zone)))
        }
    }
}

fn argument(argument: &Argument, scope: &dyn Scope) -> Option<Value> {
    match argument {
        Argument::Text(text) => Some(Value::Text(text.clone())),
        // Only whole numbers can be zero in another spelling, and `0.0` is nothing that anybody writes.
        Argument::Number(digits) => Some(digits.parse().map_or_else(|_| Value::Text(digits.clone()), Value::Number)),
        Argument::Boolean(holds) => Some(Value::Boolean(*holds)),
        Argument::Nothing => None,
        Argument::Value(expression) => value(expression, scope),
    }
}
