//! What the lines of `checks` are made of: addresses, comparisons and the numbers in them, read strictly and kept exactly.

use std::fmt;

use slipway_core::Result;

use crate::endpoint::Endpoint;
pub(super) use crate::errors::invalid;
use crate::operator::Operator;

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

/// A percentage such as `5%` or `0.1%`.
pub(super) fn percent(text: &str) -> Option<Decimal> {
    text.strip_suffix('%').and_then(Decimal::parse)
}

/// A number that may be negative.
///
/// # Errors
/// `InvalidInput` if it is none.
pub(super) fn number(text: &str) -> Result<f64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1.0, text), |digits| (-1.0, digits));
    let number = Decimal::parse(digits).ok_or_else(|| invalid(format!("`{text}` is not a number")))?;
    Ok(sign * number.value())
}

/// Takes an address from the beginning and gives what follows it.
///
/// # Errors
/// `InvalidInput` or `ForbiddenAddress` if there is none that can be asked.
pub(super) fn endpoint(text: &str) -> Result<(Endpoint, &str)> {
    let (address, rest) = word(text);
    if address.is_empty() {
        return Err(invalid("there is no address"));
    }
    Ok((address.parse()?, rest))
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
