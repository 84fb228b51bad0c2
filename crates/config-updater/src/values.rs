//! Single values of a release: `file#key.path=value`, `file#Kind/name#key.path=value` and `file#slipway:name=value`.

use std::str::FromStr;

use serde_json::json;
use slipway_core::image::ImageReference;
use slipway_core::{Error, ErrorKind, Result};
use slipway_edit::{DocumentSelector, KeyPath, Operation, Options, Resource, Value};
use slipway_gitops::PathPattern;

use crate::changes::{RequestedChange, refuse_workflow};

/// What begins the comments that mark a value.
const MARKERS: &[&str] = &["slipway", "$imagepolicy", "kpt-set"];

/// What a value becomes, in every file that the pattern covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueChange {
    files: PathPattern,
    operation: Operation,
}

impl FromStr for ValueChange {
    type Err = Error;

    /// The file ends at the first `#`, the key path at the first `=` that is not part of it; the rest is the value.
    fn from_str(text: &str) -> Result<Self> {
        let invalid = |message: String| {
            Error::new(ErrorKind::InvalidInput, message)
                .hint("write `file#key.path=value`, such as `envs/production/values.yaml#image.tag=1.5.0`")
        };
        let (file, assignment) =
            text.split_once('#').ok_or_else(|| invalid(format!("`{text}` has no `#` between file and key path")))?;
        let files: PathPattern = file.parse()?;
        refuse_workflow(&files)?;
        let nothing = || invalid(format!("`{text}` gives no value; perhaps an expression came out empty"));
        if let Some((kind, rest)) = assignment.split_once(':').filter(|(kind, _)| MARKERS.contains(kind)) {
            let (name, value) = rest.split_once('=').unwrap_or((rest, ""));
            let operation = if value.is_empty() { Err(nothing()) } else { marked(kind, name, value) };
            return Ok(Self { files, operation: operation? });
        }
        let (document, assignment) = document(assignment).map_err(invalid)?;
        let (path, value) = KeyPath::assignment(assignment)?;
        if value.is_empty() {
            return Err(nothing());
        }
        let options = Options { document, ..Options::default() };
        Ok(Self { files, operation: Operation::Set { path, value: Value::from(value), options } })
    }
}

/// A document in front of another `#`: its position, or its kind, its name, or both.
fn document(assignment: &str) -> std::result::Result<(Option<DocumentSelector>, &str), String> {
    let end = assignment.find(['=', '"', '[']).unwrap_or(assignment.len());
    let Some(at) = assignment[..end].find('#') else { return Ok((None, assignment)) };
    let (selector, rest) = (&assignment[..at], &assignment[at + 1..]);
    let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let document = match (selector.parse(), selector.split_once('/')) {
        (Ok(position), _) => DocumentSelector::Index(position),
        (_, parts) => {
            let (kind, name) = parts.unwrap_or((selector, ""));
            DocumentSelector::Resource(Resource { kind: part(kind), name: part(name), ..Resource::default() })
        }
    };
    if document == DocumentSelector::Resource(Resource::default()) {
        return Err(format!("`{selector}#` names no document; write its kind and name, as in `Deployment/shop#`"));
    }
    Ok((Some(document), rest))
}

/// The operation on comments: an image is set by its parts, anything else as it is.
fn marked(kind: &str, name: &str, value: &str) -> Result<Operation> {
    let reference = value.parse::<ImageReference>().ok().filter(|image| image.tag.is_some() || image.digest.is_some());
    let mut operation = json!({ "op": "marker", "marker": kind, "name": name });
    match reference {
        Some(image) => {
            operation["image"] = image.name.as_str().into();
            for (key, part) in [
                ("tag", image.tag.map(|tag| tag.to_string())),
                ("digest", image.digest.map(|digest| digest.to_string())),
            ] {
                if let Some(part) = part {
                    operation[key] = part.into();
                }
            }
        }
        None if kind == "$imagepolicy" => operation["tag"] = value.into(),
        None => operation["value"] = value.into(),
    }
    Operation::from_json(&operation)
}

impl From<ValueChange> for RequestedChange {
    fn from(change: ValueChange) -> Self {
        Self::Edit { files: vec![change.files], operation: Box::new(change.operation) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edit::tests::{after, edited};

    #[test]
    fn file_key_path_and_value_are_told_apart() {
        for (text, files, path, value) in [
            ("a.yaml#x=1", "a.yaml", "x", "1"),
            ("./envs/*/values.yaml#image.tag==#'", "envs/*/values.yaml", "image.tag", "=#'"),
            ("a b.yaml#c[name=a=b].\"d=e#\"=f g", "a b.yaml", "c[name=\"a=b\"].\"d=e#\"", "f g"),
        ] {
            let read: ValueChange = text.parse().unwrap();
            let Operation::Set { path: read_path, value: read_value, .. } = &read.operation else { unreachable!() };
            assert_eq!(
                (read.files.as_str(), read_path.to_string().as_str(), read_value.as_str()),
                (files, path, value)
            );
        }
        for (text, kind, message) in [
            ("a.yaml", ErrorKind::InvalidInput, "has no `#`"),
            ("a.yaml#x", ErrorKind::InvalidInput, "`=` and the value"),
            ("a.yaml#x=", ErrorKind::InvalidInput, "gives no value"),
            ("a.yaml#x.*=1", ErrorKind::InvalidInput, "wildcards are not supported"),
            ("a.yaml#=1", ErrorKind::InvalidInput, "a key is empty"),
            ("#x=1", ErrorKind::ForbiddenPath, "names no file"),
            ("../a.yaml#x=1", ErrorKind::ForbiddenPath, "leads out of the workspace"),
            (".github/workflows/*.yml#on=push", ErrorKind::ForbiddenPath, "is a workflow"),
        ] {
            let error = text.parse::<ValueChange>().unwrap_err();
            assert_eq!(error.kind(), kind, "{text}");
            assert!(error.message().contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn a_document_is_named_between_file_and_key_path() {
        let manifests = "kind: Service\nmetadata: {name: shop}\nx: 1\n---\nkind: Job\nmetadata: {name: shop}\nx: 1\n";
        for (value, expected) in [
            ("a.yaml#Job/shop#x=#2", "\nx: 1\n---\nkind: Job\nmetadata: {name: shop}\nx: \"#2\"\n"),
            ("a.yaml#Service#x=2", "\nx: 2\n---\nkind: Job\nmetadata: {name: shop}\nx: 1\n"),
            ("a.yaml#1#x=2", "\nx: 1\n---\nkind: Job\nmetadata: {name: shop}\nx: 2\n"),
        ] {
            let edits = edited(&[("a.yaml", manifests)], &[], &[], &[value]).unwrap();
            assert!(after(&edits)[0].1.ends_with(expected), "{value}: {}", after(&edits)[0].1);
        }
        for (value, message) in [
            ("a.yaml#/shop#x=2", "stands in 2 documents of the file, at lines 3, 7"),
            ("a.yaml#Deployment/shop#x=2", "the file has no document with `kind: Deployment` and `name: shop`"),
        ] {
            let error = edited(&[("a.yaml", manifests)], &[], &[], &[value]).unwrap_err();
            assert!(error.message().contains(message), "{error}");
        }
        for value in ["a.yaml##x=2", "a.yaml#/#x=2"] {
            assert!(value.parse::<ValueChange>().unwrap_err().message().contains("names no document"));
        }
    }

    #[test]
    fn a_value_is_set_and_nothing_else() {
        let before = "# c\r\nimage: {tag: 'v1', x: 0755}  # t\r\ncontainers:\r\n- name: api\r\n  cpu: 1\r\n- name: web\r\n  cpu: 1";
        let values = ["*.yaml#image.tag=1.10", "a.yaml#containers[name=web].cpu=2"];
        let edits = edited(&[("a.yaml", before)], &[], &[], &values).unwrap();
        assert_eq!(
            after(&edits),
            [("a.yaml", before.replace("v1", "1.10").replace("web\r\n  cpu: 1", "web\r\n  cpu: 2").as_str())]
        );
        assert!(edited(&[("a.yaml", after(&edits)[0].1)], &[], &[], &values).unwrap().files.is_empty());
    }

    #[test]
    fn a_key_path_stands_exactly_once_in_every_file() {
        for (content, kind, message) in [
            (
                "image:\n  tga: 1\n",
                ErrorKind::PathNotFound,
                "`a.yaml`: nothing stands at `image.tag`: `image` at line 2 has no key `tag`. its keys are `tga`",
            ),
            (
                "image:\n  tag: {a: 1}\n",
                ErrorKind::PathNotFound,
                "at line 2 is a mapping, not a single value. name one of its keys: `a`",
            ),
            (
                "image:\n  tag: 1\n  tag: 2\n",
                ErrorKind::DuplicateKey,
                "`image` has the key `tag` twice, at lines 2 and 3",
            ),
            (
                "image: {tag: 1}\n---\nimage: {tag: 1}\n",
                ErrorKind::AmbiguousDocument,
                "stands in 2 documents of the file, at lines 1, 3",
            ),
            (
                "image: {tag: &t 1}\n---\nimage: {tag: 1}\n",
                ErrorKind::AmbiguousDocument,
                "select one document by its position, or by its kind and name",
            ),
            (
                "v: &v 1\nimage:\n  tag: *v\n",
                ErrorKind::SharedValue,
                "at line 3 is an alias of the value at line 1. set `v` instead",
            ),
            (
                "b: &b\n  tag: 1\nimage:\n  <<: *b\n",
                ErrorKind::SharedValue,
                "has `tag` from line 2 through a merge key",
            ),
            ("image: [\n", ErrorKind::InvalidYaml, "`a.yaml`: "),
        ] {
            let good = ("b.yaml", "image: {tag: 1}\n");
            let error = edited(&[("a.yaml", content), good], &[], &[], &["*.yaml#image.tag=2"]).unwrap_err();
            assert_eq!(error.kind(), kind, "{content}: {error}");
            assert!(error.to_string().contains(message), "{content}: {error}");
        }
        let items = [("a.yaml", "l:\n- {name: x, v: 1}\n- {name: x, v: 2}\n")];
        let error = edited(&items, &[], &[], &["a.yaml#l[name=x].v=3"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AmbiguousMatch);
        assert!(error.message().contains("at lines 2 and 3"), "{error}");
        let error = edited(&[("README.md", "x: 1")], &[], &[], &["*#x=2"]).unwrap_err();
        assert!(error.message().contains("`README.md` is of no format that can be edited"), "{error}");
    }
}
