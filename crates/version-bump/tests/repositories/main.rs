//! The program on real repositories, run as a runner runs it.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    reason = "tests make and take apart the repositories themselves, and have nothing to recover"
)]

mod answers;
mod backtest;
mod cases;
mod changelog;
mod channels;
mod comment;
mod decision;
mod dependencies;
mod floating;
mod history_api;
mod hostile;
mod maintenance;
mod messages;
mod minimum;
mod monorepo;
mod preview;
mod published;
mod pull_request;
mod races;
mod release;
mod rerun;
mod rules;
mod servers;
mod several;
mod shallow;
mod signing;
mod support;
mod version_files;
mod world;
