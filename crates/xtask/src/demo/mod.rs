//! `cargo demo`: the main job on a throwaway but real world.
//!
//! A good release goes from commits to production; a bad one follows, users feel it, the gate sees it in the metrics, and the
//! rollback is a commit that the reconciler, the only thing that starts services, carries out.

mod story;
mod timeline;
mod world;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, ArgMatches, Command};
use testbed::Runner;

/// The options of `cargo demo`.
pub(crate) fn command() -> Command {
    Command::new("demo").about("Carries a good release to production, and takes a bad one back, on this machine").arg(
        Arg::new("runner")
            .long("runner")
            .value_name("RUNNER")
            .value_parser(["native", "node"])
            .default_value("native")
            .help("Run the actions as native programs, or as dist/ under Node 24"),
    )
}

/// Runs `cargo demo`.
pub(crate) fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let runner = match arguments.get_one::<String>("runner").map(String::as_str) {
        Some("node") => Runner::Node,
        _ => Runner::Native,
    };
    story::tell(runner)?;
    Ok(ExitCode::SUCCESS)
}
