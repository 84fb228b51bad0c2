//! Properties that must hold for every value of every file, whatever its format.

mod random;

use serde_json::Value as Json;
use slipway_core::ErrorKind;

use crate::format::Format;
use crate::key_path::KeyPath;
use crate::options::{DocumentSelector, Options};
use crate::tree::{Kind, NodeId, Tree};
use crate::value::Value;

/// Every scalar that is a value and can be reached by a path.
pub(crate) fn scalars(tree: &Tree<'_>) -> Vec<NodeId> {
    let is_scalar = |&id: &NodeId| matches!(tree.nodes[id].kind, Kind::Scalar { .. });
    let is_reachable = |&id: &NodeId| tree.nodes[id].depth > 1 && tree.ancestors(id).all(|id| has_path(tree, id));
    (0..tree.nodes.len()).filter(is_scalar).filter(is_reachable).collect()
}

pub(crate) fn has_path(tree: &Tree<'_>, id: NodeId) -> bool {
    let parent = &tree.nodes[tree.nodes[id].parent].kind;
    !matches!(parent, Kind::Mapping(_)) || tree.key_of(id).is_some_and(|key| !key.is_empty() && !key.contains('\n'))
}

pub(crate) fn in_its_document(tree: &Tree<'_>, id: NodeId) -> Options {
    Options { document: Some(DocumentSelector::Index(tree.document_index(id))), ..Options::default() }
}

/// Replaces each value alone: the bytes around it stay, its quotes stay, and the second run changes nothing.
pub(crate) fn each_value_is_replaced_alone(format: Format, files: &[&str], least: usize) {
    let mut tried = 0;
    for source in files {
        let tree = format.syntax.parse(source).expect(source);
        for id in scalars(&tree) {
            let (path, span) = (tree.path_of(id), tree.nodes[id].span.clone());
            let options = in_its_document(&tree, id);
            let edited = format.set(source, &path, &Value::from("7.7.7"), &options).expect(source);
            let [change] = &edited.changes[..] else { panic!("{source:?} {path}: {:?}", edited.changes) };
            assert_eq!((&change.path, change.line, &*change.new), (&path, tree.nodes[id].line, "7.7.7"));
            assert_eq!(change.old.as_deref(), tree.text(id));
            assert!(edited.text.starts_with(&source[..span.start]), "{source:?} {path}: {:?}", edited.text);
            assert!(edited.text.ends_with(&source[span.end..]), "{source:?} {path}: {:?}", edited.text);
            let new = &edited.text[span.start..edited.text.len() - (source.len() - span.end)];
            let quotes = |text: &str| text.split(char::is_alphanumeric).next().unwrap_or_default().trim().to_owned();
            if source[span.clone()].starts_with(['"', '\'']) {
                assert_eq!(new.chars().next(), source[span.clone()].chars().next(), "{source:?} {path}");
            } else {
                assert!(["", "\"", "'"].contains(&quotes(new).as_str()), "{source:?} {path}: {new}");
            }
            assert_eq!(format.value(&edited.text, &path, &options).expect("parses").as_deref(), Some("7.7.7"));
            let again = format.set(&edited.text, &path, &Value::from("7.7.7"), &options).expect(source);
            assert!(again.changes.is_empty() && again.text == edited.text, "{source:?} {path}: the second run edits");
            tried += 1;
        }
    }
    assert!(tried >= least, "only {tried} values were tried");
}

const TEXTS: &[&str] = &[
    "",
    " ",
    "a b",
    " a",
    "a ",
    "a: b",
    "a:",
    "#",
    "a #b",
    "a#b",
    "'",
    "''",
    "'''",
    "\"",
    "\"\"\"",
    "it's",
    "\\",
    "a\\",
    "\\n",
    "\n",
    "a\nb",
    "a\n\nb",
    "a\n b",
    "a\r\nb",
    "\t",
    "a\tb",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{feff}",
    "\u{fffe}",
    "é",
    "💥",
    "-",
    "- a",
    "?",
    "? a",
    ":",
    ": a",
    ",",
    "a,b",
    "[",
    "]",
    "{",
    "}",
    "{{ .x }}",
    "&a",
    "*a",
    "!a",
    "|",
    ">",
    "%",
    "@",
    "`",
    "~",
    "null",
    "yes",
    "true",
    "0x1F",
    "1e3",
    "1.10",
    "007",
    "12:30",
    "7",
    "2026-11-21",
    "<<",
    "=",
    "---",
    "...",
    "--- a",
    "key: |\n  x",
    "<a>",
    "&amp;",
    "&lt",
    "]]>",
    "<!-- x -->",
    "${x}",
    "$(x)",
    "%s",
    "\u{b}",
    "\u{10ffff}",
    "a=b",
    "!x",
    "1.2.3",
    "v1.2.3-rc.1+b",
];

/// Any text can be read back after it was written, or is refused.
pub(crate) fn any_text_is_read_back_or_refused(format: Format, files: &[&str]) {
    for source in files {
        let tree = format.syntax.parse(source).expect(source);
        for id in scalars(&tree) {
            let (path, options) = (tree.path_of(id), in_its_document(&tree, id));
            for text in TEXTS {
                let edited = match format.set(source, &path, &Value::from(*text), &options) {
                    Ok(edited) => edited,
                    Err(error) if error.kind() == ErrorKind::InvalidInput => continue,
                    Err(error) => panic!("{source:?} {path} {text:?}: {error}"),
                };
                let after = format.syntax.parse(&edited.text).expect("parses");
                // The final line breaks of a block scalar belong to its header.
                let found = after.text(id).map(|found| found.trim_end_matches('\n'));
                assert_eq!(found, Some(text.trim_end_matches('\n')), "{source:?} {path}");
            }
        }
    }
}

/// Cut and damaged files are read or refused, and what is read can be edited or says why not.
pub(crate) fn broken_files_are_errors_and_never_panics(format: Format, files: &[&str]) {
    for source in files {
        for end in (0..source.len()).filter(|&end| source.is_char_boundary(end)) {
            let (cut, rest) = source.split_at(end);
            let _ = format.read(cut);
            for extra in ["\u{0}", "\n", "{", "- ", ": ", "'", "\"", "&x ", "|\n", "\r", "[", "=", "<", ">", "\\", "#"]
            {
                let spliced = format!("{cut}{extra}{rest}");
                let Ok(tree) = format.syntax.parse(&spliced) else { continue };
                let Some(&id) = scalars(&tree).last() else { continue };
                let edited = format.set(&spliced, &tree.path_of(id), &Value::from("x"), &in_its_document(&tree, id));
                if let Err(error) = edited {
                    assert_ne!(error.kind(), ErrorKind::Internal, "{spliced:?}: {error}");
                }
            }
        }
    }
}

/// Adds keys and items everywhere and takes every value away; what works is proved by the edit itself, what comes is
/// read back, and what was added can be taken away again.
pub(crate) fn keys_and_items_come_and_go(format: Format, files: &[&str], least_added: usize, least_removed: usize) {
    let format = format.editable();
    let (mut added, mut removed) = (0, 0);
    for source in files {
        let tree = format.syntax.parse(source).expect(source);
        let reachable =
            |id: &NodeId| tree.nodes[*id].depth > 0 && tree.ancestors(*id).all(|above| has_path(&tree, above));
        for id in (0..tree.nodes.len()).filter(reachable) {
            let options = Options { create: true, ..in_its_document(&tree, id) };
            let below = |rest: &str| {
                let rest: KeyPath = rest.parse().expect(rest);
                KeyPath::new(tree.path_of(id).segments().iter().chain(rest.segments()).cloned().collect())
            };
            for rest in ["zz", "zz.\"on\"", "zz[k=v].w", "[k=v].zz"] {
                let path = below(rest).expect("short");
                match format.set(source, &path, &Value::from("1.10"), &options) {
                    Ok(edited) => {
                        assert_eq!(edited.changes.len(), 1, "{source:?} {path}");
                        let found = format.value(&edited.text, &path, &options).expect("readable");
                        assert_eq!(found.as_deref(), Some("1.10"), "{source:?} {path}: {:?}", edited.text);
                        added += 1;
                        if rest == "zz" {
                            let back = format.delete(&edited.text, &path, &options);
                            let back = back.unwrap_or_else(|error| panic!("{:?} {path}: {error}", edited.text));
                            let same =
                                |text: &str| text.replace([' ', '\r', '\n'], "").replace(",}", "}").replace(",]", "]");
                            assert_eq!(same(&back.text), same(source), "{path}: {:?}", edited.text);
                        }
                    }
                    Err(error) => assert_ne!(error.kind(), ErrorKind::Internal, "{source:?} {path}: {error}"),
                }
            }
            if tree.is_key(id) || tree.nodes[id].depth < 2 {
                continue;
            }
            let (path, own) = (tree.path_of(id), in_its_document(&tree, id));
            let item = crate::Node::Mapping(vec![("k".into(), crate::Node::Value(Value::from("v")))]);
            for node in [crate::Node::Value(Value::from("no")), item] {
                match format.append(source, &path, &node, &own) {
                    Ok(edited) => {
                        let again = format.append(&edited.text, &path, &node, &own).expect("the second run");
                        assert!(again.changes.is_empty() && again.text == edited.text, "{source:?} {path}");
                        added += 1;
                    }
                    Err(error) => assert_ne!(error.kind(), ErrorKind::Internal, "{source:?} {path}: {error}"),
                }
            }
            match format.delete(source, &path, &own) {
                Ok(edited) => {
                    assert!(edited.changes[0].is_removed && edited.text.len() < source.len() + 4, "{source:?} {path}");
                    removed += 1;
                }
                Err(error) => assert_ne!(error.kind(), ErrorKind::Internal, "{source:?} {path}: {error}"),
            }
        }
    }
    assert!(added >= least_added && removed >= least_removed, "only {added} were added and {removed} removed");
}

/// Pseudo-random numbers, the same in every run.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

/// Files in which a few pieces are replaced by pieces of other files.
pub(crate) fn mutations<'f>(files: &'f [&'f str], count: usize) -> impl Iterator<Item = String> + 'f {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    (0..count).map(move |_| {
        let mut text = files[random.below(files.len())].to_owned();
        for _ in 0..=random.below(3) {
            let mut at = |text: &str| {
                let mut at = random.below(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let from = files[at(&"x".repeat(files.len() - 1))];
            let (start, end) = (at(from), at(from));
            let (start, end) = (start.min(end), start.max(end));
            let end = (start..=end).rev().find(|&end| end <= start + 12 && from.is_char_boundary(end)).unwrap_or(start);
            let piece = &from[start..end];
            let place = at(&text);
            let kept = at(&text).clamp(place, place + (text.len() - place).min(4));
            let kept = (kept..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len());
            text.replace_range(place..kept, piece);
        }
        text
    })
}

/// What a tree holds, with scalars as `scalar` reads them.
pub(crate) fn to_json(tree: &Tree<'_>, id: NodeId, scalar: &dyn Fn(&Tree<'_>, NodeId) -> Json) -> Json {
    match tree.nodes[id].kind {
        Kind::Mapping(_) => {
            let entry = |(key, value)| (tree.text(key).unwrap_or_default().to_owned(), to_json(tree, value, scalar));
            Json::Object(tree.entries(id).map(entry).collect())
        }
        Kind::Sequence(_) => Json::Array(tree.items(id).map(|item| to_json(tree, item, scalar)).collect()),
        _ => scalar(tree, id),
    }
}
