//! Editing files in memory.

use std::collections::BTreeSet;

use serde::Serialize;
use slipway_core::text::markdown::code;
use slipway_core::{Error, ErrorKind, Result, WorkspacePath};
use slipway_edit::{Operation, Value};
use slipway_gitops::{ConfigFile, PathPattern};

use crate::changes::RequestedChange;
use crate::images::ImageSearch;
use crate::open_files::OpenFiles;
use crate::search::Search;

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
    /// Whether the value is taken away.
    #[serde(rename = "removed")]
    pub(crate) is_removed: bool,
}

impl Change {
    /// The cells of a table: where, value, before, after.
    pub(crate) fn row(&self) -> [String; 4] {
        let old = self.old.as_deref().map(code).unwrap_or_default();
        let new = if self.is_removed { "removed".into() } else { code(&self.new) };
        [code(&format!("{}:{}", self.file, self.line)), code(&self.path), old, new]
    }
}

/// What the edits come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edits {
    pub(crate) files: Vec<EditedFile>,
    pub(crate) changes: Vec<Change>,
    /// The image references that are replaced.
    pub(crate) previous: BTreeSet<String>,
}

/// Makes the changes one after the other.
///
/// # Errors
/// Those of the operations, with the file in front; `ImageNotFound` if no file names an image that is to be set.
pub(crate) fn edit(files: &[ConfigFile], changes: &[RequestedChange]) -> Result<Edits> {
    let mut open = OpenFiles::new(files);
    for change in changes {
        match change {
            RequestedChange::Edit { files, operation } => everywhere(&mut open, files, operation)?,
            RequestedChange::Promote { source, target, values } => {
                values.iter().try_for_each(|value| promote(&mut open, source, target, value))?;
            }
        }
    }
    open.finish()
}

/// Whether one of the changes can have to do with the file. Cheap: nothing is parsed.
pub(crate) fn may_concern(changes: &[RequestedChange], file: &ConfigFile) -> bool {
    changes.iter().any(|change| match change {
        RequestedChange::Edit { files, operation } => {
            Search::of(operation).is_none_or(|search| search.may_concern(file) || is_listed(files, file))
                && covers(files, file)
        }
        RequestedChange::Promote { source, target, .. } => {
            covers(std::slice::from_ref(source), file) || covers(std::slice::from_ref(target), file)
        }
    })
}

/// Whether every image that is looked for can be in one of the files.
pub(crate) fn may_succeed(changes: &[RequestedChange], files: &[ConfigFile]) -> bool {
    changes.iter().all(|change| match change {
        RequestedChange::Edit { files: patterns, operation } => ImageSearch::of(operation)
            .is_none_or(|search| files.iter().any(|file| search.may_concern(file) && covers(patterns, file))),
        RequestedChange::Promote { .. } => true,
    })
}

fn covers(patterns: &[PathPattern], file: &ConfigFile) -> bool {
    patterns.iter().any(|pattern| pattern.matches(file.path.as_str()))
}

/// Whether the file is listed by its path.
fn is_listed(patterns: &[PathPattern], file: &ConfigFile) -> bool {
    patterns.iter().any(|pattern| pattern.is_literal() && pattern.matches(file.path.as_str()))
}

/// Makes an operation in every file that the patterns cover, or, if it looks for something, in those that hold it.
fn everywhere(open: &mut OpenFiles<'_>, patterns: &[PathPattern], operation: &Operation) -> Result<()> {
    let search = Search::of(operation);
    let image = search.as_ref().and_then(Search::image);
    let (mut found, mut missing) = (Vec::new(), None);
    for index in 0..open.files.len() {
        let file = &open.files[index];
        if !covers(patterns, file) {
            continue;
        }
        let is_listed = is_listed(patterns, file);
        // An image may be in any of the listed files; a comment or a pattern is in each.
        let may_miss = search.as_ref().filter(|_| image.is_some() || !is_listed);
        if may_miss.is_some_and(|search| !search.may_concern(file)) {
            continue;
        }
        match apply(open, index, is_listed || search.is_none(), operation, image) {
            Ok(line) => found.extend(line.map(|line| format!("{}:{line}", file.path))),
            Err(error) if may_miss.is_some_and(|search| search.is_missing(&error)) => missing = Some(error),
            Err(error) => return Err(error),
        }
    }
    match &search {
        Some(Search::Image(image)) if found.is_empty() => Err(image.not_found(open, patterns)),
        Some(Search::Text { .. }) if found.is_empty() => Err(missing.unwrap_or_else(|| nowhere(patterns))),
        Some(Search::Text { every: false, .. }) if found.len() > 1 && !patterns.iter().all(PathPattern::is_literal) => {
            let places = format!("what is looked for stands in {} files, at {}", found.len(), found.join(", "));
            Err(Error::new(ErrorKind::AmbiguousMatch, places).hint("name one file, or set `every` if all are meant"))
        }
        _ => Ok(()),
    }
}

fn nowhere(patterns: &[PathPattern]) -> Error {
    let patterns: Vec<String> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
    let message = format!("none of the files that {} covers holds what is looked for", patterns.join(" or "));
    Error::new(ErrorKind::PathNotFound, message).hint("check the name of the marker and the pattern of the files")
}

/// Makes an operation in one file. Gives the first line that it is about; nothing for a file that cannot be edited and was not listed.
fn apply(
    open: &mut OpenFiles<'_>,
    index: usize,
    is_listed: bool,
    operation: &Operation,
    image: Option<&ImageSearch<'_>>,
) -> Result<Option<usize>> {
    let file = &open.files[index].path;
    let in_file = |error: Error| error.context(format!("`{file}`"));
    let Some((format, text)) = open.text(index, operation, is_listed)? else { return Ok(None) };
    let edited = operation.apply(format, text).map_err(in_file)?;
    let previous = match image {
        Some(image) if !edited.changes.is_empty() => image.replaced(format, text, &edited.text),
        _ => Vec::new(),
    };
    let line = edited.changes.iter().chain(&edited.unchanged).map(|change| change.line).min();
    open.previous.extend(previous);
    open.accept(index, edited).map_err(in_file)?;
    Ok(Some(line.unwrap_or(1)))
}

/// Copies one value of the source, as it is by now, to every file that the target covers.
fn promote(open: &mut OpenFiles<'_>, source: &PathPattern, target: &PathPattern, value: &Operation) -> Result<()> {
    let Operation::Set { path, options, .. } = value else { return Ok(()) };
    let index = open.files.iter().position(|file| file.path.as_str() == source.as_str());
    let index = index.ok_or_else(|| Error::new(ErrorKind::NotFound, format!("there is no `{source}`")))?;
    let read = match open.text(index, value, true)? {
        Some((format, text)) => format.read(text).and_then(|content| content.typed_value(path, options)),
        None => return Ok(()),
    };
    let value = read.map_err(|error| error.context(format!("`{source}`")))?;
    if matches!(&value, Value::Literal(text) if matches!(text.as_str(), "" | "~" | "null")) {
        let nothing = format!("`{source}`: `{path}` has no value to promote");
        return Err(Error::new(ErrorKind::PathNotFound, nothing));
    }
    let operation = Operation::Set { path: path.clone(), value, options: options.clone() };
    everywhere(open, std::slice::from_ref(target), &operation)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::changes;
    use crate::values::ValueChange;

    /// Edits files, given as path and content; images are looked for where the patterns say.
    pub(crate) fn edited(files: &[(&str, &str)], patterns: &[&str], images: &[&str], values: &[&str]) -> Result<Edits> {
        let files: Vec<ConfigFile> = files
            .iter()
            .map(|(path, content)| ConfigFile { path: path.parse().unwrap(), content: (*content).into() })
            .collect();
        let patterns: Vec<PathPattern> = patterns.iter().map(|pattern| pattern.parse().unwrap()).collect();
        let images = images.iter().map(|image| RequestedChange::of_image(&image.parse().unwrap(), &patterns));
        let values = values.iter().map(|value| value.parse::<ValueChange>().unwrap().into());
        edit(&files, &images.chain(values).collect::<Vec<_>>())
    }

    /// Makes changes, given as YAML.
    fn changed(files: &[(&str, &str)], text: &str) -> Result<Edits> {
        let files: Vec<ConfigFile> = files
            .iter()
            .map(|(path, content)| ConfigFile { path: path.parse().unwrap(), content: (*content).into() })
            .collect();
        edit(&files, &changes::of_list(&changes::read(text).unwrap()).unwrap())
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

    #[test]
    fn changes_are_made_one_after_the_other_or_not_at_all() {
        let files = [("a.yaml", "tag: v1\nold: v1\n"), ("b.yaml", "image: {}\n"), ("c.yaml", "image: acme/shop:v1\n")];
        let edits = changed(
            &files,
            "- {file: a.yaml, op: set, path: tag, value: v2}\n- {op: promote, source: a.yaml, target: a.yaml, paths: [tag]}\n\
             - {file: '*.yaml', op: set-image, image: acme/shop, tag: v2}\n",
        )
        .unwrap();
        assert_eq!(after(&edits), [("a.yaml", "tag: v2\nold: v1\n"), ("c.yaml", "image: acme/shop:v2\n")]);
        assert_eq!(edits.previous.iter().collect::<Vec<_>>(), ["acme/shop:v1"]);
        for (changes, kind, message) in [
            (
                "- {file: a.yaml, op: set, path: tag, value: v2}\n- {file: b.yaml, op: set, path: image.tag, value: v2}",
                ErrorKind::PathNotFound,
                "`b.yaml`: nothing stands at `image.tag`",
            ),
            (
                "- {file: a.yaml, op: set-image, image: acme/shop, tag: v2}",
                ErrorKind::ImageNotFound,
                "none of the files names the image `acme/shop`",
            ),
            ("- {file: '*.yaml', op: set, path: tag, value: v2}", ErrorKind::PathNotFound, "`b.yaml`: "),
        ] {
            let error = changed(&files, changes).unwrap_err();
            assert_eq!(error.kind(), kind, "{changes}: {error}");
            assert!(error.message().contains(message), "{changes}: {error}");
        }
    }

    #[test]
    fn markers_and_patterns_are_looked_for_in_globs() {
        let marked = |value: &str| format!("a: 1\nv: {value} # slipway:version\n");
        let files = [("a.yaml", &*marked("1")), ("b.yaml", "v: 1\n"), ("c.yaml", "x: {{ y }}\n")];
        let set = |file: &str| format!("- {{file: '{file}', op: marker, name: version, value: 2.0.0}}");
        let edits = changed(&files, &set("*.yaml")).unwrap();
        assert_eq!(after(&edits), [("a.yaml", marked("2.0.0").as_str())]);
        let twice = [("a.yaml", &*marked("1")), ("b.yaml", &*marked("1"))];
        for (files, changes, kind, message) in [
            (&files[..], set("b.yaml"), ErrorKind::PathNotFound, "`b.yaml`: "),
            (&files[1..], set("*.yaml"), ErrorKind::PathNotFound, "none of the files that `*.yaml` covers"),
            (&twice[..], set("*.yaml"), ErrorKind::AmbiguousMatch, "stands in 2 files, at a.yaml:2, b.yaml:2"),
            (
                &twice[..],
                "- {file: '*.yaml', op: regex, pattern: '(?m)^a: (\\d)', value: '2'}".to_owned(),
                ErrorKind::AmbiguousMatch,
                "stands in 2 files, at a.yaml:1, b.yaml:1",
            ),
        ] {
            let error = changed(files, &changes).unwrap_err();
            assert_eq!(error.kind(), kind, "{changes}: {error}");
            assert!(error.message().contains(message), "{changes}: {error}");
        }
        let every = "- {file: '*.yaml', op: marker, name: version, value: 2.0.0, every: true}";
        assert_eq!(changed(&twice, every).unwrap().files.len(), 2);
        let short = edited(&twice, &[], &[], &["a.yaml#slipway:version=3"]).unwrap();
        assert_eq!(after(&short), [("a.yaml", marked("3").as_str())]);
        let flux = |image: &str| format!("image: {image} # {{\"$imagepolicy\": \"flux-system:shop\"}}\n");
        let short = edited(
            &[("a.yaml", &flux("acme/shop:1"))],
            &[],
            &[],
            &["*.yaml#$imagepolicy:flux-system:shop=acme/shop:2"],
        );
        assert_eq!(after(&short.unwrap()), [("a.yaml", flux("acme/shop:2").as_str())]);
    }

    #[test]
    fn a_promotion_copies_values_and_leaves_the_style() {
        let source = ("s.yaml", "image: {tag: v2, n: 1.10, e: , text: \"1.10\"}\nreplicas: 3\n");
        let target = "# t\nimage:\n    tag:    'v1'   # live\n    n: 1.9\n    text: v\nreplicas: 6\n";
        let paths = "[image.tag, image.n, image.text, replicas]";
        let promote = |paths: &str| format!("- {{op: promote, source: s.yaml, target: 't*.yaml', paths: {paths}}}");
        let edits = changed(&[source, ("t.yaml", target)], &promote(paths)).unwrap();
        let expected = "# t\nimage:\n    tag:    'v2'   # live\n    n: 1.10\n    text: \"1.10\"\nreplicas: 3\n";
        assert_eq!(after(&edits), [("t.yaml", expected)]);
        for (paths, message) in [
            ("[image.tga]", "`s.yaml`: nothing stands at `image.tga`"),
            ("[image.e]", "`s.yaml`: `image.e` has no value to promote"),
            ("[image]", "`s.yaml`: `image` at line 1 is a mapping"),
        ] {
            let error = changed(&[source, ("t.yaml", target)], &promote(paths)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PathNotFound);
            assert!(error.message().contains(message), "{error}");
        }
    }
}
