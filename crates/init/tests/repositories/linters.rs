//! The linters that `cargo verify` installs.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Has every linter look at all workflows of these repositories. Without the linters, it says so.
pub(crate) fn accept<'a>(repositories: impl Iterator<Item = &'a Path>) {
    let workflows: Vec<PathBuf> = repositories.flat_map(workflows).collect();
    assert!(!workflows.is_empty(), "nothing was written");
    workflows.iter().for_each(|path| pin(path));
    for (name, arguments) in [
        ("actionlint", &["-oneline"][..]),
        ("jactionlint", &["--profile", "correctness", "--oneline"]),
        ("zizmor", &["--offline", "--no-progress"]),
    ] {
        let Some(program) = program(name) else {
            println!("NOT RUN: {name}; `cargo verify --only python-tools` installs it");
            continue;
        };
        let output = Command::new(program).args(arguments).args(&workflows).output().unwrap();
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert!(output.status.success(), "{name}:\n{said}");
    }
}

/// The workflows that call ours.
fn workflows(repository: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(repository.join(".github/workflows")) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.filter(|path| std::fs::read_to_string(path).unwrap().contains("slipway-release/slipway/.github/")).collect()
}

/// Pins our own workflows by a commit, as a release pins them in its starters.
fn pin(path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    std::fs::write(path, text.replace(".yml@v0", &format!(".yml@{} # v0.1.0", "0123456789".repeat(4)))).unwrap();
}

fn program(name: &str) -> Option<PathBuf> {
    let installed = testbed::workspace().join("target/tools/venv/bin");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([installed]);
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}
