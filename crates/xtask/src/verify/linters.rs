//! The linters of workflows and actions: on what is in the repository, on the pipeline that the README shows, and on the starters as a
//! release has them.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::run::Remark;
use super::steps::search_path;
use super::{Session, tools};
use crate::{process, starters, workspace};

pub(super) fn actionlint(session: &mut Session) -> Result<Remark> {
    process::run(linter(session, "actionlint")?.arg("-oneline").args(workflows(session)?))?;
    Ok(None)
}

pub(super) fn jactionlint(session: &mut Session) -> Result<Remark> {
    let mut files = workflows(session)?;
    files.extend(matching(
        session,
        &[".github/dependabot.yml", "actions/*/action.yml", ".github/actions/*/action.yml"],
    )?);
    process::run(linter(session, "jactionlint")?.args(["--profile", "correctness", "--oneline"]).args(files))?;
    Ok(None)
}

pub(super) fn zizmor(session: &mut Session) -> Result<Remark> {
    let mut files = workflows(session)?;
    files.extend(matching(
        session,
        &[".github/dependabot.yml", "actions/*/action.yml", ".github/actions/*/action.yml"],
    )?);
    let mut zizmor = linter(session, "zizmor")?;
    process::run(zizmor.args(["--offline", "--no-progress", "--persona=pedantic"]).args(files))?;
    Ok(None)
}

/// Every workflow that people run or copy.
fn workflows(session: &Session) -> Result<Vec<PathBuf>> {
    let mut files = matching(session, &[".github/workflows/*.yml"])?;
    let shown = session.root.join("target/linted/.github/workflows");
    if shown.is_dir() {
        fs::remove_dir_all(&shown).with_context(|| format!("`{}`", shown.display()))?;
    }
    // In a folder of this name linters take them for workflows.
    let commit = process::output(Command::new("git").args(["rev-parse", "HEAD"]).current_dir(&session.root))?;
    let written = starters::write(&session.root, &shown, commit.trim(), "v0.0.0")?;
    let beside = |file: &PathBuf| file.parent() == Some(&shown) && file.extension().is_some_and(|kind| kind == "yml");
    files.extend(written.into_iter().filter(beside));
    files.push(workflow_of_readme(&session.root, &shown, commit.trim())?);
    Ok(files)
}

/// Writes the pipeline that the README shows into a folder, as a starter, and gives its path.
fn workflow_of_readme(root: &Path, folder: &Path, commit: &str) -> Result<PathBuf> {
    let readme = fs::read_to_string(root.join("README.md")).context("`README.md`")?;
    let shown = readme.split_once("```yaml\nname: Release\n").and_then(|(_, rest)| rest.split_once("```\n"));
    let (workflow, _) = shown.context("`README.md` shows no workflow `Release`")?;
    let file = folder.join("readme.yml");
    let text = starters::pinned(&format!("name: Release\n{workflow}"), commit, "v0.0.0");
    fs::write(&file, text).with_context(|| format!("`{}`", file.display()))?;
    Ok(file)
}

/// A linter from PyPI, which finds shellcheck beside it.
fn linter(session: &Session, name: &str) -> Result<Command> {
    let program = tools::python_programs(&session.root).join(format!("{name}{}", env::consts::EXE_SUFFIX));
    let mut command = Command::new(program);
    command.current_dir(&session.root).env("PATH", search_path(&session.root, None)?);
    Ok(command)
}

/// The workspace's files that match one of git's path patterns. None is an error: a linter without files looks for some
/// by itself, and finds the tests' broken ones.
fn matching(session: &Session, patterns: &[&str]) -> Result<Vec<PathBuf>> {
    let globs: Vec<String> = patterns.iter().map(|pattern| format!(":(glob){pattern}")).collect();
    let globs: Vec<&str> = globs.iter().map(String::as_str).collect();
    let files = workspace::files(&session.root, &globs)?;
    ensure!(!files.is_empty(), "no file matches `{}`", patterns.join("`, `"));
    Ok(files.into_iter().map(|file| session.root.join(file)).collect())
}
