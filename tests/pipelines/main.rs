//! The pipelines with what they meet outside of GitHub: daemons, hosts, clouds, other CI systems.
//!
//! `cargo test` leaves them out, because their tools weigh hundreds of megabytes; `cargo verify --only pipelines` installs these, below
//! `target/tools`, and runs them.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "tests start programs and make their own files"
)]

mod docker_host;
mod ecs;
mod security;
mod systems;
