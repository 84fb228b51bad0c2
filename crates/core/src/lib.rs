//! What every Slipway action shares.

pub mod error;
pub mod image;

pub use error::{Error, ErrorKind, ExitCode, Result};
