//! The config repository on a real git server, which can fail on purpose.
#![expect(clippy::unwrap_used, reason = "tests")]

mod record;
mod repository;
mod restore;
mod world;
