//! The properties of every format, and agreement with another reader of HCL.

use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use serde_json::{Map, Value as Json};

use super::parse::parse;
use crate::corpus::{self, mutations, scalars};
use crate::format::Format;
use crate::key_path::Segment;
use crate::options::Options;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

const FILES: &[&str] = &[
    "image_tag = \"v1\" # tag\nreplicas  = 2\nenabled = true\nnothing = null\nratio = -1.5e3\ntags = [\"a\", \"v1\",]\n",
    "images = {\n  api  = \"acme/api:v1\" /* api */\n  \"web\" = \"acme/web:v1\"\n  nested = { a = 1, b : \"c\" }, // d\n}\nnote = <<-EOT\n    image_tag = \"v1\"\n      more\n\n  EOT\n",
    "\u{feff}resource \"aws_ecs_service\" \"web\" {\r\n  name = \"web\"\r\n\r\n  lifecycle { ignore_changes = [\"a\"] }\r\n  tags = {}\r\n}\r\nresource aws_ecs_service api {\r\n}\r\n",
    "terraform {\n  required_version = \">= 1.5\"\n  required_providers {\n    aws = { source = \"hashicorp/aws\", version = \"~> 5.0\" }\n  }\n}\nvariable \"image_tag\" {\n  type    = string\n  default = \"1.4.0\"\n}\n",
    "ingress {\n  port = 1\n}\ningress {\n  port = 2\n}\na = \"x ${var.y} \\\"z\\\" ${\"}\"}\"\nb = \"$${c} \\u00e9 \\n\"\nd = var.e == \"f\" ? 1 : 2\ng = [for h in i : h]\nj = {for k, l in m : k => l}\nn = f(\"o\", [1,\n 2])\n",
    "job \"shop\" {\n  group \"web\" {\n    count = 3\n    task \"server\" {\n      config {\n        image = \"acme/shop:1\"\n      }\n    }\n  }\n}",
    "heredoc = <<EOT\nline ${x}\nEOT\nplain = <<EOT\n  a: 1\n\n  b: $${c}\nEOT\n日本 = \"語 💥\"",
    "",
    "# only a comment\n",
];

#[test]
fn each_value_is_replaced_alone() {
    let without_heredocs: Vec<&str> = FILES.iter().copied().filter(|file| !file.contains("<<")).collect();
    corpus::each_value_is_replaced_alone(Format::HCL, &without_heredocs, 18);
}

#[test]
fn any_text_is_read_back_or_refused() {
    corpus::any_text_is_read_back_or_refused(Format::HCL, FILES);
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    corpus::broken_files_are_errors_and_never_panics(Format::HCL, FILES);
}

#[test]
fn keys_and_items_come_and_go_anywhere_or_are_refused() {
    corpus::keys_and_items_come_and_go(Format::HCL, FILES, 20, 25);
}

/// The literals of a body, each under its path; what is computed is `null`.
fn other_body(body: &Body) -> Json {
    let mut entries = Map::new();
    for structure in body {
        match structure {
            Structure::Attribute(attribute) => {
                add(&mut entries, attribute.key.as_str(), other(&attribute.value));
            }
            Structure::Block(block) => {
                let mut below = other_body(&block.body);
                for label in block.labels.iter().rev() {
                    let mut labelled = Map::new();
                    add(&mut labelled, label.as_str(), below);
                    below = Json::Object(labelled);
                }
                add(&mut entries, block.ident.as_str(), below);
            }
        }
    }
    Json::Object(entries)
}

/// Every value of a key is in a list of its own, as keys may stand several times.
fn add(entries: &mut Map<String, Json>, key: &str, value: Json) {
    match entries.entry(key).or_insert_with(|| Json::Array(Vec::new())) {
        Json::Array(values) => values.push(value),
        _ => unreachable!("only lists are added"),
    }
}

fn other(expression: &Expression) -> Json {
    match expression {
        Expression::Bool(value) => format!("bare {}", value.value()).into(),
        Expression::Null(_) => "bare null".into(),
        Expression::Number(value) => format!("bare {}", value.value()).into(),
        Expression::String(value) => value.as_str().into(),
        Expression::Array(items) => items.iter().map(other).collect(),
        Expression::Object(object) => {
            let mut entries = Map::new();
            for (key, value) in object {
                let key = match key {
                    ObjectKey::Ident(name) => name.as_str(),
                    ObjectKey::Expression(Expression::String(text)) => text.as_str(),
                    ObjectKey::Expression(_) => continue,
                };
                add(&mut entries, key, other(value.expr()));
            }
            Json::Object(entries)
        }
        Expression::HeredocTemplate(heredoc) => {
            let text = match heredoc.template.as_single_element() {
                Some(element) => element.as_literal().map(|text| text.to_string()),
                None if heredoc.template.is_empty() => Some(String::new()),
                None => None,
            };
            text.map_or(Json::Null, |text| text.replace("\r\n", "\n").trim_end_matches('\n').into())
        }
        _ => Json::Null,
    }
}

fn ours(tree: &Tree<'_>, id: NodeId) -> Json {
    match &tree.nodes[id].kind {
        Kind::Mapping(_) => {
            let mut entries = Map::new();
            for (key, value) in tree.entries(id).filter(|(key, _)| tree.text(*key).is_some()) {
                let key = tree.text(key).unwrap_or_default();
                let below = ours(tree, value);
                // Labels come together under the first block of their type.
                match (&below, tree.is_mapping(value) && tree.nodes[value].span.is_empty()) {
                    (Json::Object(labels), true) => {
                        for (label, bodies) in labels {
                            for body in bodies.as_array().into_iter().flatten() {
                                let mut labelled = Map::new();
                                add(&mut labelled, label, body.clone());
                                add(&mut entries, key, Json::Object(labelled));
                            }
                        }
                    }
                    _ => add(&mut entries, key, below),
                }
            }
            Json::Object(entries)
        }
        Kind::Sequence(_) => tree.items(id).map(|item| ours(tree, item)).collect(),
        Kind::Scalar { value, style: Style::Plain } => {
            let number: Expression = value.parse().expect(value);
            other(&number)
        }
        Kind::Scalar { .. } => tree.text(id).into(),
        _ => Json::Null,
    }
}

/// Without an order: the places of several labels under one type differ in both.
fn sorted(value: Json) -> Json {
    match value {
        Json::Array(items) => {
            let mut items: Vec<Json> = items.into_iter().map(sorted).collect();
            items.sort_by_key(ToString::to_string);
            Json::Array(items)
        }
        Json::Object(entries) => Json::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect()),
        value => value,
    }
}

#[test]
fn another_reader_reads_the_same() {
    let mut accepted = 0;
    for source in mutations(FILES, 6_000) {
        let other: Result<Body, _> = source.trim_start_matches('\u{feff}').parse();
        match (parse(&source), other) {
            (Ok(tree), Ok(body)) => {
                // Labels of labels come apart in both; what is deeper is not compared.
                if !source.contains("job") {
                    assert_eq!(sorted(ours(&tree, 1)), sorted(other_body(&body)), "{source:?}");
                }
                accepted += 1;
            }
            // HCL forbids line breaks in quoted strings and behind a dot, and text behind the mark of a heredoc; the
            // other reader does not.
            (Err(error), Ok(_)) => {
                let known = ["a line break in a string", "a heredoc is not closed"];
                let is_known = known.iter().any(|known| error.message().contains(known)) || source.contains(".\n");
                assert!(is_known, "{source:?}: {error}");
            }
            // What is computed is not looked into here.
            _ => {}
        }
    }
    assert!(accepted > 400, "only {accepted} files were read by both");
}

#[test]
fn another_reader_finds_only_the_intended_change() {
    for source in FILES {
        let tree = parse(source).expect(source);
        for id in scalars(&tree) {
            let path = tree.path_of(id);
            if path.segments().iter().any(|segment| *segment == Segment::Key("?".into())) {
                continue;
            }
            let set = Format::HCL.set(source, &path, &Value::from("é\" \\ ${x} 💥"), &Options::default()).expect("set");
            let body: Body = set.text.trim_start_matches('\u{feff}').parse().expect(&set.text);
            let after = parse(&set.text).expect("parses");
            if !source.contains("job") {
                assert_eq!(sorted(ours(&after, 1)), sorted(other_body(&body)), "{source:?}");
            }
        }
    }
}
