//! A whole file as JSON with the types of its values, for whoever reads what a person wrote as data.

use serde_json::{Map, Value};
use slipway_core::{Error, ErrorKind, Result};

use crate::format::Format;
use crate::read::Content;
use crate::to_json::constant;
use crate::tree::{Kind, NodeId};

impl Content<'_> {
    /// The first document. Unquoted scalars have the types of YAML 1.2's core schema; in JSON they have their own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a number that would not keep its spelling, such as `1.10`, and for what is no
    /// tree of plain data: a list or mapping behind an alias, a key that is a list; [`ErrorKind::DuplicateKey`].
    pub fn to_typed_json(&self) -> Result<Value> {
        self.roots().next().map_or(Ok(Value::Null), |root| self.typed(root))
    }

    /// Nesting is limited where files are parsed.
    fn typed(&self, node: NodeId) -> Result<Value> {
        let tree = &self.tree;
        match &tree.nodes[node].kind {
            Kind::Mapping(_) => {
                let mut object = Map::new();
                for (key, value) in tree.entries(node) {
                    let name = tree.text(key).ok_or_else(|| self.unclear(key, "is no plain key"))?;
                    if object.insert(name.to_owned(), self.typed(value)?).is_some() {
                        let line = tree.nodes[key].line;
                        return Err(Error::new(ErrorKind::DuplicateKey, format!("line {line}: `{name}` stands twice"))
                            .hint("remove one"));
                    }
                }
                Ok(Value::Object(object))
            }
            Kind::Sequence(_) => tree.items(node).map(|item| self.typed(item)).collect(),
            Kind::Scalar { .. } => self.typed_scalar(node, node),
            Kind::Alias(_) => self.typed_scalar(node, tree.behind_alias(node)),
            Kind::Document | Kind::Opaque(_) => Err(self.unclear(node, "is no plain value")),
        }
    }

    fn typed_scalar(&self, user: NodeId, node: NodeId) -> Result<Value> {
        let Some(text) = self.tree.text(node) else {
            return Err(self.unclear(user, "is an alias of a list or mapping").hint("write it out"));
        };
        if self.format.syntax.is_text(&self.tree, node) {
            return Ok(text.into());
        }
        match constant(text) {
            Some(constant) => Ok(constant),
            None if !is_core_number(text) => Ok(text.into()),
            None => number(text, self.format == Format::JSON).ok_or_else(|| {
                self.unclear(user, &format!("holds the number {text}, which would not keep its spelling"))
                    .hint("quote it, or write the number in its shortest form")
            }),
        }
    }

    fn unclear(&self, node: NodeId, what: &str) -> Error {
        Error::new(ErrorKind::InvalidInput, format!("line {} {what}", self.tree.nodes[node].line))
    }
}

/// Whether YAML 1.2's core schema takes the unquoted text for a number.
fn is_core_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let is_digits = |digits: &str, radix| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    match (text.strip_prefix("0x"), text.strip_prefix("0o")) {
        (Some(digits), _) => is_digits(digits, 16),
        (_, Some(digits)) => is_digits(digits, 8),
        _ => unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') && unsigned.parse::<f64>().is_ok(),
    }
}

/// The number, if printing it gives its text again. JSON has one number for `1.50` and `1.5`, but whole ones stay exact.
fn number(text: &str, is_json: bool) -> Option<Value> {
    let whole = text.parse::<i64>().map(Value::from).or_else(|_| text.parse::<u64>().map(Value::from));
    let value = match whole {
        Ok(whole) => whole,
        Err(_) if is_json && !text.contains(['.', 'e', 'E']) => return None,
        Err(_) => {
            let float: f64 = text.parse().ok().filter(|float: &f64| float.is_finite())?;
            if !is_json && float.to_string() != text {
                return None;
            }
            Value::from(float)
        }
    };
    let printed = value.to_string();
    (is_json || printed == text).then_some(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn types_are_those_of_yaml_1_2() {
        let yaml = "- {a: 1, b: -2.5, c: true, d: ~, e: '1.10', f: v1.10, g: 1.2.3}\n- [on, no, 2026-11-21, 1_000]\n- &x y\n- *x\n";
        let expected = json!([
            {"a": 1, "b": -2.5, "c": true, "d": null, "e": "1.10", "f": "v1.10", "g": "1.2.3"},
            ["on", "no", "2026-11-21", "1_000"],
            "y",
            "y"
        ]);
        assert_eq!(Format::YAML.read(yaml).unwrap().to_typed_json().unwrap(), expected);
        let json = r#"[1.50, 1e3, 3, true, "1.10", 18446744073709551615]"#;
        let expected = json!([1.5, 1000.0, 3, true, "1.10", 18_446_744_073_709_551_615_u64]);
        assert_eq!(Format::JSON.read(json).unwrap().to_typed_json().unwrap(), expected);
        assert_eq!(Format::YAML.read("").unwrap().to_typed_json().unwrap(), json!(null));
    }

    #[test]
    fn numbers_keep_their_spelling_or_are_refused() {
        for text in ["1.10", "1.0", "1e3", "12e4567", "0755", "+1", "0x1F", "0o17", ".5", "1.", ".inf", "-.INF", ".nan"]
        {
            let error = Format::YAML.read(&format!("a: {text}")).unwrap().to_typed_json().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(&format!("line 1 holds the number {text}")), "{text}: {error}");
        }
        for text in ["99999999999999999999", "1000000000000000000000", "-9223372036854775809"] {
            for format in [Format::YAML, Format::JSON] {
                assert!(format.read(&format!("[{text}]")).unwrap().to_typed_json().is_err(), "{text}");
            }
        }
        assert!(Format::JSON.read("[1e999]").unwrap().to_typed_json().is_err());
    }

    #[test]
    fn what_is_no_plain_data_is_refused() {
        for (yaml, kind, message) in [
            ("a: 1\nb:\n  c: 1\n  c: 2\n", ErrorKind::DuplicateKey, "line 4: `c` stands twice"),
            ("a: &a [1]\nb: *a\n", ErrorKind::InvalidInput, "line 2 is an alias of a list or mapping"),
            ("? [a]\n: b\n", ErrorKind::InvalidInput, "line 1 is no plain key"),
        ] {
            let error = Format::YAML.read(yaml).unwrap().to_typed_json().unwrap_err();
            assert_eq!(error.kind(), kind, "{yaml}");
            assert!(error.message().contains(message), "{error}");
        }
    }
}
