//! The properties of every format, and agreement with another reader of TOML.

use serde_json::Value as Json;
use toml::Value as Toml;

use super::parse::parse;
use crate::corpus::{self, mutations, scalars, to_json};
use crate::format::Format;
use crate::options::Options;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

const FILES: &[&str] = &[
    "[package]\nname = \"shop\" # name\nversion = '1.2.3'\n\n[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\nx.path = \"../x\"\n",
    "\u{feff}[a]\r\nb = 1\r\n\r\n# c\r\n[a.b1]\r\nc = '''x\r\ny'''\r\nd = \"\"\"\r\n  z \\\r\n   w\"\"\"",
    "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\ndependencies = [\n \"a\",\n]\n[package.sub]\nq = 1\n",
    "a.b.c = 1\na.b.d = 2\n\"x y\".'z.w' = 3\n[a.b.e]\nf = 4\n[t]\nu.v = 5\nu.w.x = 6\n[t.u.y]\nz = 7\n",
    "i = +1_000\nh = 0xDEAD_beef\no = 0o17\nb = 0b1\nf = -1.5e+3\ng = inf\nn = nan\nt = true\nd = 2026-11-21T10:00:00Z\ne = 10:00:00\nj = 2026-11-21 10:00:00.5\n",
    "s = \"\\u00e9 \\U0001F4A5 \\t \\\" \\\\\"\nl = '\\n'\nm = \"\"\"\"q\" \"\"\"\"\"\nk = ''''a''''\ne = \"\"\nu = '日本'\n",
    "x = [ 1, [ \"a\", 'b' ], { c = 2, d.e = 3 }, # c\n ]\ny = {}\nz = []\nw = { v = {u = [{}]} }\n",
    "[a.b]\nx = 1\n[c]\n[a]\ny = 2\n[[a.l]]\n[[a.l]]\nz = 3\n[a.l.m]\nn = 4",
    "",
];

#[test]
fn each_value_is_replaced_alone() {
    corpus::each_value_is_replaced_alone(Format::TOML, FILES, 48);
}

#[test]
fn any_text_is_read_back_or_refused() {
    corpus::any_text_is_read_back_or_refused(Format::TOML, FILES);
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    corpus::broken_files_are_errors_and_never_panics(Format::TOML, FILES);
}

/// Text as text, everything else as the other reader prints it.
fn other(value: &Toml) -> Json {
    match value {
        Toml::Table(table) => Json::Object(table.iter().map(|(key, value)| (key.clone(), other(value))).collect()),
        Toml::Array(items) => Json::Array(items.iter().map(other).collect()),
        Toml::String(text) => Json::from(text.as_str()),
        bare => Json::from(format!("bare {bare}")),
    }
}

fn scalar(tree: &Tree<'_>, id: NodeId) -> Json {
    match &tree.nodes[id].kind {
        Kind::Scalar { value, style: Style::Plain } => {
            let table: toml::Table = format!("x = {value}").parse().expect("a value");
            other(&table["x"])
        }
        _ => tree.text(id).into(),
    }
}

/// Without an order, which tables do not have.
fn sorted(mut json: Json) -> Json {
    json.sort_all_objects();
    json
}

#[test]
fn another_reader_reads_the_same() {
    let mut accepted = 0;
    for source in mutations(FILES, 20_000) {
        match (parse(&source), source.parse::<toml::Table>()) {
            (Ok(tree), Ok(table)) => {
                assert_eq!(sorted(to_json(&tree, 1, &scalar)), sorted(other(&Toml::Table(table))), "{source:?}");
                accepted += 1;
            }
            (Err(_), Err(_)) => {}
            (Err(error), Ok(_)) => panic!("{source:?} is refused: {error}"),
            (Ok(_), Err(error)) => panic!("{source:?} is read: {error}"),
        }
    }
    assert!(accepted > 1000, "only {accepted} files were read by both");
}

#[test]
fn another_reader_finds_only_the_intended_change() {
    for source in FILES {
        let tree = parse(source).expect(source);
        for id in scalars(&tree) {
            let edited = Format::TOML
                .set(source, &tree.path_of(id), &Value::from("é' \\ 💥\n"), &Options::default())
                .expect("set");
            let changed = |tree: &Tree<'_>, node: NodeId| {
                if node == id { Json::from("é' \\ 💥\n") } else { scalar(tree, node) }
            };
            let table: toml::Table = edited.text.parse().expect("TOML");
            assert_eq!(sorted(other(&Toml::Table(table))), sorted(to_json(&tree, 1, &changed)), "{source:?}");
        }
    }
}

#[test]
fn keys_and_items_come_and_go_anywhere_or_are_refused() {
    corpus::keys_and_items_come_and_go(Format::TOML, FILES, 20, 20);
}
