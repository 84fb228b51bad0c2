//! New values.

use slipway_core::{Error, ErrorKind};

/// A value to be written. How it is quoted follows from the value that it replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text. Every reader of the file must take it for text, unless the old value was a whole number or a boolean and
    /// the new one is of the same type: types do not change.
    Text(String),
    /// A number or boolean whose type was stated. It stays unquoted, unless it replaces text.
    Literal(String),
}

impl Value {
    /// The value without quotes.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Text(text) | Self::Literal(text) => text,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The type of a value that stands without quotes, in formats that know them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bare {
    Int,
    Bool,
    /// A number with a fraction, a date, null.
    Other,
}

impl Bare {
    /// The type of a literal of JSON or HCL.
    pub(crate) fn of(literal: &str) -> Self {
        match literal {
            "true" | "false" => Self::Bool,
            "null" => Self::Other,
            _ if literal.contains(['.', 'e', 'E']) => Self::Other,
            _ => Self::Int,
        }
    }
}

/// The value is stated to be a number or boolean, and the format has no such one.
pub(crate) fn no_literal(format: &str, text: &str) -> Error {
    let message = format!("{format} has no number or boolean `{}`", text.escape_debug());
    Error::new(ErrorKind::InvalidInput, message).hint("give it as text, in quotes")
}

impl Value {
    /// Whether the value may stand without quotes where one of this type stood: types do not change.
    pub(crate) fn keeps_type(&self, old: Bare) -> bool {
        match self {
            Self::Text(text) => match old {
                Bare::Int => is_canonical_int(text) && text.parse::<i64>().is_ok(),
                Bare::Bool => matches!(text.as_str(), "true" | "false"),
                Bare::Other => false,
            },
            Self::Literal(_) => true,
        }
    }
}

/// Whether the text is an integer whose only spelling this is.
pub(crate) fn is_canonical_int(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !digits.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_integers_have_one_spelling() {
        for text in ["0", "3", "-12", "20261121"] {
            assert!(is_canonical_int(text), "{text}");
        }
        for text in ["", "-", "-0", "+3", "03", "1_0", "1.0", "0x1", "1e3"] {
            assert!(!is_canonical_int(text), "{text}");
        }
    }
}
