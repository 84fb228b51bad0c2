//! The files as they will be.

use std::collections::BTreeMap;

use slipway_core::{Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::{Format, KeyPath, Options, Value};

use super::files::Files;
use crate::file_change::{FileChange, ValueChange};

/// Files with their edits so far.
pub(super) struct Drafts<'a> {
    /// The files as they are.
    pub files: &'a Files,
    drafts: BTreeMap<WorkspacePath, (String, Vec<ValueChange>)>,
}

impl<'a> Drafts<'a> {
    pub(super) fn new(files: &'a Files) -> Self {
        Self { files, drafts: BTreeMap::new() }
    }

    /// The text of a file with the edits so far.
    pub(super) fn text(&self, path: &WorkspacePath) -> Result<&str> {
        self.drafts.get(path).map_or_else(|| self.files.text(path), |(text, _)| Ok(text))
    }

    /// Sets a value by its key, and proves that nothing else in the file changes.
    pub(super) fn set(&mut self, path: &WorkspacePath, format: Format, key: &KeyPath, new: &str) -> Result<()> {
        // Markers can stand in several lines; in other formats a key that does is a mistake.
        let options = Options { every: format == Format::MARKED, ..Options::default() };
        let edited = format.set(self.text(path)?, key, &Value::Text(new.into()), &options);
        let edited = edited.map_err(|error| error.context(format!("`{path}`")))?;
        let values = edited.changes.into_iter().map(|change| ValueChange {
            at: change.path.to_string(),
            old: change.old.unwrap_or_default(),
            new: change.new,
        });
        self.put(path, edited.text, values.collect())
    }

    /// Takes a new text of a file, and the values that changed in it.
    pub(super) fn put(&mut self, path: &WorkspacePath, text: String, values: Vec<ValueChange>) -> Result<()> {
        if path.is_workflow() {
            return Err(Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a workflow, which is never edited")));
        }
        let draft = self.drafts.entry(path.clone()).or_default();
        draft.0 = text;
        draft.1.extend(values);
        Ok(())
    }

    /// The files that changed.
    pub(super) fn finish(self) -> Vec<FileChange> {
        let files = self.files;
        let changed = self.drafts.into_iter().filter(|(path, (text, _))| files.text(path).is_ok_and(|old| old != text));
        changed
            .map(|(path, (text, values))| {
                let entry = files.entry(&path);
                FileChange {
                    mode: entry.map_or("100644".into(), |entry| entry.mode.clone()),
                    old: entry.map(|entry| entry.id.clone()),
                    content: text.into_bytes(),
                    path,
                    values,
                }
            })
            .collect()
    }
}
