//! The program on real repositories, run as a runner runs it.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "tests make and take apart the repositories themselves, and have nothing to recover"
)]

mod backtest;
mod cases;
mod decision;
mod dependencies;
mod hostile;
mod monorepo;
mod release;
mod shallow;
mod support;
