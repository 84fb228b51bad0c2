//! Edits of the working tree, with the program as a runner starts it.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, reason = "tests look at the files themselves")]

mod changes;
mod shared;
#[cfg(unix)]
mod stopped;
mod weights;
