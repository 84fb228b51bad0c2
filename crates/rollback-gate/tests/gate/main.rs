//! The gate as a program against the real thing: a service under load, a reconciler, and a config repository behind a git server.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, clippy::unwrap_used, reason = "tests")]

mod access;
mod analysis;
mod argocd;
mod arrival;
mod artifact;
mod background;
mod deployment_status;
mod endings;
mod hostile;
mod people;
mod recorded;
mod rollback;
mod steps;
mod switch;
mod telling;
mod verdict;
mod world;
