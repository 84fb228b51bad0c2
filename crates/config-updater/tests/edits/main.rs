//! Edits of the working tree, with the program as a runner starts it.
#![expect(clippy::unwrap_used, reason = "tests")]
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "tests make their own world")]

mod changes;
mod shared;
#[cfg(unix)]
mod stopped;
mod weights;
