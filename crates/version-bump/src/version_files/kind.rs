//! The kinds of version file.

use semver::Version;
use slipway_core::{Result, WorkspacePath};

use super::draft::Drafts;
use super::files::Files;
use super::place::Place;
use super::{cargo, gradle, helm, marked, maven, npm, plain, python};

/// A kind of file that is known to hold a version.
pub(super) struct Kind {
    /// The names of such files.
    pub files: &'static [&'static str],
    /// The names of files beside them that are changed with them.
    pub companions: &'static [&'static str],
    /// Whether such files are looked for, or only known by name if they are listed.
    pub is_looked_for: bool,
    /// What else has to be read to know what to do.
    pub needs: fn(&Files, &WorkspacePath) -> Vec<Need>,
    /// Where versions stand: in the file, or in others that belong to it.
    pub places: fn(&Files, &WorkspacePath) -> Result<Vec<Place>>,
    /// Changes what has to follow when these places are set; gives what could not.
    pub follow: fn(&[Place], &mut Drafts<'_>, &Version) -> Result<Vec<String>>,
}

/// Every kind, one module each.
pub(super) const KINDS: &[&Kind] = &[
    &cargo::KIND,
    &npm::KIND,
    &python::PROJECT,
    &python::SOURCE,
    &helm::KIND,
    &maven::KIND,
    &gradle::KIND,
    &plain::KIND,
    &marked::KIND,
];

impl Kind {
    /// Whether a file of this name is of this kind.
    pub(super) fn has(&self, file_name: &str) -> bool {
        self.files.contains(&file_name)
    }
}

/// A file that has to be read, if it is there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// The file at this path from the top of the repository.
    File(String),
    /// Files of some names below a directory, at most so many levels down.
    Below {
        /// The directory, with its slash; empty for all of the repository.
        directory: String,
        /// The names.
        names: &'static [&'static str],
        /// 1 is the directory itself.
        levels: usize,
    },
}

/// Nothing else has to be read.
pub(super) fn nothing(_: &Files, _: &WorkspacePath) -> Vec<Need> {
    Vec::new()
}

/// Nothing else has to change.
pub(super) fn alone(_: &[Place], _: &mut Drafts<'_>, _: &Version) -> Result<Vec<String>> {
    Ok(Vec::new())
}
