//! Environments of `slipway.toml`: promotion, freeze, lock, downgrade, other branches and repositories, status and history.
#![expect(clippy::unwrap_used, reason = "tests")]

mod comment;
mod deployments;
mod overview;
mod render;
mod world;
