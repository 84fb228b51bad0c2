//! `cargo verify`: everything that must hold before a push, in one run.

mod linters;
mod pipeline_tools;
mod run;
mod scanners;
mod steps;
pub(crate) mod tools;
mod workflow_parser;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::workspace;
use run::{Step, When};

/// What the steps share.
#[derive(Debug)]
struct Session {
    /// The workspace.
    root: PathBuf,
    /// Where cargo builds.
    target_folder: PathBuf,
    /// The `dist/` that the tests run.
    dist: PathBuf,
    /// Whether system packages may be installed.
    install: bool,
    /// Whether nothing slow is done.
    quick: bool,
}

/// The options of `cargo verify`.
pub(crate) fn command() -> Command {
    let names: Vec<&str> = steps::ALL.iter().map(|step| step.name).collect();
    let only = Arg::new("only").long("only").value_name("STEP").value_parser(names).action(ArgAction::Append);
    let install = Arg::new("install").long("install").action(ArgAction::SetTrue);
    let quick = Arg::new("quick").long("quick").action(ArgAction::SetTrue);
    Command::new("verify")
        .about("Runs every check that a push must pass")
        .arg(
            only.help(
                "Only this step and the steps it needs, such as `pipelines`, which runs only so; can be repeated",
            ),
        )
        .arg(install.help("Install what needs root (CI=true says the same)"))
        .arg(quick.help("Leave out what takes minutes: dist/ is not rebuilt, nothing is checked for other targets"))
}

/// Runs `cargo verify`.
pub(crate) fn run(arguments: &ArgMatches) -> Result<ExitCode> {
    let root = workspace::root()?;
    let mut session = Session {
        target_folder: env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from),
        dist: root.join("dist"),
        install: arguments.get_flag("install") || env::var("CI").is_ok_and(|ci| ci == "true"),
        quick: arguments.get_flag("quick"),
        root,
    };
    let only: Option<Vec<&str>> = arguments.get_many::<String>("only").map(|names| names.map(String::as_str).collect());
    let chosen: Vec<&Step> = match only {
        Some(names) => run::with_needs(steps::ALL, &names),
        None => {
            let chosen = |step: &&Step| match step.when {
                When::Always => true,
                When::Thorough => !session.quick,
                When::Named => false,
            };
            steps::ALL.iter().filter(chosen).collect()
        }
    };
    Ok(match run::run(&chosen, &mut session) {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
