//! New values.

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
