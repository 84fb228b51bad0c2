//! `cargo xtask bench rollback-gate`: how often a good canary is rolled back, and how soon a bad one is, beside other rules on the same
//! simulated traffic. Seeded: every run prints the same figures, but for the time that decisions take.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "a program of its own that prints tables and takes the time"
)]

mod bars;
mod budget;
mod rules;
mod simulation;
mod speed;
mod tables;
mod traffic;

use std::process::ExitCode;

/// Fails if a promise or a bar is missed.
fn main() -> Result<ExitCode, serde_json::Error> {
    let runs = if std::env::args().any(|argument| argument == "--quick") { 200 } else { 2000 };
    let mut missed = tables::equal_traffic(runs);
    missed |= tables::weak_spots(runs);
    missed |= bars::check(runs)?;
    missed |= budget::check(runs);
    missed |= speed::check();
    Ok(if missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
