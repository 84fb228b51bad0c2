//! The client against the stand-in for GitHub, whose every request and answer is checked against GitHub's own description.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "helpers of tests")]

mod failures;
mod history;
mod pulls;
mod refs;
mod releases;
mod world;
