//! The programs that are measured beside ours, each installed from its registry into `target/bench`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::history::git;
use crate::verify::tools::npm_install;
use crate::{process, workspace};

/// A program that says the next version of a repository.
pub(super) struct Peer {
    /// Its name and the options that matter.
    pub name: &'static str,
    /// Its version, or whence it is.
    pub version: &'static str,
    /// Makes sure that it is installed below a folder.
    pub install: fn(&Path) -> Result<()>,
    /// The command that asks for the next version, when installed in the folder and run in the repository.
    pub command: fn(&Path, &Path) -> Command,
}

const GIT_CLIFF: &str = "2.14.2";
const PYTHON_SEMANTIC_RELEASE: &str = "10.7.0";
const COMMIT_AND_TAG_VERSION: &str = "12.7.3";
const COCOGITTO: &str = "7.0.0";

/// Every one of them.
pub(super) const PEERS: &[Peer] = &[
    Peer {
        name: "git-cliff --unreleased --bumped-version",
        version: GIT_CLIFF,
        install: python_programs,
        command: |installed, repository| {
            command(&python(installed, "git-cliff"), repository, &["--unreleased", "--bumped-version"])
        },
    },
    Peer {
        name: "git-cliff --bumped-version",
        version: GIT_CLIFF,
        install: python_programs,
        command: |installed, repository| command(&python(installed, "git-cliff"), repository, &["--bumped-version"]),
    },
    Peer {
        name: "cog bump --auto --dry-run",
        version: COCOGITTO,
        install: cocogitto,
        command: |installed, repository| {
            // Elsewhere its tags would have no `v`, so that it would find no release.
            let settings = installed.join("cog.toml").display().to_string();
            let program = installed.join("cargo/bin/cog");
            command(&program, repository, &["--config", &settings, "bump", "--auto", "--dry-run"])
        },
    },
    Peer {
        name: "commit-and-tag-version --dry-run",
        version: COMMIT_AND_TAG_VERSION,
        install: commit_and_tag_version,
        command: |installed, repository| {
            let program = installed.join("node_modules/.bin/commit-and-tag-version");
            command(&program, repository, &["--dry-run"])
        },
    },
    Peer {
        name: "python-semantic-release version --print",
        version: PYTHON_SEMANTIC_RELEASE,
        install: python_programs,
        command: |installed, repository| {
            let settings = installed.join("python-semantic-release.toml").display().to_string();
            let program = python(installed, "semantic-release");
            command(&program, repository, &["--config", &settings, "version", "--print"])
        },
    },
];

/// What everybody can do with git alone, and the least that there is to do.
pub(super) fn floor(repository: &Path) -> Result<Vec<Command>> {
    let mut describe = git(repository);
    describe.args(["describe", "--tags", "--abbrev=0", "--match", "v*"]);
    let tag = process::output(&mut describe)?;
    let mut log = git(repository);
    log.args(["log", &format!("{}..HEAD", tag.trim())]);
    Ok(vec![describe, log])
}

fn command(program: &Path, repository: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.current_dir(repository).args(arguments);
    command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0");
    command
}

fn python(installed: &Path, name: &str) -> PathBuf {
    installed.join("venv/bin").join(name)
}

fn python_programs(folder: &Path) -> Result<()> {
    if python(folder, "semantic-release").is_file() && python(folder, "git-cliff").is_file() {
        return Ok(());
    }
    process::run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")))?;
    let mut pip = Command::new(python(folder, "python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    pip.arg(format!("git-cliff=={GIT_CLIFF}"));
    process::run(pip.arg(format!("python-semantic-release=={PYTHON_SEMANTIC_RELEASE}")))?;
    let settings = "[semantic_release]\ntag_format = \"v{version}\"\n\n\
                    [semantic_release.remote]\nurl = \"https://github.com/acme/shop\"\n";
    workspace::write(&folder.join("python-semantic-release.toml"), settings.as_bytes())
}

fn commit_and_tag_version(folder: &Path) -> Result<()> {
    if folder.join("node_modules/.bin/commit-and-tag-version").exists() {
        return Ok(());
    }
    process::run(&mut npm_install(folder, &format!("commit-and-tag-version@{COMMIT_AND_TAG_VERSION}")))
}

/// There is no built package of it: compiling takes minutes.
fn cocogitto(folder: &Path) -> Result<()> {
    let program = folder.join("cargo/bin/cog");
    if !program.is_file() {
        let mut cargo = Command::new("cargo");
        cargo.args(["install", "cocogitto", "--locked", "--version", COCOGITTO, "--root"]).arg(folder.join("cargo"));
        // Outside the workspace, whose own settings and target folder do not concern it.
        process::run(cargo.current_dir(std::env::temp_dir()).env_remove("CARGO_TARGET_DIR"))
            .context("cocogitto cannot be compiled")?;
    }
    workspace::write(&folder.join("cog.toml"), b"tag_prefix = \"v\"\n")
}
