//! A whole file as JSON, for whoever reads settings of many shapes.

use serde_json::{Map, Value};

use crate::read::Content;
use crate::tree::{Kind, NodeId};

impl Content<'_> {
    /// The first document. Plain `true`, `false` and null are what they say; every other scalar is text, as it is written. What an
    /// alias stands for is there if it is a scalar, and null if not. Of a key that stands twice, the last counts.
    pub fn to_json(&self) -> Value {
        let document = self.tree.documents.first().copied();
        let root = document.filter(|document| document + 1 < self.tree.nodes[*document].end);
        root.map_or(Value::Null, |document| self.json_of(document + 1))
    }

    /// Nesting is limited where files are parsed.
    fn json_of(&self, node: NodeId) -> Value {
        let tree = &self.tree;
        match &tree.nodes[node].kind {
            Kind::Mapping(_) => {
                let entry = |(key, value)| Some((tree.text(key)?.to_owned(), self.json_of(value)));
                Value::Object(tree.entries(node).filter_map(entry).collect::<Map<String, Value>>())
            }
            Kind::Sequence(_) => tree.items(node).map(|item| self.json_of(item)).collect(),
            Kind::Scalar { .. } => self.scalar(node),
            Kind::Alias(_) => self.scalar(tree.behind_alias(node)),
            Kind::Document | Kind::Opaque(_) => Value::Null,
        }
    }

    fn scalar(&self, node: NodeId) -> Value {
        let Some(text) = self.tree.text(node) else { return Value::Null };
        match text {
            _ if self.format.syntax.is_text(&self.tree, node) => text.into(),
            "true" | "True" | "TRUE" => true.into(),
            "false" | "False" | "FALSE" => false.into(),
            "" | "~" | "null" | "Null" | "NULL" => Value::Null,
            _ => text.into(),
        }
    }
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
    fn aliases_do_not_multiply() {
        let source = "a: &a [x]\nb: &b y\nc: [*a, *b]\n---\nd: e\n";
        assert_eq!(Format::YAML.read(source).unwrap().to_json(), json!({"a": ["x"], "b": "y", "c": [null, "y"]}));
        assert_eq!(Format::YAML.read("").unwrap().to_json(), json!(null));
    }
}
