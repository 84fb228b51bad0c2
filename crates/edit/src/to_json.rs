//! A whole file as JSON, for whoever reads settings of many shapes.

use serde_json::{Map, Number, Value};

use crate::read::Content;
use crate::tree::{Kind, NodeId};

impl Content<'_> {
    /// The first document. Plain `true`, `false` and null are what they say; every other scalar is text, as it is written. What an
    /// alias stands for is there if it is a scalar, and null if not. Of a key that stands twice, the last counts.
    pub fn to_json(&self) -> Value {
        self.roots().next().map_or(Value::Null, |root| self.json_of(root, false))
    }

    /// Every document that is not empty, as [`Content::to_json`] gives it, but with plain numbers as numbers.
    pub fn documents(&self) -> Vec<Value> {
        let is_written = |root: &NodeId| self.tree.text(*root) != Some("") || !self.tree.nodes[*root].span.is_empty();
        self.roots().filter(is_written).map(|root| self.json_of(root, true)).collect()
    }

    /// The documents that hold something.
    pub(crate) fn roots(&self) -> impl Iterator<Item = NodeId> {
        let documents = self.tree.documents.iter().filter(|document| **document + 1 < self.tree.nodes[**document].end);
        documents.map(|document| document + 1)
    }

    /// Nesting is limited where files are parsed.
    fn json_of(&self, node: NodeId, numbers: bool) -> Value {
        let tree = &self.tree;
        match &tree.nodes[node].kind {
            Kind::Mapping(_) => {
                let entry = |(key, value)| Some((tree.text(key)?.to_owned(), self.json_of(value, numbers)));
                Value::Object(tree.entries(node).filter_map(entry).collect::<Map<String, Value>>())
            }
            Kind::Sequence(_) => tree.items(node).map(|item| self.json_of(item, numbers)).collect(),
            Kind::Scalar { .. } => self.scalar(node, numbers),
            Kind::Alias(_) => self.scalar(tree.behind_alias(node), numbers),
            Kind::Document | Kind::Opaque(_) => Value::Null,
        }
    }

    fn scalar(&self, node: NodeId, numbers: bool) -> Value {
        let Some(text) = self.tree.text(node) else { return Value::Null };
        if self.format.syntax.is_text(&self.tree, node) {
            return text.into();
        }
        let number = || number(text).filter(|_| numbers).map(Value::Number);
        constant(text).or_else(number).unwrap_or_else(|| text.into())
    }
}

/// What an unquoted text stands for in YAML 1.2's core schema, if it is no number.
pub(crate) fn constant(text: &str) -> Option<Value> {
    match text {
        "true" | "True" | "TRUE" => Some(true.into()),
        "false" | "False" | "FALSE" => Some(false.into()),
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        _ => None,
    }
}

/// A decimal number that JSON can hold.
fn number(text: &str) -> Option<Number> {
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if !is_decimal || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse::<i64>().map(Number::from).ok().or_else(|| Number::from_f64(text.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::Format;

    #[test]
    fn every_format_gives_the_same() {
        let yaml = "a: [x, true, 'true', 1.10]\nb: {c: null}\n";
        let json = r#"{"a": ["x", true, "true", 1.10], "b": {"c": null}}"#;
        let expected = json!({"a": ["x", true, "true", "1.10"], "b": {"c": null}});
        assert_eq!(Format::YAML.read(yaml).unwrap().to_json(), expected);
        assert_eq!(Format::JSON.read(json).unwrap().to_json(), expected);
        let toml = "[[a]]\nx.y = true\n[b.\"c.d\"]\ne = ['f', 1]\n[[a]]\nz = \"z\"\n";
        let expected = json!({"a": [{"x": {"y": true}}, {"z": "z"}], "b": {"c.d": {"e": ["f", "1"]}}});
        assert_eq!(Format::TOML.read(toml).unwrap().to_json(), expected);
    }

    #[test]
    fn documents_have_numbers() {
        let source = "a: 1\nb: '1'\nc: -0.5\nd: 1e3\ne: 1.2.3\nf: +7\ng: 5m\n---\n- .inf\n---\n";
        let expected = json!({"a": 1, "b": "1", "c": -0.5, "d": 1000.0, "e": "1.2.3", "f": 7, "g": "5m"});
        assert_eq!(Format::YAML.read(source).unwrap().documents(), [expected, json!([".inf"])]);
    }

    #[test]
    fn aliases_do_not_multiply() {
        let source = "a: &a [x]\nb: &b y\nc: [*a, *b]\n---\nd: e\n";
        assert_eq!(Format::YAML.read(source).unwrap().to_json(), json!({"a": ["x"], "b": "y", "c": [null, "y"]}));
        assert_eq!(Format::YAML.read("").unwrap().to_json(), json!(null));
    }
}
