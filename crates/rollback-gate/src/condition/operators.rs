//! The operators: how they are written, how strongly they bind, what they do.

use regex_lite::Regex;

use super::types::Type;
use super::value::Value;
use crate::operator::Operator;

/// An operator before its operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unary {
    Not,
    Minus,
    Plus,
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    /// One that needs an order.
    Order(Operator),
    In,
    Matches,
    Contains,
    StartsWith,
    EndsWith,
    Range,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    OrElse,
}

/// How an operator is written and how strongly it binds.
pub(super) struct Row<T> {
    pub(super) text: &'static str,
    pub(super) operator: T,
    pub(super) precedence: u16,
}

const fn row<T>(text: &'static str, operator: T, precedence: u16) -> Row<T> {
    Row { text, operator, precedence }
}

/// Every operator before its operand.
pub(super) const UNARY: [Row<Unary>; 4] =
    [row("not", Unary::Not, 50), row("!", Unary::Not, 50), row("-", Unary::Minus, 90), row("+", Unary::Plus, 90)];

/// How strongly `|` binds.
pub(super) const PIPE: u16 = 0;

/// Every operator between two operands.
pub(super) const BINARY: [Row<Binary>; 24] = [
    row("or", Binary::Or, 10),
    row("||", Binary::Or, 10),
    row("and", Binary::And, 15),
    row("&&", Binary::And, 15),
    row("==", Binary::Equal, 20),
    row("!=", Binary::NotEqual, 20),
    row("<", Binary::Order(Operator::Less), 20),
    row(">", Binary::Order(Operator::Greater), 20),
    row("<=", Binary::Order(Operator::LessOrEqual), 20),
    row(">=", Binary::Order(Operator::GreaterOrEqual), 20),
    row("in", Binary::In, 20),
    row("matches", Binary::Matches, 20),
    row("contains", Binary::Contains, 20),
    row("startsWith", Binary::StartsWith, 20),
    row("endsWith", Binary::EndsWith, 20),
    row("..", Binary::Range, 25),
    row("+", Binary::Add, 30),
    row("-", Binary::Subtract, 30),
    row("*", Binary::Multiply, 60),
    row("/", Binary::Divide, 60),
    row("%", Binary::Remainder, 60),
    row("**", Binary::Power, 100),
    row("^", Binary::Power, 100),
    row("??", Binary::OrElse, 500),
];

impl Binary {
    /// Whether it orders, so that `1 < x < 2` is a chain.
    pub(super) fn is_order(self) -> bool {
        matches!(self, Self::Order(_))
    }

    /// Whether it is a word that `not` can stand before.
    pub(super) fn can_be_negated(self) -> bool {
        matches!(self, Self::In | Self::Matches | Self::Contains | Self::StartsWith | Self::EndsWith)
    }

    fn text(self) -> &'static str {
        BINARY.iter().find(|row| row.operator == self).map_or("", |row| row.text)
    }

    /// The type of its value.
    ///
    /// # Errors
    /// If it does not take such operands.
    pub(super) fn check(self, left: &Type, right: &Type) -> Result<Type, String> {
        let text = self.text();
        let both = |test: &dyn Fn(&Type) -> bool| test(left) && test(right);
        let wants = |noun: &str| Err(format!("`{text}` takes {noun}, not {left} and {right}"));
        match self {
            Self::Or | Self::And if both(&|side| side.may_be(&Type::Bool)) => Ok(Type::Bool),
            Self::Or | Self::And => wants("conditions"),
            Self::Equal | Self::NotEqual if left.is_comparable_with(right) => Ok(Type::Bool),
            Self::Equal | Self::NotEqual => Err(format!("`{text}` compares {left} with {right}")),
            Self::Order(_) => {
                let fits = both(&Type::may_be_number) || both(&|side| side.may_be(&Type::Text));
                if fits { Ok(Type::Bool) } else { Err(format!("`{text}` compares {left} with {right}")) }
            }
            Self::In => match right {
                Type::Any | Type::Nil => Ok(Type::Bool),
                Type::List(item) if left.is_comparable_with(item) => Ok(Type::Bool),
                Type::Map(_) if left.may_be(&Type::Text) => Ok(Type::Bool),
                _ => Err(format!("`in` looks for {left} in {right}")),
            },
            Self::Matches | Self::Contains | Self::StartsWith | Self::EndsWith => {
                if both(&|side| side.may_be(&Type::Text)) { Ok(Type::Bool) } else { wants("texts") }
            }
            Self::Range if both(&|side| side.may_be(&Type::Integer)) => Ok(Type::list(Type::Integer)),
            Self::Range => wants("whole numbers"),
            Self::Add if *left == Type::Text || *right == Type::Text => {
                if both(&|side| side.may_be(&Type::Text)) {
                    Ok(Type::Text)
                } else {
                    wants("two numbers or two texts")
                }
            }
            Self::Remainder if both(&|side| side.may_be(&Type::Integer)) => Ok(Type::Integer),
            Self::Remainder => wants("whole numbers"),
            Self::OrElse => Ok(match (left, right) {
                (Type::Nil, _) => right.clone(),
                _ => left.clone().or(right.clone()),
            }),
            _ if both(&Type::may_be_number) => Ok(match (self, left, right) {
                (Self::Divide | Self::Power, ..) => Type::Number,
                (_, Type::Integer, Type::Integer) => Type::Integer,
                (_, Type::Any, _) | (_, _, Type::Any) => Type::Any,
                _ => Type::Number,
            }),
            _ => wants("numbers"),
        }
    }

    /// Its value; the operators that do not always look at both operands are not among those that it knows.
    ///
    /// # Errors
    /// If it does not take such operands.
    pub(super) fn apply(self, left: &Value, right: &Value) -> Result<Value, String> {
        let holds = match self {
            Self::Equal => left.equals(right),
            Self::NotEqual => !left.equals(right),
            Self::Order(operator) => operator.admits(left.order(right)?),
            Self::In => match right {
                Value::List(items) => items.iter().any(|item| item.equals(left)),
                Value::Map(_) => right.get(left).is_some(),
                Value::Nil => false,
                _ => return Err(format!("`in` looks for something in {}", right.kind())),
            },
            Self::Matches | Self::Contains | Self::StartsWith | Self::EndsWith => {
                let (Value::Text(text), Value::Text(part)) = (left, right) else {
                    return Err(format!("`{}` takes texts, not {} and {}", self.text(), left.kind(), right.kind()));
                };
                match self {
                    Self::Matches => pattern(part)?.is_match(text),
                    Self::Contains => text.contains(&**part),
                    Self::StartsWith => text.starts_with(&**part),
                    _ => text.ends_with(&**part),
                }
            }
            _ => return self.compute(left, right),
        };
        Ok(Value::Bool(holds))
    }

    fn compute(self, left: &Value, right: &Value) -> Result<Value, String> {
        if let (Self::Add, Value::Text(left), Value::Text(right)) = (self, left, right) {
            return Ok(Value::text(format!("{left}{right}")));
        }
        if let (Value::Integer(left), Value::Integer(right)) = (left, right) {
            match self {
                Self::Add => return Ok(Value::Integer(left.wrapping_add(*right))),
                Self::Subtract => return Ok(Value::Integer(left.wrapping_sub(*right))),
                Self::Multiply => return Ok(Value::Integer(left.wrapping_mul(*right))),
                Self::Remainder if *right == 0 => return Err("a remainder of a division by 0".into()),
                Self::Remainder => return Ok(Value::Integer(left.wrapping_rem(*right))),
                _ => {}
            }
        }
        let numbers = left.as_number().zip(right.as_number()).filter(|_| self != Self::Remainder);
        let Some((left, right)) = numbers else {
            return Err(format!("`{}` takes numbers, not {} and {}", self.text(), left.kind(), right.kind()));
        };
        Ok(Value::Number(match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            _ => left.powf(right),
        }))
    }
}

/// A regular expression.
///
/// # Errors
/// If it is none.
pub(super) fn pattern(text: &str) -> Result<Regex, String> {
    Regex::new(text).map_err(|error| format!("`{text}` is not a regular expression: {error}"))
}
