//! A place in a file where a version stands.

use semver::Version;
use slipway_core::{Result, WorkspacePath};
use slipway_edit::{Format, KeyPath};

use super::draft::Drafts;
use super::spelling::Spelling;
use crate::file_change::ValueChange;

/// Where a version stands, and what stands there now.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file.
    pub path: WorkspacePath,
    /// Where in it.
    pub at: At,
    /// The text there.
    pub text: String,
    /// How versions are written there.
    pub spelling: Spelling,
    /// Whether it is the version of something else that only happens to be released together, and is left without a word.
    pub is_secondary: bool,
    /// The packages whose version it is, where others name them.
    pub packages: Vec<String>,
}

/// Where in a file.
#[derive(Clone, Debug)]
pub(super) enum At {
    /// At a key.
    Key(Format, KeyPath),
    /// The file holds nothing else.
    Whole,
}

impl Place {
    /// A place of a key.
    pub(super) fn keyed(path: &WorkspacePath, format: Format, key: KeyPath, text: String) -> Self {
        Self {
            path: path.clone(),
            at: At::Key(format, key),
            text,
            spelling: Spelling::SemVer,
            is_secondary: false,
            packages: Vec::new(),
        }
    }

    /// What tells it from all other places.
    pub(super) fn id(&self) -> String {
        match &self.at {
            At::Key(_, key) => format!("{}#{key}", self.path),
            At::Whole => self.path.to_string(),
        }
    }

    /// The version that stands there.
    pub(super) fn version(&self) -> Option<Version> {
        self.spelling.read(&self.text)
    }

    /// Sets the version.
    pub(super) fn set(&self, drafts: &mut Drafts<'_>, version: &Version) -> Result<()> {
        let new = self.spelling.write(version, self.text.trim())?;
        match &self.at {
            At::Key(format, key) => drafts.set(&self.path, *format, key, &new),
            At::Whole => {
                let old = drafts.text(&self.path)?.to_owned();
                let value = ValueChange { at: String::new(), old: self.text.trim().into(), new: new.clone() };
                drafts.put(&self.path, old.replacen(self.text.trim(), &new, 1), vec![value])
            }
        }
    }
}
