//! Whole pipelines whose worlds take more than other tests: docker, moto, sshd. `cargo verify --only pipelines` runs them.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start programs and make their own files"
)]

mod ecs;
