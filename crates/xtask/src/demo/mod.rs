//! `cargo demo`: the main job on a throwaway but real world.
//!
//! A good release goes from commits to production; a bad one follows, users feel it, the gate sees it in the metrics, and the
//! rollback is a commit that the reconciler, the only thing that starts services, carries out.

mod story;
mod timeline;
mod world;

use std::process::{self, ExitCode};

use anyhow::{Result, anyhow, ensure};
use clap::{Arg, ArgMatches, Command};
use testbed::{Runner, binary, dist, node24};

use crate::dist::ACTIONS;

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
    prepare(runner)?;
    story::tell(runner)?;
    Ok(ExitCode::SUCCESS)
}

/// Makes sure that everything that takes part is there, and builds it.
fn prepare(runner: Runner) -> Result<()> {
    let git = process::Command::new("git").arg("--version").output();
    ensure!(git.is_ok_and(|git| git.status.success()), "git is not installed, or not in PATH");
    if runner == Runner::Node {
        node24().map_err(|reason| anyhow!(reason))?;
        for name in ACTIONS {
            let entry = dist().join(name).join("index.js");
            ensure!(entry.is_file(), "`{}` is missing: run `cargo dist`", entry.display());
        }
    }
    println!("Building what takes part; the first time this takes a few minutes …");
    binary("sample-service");
    Ok(())
}
