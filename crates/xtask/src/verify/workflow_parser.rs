//! GitHub's own parser of workflows, from npm, as one file that Node runs.
//!
//! Node takes its packages only bundled: they import JSON without saying so.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::tools;
use crate::process;

/// Where the tests keep what names the packages, and the program that uses them.
const SOURCES: &str = "tests/workflows/parser";
const FILES: &[&str] = &["package.json", "package-lock.json", "parse.mjs"];

/// Makes sure that `parse.cjs` is there and of these sources.
pub(super) fn install(root: &Path) -> Result<()> {
    let place = tools::folder(root).join("workflow-parser");
    if place.join("parse.cjs").is_file() && is_current(root, &place) {
        return Ok(());
    }
    fs::create_dir_all(&place).with_context(|| format!("`{}`", place.display()))?;
    for file in FILES {
        let from = root.join(SOURCES).join(file);
        fs::copy(&from, place.join(file)).with_context(|| format!("`{}`", from.display()))?;
    }
    let mut npm = Command::new("npm");
    process::run(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&place))?;
    let mut bundle = Command::new(esbuild(&place));
    bundle.args(["parse.mjs", "--bundle", "--platform=node", "--log-level=warning", "--outfile=parse.cjs"]);
    process::run(bundle.current_dir(&place))
}

fn is_current(root: &Path, place: &Path) -> bool {
    FILES.iter().all(|file| {
        let [installed, wanted] = [place.join(file), root.join(SOURCES).join(file)].map(fs::read);
        matches!((installed, wanted), (Ok(installed), Ok(wanted)) if installed == wanted)
    })
}

fn esbuild(place: &Path) -> PathBuf {
    place.join("node_modules/.bin/esbuild")
}
