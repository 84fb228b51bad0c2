//! The project's own tool: `cargo xtask demo | dist | native | verify | bench | starters`.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool works on this machine directly and talks to a terminal"
)]

mod bench;
mod demo;
mod dist;
mod native;
mod process;
mod starters;
mod verify;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgMatches, Command};

/// A subcommand: how it is described, and what runs it.
type Task = (fn() -> Command, fn(&ArgMatches) -> Result<ExitCode>);

const TASKS: &[Task] = &[
    (demo::command, demo::run),
    (dist::command, dist::run),
    (native::command, native::run),
    (verify::command, verify::run),
    (bench::command, bench::run),
    (starters::command, starters::run),
];

fn main() -> ExitCode {
    let cli = Command::new("xtask")
        .about("Builds, checks and measures Slipway")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(TASKS.iter().map(|(command, _)| command()));
    let matches = cli.get_matches();
    let Some((name, arguments)) = matches.subcommand() else { return ExitCode::FAILURE };
    let Some((_, run)) = TASKS.iter().find(|(command, _)| command().get_name() == name) else {
        return ExitCode::FAILURE;
    };
    run(arguments).unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
