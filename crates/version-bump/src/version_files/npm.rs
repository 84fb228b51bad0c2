//! npm packages.

use semver::Version;
use slipway_core::{Result, WorkspacePath};
use slipway_edit::Format;

use super::document::{Document, directory, path as key};
use super::draft::Drafts;
use super::files::Files;
use super::kind::{Kind, Need};
use super::place::Place;

const LOCKS: [&str; 2] = ["package-lock.json", "npm-shrinkwrap.json"];

/// `package.json`, and the two places of its version in the lock files. Workspaces have versions of their own.
pub(super) const KIND: Kind =
    Kind { files: &["package.json"], companions: &LOCKS, is_looked_for: true, needs, places, follow };

fn needs(_: &Files, path: &WorkspacePath) -> Vec<Need> {
    LOCKS.iter().map(|lock| Need::File(format!("{}{lock}", directory(path)))).collect()
}

fn places(files: &Files, path: &WorkspacePath) -> Result<Vec<Place>> {
    let package = Document::read(path, files.text(path)?)?;
    let text = package.value(&["version"]);
    text.map(|text| Ok(Place::new(path, package.format, key(&["version"])?, text))).into_iter().collect()
}

fn follow(set: &[Place], drafts: &mut Drafts<'_>, new: &Version) -> Result<Vec<String>> {
    for place in set {
        for name in LOCKS {
            let path: WorkspacePath = format!("{}{name}", directory(&place.path)).parse()?;
            if drafts.files.entry(&path).is_none() {
                continue;
            }
            let lock = Document::read(&path, drafts.text(&path)?)?;
            let present: Vec<&[&str]> = [&["version"][..], &["packages", "", "version"]]
                .into_iter()
                .filter(|keys| lock.value(keys).is_some())
                .collect();
            for keys in present {
                drafts.set(&path, Format::JSON, &key(keys)?, &new.to_string())?;
            }
        }
    }
    Ok(Vec::new())
}
