//! docker-host: a real Docker on both sides, a real sshd with a key made for the test, and real nginx.

mod arrival;
mod proxies;
mod users;
mod workflow;
mod world;
