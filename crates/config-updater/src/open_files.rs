//! The files while they are edited in memory.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use slipway_core::{Error, ErrorKind, Result};
use slipway_edit::{Edited, Format, KeyPath, Operation};
use slipway_gitops::ConfigFile;

use crate::edit::{Change, EditedFile, Edits};

/// All files, of which those that an edit concerns are opened.
pub(crate) struct OpenFiles<'f> {
    pub(crate) files: &'f [ConfigFile],
    open: BTreeMap<usize, OpenFile>,
    /// The image references that were replaced.
    pub(crate) previous: BTreeSet<String>,
}

/// A file between two of its edits.
struct OpenFile {
    format: Format,
    text: String,
    changes: Vec<Change>,
    /// What was set, as document, path, path inside, and value.
    set: Vec<(usize, KeyPath, Option<KeyPath>, String)>,
}

impl<'f> OpenFiles<'f> {
    pub(crate) fn new(files: &'f [ConfigFile]) -> Self {
        Self { files, open: BTreeMap::new(), previous: BTreeSet::new() }
    }

    /// The format and the text of a file as they are by now; nothing for a file that is not listed by its path and cannot be edited.
    ///
    /// # Errors
    /// `InvalidInput` if no format has such a name, `InvalidFile` for what is not UTF-8.
    pub(crate) fn text(
        &mut self,
        index: usize,
        operation: &Operation,
        is_listed: bool,
    ) -> Result<Option<(Format, &str)>> {
        let file = &self.files[index];
        if let Entry::Vacant(place) = self.open.entry(index) {
            let format = match operation.format_of(file.path.as_str()) {
                Err(_) if !is_listed => return Ok(None),
                format => format?,
            };
            let text = utf_8(file)?.to_owned();
            place.insert(OpenFile { format, text, changes: Vec::new(), set: Vec::new() });
        }
        Ok(self.open.get(&index).map(|open| (open.format, open.text.as_str())))
    }

    /// Takes an edit of an open file over.
    ///
    /// # Errors
    /// `InvalidInput` if it gives a value that was set already another content.
    pub(crate) fn accept(&mut self, index: usize, edited: Edited) -> Result<()> {
        let Some(open) = self.open.get_mut(&index) else { return Ok(()) };
        for change in edited.changes.iter().chain(&edited.unchanged) {
            let is_same_place = |(document, path, inner, _): &&(usize, KeyPath, Option<KeyPath>, String)| {
                (*document, path, inner) == (change.document, &change.path, &change.inner)
            };
            match open.set.iter().find(is_same_place) {
                Some((_, path, _, new)) if *new != change.new => {
                    let twice = format!("`{path}` at line {} is set to `{new}` and to `{}`", change.line, change.new);
                    return Err(Error::new(ErrorKind::InvalidInput, twice).hint("set it once"));
                }
                _ => open.set.push((change.document, change.path.clone(), change.inner.clone(), change.new.clone())),
            }
        }
        open.changes.extend(edited.changes.into_iter().map(|change| Change {
            file: self.files[index].path.clone(),
            line: change.line,
            path: change.path.to_string(),
            old: change.old,
            new: change.new,
            is_removed: change.is_removed,
        }));
        open.text = edited.text;
        Ok(())
    }

    /// What the edits come to, in the order of the files.
    pub(crate) fn finish(self) -> Result<Edits> {
        let mut edits = Edits { previous: self.previous, ..Edits::default() };
        for (index, open) in self.open {
            edits.changes.extend(open.changes);
            let file = &self.files[index];
            let before = utf_8(file)?;
            if open.text != before {
                edits.files.push(EditedFile { path: file.path.clone(), before: before.to_owned(), after: open.text });
            }
        }
        Ok(edits)
    }
}

fn utf_8(file: &ConfigFile) -> Result<&str> {
    std::str::from_utf8(&file.content).map_err(|_| {
        Error::new(ErrorKind::InvalidFile, format!("`{}` is not UTF-8", file.path)).hint("save the file as UTF-8")
    })
}
