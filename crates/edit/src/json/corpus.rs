//! The properties of every format, and agreement with another reader of JSON.

use serde_json::Value as Json;

use super::parse::parse;
use crate::corpus::{self, mutations, scalars, to_json};
use crate::format::Format;
use crate::options::Options;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

const FILES: &[&str] = &[
    "{\n  \"name\": \"shop\",\n  \"version\": \"1.2.3\",\n  \"private\": true,\n  \"workspaces\": [\"a\", \"b/*\"]\n}\n",
    "{\"a\":{\"b\":[1,-2.5e10,true,false,null,\"x\"]},\"c\":[[],{},[{}]]}",
    "\u{feff}{\r\n\t\"a\" : \"b\" ,\r\n\r\n\t\"c\":\"d\"\r\n}",
    "{\"\\u0061b\\n\": \"\\ud83d\\ude00 \\\" \\\\ \\/ \\b\\f\\n\\r\\t\", \"日本\": \"語 💥\"}",
    "[[[\"deep\"]], {\"k\": {\"k\": {\"k\": 0}}}]\n\n\n",
    "  {\n    \"lockfileVersion\": 3,\n    \"packages\": {\"\": {\"version\": \"1.0.0\"}, \"node_modules/x\": {\"version\": \"1.0.0\"}}\n  }",
    "{\"empty\": \"\", \"e\": {\"\": 1}, \"zero\": 0, \"n\": -0, \"exp\": 1E+2}",
];

const WITH_COMMENTS: &[&str] = &[
    "// c\n{ // c\n  \"a\": 1, /* c */ \"b\": [1, 2,], // \"c\": 3\n  /* \"d\": 4 */\n}\n// end",
    "{\"a\": \"// no comment\", \"b\": \"/* nor this */\",}",
];

#[test]
fn each_value_is_replaced_alone() {
    corpus::each_value_is_replaced_alone(Format::JSON, FILES, 22);
    corpus::each_value_is_replaced_alone(Format::JSON, WITH_COMMENTS, 5);
}

#[test]
fn any_text_is_read_back_or_refused() {
    corpus::any_text_is_read_back_or_refused(Format::JSON, FILES);
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    corpus::broken_files_are_errors_and_never_panics(Format::JSON, FILES);
    corpus::broken_files_are_errors_and_never_panics(Format::JSON, WITH_COMMENTS);
}

fn scalar(tree: &Tree<'_>, id: NodeId) -> Json {
    match &tree.nodes[id].kind {
        Kind::Scalar { value, style: Style::Plain } => serde_json::from_str(value).expect(value),
        _ => tree.text(id).into(),
    }
}

#[test]
fn another_reader_reads_the_same() {
    let mut accepted = 0;
    for source in mutations(FILES, 20_000) {
        let other: Result<Json, _> = serde_json::from_str(source.trim_start_matches('\u{feff}'));
        match (parse(&source), other) {
            (Ok(tree), Ok(other)) => {
                assert_eq!(to_json(&tree, 1, &scalar), other, "{source:?}");
                accepted += 1;
            }
            (Err(error), Ok(_)) => assert!(source.starts_with("\u{feff}\u{feff}"), "{source:?}: {error}"),
            // Trailing commas; numbers out of the range of the other reader.
            (Ok(_), Err(error)) => {
                let known = ["trailing comma", "number out of range"];
                assert!(known.iter().any(|known| error.to_string().contains(known)), "{source:?}: {error}");
            }
            (Err(_), Err(_)) => {}
        }
    }
    assert!(accepted > 400, "only {accepted} files were read by both");
}

#[test]
fn another_reader_finds_only_the_intended_change() {
    for source in FILES {
        let tree = parse(source).expect(source);
        let read = |text: &str| serde_json::from_str::<Json>(text.trim_start_matches('\u{feff}')).expect("JSON");
        for id in scalars(&tree) {
            let edited = Format::JSON
                .set(source, &tree.path_of(id), &Value::from("é\" \\ 💥\n"), &Options::default())
                .expect("set");
            let changed = |tree: &Tree<'_>, node: NodeId| {
                if node == id { Json::from("é\" \\ 💥\n") } else { scalar(tree, node) }
            };
            assert_eq!(read(&edited.text), to_json(&tree, 1, &changed), "{source:?}");
        }
    }
}

#[test]
fn keys_and_items_come_and_go_anywhere_or_are_refused() {
    corpus::keys_and_items_come_and_go(Format::JSON, FILES, 20, 20);
}
