//! A place in a file where a version stands.

use semver::Version;
use slipway_core::{Result, WorkspacePath};
use slipway_edit::{Format, KeyPath};

use super::draft::Drafts;
use super::spelling::Spelling;

/// Where a version stands, and what stands there now.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The file.
    pub path: WorkspacePath,
    /// Its format.
    pub format: Format,
    /// The key in it; all the values that have it, where several can.
    pub key: KeyPath,
    /// The text there.
    pub text: String,
    /// How versions are written there.
    pub spelling: Spelling,
    /// Whether it is the version of something else that only happens to be released together, and is left without a word.
    pub is_secondary: bool,
    /// The packages whose version it is, where others name them.
    pub packages: Vec<String>,
}

impl Place {
    /// The place of a key.
    pub(super) fn new(path: &WorkspacePath, format: Format, key: KeyPath, text: String) -> Self {
        Self {
            path: path.clone(),
            format,
            key,
            text,
            spelling: Spelling::SemVer,
            is_secondary: false,
            packages: Vec::new(),
        }
    }

    /// What tells it from all other places.
    pub(super) fn id(&self) -> String {
        if self.format == Format::WHOLE { self.path.to_string() } else { format!("{}#{}", self.path, self.key) }
    }

    /// The version that stands there.
    pub(super) fn version(&self) -> Option<Version> {
        self.spelling.read(&self.text)
    }

    /// Sets the version.
    pub(super) fn set(&self, drafts: &mut Drafts<'_>, version: &Version) -> Result<()> {
        drafts.set(&self.path, self.format, &self.key, &self.spelling.write(version, &self.text)?)
    }
}
