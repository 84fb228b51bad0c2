//! How two values are compared, wherever somebody writes a comparison: in checks, paths, conditions and lines of evidence.

use std::cmp::Ordering;
use std::fmt;

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
    /// Every operator; of two that begin alike the longer comes first.
    const ALL: [(&'static str, Self); 6] = [
        ("<=", Self::LessOrEqual),
        (">=", Self::GreaterOrEqual),
        ("==", Self::Equal),
        ("!=", Self::NotEqual),
        ("<", Self::Less),
        (">", Self::Greater),
    ];

    /// The operator that a text begins with, and what follows it.
    pub(crate) fn take(text: &str) -> Option<(Self, &str)> {
        Self::ALL.iter().find_map(|(sign, operator)| Some((*operator, text.strip_prefix(sign)?)))
    }

    /// Splits `< 5%` into the operator and what follows, if that is something.
    pub(crate) fn split(text: &str) -> Option<(Self, &str)> {
        let (operator, bound) = Self::take(text)?;
        let bound = bound.trim();
        (!bound.is_empty()).then_some((operator, bound))
    }

    /// Whether a comparison with this outcome holds. What has no order is different, and nothing else.
    pub(crate) fn admits(self, order: Option<Ordering>) -> bool {
        match self {
            Self::Less => order == Some(Ordering::Less),
            Self::LessOrEqual => order.is_some_and(Ordering::is_le),
            Self::Greater => order == Some(Ordering::Greater),
            Self::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
            Self::Equal => order == Some(Ordering::Equal),
            Self::NotEqual => order != Some(Ordering::Equal),
        }
    }

    /// Whether the comparison of two numbers holds. With NaN only `!=` does.
    pub(crate) fn holds(self, value: f64, bound: f64) -> bool {
        self.admits(value.partial_cmp(&bound))
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::ALL.iter().find(|(_, operator)| operator == self).map_or("", |(sign, _)| sign))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_admits_orders() {
        for (sign, less, equal, greater, unordered) in [
            ("<", true, false, false, false),
            ("<=", true, true, false, false),
            (">", false, false, true, false),
            (">=", false, true, true, false),
            ("==", false, true, false, false),
            ("!=", true, false, true, true),
        ] {
            let (operator, rest) = Operator::take(sign).unwrap();
            assert_eq!((operator.to_string().as_str(), rest), (sign, ""));
            let seen = [operator.holds(1.0, 2.0), operator.holds(2.0, 2.0), operator.holds(3.0, 2.0)];
            assert_eq!((seen, operator.holds(f64::NAN, 2.0)), ([less, equal, greater], unordered), "{sign}");
        }
        assert_eq!(Operator::split("<="), None);
        assert_eq!(Operator::split("= 5"), None);
    }
}
