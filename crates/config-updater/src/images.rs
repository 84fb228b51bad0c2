//! The images of a release, wherever the files name them.

use std::collections::BTreeSet;

use slipway_core::image::{ImageName, ImageReference};
use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result};
use slipway_edit::{Format, ImageSelector, ImageVersion, Options};
use slipway_gitops::{ConfigFile, PathPattern};

use crate::edit::{Edits, OpenFile};

/// Which images are looked for, where, and which of them were found.
pub(crate) struct ImageSearch<'i> {
    images: &'i [ImageReference],
    patterns: &'i [PathPattern],
    found: Vec<bool>,
}

impl<'i> ImageSearch<'i> {
    pub(crate) fn new(images: &'i [ImageReference], patterns: &'i [PathPattern]) -> Self {
        Self { images, patterns, found: vec![false; images.len()] }
    }

    /// The positions of the images that the file can name: the last part of the name stands in it. A file without any is not even
    /// parsed.
    pub(crate) fn mentioned_in(&self, file: &ConfigFile) -> Vec<usize> {
        if !self.covers(file) {
            return Vec::new();
        }
        (0..self.images.len()).filter(|index| mentions(&file.content, &self.images[*index].name)).collect()
    }

    /// Whether the file is listed by its path.
    pub(crate) fn is_listed(&self, file: &ConfigFile) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_literal() && pattern.matches(file.path.as_str()))
    }

    /// Ends the search.
    ///
    /// # Errors
    /// `ImageNotFound` if no file names one of the images.
    pub(crate) fn finish(&self, files: &[ConfigFile]) -> Result<()> {
        match self.found.iter().position(|found| !found) {
            Some(index) => Err(not_found(&self.images[index].name, files.iter().filter(|file| self.covers(file)))),
            None => Ok(()),
        }
    }

    fn covers(&self, file: &ConfigFile) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(file.path.as_str()))
    }
}

/// Sets images of a file, named by their positions.
///
/// # Errors
/// Those of [`Format::set_image`], but for an image that the file does not name.
pub(crate) fn set(
    file: &mut OpenFile<'_>,
    images: &[usize],
    search: &mut ImageSearch<'_>,
    edits: &mut Edits,
) -> Result<()> {
    for &index in images {
        let image = &search.images[index];
        let version = ImageVersion { tag: image.tag.clone(), digest: image.digest.clone(), ..ImageVersion::default() };
        let selector = ImageSelector::from(image.name.clone());
        let edited = match file.format.set_image(&file.text, &selector, &version, &Options::default()) {
            Ok(edited) => edited,
            Err(error) if error.kind() == ErrorKind::ImageNotFound => continue,
            Err(error) => return Err(error),
        };
        search.found[index] = true;
        if !edited.changes.is_empty() {
            edits.previous.extend(references(file.format, &file.text, image));
        }
        file.accept(edited, edits)?;
    }
    Ok(())
}

fn mentions(content: &[u8], name: &ImageName) -> bool {
    // What UTF-16 says cannot be told by its bytes; reading it as text will.
    if content.starts_with(&[0xff, 0xfe]) || content.starts_with(&[0xfe, 0xff]) {
        return true;
    }
    let last = name.as_str().rsplit('/').next().unwrap_or_default().as_bytes();
    content.windows(last.len()).any(|window| window == last)
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

fn not_found<'f>(name: &ImageName, files: impl Iterator<Item = &'f ConfigFile>) -> Error {
    let mut known = BTreeSet::new();
    for file in files {
        let (Ok(format), Ok(text)) =
            (Format::of_file(file.path.as_str(), Format::ALL), std::str::from_utf8(&file.content))
        else {
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
    use crate::edit::edit;
    use crate::edit::tests::{after, edited};

    fn set(files: &[(&str, &str)], patterns: &[&str], images: &[&str]) -> Result<Edits> {
        edited(files, patterns, images, &[])
    }

    #[test]
    fn nothing_that_should_be_set_is_passed_over() {
        let digest = format!("acme/shop:1@sha256:{}", "ab".repeat(32));
        let no_place = set(&[("a.yaml", "image:\n  repository: acme/shop\n")], &["*.yaml"], &[&digest]).unwrap_err();
        assert_eq!(no_place.kind(), ErrorKind::PathNotFound, "{no_place}");
        for content in [&b"# Stra\xdfe\nimage: acme/shop:1\n"[..], b"\xff\xfei\0m\0"] {
            let files = [("a.yaml", &b"image: acme/shop:0\n"[..]), ("b.yaml", content)];
            let files =
                files.map(|(path, content)| ConfigFile { path: path.parse().unwrap(), content: content.into() });
            let error = edit(&files, &["*.yaml".parse().unwrap()], &["acme/shop:1".parse().unwrap()], &[]).unwrap_err();
            assert_eq!(error.message(), "`b.yaml` is not UTF-8");
        }
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
        assert_eq!(
            after(&edits),
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
        assert_eq!(edit(&[latin1], &patterns, &image, &[]).unwrap_err().kind(), ErrorKind::InvalidFile);
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
