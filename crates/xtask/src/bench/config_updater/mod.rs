//! `cargo xtask bench config-updater`: many writers on one branch.

mod writers;

use std::path::Path;

use anyhow::Result;

/// Prints a table for every part, and returns whether a limit is exceeded.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    writers::run(root, is_quick)
}
