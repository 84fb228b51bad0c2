//! What every Slipway action shares.

pub mod error;

pub use error::{Error, ErrorKind, ExitCode, Result};
