//! Properties that must hold for every value of every file, tried on YAML of all kinds.

use slipway_core::ErrorKind;

use super::parse::parse;
use crate::corpus::{self, any_text_is_read_back_or_refused, has_path, in_its_document, scalars};
use crate::format::Format;
use crate::key_path::KeyPath;
use crate::options::Options;
use crate::tree::{Kind, Style};
use crate::value::Value;

/// Files with what editors of YAML get wrong.
const FILES: &[&str] = &[
    "a: b",
    "a: b # c\n",
    "\u{feff}# ü\r\na: b  \t# c\r\n\r\nd:\r\n- e\r\n-   f: g\r\n    h: i",
    "a:   'b'' c'   # d\nb: \"x \\u00e9 \\\" y\"\nc: \"one\n  two \\\n  three\"\nd: 'one\n\n  two'\ne: one\n  two\n\n  three\n",
    "a: |\n  b\n   c\n\n  d\n\n\ne: >-\n    f\n    g\n\nh: |+\n  i\n\n\nj: |2-\n    k\nl: >+\n\n  m\n\n",
    "- - a\n  - b\n- - c\n-\n  - d\n-   e: f\n    g: h\n-\n  i: j\n- [k, {l: m}, n]\n",
    "a: {b: c,d: [e,  f ,g], \"h\":i, 'j' : k}\nl: [\n  # first\n  {m: n}, # o\n  p: q,\n]\n",
    "a:\n- b\n- c:\n  - d\n  - e\nf:\n  -  g\n",
    "? a\n: b\n? [c, d]\n: e\n? |\n  f\n: g\n? h\n: - i\n  - j\n",
    "a: &x b\nc: *x\nd: &y {e: f}\ng:\n  <<: *y\n  h: i\nj: !!str k\nl: !local m\nn: &z !!str o\np: ! q\n",
    "%YAML 1.2\n%TAG !e! tag:example.com,2000:\n---\na: !e!b c\n...\n---\nd: e\n--- f\n--- |\n  g\n---\n- h\n...\n# end\n",
    "---\n---\n# only a comment\n---\na: b\n---\n",
    "a: 1\nb: 0755\nc: 1.10\nd: yes\ne: ~\nf: null\ng: 2026-11-21\nh: 12:30\ni: .inf\nj: 0x1F\nk: 1e3\n",
    "日本: 語\né: \"ß\"\n# 🚀\nx: é # ✅\ny: |\n  日本語\n\n  ü\nz: 💥\n",
    "a: b#c\nd: e:f\ng: h?i\nj: -k\nl: ?m\nn: :o\np: http://q/r#s\nt: u's\nv: \"w\" \n",
    "{\"a\": {\"b\": \"c\", \"d\": [1, true, null, \"e\"]}}\n",
    "a:\tb\t# c\nd: [e,\tf]\t\n",
    "a:\n\n\n  b: c   \n\n\n\n  d: e\n   \n\n",
    "a: b\n...\n",
    "a: # c\n  # d\n    e # f\ng: 1\n",
    "x: &a\n  y: z\nw: &b\n- v\nu: &c\n  t\n",
    "a: !!map\n  b: c\nd: !!seq\n- e\n",
    "long: \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx yyyyyyyyyyy\"\nb: c\n",
    "a: b\r\nc: |\r\n  d\r\n\r\n  e\r\nf: >-\r\n  g\r\n  h\r\n",
    "plain\n",
    "'quoted'",
    "- a\n# c\n\n- b",
    "{a: b, c: d}\n---\n[e, f]\n",
];

#[test]
fn replacing_a_scalar_changes_its_range_and_nothing_else() {
    let mut tried = 0;
    for source in FILES {
        let tree = parse(source).expect(source);
        for id in scalars(&tree) {
            let (path, node) = (tree.path_of(id), &tree.nodes[id]);
            let options = in_its_document(&tree, id);
            let edited = Format::YAML.set(source, &path, &Value::from("QQ7"), &options).expect(source);
            let expected = match &node.kind {
                Kind::Scalar { style: Style::SingleQuoted, .. } => "'QQ7'",
                Kind::Scalar { style: Style::DoubleQuoted, .. } => "\"QQ7\"",
                _ => "QQ7",
            };
            let (before, after) = (&source[..node.span.start], &source[node.span.end..]);
            assert!(edited.text.ends_with(after), "{source:?} {path}: {:?}", edited.text);
            let changed = &edited.text[..edited.text.len() - after.len()];
            // Empty lines at the start of a block scalar are part of its value.
            let before = if changed.starts_with(before) { before } else { before.trim_end() };
            let changed = changed.strip_prefix(before).expect("what stands in front stays");
            assert_eq!(changed.trim(), expected, "{source:?} {path}: {:?}", edited.text);
            let [change] = &edited.changes[..] else { panic!("{source:?} {path}: {:?}", edited.changes) };
            assert_eq!((&change.path, change.line, &*change.new), (&path, node.line, "QQ7"));

            let again = Format::YAML.set(&edited.text, &path, &Value::from("QQ7"), &options).expect(source);
            assert!(again.changes.is_empty() && again.text == edited.text, "{source:?} {path}: the second run edits");
            tried += 1;
        }
    }
    assert!(tried > 100, "only {tried} scalars were tried");
}

#[test]
fn any_text_is_written_so_that_it_is_read_back_or_refused() {
    any_text_is_read_back_or_refused(Format::YAML, FILES);
}

#[test]
fn keys_and_items_are_added_anywhere_or_refused() {
    let mut added = 0;
    for source in FILES {
        let tree = parse(source).expect(source);
        let collections = (0..tree.nodes.len()).filter(|&id| tree.nodes[id].depth > 0);
        for id in collections.filter(|&id| tree.ancestors(id).all(|above| has_path(&tree, above))) {
            let options = Options { create: true, ..in_its_document(&tree, id) };
            for rest in ["zz", "zz.\"on\"", "zz[k=v].w", "[k=v].zz"] {
                let rest: KeyPath = rest.parse().expect(rest);
                let segments = tree.path_of(id).segments().iter().chain(rest.segments()).cloned().collect();
                let path = KeyPath::new(segments).expect("short");
                match Format::YAML.editable().set(source, &path, &Value::from("1.10"), &options) {
                    Ok(edited) => {
                        assert_eq!(edited.changes.len(), 1, "{source:?} {id} {rest}");
                        added += 1;
                    }
                    Err(error) => assert_ne!(error.kind(), ErrorKind::Internal, "{source:?} {id} {rest}: {error}"),
                }
            }
        }
    }
    assert!(added > 100, "only {added} were added");
}

#[test]
fn broken_files_are_errors_and_never_panics() {
    corpus::broken_files_are_errors_and_never_panics(Format::YAML, FILES);
    for source in FILES {
        for end in (0..source.len()).filter(|&end| source.is_char_boundary(end)) {
            let _ = Format::YAML.images(&source[..end], &Options::default());
        }
    }
}

#[test]
fn keys_and_items_come_and_go_anywhere_or_are_refused() {
    corpus::keys_and_items_come_and_go(Format::YAML, FILES, 20, 20);
}
