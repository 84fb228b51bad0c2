//! Editing files in memory: the images of a release, and single values.

use std::collections::BTreeSet;

use serde::Serialize;
use slipway_core::image::ImageReference;
use slipway_core::{Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::{Edited, Format, KeyPath};
use slipway_gitops::{ConfigFile, PathPattern};

use crate::images::{self, ImageSearch};
use crate::values::{self, ValueChange};

/// A file that an edit changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EditedFile {
    pub(crate) path: WorkspacePath,
    pub(crate) before: String,
    pub(crate) after: String,
}

/// A value that an edit changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub(crate) file: WorkspacePath,
    pub(crate) line: usize,
    pub(crate) path: String,
    pub(crate) old: Option<String>,
    pub(crate) new: String,
}

/// What the edits come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edits {
    pub(crate) files: Vec<EditedFile>,
    pub(crate) changes: Vec<Change>,
    /// The image references that are replaced.
    pub(crate) previous: BTreeSet<String>,
}

/// Sets every image wherever the files that the patterns cover name it, then every value.
///
/// # Errors
/// Those of [`ImageSearch::finish`] and of the edits themselves, with the file in front.
pub(crate) fn edit(
    files: &[ConfigFile],
    patterns: &[PathPattern],
    images: &[ImageReference],
    values: &[ValueChange],
) -> Result<Edits> {
    let mut edits = Edits::default();
    let mut search = ImageSearch::new(images, patterns);
    for file in files {
        let images = search.mentioned_in(file);
        let values: Vec<_> = values.iter().filter(|value| value.files.matches(file.path.as_str())).collect();
        if images.is_empty() && values.is_empty() {
            continue;
        }
        let is_listed = !values.is_empty() || search.is_listed(file);
        let Some((format, before)) = readable(file, is_listed)? else { continue };
        let mut open = OpenFile { path: &file.path, format, text: before.clone(), set: Vec::new() };
        let edited = images::set(&mut open, &images, &mut search, &mut edits);
        let edited = edited.and_then(|()| values::set(&mut open, &values, &mut edits));
        edited.map_err(|error| error.context(format!("`{}`", file.path)))?;
        if open.text != before {
            edits.files.push(EditedFile { path: file.path.clone(), before, after: open.text });
        }
    }
    search.finish(files)?;
    Ok(edits)
}

/// A file between two of its edits.
pub(crate) struct OpenFile<'f> {
    path: &'f WorkspacePath,
    pub(crate) format: Format,
    pub(crate) text: String,
    /// What was set, as document, path and value.
    set: Vec<(usize, KeyPath, String)>,
}

impl OpenFile<'_> {
    /// Takes an edit over.
    ///
    /// # Errors
    /// `InvalidInput` if it gives a value that was set already another content.
    pub(crate) fn accept(&mut self, edited: Edited, edits: &mut Edits) -> Result<()> {
        for change in edited.changes.iter().chain(&edited.unchanged) {
            let is_same_place =
                |(document, path, _): &&(usize, KeyPath, String)| (*document, path) == (change.document, &change.path);
            match self.set.iter().find(is_same_place) {
                Some((_, path, new)) if *new != change.new => {
                    let twice = format!("`{path}` at line {} is set to `{new}` and to `{}`", change.line, change.new);
                    return Err(Error::new(ErrorKind::InvalidInput, twice).hint("set it once"));
                }
                _ => self.set.push((change.document, change.path.clone(), change.new.clone())),
            }
        }
        edits.changes.extend(edited.changes.into_iter().map(|change| Change {
            file: self.path.clone(),
            line: change.line,
            path: change.path.to_string(),
            old: change.old,
            new: change.new,
        }));
        self.text = edited.text;
        Ok(())
    }
}

/// The file as text, if it is of a format that can be edited. One that is listed by its path must be.
fn readable(file: &ConfigFile, is_listed: bool) -> Result<Option<(Format, String)>> {
    let format = match Format::of_file(file.path.as_str(), Format::ALL) {
        Err(_) if !is_listed => return Ok(None),
        format => format?,
    };
    let text = String::from_utf8(file.content.clone()).map_err(|_| {
        Error::new(ErrorKind::InvalidFile, format!("`{}` is not UTF-8", file.path)).hint("save the file as UTF-8")
    })?;
    Ok(Some((format, text)))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Edits files, given as path and content; images are looked for where the patterns say.
    pub(crate) fn edited(files: &[(&str, &str)], patterns: &[&str], images: &[&str], values: &[&str]) -> Result<Edits> {
        let files: Vec<ConfigFile> = files
            .iter()
            .map(|(path, content)| ConfigFile { path: path.parse().unwrap(), content: (*content).into() })
            .collect();
        let patterns: Vec<PathPattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let images: Vec<ImageReference> = images.iter().map(|image| image.parse().unwrap()).collect();
        let values: Vec<ValueChange> = values.iter().map(|value| value.parse().unwrap()).collect();
        edit(&files, &patterns, &images, &values)
    }

    /// The files after an edit.
    pub(crate) fn after(edits: &Edits) -> Vec<(&str, &str)> {
        edits.files.iter().map(|file| (file.path.as_str(), file.after.as_str())).collect()
    }

    #[test]
    fn images_and_values_of_one_file_compose() {
        let edits = edited(
            &[("a.yaml", "image: acme/shop:1\nreplicas: 1\n"), ("b.yaml", "image: acme/shop:1\nx: 1\n")],
            &["a.yaml"],
            &["acme/shop:2"],
            &["a.yaml#replicas=3", "*.yaml#image=acme/shop:2", "b.yaml#x=2"],
        )
        .unwrap();
        assert_eq!(
            after(&edits),
            [("a.yaml", "image: acme/shop:2\nreplicas: 3\n"), ("b.yaml", "image: acme/shop:2\nx: 2\n")]
        );
        let changes: Vec<(&str, usize, &str)> =
            edits.changes.iter().map(|change| (change.file.as_str(), change.line, change.path.as_str())).collect();
        let expected = [("a.yaml", 1, "image"), ("a.yaml", 2, "replicas"), ("b.yaml", 1, "image"), ("b.yaml", 2, "x")];
        assert_eq!(changes, expected);
        assert_eq!(edits.previous.len(), 1, "only what was found as an image");
    }

    #[test]
    fn one_place_is_set_once() {
        let files = [("a.yaml", "l: [{name: x, image: acme/shop:1}]\nz: 1\n")];
        for (images, values, message) in [
            (
                vec!["acme/shop:2"],
                vec!["a.yaml#l[0].image=other:1"],
                "`l[0].image` at line 1 is set to `acme/shop:2` and to `other:1`",
            ),
            (vec![], vec!["a.yaml#l[0].image=a:1", "*.yaml#l[name=x].image=b:1"], "is set to `a:1` and to `b:1`"),
            (vec![], vec!["a.yaml#z=1", "a.yaml#z=2"], "is set to `1` and to `2`"),
        ] {
            let error = edited(&files, &["a.yaml"], &images, &values).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().starts_with("`a.yaml`: ") && error.message().contains(message), "{error}");
        }
        assert_eq!(edited(&files, &[], &[], &["a.yaml#z=2", "*#z=2"]).unwrap().changes.len(), 1);
    }
}
