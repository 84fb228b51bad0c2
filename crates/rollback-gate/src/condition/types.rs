//! The types of a condition's parts.

use std::fmt;
use std::rc::Rc;

/// What is known about a value before there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// Part of a document whose shape is not known.
    Any,
    Nil,
    Bool,
    Integer,
    Number,
    Text,
    List(Rc<Type>),
    Map(Rc<Type>),
}

impl Type {
    pub(crate) fn list(item: Self) -> Self {
        Self::List(Rc::new(item))
    }

    pub(crate) fn map(item: Self) -> Self {
        Self::Map(Rc::new(item))
    }

    /// Whether it is a number, or could be one.
    pub(super) fn may_be_number(&self) -> bool {
        matches!(self, Self::Any | Self::Integer | Self::Number)
    }

    /// Whether it is this type, or could be.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        matches!(self, Self::Any) || self == other
    }

    /// Whether two values of these types can be asked for equality.
    pub(super) fn is_comparable_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any | Self::Nil, _) | (_, Self::Any | Self::Nil) => true,
            (Self::Integer | Self::Number, Self::Integer | Self::Number) => true,
            (Self::List(_), Self::List(_)) | (Self::Map(_), Self::Map(_)) => true,
            _ => self == other,
        }
    }

    /// The type of a value that is one of two.
    pub(super) fn or(self, other: Self) -> Self {
        if self == other { self } else { Self::Any }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "anything",
            Self::Nil => "nothing",
            Self::Bool => "true or false",
            Self::Integer | Self::Number => "a number",
            Self::Text => "a text",
            Self::List(item) if matches!(**item, Self::Integer | Self::Number) => "a list of numbers",
            Self::List(_) => "a list",
            Self::Map(_) => "a document",
        })
    }
}
