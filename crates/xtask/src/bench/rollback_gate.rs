//! `cargo xtask bench rollback-gate`: the canary test beside other rules on simulated traffic. It runs for minutes, so it is a program of
//! its own, which cargo optimizes.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Prints the tables, and returns whether a promise or a bar is missed.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    let mut command = Command::new("cargo");
    command.current_dir(root).args(["bench", "--locked", "-p", "rollback-gate", "--bench", "simulation", "--"]);
    command.args(is_quick.then_some("--quick"));
    let status = command.status().context("`cargo bench`")?;
    match status.code() {
        Some(0) => Ok(false),
        Some(1) => Ok(true),
        _ => bail!("the simulation was not run ({status})"),
    }
}
