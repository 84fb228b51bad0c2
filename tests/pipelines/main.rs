//! Pipelines that need more than a checkout: Docker daemons, SSH servers, other CI systems.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests start programs and make their own files, and tell what they measured"
)]

mod docker_host;
