//! Looking for an image in many files.

use std::collections::BTreeSet;

use slipway_core::image::ImageName;
use slipway_core::text::{nearest, quoted};
use slipway_core::{Error, ErrorKind};
use slipway_edit::{Format, Operation, Options};
use slipway_gitops::{ConfigFile, PathPattern};

use crate::open_files::OpenFiles;

/// An image that is set wherever files name it.
pub(crate) struct ImageSearch<'o> {
    name: &'o ImageName,
}

impl<'o> ImageSearch<'o> {
    /// What the operation looks for; nothing if it has its place in every file.
    pub(crate) fn of(operation: &'o Operation) -> Option<Self> {
        match operation {
            Operation::SetImage { selector, options, .. } if !options.create => {
                selector.name.as_ref().map(|name| Self { name })
            }
            _ => None,
        }
    }

    /// Whether the file can name the image: the last part of the name stands in it. A file without it is not even parsed.
    pub(crate) fn may_concern(&self, file: &ConfigFile) -> bool {
        mentions(file, self.name.as_str().rsplit('/').next().unwrap_or_default())
    }

    /// The references to the image that an edit replaced.
    pub(crate) fn replaced(&self, format: Format, before: &str, after: &str) -> Vec<String> {
        let [before, after] = [before, after].map(|text| self.references(format, text));
        let replaced = before.into_iter().zip(after).filter(|(old, new)| old != new);
        replaced.map(|(old, _)| old).collect()
    }

    fn references(&self, format: Format, text: &str) -> Vec<String> {
        let found = format.images(text, &Options::default()).unwrap_or_default();
        let references = found.into_iter().filter(|found| found.name.is_same(self.name)).map(|found| {
            let part = |mark: &str, text: Option<String>| text.map(|text| format!("{mark}{text}")).unwrap_or_default();
            format!("{}{}{}", found.name, part(":", found.tag), part("@", found.digest))
        });
        references.collect()
    }

    /// The error for an image that no file names.
    pub(crate) fn not_found(&self, open: &OpenFiles<'_>, patterns: &[PathPattern]) -> Error {
        let mut known = BTreeSet::new();
        for file in open.files {
            let is_covered = patterns.iter().any(|pattern| pattern.matches(file.path.as_str()));
            let (Ok(format), Ok(text)) =
                (Format::of_file(file.path.as_str(), Format::ALL), std::str::from_utf8(&file.content))
            else {
                continue;
            };
            if is_covered {
                let images = format.images(text, &Options::default()).unwrap_or_default();
                known.extend(images.into_iter().map(|image| image.name.to_string()));
            }
        }
        let name = self.name;
        let error = Error::new(ErrorKind::ImageNotFound, format!("none of the files names the image `{name}`"));
        let listed = quoted(&mut known.iter().map(String::as_str).take(5));
        match nearest(name.as_str(), known.iter().map(String::as_str)) {
            Some(like) => error.hint(format!("did you mean `{like}`?")),
            None if known.is_empty() => error.hint("the files name no image; check the input `files`"),
            None => error.hint(format!("the files name {listed}")),
        }
    }
}

/// Whether a text can stand in a file.
pub(crate) fn mentions(file: &ConfigFile, text: &str) -> bool {
    // What UTF-16 says cannot be told by its bytes; reading it as text will.
    let is_utf16 = file.content.starts_with(&[0xff, 0xfe]) || file.content.starts_with(&[0xfe, 0xff]);
    is_utf16 || contains(&file.content, text.as_bytes())
}

/// Whether a text stands in another; most of the time goes into looking for its first byte.
fn contains(mut content: &[u8], text: &[u8]) -> bool {
    let Some(&first) = text.first() else { return true };
    while let Some(at) = content.iter().position(|&byte| byte == first) {
        content = &content[at..];
        if content.starts_with(text) {
            return true;
        }
        content = &content[1..];
    }
    false
}

#[cfg(test)]
mod tests {
    use slipway_core::Result;

    use super::*;
    use crate::changes::RequestedChange;
    use crate::edit::tests::{after, edited};
    use crate::edit::{Edits, edit};

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
            let change = RequestedChange::of_image(&"acme/shop:1".parse().unwrap(), &["*.yaml".parse().unwrap()]);
            let error = edit(&files, &[change]).unwrap_err();
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
        let change = RequestedChange::of_image(&"acme/shop:2".parse().unwrap(), &["a.yaml".parse().unwrap()]);
        assert_eq!(edit(&[latin1], &[change]).unwrap_err().kind(), ErrorKind::InvalidFile);
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
