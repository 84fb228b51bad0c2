//! docker-host: a real Docker on both sides, a real sshd with a key made for the test, and real nginx.

#![expect(clippy::print_stdout, reason = "what was measured is told")]

mod arrival;
mod proxies;
mod users;
mod workflow;
mod world;
