//! The properties of every format, and agreement with another reader of XML.

use roxmltree::{Document, Node};
use serde_json::Value as Json;

use super::parse::parse;
use crate::corpus::{self, mutations, scalars};
use crate::format::Format;
use crate::options::Options;
use crate::tree::{Kind, NodeId, Tree};
use crate::value::Value;

const FILES: &[&str] = &[
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n  <parent>\n    <version>1</version>\n  </parent>\n  <!-- c -->\n  <version>1.2.3</version>\n  <dependencies>\n    <dependency><artifactId>a</artifactId><version>1</version></dependency>\n    <dependency><artifactId>b</artifactId><version>2</version></dependency>\n  </dependencies>\n</project>\n",
    "\u{feff}<Project Sdk=\"Microsoft.NET.Sdk\">\r\n\t<PropertyGroup>\r\n\t\t<Version Condition=\"'x'==''\">1.0.0</Version>\r\n\t</PropertyGroup>\r\n\t<ItemGroup>\r\n\t\t<PackageReference Include='a' Version = '1.0' />\r\n\t</ItemGroup>\r\n</Project>",
    "<a><b><![CDATA[x < y]]></b><z><!-- c --></z><c>1<!-- c --></c><d> <!-- c --> 2 </d><e></e><g h=\"&lt;&#x41;&quot;\"/><i>&amp;&lt;é💥</i></a>",
    "<x:a xmlns:x=\"u\"><x:b x:c=\"d\">e</x:b><?pi x?><b>f</b></x:a>\n<!-- end -->\n",
    "<!DOCTYPE a [<!ENTITY v \"1\"><!ELEMENT a ANY>]>\n<a><b>2</b><b>3</b></a>",
    "<日本>\n  <語>x\ny</語>\n</日本>",
];

#[test]
fn each_value_is_replaced_alone() {
    corpus::each_value_is_replaced_alone(Format::XML, FILES, 22);
}

#[test]
fn any_text_is_read_back_or_refused() {
    corpus::any_text_is_read_back_or_refused(Format::XML, FILES);
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    corpus::broken_files_are_errors_and_never_panics(Format::XML, FILES);
}

/// What the other reader finds, in the shape of our tree.
fn other(node: Node<'_, '_>, source: &str) -> Json {
    let elements: Vec<_> = node.children().filter(Node::is_element).collect();
    let texts: Vec<_> = node.children().filter(|child| child.is_text()).filter_map(|child| child.text()).collect();
    let text = texts.concat();
    if elements.is_empty() && !text.trim().is_empty() {
        return text.trim().into();
    }
    let attributes: Vec<_> = node
        .attributes()
        .map(|attribute| {
            let name = &source[attribute.range_qname()];
            Json::from(vec![format!("@{name}"), attribute.value().to_owned()])
        })
        .collect();
    if elements.is_empty() && attributes.is_empty() && node.namespaces().len() < 2 {
        return "".into();
    }
    let children =
        elements.into_iter().map(|child| Json::from(vec![Json::from(child.tag_name().name()), other(child, source)]));
    attributes.into_iter().chain(children).collect()
}

/// Our tree as lists of keys and values, without the declarations of namespaces, which the other reader hides.
fn ours(tree: &Tree<'_>, id: NodeId, scalar: &dyn Fn(NodeId) -> Json) -> Json {
    match tree.nodes[id].kind {
        Kind::Mapping(_) => tree
            .entries(id)
            .filter(|&(key, _)| !tree.text(key).is_some_and(|key| key.starts_with("@xmlns")))
            .map(|(key, value)| Json::from(vec![Json::from(tree.text(key)), ours(tree, value, scalar)]))
            .collect(),
        _ => scalar(id),
    }
}

#[test]
fn another_reader_reads_the_same() {
    let mut accepted = 0;
    for source in mutations(FILES, 20_000) {
        let Ok(document) = Document::parse(&source) else { continue };
        let tree = parse(&source).unwrap_or_else(|error| panic!("{source:?} is refused: {error}"));
        let is_plain = tree.nodes.iter().all(|node| !matches!(node.kind, Kind::Opaque(_)));
        if is_plain && !source.contains("xmlns") && !source.contains("CDATA") {
            let root = document.root_element();
            let expected = Json::from(vec![Json::from(vec![root.tag_name().name().into(), other(root, &source)])]);
            let found = ours(&tree, 1, &|id| tree.text(id).into());
            assert_eq!(found, expected, "{source:?}");
        }
        accepted += 1;
    }
    assert!(accepted > 500, "only {accepted} files were read by both");
}

#[test]
fn another_reader_finds_only_the_intended_change() {
    for source in FILES.iter().filter(|source| !source.contains("<!DOCTYPE")) {
        let tree = parse(source).expect(source);
        for id in scalars(&tree) {
            let path = tree.path_of(id);
            let edited = Format::XML.set(source, &path, &Value::from("é' \" < & 💥"), &Options::default());
            let edited = edited.unwrap_or_else(|error| panic!("{source:?} {path}: {error}"));
            let after = parse(&edited.text).expect("parses");
            let document = Document::parse(&edited.text).expect("XML");
            let root = document.root_element();
            assert!(after.text(id) == Some("é' \" < & 💥"));
            if !source.contains("xmlns") {
                let expected =
                    Json::from(vec![Json::from(vec![root.tag_name().name().into(), other(root, &edited.text)])]);
                let changed = |node: NodeId| {
                    if node == id { "é' \" < & 💥".into() } else { tree.text(node).into() }
                };
                assert_eq!(ours(&tree, 1, &changed), expected, "{source:?} {path}");
            }
        }
    }
}
