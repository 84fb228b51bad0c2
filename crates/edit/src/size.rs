//! The size and depth of files that are edited.

use slipway_core::{Error, ErrorKind, Result};

/// The largest file that is read, in bytes. Configuration that people review is far smaller.
pub const LARGEST: usize = 8 * 1024 * 1024;

/// The deepest nesting of collections that is read.
pub(crate) const DEEPEST: usize = 128;

/// # Errors
/// [`ErrorKind::InvalidFile`] if the text is larger than [`LARGEST`].
pub(crate) fn check(source: &str) -> Result<()> {
    if source.len() <= LARGEST {
        return Ok(());
    }
    let message = format!("the file has {} bytes, at most {LARGEST} are read", source.len());
    Err(Error::new(ErrorKind::InvalidFile, message).hint("split it, or leave it out"))
}
