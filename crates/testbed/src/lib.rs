//! A small real world on loopback, for the tests and for `cargo demo`: git over HTTP, an OCI registry, a GitHub API
//! stand-in, a sample service that is released, a reconciler that starts what the config repository says, and load.
//!
//! Everything is real where it can be (git, processes, sockets, digests), binds 127.0.0.1 only, is driven by a
//! synchronous API, and stops when its handle is dropped. A failed setup panics with the reason: the caller is a test.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "this crate is the outside world that `Host` talks to, and is never shipped"
)]
#![expect(clippy::expect_used, clippy::panic, reason = "a test whose world cannot be set up has nothing to recover")]

#[cfg(unix)]
mod act;
mod action;
mod authorization;
mod aws;
mod binary;
mod client;
mod edit_case;
mod front;
mod gate_case;
mod git;
mod git_server;
mod github;
mod inbox;
mod load;
#[cfg(unix)]
mod nginx;
mod node;
mod prometheus;
mod real_registry;
mod reconciler;
mod registry;
mod release_case;
mod repository;
mod server;
mod service;
mod shared_case;
mod site;
#[cfg(unix)]
mod ssh_server;
mod tag_case;
mod traffic;

#[cfg(unix)]
pub use act::{ActJob, ActRun, SLIPWAY, Step, repositories_used};
pub use action::{ActionRun, Runner, parse_outputs, push_job, run_action};
pub use aws::Aws;
pub use binary::{binary, dist, workspace};
pub use client::{Response, get, request};
pub use edit_case::EditCase;
pub use front::{Front, Retired};
pub use gate_case::GateCase;
pub use git_server::{Dropped, FaultPoint, GitServer, Sent};
pub use github::{DeploymentStatus, Dispatch, GitHub, HostedRepository};
pub use inbox::Inbox;
pub use load::{Load, LoadReport, Second};
#[cfg(unix)]
pub use nginx::Nginx;
pub use node::node24;
pub use prometheus::PrometheusServer;
pub use real_registry::{DockerDaemon, DockerRegistry, RegistryAuth, RegistryTools};
pub use reconciler::{Change, Event, Reconciler, Running, Settings};
pub use registry::{Effect, Registry, digest, pull, push_over_http};
pub use release_case::{NextRelease, ReleaseCase, Verdict};
pub use repository::{BareRepository, LoggedCommit, Repository};
pub use server::Server;
pub use service::{Release, Service, run as run_service};
pub use shared_case::shared_case;
pub use site::Site;
#[cfg(unix)]
pub use ssh_server::SshServer;
pub use tag_case::TagCase;
pub use traffic::{Answer, Recorded};

/// Locks even after another thread panicked: its panic is reported already, and these values have no broken states.
fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
