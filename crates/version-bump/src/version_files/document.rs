//! Reading values of a file by their keys.

use slipway_core::{Result, WorkspacePath};
use slipway_edit::{Content, Format, KeyPath, Options, Segment};

/// A file that was read.
pub(super) struct Document<'a> {
    /// Its format.
    pub format: Format,
    content: Content<'a>,
}

impl<'a> Document<'a> {
    /// Reads a file whose format follows from its name.
    ///
    /// # Errors
    /// `InvalidFile` or `InvalidYaml` if it does not parse.
    pub(super) fn read(path: &WorkspacePath, text: &'a str) -> Result<Self> {
        Self::of(path, text, Format::of_file(path.file_name(), Format::VERSION_FILES)?)
    }

    /// Reads a file of a format.
    ///
    /// # Errors
    /// `InvalidFile` or `InvalidYaml` if it does not parse.
    pub(super) fn of(path: &WorkspacePath, text: &'a str, format: Format) -> Result<Self> {
        let content = format.read(text).map_err(|error| error.context(format!("`{path}`")))?;
        Ok(Self { format, content })
    }

    /// The value at a path of keys, if a single one stands there.
    pub(super) fn value(&self, keys: &[&str]) -> Option<String> {
        self.content.value(&path(keys).ok()?, &Options::default()).ok().flatten()
    }

    /// The keys at a path of keys.
    pub(super) fn keys(&self, keys: &[&str]) -> Vec<String> {
        let path = if keys.is_empty() { None } else { path(keys).ok() };
        self.content.keys(path.as_ref(), &Options::default()).ok().flatten().unwrap_or_default()
    }

    /// The values of a list at a path of keys.
    pub(super) fn values(&self, keys: &[&str]) -> Vec<String> {
        let list = path(keys).ok().and_then(|path| self.content.values(&path, &Options::default()).ok());
        list.flatten().unwrap_or_default()
    }
}

/// A path of keys.
pub(super) fn path(keys: &[&str]) -> Result<KeyPath> {
    KeyPath::new(keys.iter().map(|key| Segment::Key((*key).into())).collect())
}

/// The directory of a file, with its slash; empty for the top of the repository.
pub(super) fn directory(path: &WorkspacePath) -> &str {
    &path.as_str()[..path.as_str().len() - path.file_name().len()]
}
