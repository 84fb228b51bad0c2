//! Setting the images of a release in files, in memory.

use std::collections::BTreeSet;

use serde::Serialize;
use slipway_core::image::{ImageName, ImageReference};
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::{Format, ImageSelector, ImageVersion, Options};
use slipway_gitops::{ConfigFile, PathPattern};

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

/// What setting the images comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edits {
    pub(crate) files: Vec<EditedFile>,
    pub(crate) changes: Vec<Change>,
    /// The references that are replaced.
    pub(crate) previous: BTreeSet<String>,
}

/// Sets every image wherever the files name it.
///
/// # Errors
/// `ImageNotFound` if no file names one of the images, and those of the edit itself.
pub(crate) fn set_images(files: &[ConfigFile], patterns: &[PathPattern], images: &[ImageReference]) -> Result<Edits> {
    let mut edits = Edits::default();
    let mut found = vec![false; images.len()];
    for file in files {
        let mentioned: Vec<usize> =
            (0..images.len()).filter(|index| mentions(&file.content, &images[*index].name)).collect();
        if mentioned.is_empty() {
            continue;
        }
        let Some((format, before)) = readable(file, patterns)? else { continue };
        let mut after = before.clone();
        for index in mentioned {
            let image = &images[index];
            let version =
                ImageVersion { tag: image.tag.clone(), digest: image.digest.clone(), ..ImageVersion::default() };
            let selector = ImageSelector::from(image.name.clone());
            let edited = match format.set_image(&after, &selector, &version, &Options::default()) {
                Ok(edited) => edited,
                Err(error) if error.kind() == ErrorKind::ImageNotFound => continue,
                Err(error) => return Err(error.context(format!("`{}`", file.path))),
            };
            found[index] = true;
            if edited.changes.is_empty() {
                continue;
            }
            edits.previous.extend(references(format, &after, image));
            edits.changes.extend(edited.changes.into_iter().map(|change| Change {
                file: file.path.clone(),
                line: change.line,
                path: change.path.to_string(),
                old: change.old,
                new: change.new,
            }));
            after = edited.text;
        }
        if after != before {
            edits.files.push(EditedFile { path: file.path.clone(), before, after });
        }
    }
    match found.iter().position(|found| !found) {
        Some(index) => Err(not_found(&images[index].name, files)),
        None => Ok(edits),
    }
}

/// Whether a file can name the image: the last part of the name stands in it. Files that do not are not even parsed.
fn mentions(content: &[u8], name: &ImageName) -> bool {
    let last = name.as_str().rsplit('/').next().unwrap_or_default().as_bytes();
    content.windows(last.len()).any(|window| window == last)
}

/// The file as text, if it is of a format that can be edited. One that is listed by its path must be.
fn readable(file: &ConfigFile, patterns: &[PathPattern]) -> Result<Option<(Format, String)>> {
    let is_listed = patterns.iter().any(|pattern| pattern.is_literal() && pattern.matches(file.path.as_str()));
    let read = Format::of_file(file.path.as_str()).and_then(|format| {
        let text = String::from_utf8(file.content.clone()).map_err(|_| {
            Error::new(ErrorKind::InvalidFile, format!("`{}` is not UTF-8", file.path)).hint("save the file as UTF-8")
        })?;
        Ok((format, text))
    });
    match read {
        Err(_) if !is_listed => Ok(None),
        read => read.map(Some),
    }
}

/// The references of an image that differ from the wanted one.
fn references(format: Format, text: &str, image: &ImageReference) -> Vec<String> {
    let found = format.images(text, &Options::default()).unwrap_or_default();
    let references = found.into_iter().filter(|found| found.name.is_same(&image.name)).map(|found| {
        let part = |mark: &str, text: Option<String>| text.map(|text| format!("{mark}{text}")).unwrap_or_default();
        format!("{}{}{}", found.name, part(":", found.tag), part("@", found.digest))
    });
    references.filter(|reference| *reference != image.to_string()).collect()
}

fn not_found(name: &ImageName, files: &[ConfigFile]) -> Error {
    let mut known = BTreeSet::new();
    for file in files {
        let (Ok(format), Ok(text)) = (Format::of_file(file.path.as_str()), std::str::from_utf8(&file.content)) else {
            continue;
        };
        let images = format.images(text, &Options::default()).unwrap_or_default();
        known.extend(images.into_iter().map(|image| image.name.to_string()));
    }
    let error = Error::new(ErrorKind::ImageNotFound, format!("none of the files names the image `{name}`"));
    let listed: Vec<String> = known.iter().take(5).map(|name| format!("`{name}`")).collect();
    match nearest(name.as_str(), known.iter().map(String::as_str)) {
        Some(like) => error.hint(format!("did you mean `{like}`?")),
        None if known.is_empty() => error.hint("the files name no image; check the input `files`"),
        None => error.hint(format!("the files name {}", listed.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(files: &[(&str, &str)], patterns: &[&str], images: &[&str]) -> Result<Edits> {
        let files: Vec<ConfigFile> = files
            .iter()
            .map(|(path, content)| ConfigFile { path: path.parse().unwrap(), content: (*content).into() })
            .collect();
        let patterns: Vec<PathPattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let images: Vec<ImageReference> = images.iter().map(|image| image.parse().unwrap()).collect();
        set_images(&files, &patterns, &images)
    }

    #[test]
    fn every_file_that_names_an_image_is_set() {
        let edits = set(
            &[
                ("a.yaml", "image: acme/shop:1\n---\nimage: acme/worker:1\n"),
                ("b.yaml", "image: acme/shop:0.9\n"),
                ("c.yaml", "image: acme/shop:2\n"),
                ("d.yaml", "image: acme/shopping:1\n"),
            ],
            &["*.yaml"],
            &["acme/shop:2", "acme/worker:3"],
        )
        .unwrap();
        let after: Vec<(&str, &str)> =
            edits.files.iter().map(|file| (file.path.as_str(), file.after.as_str())).collect();
        assert_eq!(
            after,
            [("a.yaml", "image: acme/shop:2\n---\nimage: acme/worker:3\n"), ("b.yaml", "image: acme/shop:2\n")]
        );
        let previous: Vec<&str> = edits.previous.iter().map(String::as_str).collect();
        assert_eq!(previous, ["acme/shop:0.9", "acme/shop:1", "acme/worker:1"]);
        let changes: Vec<(&str, usize)> =
            edits.changes.iter().map(|change| (change.file.as_str(), change.line)).collect();
        assert_eq!(changes, [("a.yaml", 1), ("a.yaml", 3), ("b.yaml", 1)]);
    }

    #[test]
    fn files_that_do_not_name_the_image_need_not_parse() {
        let broken = "{{ if x }}\n\tkey: [";
        let edits = set(&[("a.yaml", broken), ("b.yaml", "image: acme/shop:1")], &["**"], &["acme/shop:2"]).unwrap();
        assert_eq!(edits.files.len(), 1);
        let mentioned = format!("{broken} acme/shop");
        let error =
            set(&[("a.yaml", &mentioned), ("b.yaml", "image: acme/shop:1")], &["**"], &["acme/shop:2"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidYaml);
        assert!(error.message().starts_with("`a.yaml`: "), "{error}");
    }

    #[test]
    fn only_a_file_that_is_listed_must_be_editable() {
        let files = [("README.md", "acme/shop:1"), ("a.yaml", "image: acme/shop:1")];
        assert_eq!(set(&files, &["**"], &["acme/shop:2"]).unwrap().files.len(), 1);
        let error = set(&files, &["README.md", "a.yaml"], &["acme/shop:2"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let latin1 = ConfigFile { path: "a.yaml".parse().unwrap(), content: b"image: acme/shop:1 # \xe9".to_vec() };
        let (patterns, image) = (["a.yaml".parse().unwrap()], ["acme/shop:2".parse().unwrap()]);
        assert_eq!(set_images(&[latin1], &patterns, &image).unwrap_err().kind(), ErrorKind::InvalidFile);
    }

    #[test]
    fn one_image_that_is_missing_stops_everything() {
        for (images, hint) in [
            (["acme/shop:2", "acme/wrker:2"], "did you mean `acme/worker`?"),
            (["acme/shop:2", "registry.example/other/thing:2"], "the files name `acme/shop`, `acme/worker`"),
        ] {
            let error =
                set(&[("a.yaml", "image: acme/shop:1\n---\nimage: acme/worker:1")], &["*"], &images).unwrap_err();
            assert_eq!((error.kind(), error.hint_text()), (ErrorKind::ImageNotFound, Some(hint)));
        }
        let stale = format!("image: acme/shop:1@sha256:{}", "a".repeat(64));
        assert_eq!(set(&[("a.yaml", &stale)], &["*"], &["acme/shop:2"]).unwrap_err().kind(), ErrorKind::StaleDigest);
    }
}
