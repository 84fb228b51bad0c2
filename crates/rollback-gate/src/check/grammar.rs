//! Comparisons and the numbers in them, read strictly and kept exactly.

use std::fmt;

use slipway_core::{Error, ErrorKind, Result};

/// How a value is compared with its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Operator {
    const ALL: [(&'static str, Self); 6] = [
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// Splits `< 5%` into the operator and what follows, if that is something.
    pub(crate) fn split(rest: &str) -> Option<(Self, &str)> {
        let found = Self::ALL.iter().find_map(|(text, operator)| Some((*operator, rest.strip_prefix(text)?.trim())));
        found.filter(|(_, bound)| !bound.is_empty())
    }

    /// Whether the comparison holds. With NaN only `!=` does.
    pub(crate) fn holds(self, value: f64, bound: f64) -> bool {
        match self {
            Self::Less => value < bound,
            Self::LessOrEqual => value <= bound,
            Self::Greater => value > bound,
            Self::GreaterOrEqual => value >= bound,
            Self::Equal => value == bound,
            Self::NotEqual => value != bound,
        }
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, operator)| operator == self).map_or("", |(text, _)| text))
    }
}

/// Splits `< 5%` into the operator, which must be one of two, and the text of the bound.
///
/// # Errors
/// `InvalidInput` if there is no comparison or another one.
pub(super) fn comparison(rest: &str, allowed: [Operator; 2]) -> Result<(Operator, &str)> {
    let (operator, bound) = Operator::split(rest).ok_or_else(|| invalid("there is no comparison"))?;
    if allowed.contains(&operator) {
        return Ok((operator, bound));
    }
    Err(invalid(format!("it must be compared by `{}` or `{}`", allowed[0], allowed[1])))
}

/// A decimal number as it was written: `digits` divided by `scale`, a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) digits: u32,
    pub(super) scale: u32,
}

impl Decimal {
    /// Reads digits with at most one dot between them; nine digits are the most.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !fraction.is_none_or(is_number) {
            return None;
        }
        let fraction = fraction.unwrap_or_default();
        if whole.len() + fraction.len() > 9 {
            return None;
        }
        let digits = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { digits, scale: 10_u32.pow(u32::try_from(fraction.len()).ok()?) })
    }

    /// The number, rounded to the nearest binary one.
    pub(super) fn value(self) -> f64 {
        f64::from(self.digits) / f64::from(self.scale)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value())
    }
}

/// An `InvalidInput`.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

/// The first word and the rest.
pub(super) fn word(text: &str) -> (&str, &str) {
    text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        for (text, expected) in [("5", Some((5, 1))), ("0.10", Some((10, 100))), ("007", Some((7, 1)))] {
            assert_eq!(Decimal::parse(text).map(|number| (number.digits, number.scale)), expected, "{text}");
        }
        for text in ["", ".", "5.", ".5", "1e3", "-1", "+1", "1_0", "NaN", "1.2.3", "1234567890", "٣"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
