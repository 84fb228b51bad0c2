//! What is to be changed: the one list that `images`, `values` and `changes` come to.

use serde_json::{Map, Value as Json};
use slipway_core::image::ImageReference;
use slipway_core::{Error, ErrorKind, Result};
use slipway_edit::{Format, ImageSelector, ImageVersion, Operation, Options};
use slipway_gitops::PathPattern;

/// One change that somebody asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RequestedChange {
    /// An operation on the files that the patterns cover.
    Edit { files: Vec<PathPattern>, operation: Box<Operation> },
    /// `promote`: values of one file, copied to the same places of others.
    Promote {
        source: PathPattern,
        target: PathPattern,
        /// One `set` for each path, with a value that is still to be read.
        values: Vec<Operation>,
    },
}

impl RequestedChange {
    /// Gives an image another version wherever the files name it.
    pub(crate) fn of_image(image: &ImageReference, files: &[PathPattern]) -> Self {
        let version = ImageVersion { tag: image.tag.clone(), digest: image.digest.clone(), ..ImageVersion::default() };
        let selector = ImageSelector::from(image.name.clone());
        Self::Edit {
            files: files.to_vec(),
            operation: Box::new(Operation::SetImage { selector, version, options: Options::default() }),
        }
    }

    /// Every file that is read or written.
    pub(crate) fn files(&self) -> &[PathPattern] {
        match self {
            Self::Edit { files, .. } => files,
            Self::Promote { source, .. } => std::slice::from_ref(source),
        }
    }

    /// The files that are only written.
    pub(crate) fn targets(&self) -> Option<&PathPattern> {
        match self {
            Self::Edit { .. } => None,
            Self::Promote { target, .. } => Some(target),
        }
    }
}

/// Reads the input `changes`, a list in YAML or JSON, as data; null if it is empty.
///
/// # Errors
/// `InvalidYaml` or `InvalidFile` if it does not parse, `InvalidInput` if a number would not keep its spelling.
pub(crate) fn read(text: &str) -> Result<Json> {
    if text.trim().is_empty() {
        return Ok(Json::Null);
    }
    // What is JSON keeps its own numbers; a flow list of YAML may begin the same way.
    let is_json = text.trim_start().starts_with(['[', '{']) && Format::JSON.read(text).is_ok();
    let format = if is_json { Format::JSON } else { Format::YAML };
    format.read(text)?.to_typed_json()
}

/// Puts other texts in the place of those of the list.
///
/// # Errors
/// Those of `filled`.
pub(crate) fn fill_texts(list: &mut Json, filled: &dyn Fn(&str) -> Result<String>) -> Result<()> {
    match list {
        Json::String(text) => {
            *text = filled(text)?;
            Ok(())
        }
        Json::Array(items) => items.iter_mut().try_for_each(|item| fill_texts(item, filled)),
        Json::Object(entries) => entries.values_mut().try_for_each(|value| fill_texts(value, filled)),
        _ => Ok(()),
    }
}

/// The changes of such a list: operations, each with the `file` it works on.
///
/// # Errors
/// `InvalidInput` if an entry is no operation with its file, with the number of the entry.
pub(crate) fn of_list(list: &Json) -> Result<Vec<RequestedChange>> {
    let mut changes = Vec::new();
    if !list.is_null() {
        push_all(list, &mut changes)?;
    }
    Ok(changes)
}

fn push_all(list: &Json, changes: &mut Vec<RequestedChange>) -> Result<()> {
    let Some(entries) = list.as_array() else {
        return Err(invalid("the changes are no list").hint("write `- file: …` for each of them, with its `op`"));
    };
    for (index, entry) in entries.iter().enumerate() {
        push(entry, changes).map_err(|error| error.context(format!("change {}", index + 1)))?;
    }
    Ok(())
}

fn push(entry: &Json, changes: &mut Vec<RequestedChange>) -> Result<()> {
    let Some(entry) = entry.as_object() else { return Err(invalid("it is no mapping with the key `op`")) };
    match entry.get("op").and_then(Json::as_str) {
        Some("multi-file") => match entry.keys().find(|key| !matches!(key.as_str(), "op" | "changes")) {
            Some(key) => Err(invalid(format!("`multi-file` has the unknown key `{key}`"))
                .hint("it has `changes`, and each of them its own `file`")),
            None => push_all(entry.get("changes").unwrap_or(&Json::Null), changes),
        },
        Some("promote") => {
            changes.push(promotion(entry.clone())?);
            Ok(())
        }
        _ => {
            let mut operation = entry.clone();
            let files = vec![file(&mut operation, "file")?];
            changes.push(RequestedChange::Edit {
                files,
                operation: Box::new(Operation::from_json(&Json::Object(operation))?),
            });
            Ok(())
        }
    }
}

/// `promote` has `source`, `target` and `paths`; what else it has holds for each of its values as in `set`.
fn promotion(mut entry: Map<String, Json>) -> Result<RequestedChange> {
    let [source, target] = [file(&mut entry, "source")?, file(&mut entry, "target")?];
    if !source.is_literal() {
        return Err(invalid(format!("the source `{source}` is a pattern")).hint("name the one file to copy from"));
    }
    let paths = entry.remove("paths");
    let Some(paths) = paths.as_ref().and_then(Json::as_array).filter(|paths| !paths.is_empty()) else {
        return Err(invalid("`promote` has no list `paths`").hint("list the key paths whose values are copied"));
    };
    entry.insert("op".into(), "set".into());
    entry.insert("value".into(), "".into());
    let set = |path: &Json| {
        let mut set = entry.clone();
        set.insert("path".into(), path.clone());
        match Operation::from_json(&Json::Object(set))? {
            set @ Operation::Set { .. } => Ok(set),
            _ => Err(invalid("`promote` copies values of files, none inside of strings").hint("leave `inner` out")),
        }
    };
    let values = paths.iter().map(set).collect::<Result<_>>()?;
    Ok(RequestedChange::Promote { source, target, values })
}

fn file(entry: &mut Map<String, Json>, key: &str) -> Result<PathPattern> {
    let file = entry
        .remove(key)
        .ok_or_else(|| invalid(format!("it has no `{key}`")).hint("name the file by its path, or several by a glob"))?;
    let Some(file) = file.as_str() else { return Err(invalid(format!("`{key}` cannot be `{file}`"))) };
    let pattern: PathPattern = file.parse()?;
    refuse_workflow(&pattern)?;
    Ok(pattern)
}

/// # Errors
/// `ForbiddenPath` if the pattern names workflows: who edits them runs code.
pub(crate) fn refuse_workflow(pattern: &PathPattern) -> Result<()> {
    if !pattern.is_workflow() {
        return Ok(());
    }
    Err(Error::new(ErrorKind::ForbiddenPath, format!("`{pattern}` is a workflow, which is never edited")))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<RequestedChange>> {
        of_list(&read(text)?)
    }

    #[test]
    fn texts_are_filled_wherever_they_stand() {
        let mut list =
            read("- {file: '{path}/a.yaml', op: set, path: [x, {n: '{version}'}], value: 3, create: true}").unwrap();
        let fill = |text: &str| Ok(text.replace("{path}", "envs").replace("{version}", "1.10"));
        let expected = read("- {file: envs/a.yaml, op: set, path: [x, {n: '1.10'}], value: 3, create: true}").unwrap();
        fill_texts(&mut list, &fill).unwrap();
        assert_eq!(list, expected);
        assert!(fill_texts(&mut list, &|text: &str| Err(invalid(text))).is_err());
    }

    #[test]
    fn yaml_and_json_are_read_alike() {
        let yaml = "\
# a release
- file: a.yaml
  op: set
  path: image.tag
  value: '1.10'
- {file: envs/*/b.yaml, op: set, path: [l, {name: x}, 0], value: 3}
- op: multi-file
  changes:
    - {file: c.yaml, op: set-image, image: acme/shop, tag: v2}
- {op: promote, source: s.yaml, target: t.yaml, paths: [[image, tag], image.digest], doc: 1}
";
        let json = r#" [{"file": "a.yaml", "op": "set", "path": "image.tag", "value": "1.10"},
            {"file": "envs/*/b.yaml", "op": "set", "path": ["l", {"name": "x"}, 0], "value": 3},
            {"op": "multi-file", "changes": [{"file": "c.yaml", "op": "set-image", "image": "acme/shop", "tag": "v2"}]},
            {"op": "promote", "source": "s.yaml", "target": "t.yaml", "paths": ["image.tag", ["image", "digest"]], "doc": 1}]"#;
        let changes = parse(yaml).unwrap();
        assert_eq!(parse(json).unwrap(), changes);
        assert_eq!(changes.len(), 4);
        let files: Vec<&str> = changes.iter().flat_map(RequestedChange::files).map(PathPattern::as_str).collect();
        assert_eq!(files, ["a.yaml", "envs/*/b.yaml", "c.yaml", "s.yaml"]);
        assert_eq!(parse("[{file: a.yaml, op: set, path: a, value: b}]").unwrap().len(), 1, "a flow list of YAML");
    }

    #[test]
    fn an_entry_that_is_wrong_is_named_by_its_number() {
        for (text, kind, message) in [
            ("a: 1", ErrorKind::InvalidInput, "the changes are no list"),
            ("- x", ErrorKind::InvalidInput, "change 1: it is no mapping"),
            ("- {op: set, path: a, value: b}", ErrorKind::InvalidInput, "change 1: it has no `file`"),
            ("- {file: a.yaml, op: sett}", ErrorKind::InvalidInput, "change 1: the operation `sett` is not known"),
            ("- {file: a.yaml, path: a}", ErrorKind::InvalidInput, "change 1: the operation has no `op`"),
            ("- {file: [a], op: set}", ErrorKind::InvalidInput, "`file` cannot be"),
            ("- {file: ../a.yaml, op: set}", ErrorKind::ForbiddenPath, "leads out of the workspace"),
            ("- {file: .github/workflows/a.yml, op: set}", ErrorKind::ForbiddenPath, "is a workflow"),
            (
                "- {file: a.yaml, op: set, path: a, value: 1.10}",
                ErrorKind::InvalidInput,
                "line 1 holds the number 1.10",
            ),
            ("- {file: a.yaml, op: set, path: a, value: b, vlaue: c}", ErrorKind::InvalidInput, "unknown key `vlaue`"),
            ("- {file: a.yaml, op: set, path: a, value: b, value: c}", ErrorKind::DuplicateKey, "`value` stands twice"),
            ("- {op: multi-file, file: a.yaml, changes: []}", ErrorKind::InvalidInput, "has the unknown key `file`"),
            (
                "- {op: multi-file, changes: [{file: a.yaml, op: x}]}",
                ErrorKind::InvalidInput,
                "change 1: change 1: the operation `x`",
            ),
            ("- {op: promote, source: a, target: b}", ErrorKind::InvalidInput, "has no list `paths`"),
            ("- {op: promote, source: a*, target: b, paths: [x]}", ErrorKind::InvalidInput, "`a*` is a pattern"),
            ("- {op: promote, source: a, target: b, paths: [x], z: 1}", ErrorKind::InvalidInput, "unknown key `z`"),
            (
                "- {op: promote, source: a, target: b, paths: [x], inner: y}",
                ErrorKind::InvalidInput,
                "leave `inner` out",
            ),
            ("- [", ErrorKind::InvalidYaml, ""),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), kind, "{text}: {error}");
            assert!(error.to_string().contains(message), "{text}: {error}");
        }
    }
}
