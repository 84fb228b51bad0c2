//! How inputs are refused.

use slipway_core::text::{nearest, quoted};
use slipway_core::{Error, ErrorKind};

/// An `InvalidInput`.
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

/// An `InvalidFile`.
pub(crate) fn invalid_file(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidFile, message)
}

/// An `InvalidInput` for a word that is none of those known, which stand here with an example of each.
pub(crate) fn unknown(message: String, word: &str, known: &[(&str, &str)]) -> Error {
    let hint = match nearest(word, known.iter().map(|(word, _)| *word)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write one of {}", quoted(&mut known.iter().map(|(_, form)| *form))),
    };
    invalid(message).hint(hint)
}
