//! The config repository on a real git server, which can fail on purpose.
#![expect(clippy::disallowed_methods, reason = "the tests look for what was left behind")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod record;
mod repository;
mod world;
