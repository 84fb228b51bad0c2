//! `cargo xtask bench`: what is promised in figures, measured.

mod config_updater;
pub(crate) mod dist;
mod measure;
mod rollback_gate;
mod start;
mod version_bump;
#[cfg(unix)]
mod workflows;

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::workspace;

/// A measurement: its name, and what runs it and returns whether a limit is exceeded.
type Subject = (&'static str, fn(&Path, bool) -> Result<bool>);

/// Everything that can be measured; the first is the default.
const SUBJECTS: &[Subject] = &[
    ("dist", dist::run),
    ("config-updater", config_updater::run),
    ("image-tag", start::run),
    ("rollback-gate", rollback_gate::run),
    ("version-bump", version_bump::run),
    #[cfg(unix)]
    ("workflows", workflows::run),
];

/// The options of `cargo xtask bench`.
pub(crate) fn command() -> Command {
    let names = SUBJECTS.iter().map(|(name, _)| *name);
    let subject = Arg::new("subject").value_parser(names.collect::<Vec<_>>()).default_value(SUBJECTS[0].0);
    let quick = Arg::new("quick").long("quick").action(ArgAction::SetTrue);
    let check = Arg::new("check").long("check").action(ArgAction::SetTrue);
    Command::new("bench")
        .about("Measures dist/ and the start of an action, or a program beside others of its kind")
        .arg(subject.help("What to measure"))
        .arg(quick.help("Fewer runs, smaller inputs"))
        .arg(check.help("Fail if a limit is exceeded"))
}

/// Runs `cargo xtask bench`.
pub(crate) fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let root = workspace::root()?;
    let wanted: &String = arguments.get_one("subject").context("no subject")?;
    let (_, measure) = SUBJECTS.iter().find(|(name, _)| name == wanted).context("no such subject")?;
    let exceeded = measure(&root, arguments.get_flag("quick"))?;
    Ok(if exceeded && arguments.get_flag("check") { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
