//! Single values of a release: `file#key.path=value`.

use std::str::FromStr;

use slipway_core::{Error, ErrorKind, Result};
use slipway_edit::{KeyPath, Operation, Options, Value};
use slipway_gitops::PathPattern;

use crate::changes::{RequestedChange, refuse_workflow};

/// What a value becomes, in every file that the pattern covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ValueChange {
    pub(crate) files: PathPattern,
    pub(crate) path: KeyPath,
    pub(crate) value: String,
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
        let (path, value) = KeyPath::assignment(assignment)?;
        if value.is_empty() {
            return Err(invalid(format!("`{text}` gives no value; perhaps an expression came out empty")));
        }
        Ok(Self { files, path, value: value.into() })
    }
}

impl From<ValueChange> for RequestedChange {
    fn from(change: ValueChange) -> Self {
        let value = Value::from(change.value.as_str());
        let operation = Operation::Set { path: change.path, value, options: Options::default() };
        Self::Edit { files: vec![change.files], operation }
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
            assert_eq!(
                (read.files.as_str(), read.path.to_string().as_str(), read.value.as_str()),
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
