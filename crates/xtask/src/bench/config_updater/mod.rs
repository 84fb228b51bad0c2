//! `cargo xtask bench config-updater`: what edits change beside the value, what they take, and many writers on one branch.

mod edits;
mod generated;
mod peers;
mod scan;
mod writers;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process;

/// Prints a table for every part, and returns whether a limit is exceeded.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    let folder = root.join("target/bench");
    let program = build(root)?;
    peers::install(&folder)?;
    let mut exceeded = edits::run(&program, &folder, is_quick)?;
    exceeded |= scan::run(root, &program, &folder, is_quick)?;
    Ok(exceeded | writers::run(&program, is_quick)?)
}

/// Builds the native program as it is released.
fn build(root: &Path) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    process::run(cargo.current_dir(root).args(["build", "--release", "--locked", "-p", "config-updater"]))?;
    let program = root.join("target/release").join(format!("config-updater{}", std::env::consts::EXE_SUFFIX));
    ensure!(program.is_file(), "`{}` was not built", program.display());
    Ok(program)
}
