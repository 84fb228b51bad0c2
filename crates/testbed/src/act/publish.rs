//! The repositories that a run takes actions and workflows from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::{dist, workspace};

/// The repository that consumers name.
pub const SLIPWAY: &str = "slipway-release/slipway";

/// What a workflow of this repository is called by in act, which knows no `$/`.
const REVISION: &str = "published";

/// Writes what a consumer gets of this repository into `folder`: the actions with what lies beside them, `dist/`, and the workflows.
pub(super) fn publish(folder: &Path, replaced: &[(&str, &str)]) {
    copy(&workspace().join("actions"), &folder.join("actions"));
    copy(&dist(), &folder.join("dist"));
    for name in ["workflows", "actions"] {
        copy(&workspace().join(".github").join(name), &folder.join(".github").join(name));
    }
    let mut met = BTreeSet::new();
    for file in descriptions(folder) {
        let mut text = read(&file);
        for (from, to) in replaced {
            if text.contains(from) {
                met.insert(*from);
                text = text.replace(from, to);
            }
        }
        let text =
            text.lines().map(|line| written_out(line).unwrap_or_else(|| line.to_owned()) + "\n").collect::<String>();
        std::fs::write(&file, text).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()));
    }
    for (from, _) in replaced {
        assert!(met.contains(from), "no published workflow says `{from}` any more");
    }
}

/// A line that names something of its own repository, with the repository in it.
fn written_out(line: &str) -> Option<String> {
    let (before, name) = line.split_once("uses: ")?;
    let name = name.split_whitespace().next()?;
    let path = name
        .strip_prefix("$/")
        .or_else(|| name.strip_prefix("./").filter(|path| path.starts_with(".github/workflows/")))?;
    Some(format!("{before}uses: {SLIPWAY}/{path}@{REVISION}"))
}

/// The files below a published tree that name actions.
fn descriptions(folder: &Path) -> Vec<PathBuf> {
    let actions = entries(&folder.join("actions")).into_iter().map(|action| action.join("action.yml"));
    let workflows = entries(&folder.join(".github/workflows")).into_iter();
    let yaml = workflows.filter(|file| file.extension().is_some_and(|extension| extension == "yml"));
    actions.chain(yaml).filter(|file| file.is_file()).collect()
}

/// The references `owner/name@ref` of all repositories that a workflow uses, by itself or through a published tree or stand-ins.
pub(super) fn used_by(workflow: &str, published: &Path) -> BTreeSet<(String, String)> {
    let mut used = repositories_used(workflow);
    // What no consumer reaches does no harm, if there is a stand-in for it; what is reached without one fails in act.
    for file in descriptions(published) {
        used.extend(
            repositories_used(&read(&file))
                .into_iter()
                .filter(|(repository, _)| repository == SLIPWAY || stand_in_folder(repository).is_dir()),
        );
    }
    used
}

/// The references `owner/name@ref` of the repositories that a workflow's text names.
pub fn repositories_used(workflow: &str) -> BTreeSet<(String, String)> {
    let named = workflow.lines().filter_map(|line| {
        let (path, version) = line.split_once("uses: ")?.1.split_whitespace().next()?.split_once('@')?;
        let repository: Vec<&str> = path.split('/').take(2).collect();
        Some((repository.join("/"), version.to_owned()))
    });
    named.collect()
}

/// The folder of what runs in the place of a repository's actions.
///
/// # Panics
/// When there is none.
pub(super) fn stand_in(repository: &str) -> PathBuf {
    let folder = stand_in_folder(repository);
    assert!(folder.is_dir(), "the workflow uses `{repository}`, for which there is no stand-in");
    folder
}

fn stand_in_folder(repository: &str) -> PathBuf {
    workspace().join("tests/workflows/stand-ins").join(repository)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap_or_else(|error| panic!("`{}`: {error}", to.display()));
    for entry in entries(from) {
        let to = to.join(entry.file_name().unwrap_or_default());
        if entry.is_dir() {
            copy(&entry, &to);
        } else {
            std::fs::copy(&entry, &to).unwrap_or_else(|error| panic!("`{}`: {error}", entry.display()));
        }
    }
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("`{}`: {error}", folder.display()));
    let mut entries: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    entries
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()))
}
