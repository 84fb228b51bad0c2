//! How inputs are refused.

use slipway_core::{Error, ErrorKind};

/// An `InvalidInput`.
pub(crate) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
