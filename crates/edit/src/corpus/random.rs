//! Random edits of the shared cases and of generated files: what was asked for is all that happens, to the values by a
//! model that knows nothing of files, and to the bytes.

use serde_json::{Map, Value as Json};
use slipway_core::ErrorKind;
use testbed::{EditCase, shared_case};

use super::{Random, has_path, in_its_document, mutations, to_json};
use crate::addition::Node;
use crate::edited::Edited;
use crate::format::Format;
use crate::key_path::{KeyPath, Segment};
use crate::options::Options;
use crate::tree::{Kind, NodeId, Tree};
use crate::value::Value;

/// How many edits are tried in each file.
const TRIES: usize = 40;

#[test]
fn random_edits_do_what_was_asked_for_and_nothing_else() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let shared = shared_files();
    let yaml: Vec<&str> =
        shared.iter().filter(|(format, _)| *format == Format::YAML).map(|(_, text)| text.as_str()).collect();
    let damaged = if yaml.is_empty() { Vec::new() } else { mutations(&yaml, 100).collect() };
    let generated = (0..150).map(|_| (Format::YAML, Writer::yaml(&mut random)));
    let files: Vec<(Format, String)> = generated
        .chain(damaged.into_iter().map(|text| (Format::YAML, text)))
        .chain((0..50).map(|seed| (Format::JSON, json_file(seed))))
        .chain(shared)
        .collect();
    let (mut read, mut made) = (0, [0; 3]);
    for (format, source) in files {
        let format = format.editable();
        let Ok(tree) = format.syntax.parse(&source) else { continue };
        read += 1;
        for _ in 0..TRIES {
            let attempt = Attempt::random(&tree, &mut random);
            if let Some(kind) = attempt.and_then(|attempt| attempt.make(format, &tree)) {
                made[kind] += 1;
            }
        }
    }
    println!("{read} files, {} set, {} deleted, {} appended", made[0], made[1], made[2]);
    assert!(read >= 200 && made[0] > 400 && made[1] > 400 && made[2] > 100, "only {made:?} in {read} files");
}

/// The files of the shared cases, if they lie beside the workspace.
fn shared_files() -> Vec<(Format, String)> {
    let cases: Vec<Json> = shared_case("config-updater.json").unwrap_or_default();
    let file = |case: &Json| {
        let name = case["format"].as_str().filter(|name| *name != "text")?;
        let format = Format::of_file(EditCase::file_name_of(name), Format::ALL).expect(name);
        Some((format, case["input"].as_str()?.to_owned()))
    };
    cases.iter().filter_map(file).collect()
}

/// What is done somewhere.
enum Deed {
    Set(String),
    Delete,
    Append(String),
}

struct Attempt {
    at: NodeId,
    /// Whether the path is that of the node, and not one beside it.
    is_exact: bool,
    path: KeyPath,
    deed: Deed,
    options: Options,
}

impl Attempt {
    fn random(tree: &Tree<'_>, random: &mut Random) -> Option<Self> {
        let at = random.below(tree.nodes.len());
        let is_reachable = tree.nodes[at].depth > 0 && tree.ancestors(at).all(|above| has_path(tree, above));
        if !is_reachable || tree.is_key(at) {
            return None;
        }
        let mut segments = tree.path_of(at).segments().to_vec();
        match random.below(8) {
            0 => segments.push(Segment::Key("zz".into())),
            1 => segments.extend(["zz", "on"].map(|key| Segment::Key(key.into()))),
            2 => segments.push(Segment::Index(random.below(3))),
            3 => drop(segments.pop()),
            _ => {}
        }
        let text = ["v9", "1.10", "no", "", "a: b # c", "it's", "7", "x\ny", "{{ z }}"][random.below(9)].to_owned();
        let deed = match random.below(3) {
            0 => Deed::Set(text),
            1 => Deed::Delete,
            _ => Deed::Append(text),
        };
        let options = Options { create: random.below(2) == 0, ..in_its_document(tree, at) };
        let path = KeyPath::new(segments).ok()?;
        Some(Self { at, is_exact: path == tree.path_of(at), path, deed, options })
    }

    /// Makes the edit and looks at it from outside; which kind it was, if it was made.
    fn make(&self, format: Format, tree: &Tree<'_>) -> Option<usize> {
        let (source, path, options) = (tree.source, &self.path, &self.options);
        let edit = |text: &str| match &self.deed {
            Deed::Set(value) => format.set(text, path, &Value::from(value.as_str()), options),
            Deed::Delete => format.delete(text, path, options),
            Deed::Append(value) => format.append(text, path, &Node::Value(Value::from(value.as_str())), options),
        };
        let edited = match edit(source) {
            Ok(edited) => edited,
            Err(error) => {
                assert_ne!(error.kind(), ErrorKind::Internal, "{source:?} {path}: {error}");
                return None;
            }
        };
        self.check_bytes(tree, &edited);
        let after = format.syntax.parse(&edited.text).expect("parses");
        if [Format::YAML, Format::JSON].contains(&format) {
            self.check_values(tree, &after);
        }
        if !matches!(self.deed, Deed::Delete) {
            let again = edit(&edited.text).expect("the second run");
            assert!(again.changes.is_empty() && again.text == edited.text, "{source:?} {path}: the second run edits");
        }
        let kinds = [matches!(self.deed, Deed::Set(_)), matches!(self.deed, Deed::Delete), true];
        kinds.iter().position(|is_it| *is_it)
    }

    fn check_bytes(&self, tree: &Tree<'_>, edited: &Edited) {
        let (source, after, path) = (tree.source, edited.text.as_str(), &self.path);
        if edited.changes.is_empty() {
            assert_eq!(after, source, "{path}");
            return;
        }
        let is_scalar = matches!(&tree.nodes[self.at].kind, Kind::Scalar { .. });
        match &self.deed {
            Deed::Set(_) if self.is_exact && is_scalar => {
                // Empty lines in front of a block belong to it.
                let span = &tree.nodes[self.at].span;
                let start = source[..span.start].trim_end().len();
                assert!(after.starts_with(&source[..start]), "{source:?} {path}: {after:?}");
                assert!(after.ends_with(&source[span.end..]), "{source:?} {path}: {after:?}");
            }
            Deed::Set(_) if edited.changes.iter().any(|change| change.old.is_some()) => {}
            Deed::Delete => {
                // What loses its last child is left as brackets.
                let bare = |text: &str| text.replace(['{', '}', '[', ']', ' '], "");
                assert!(is_within(&bare(after), &bare(source)), "{source:?} {path}: {after:?}");
            }
            _ => assert!(is_within(source, after), "{source:?} {path}: {after:?}"),
        }
    }

    /// Compares all documents with what the model says.
    fn check_values(&self, tree: &Tree<'_>, after: &Tree<'_>) {
        let mut expected = documents(tree);
        let index = tree.document_index(self.at);
        let place = place(&mut expected[index], self.path.segments(), !matches!(self.deed, Deed::Delete));
        let text = |text: &str| Json::String(text.trim_end_matches('\n').to_owned());
        match (&self.deed, place) {
            (Deed::Set(value), Some(place)) => *place = text(value),
            (Deed::Append(value), Some(Json::Array(items))) => {
                if !items.contains(&text(value)) {
                    items.push(text(value));
                }
            }
            (Deed::Append(value), Some(place)) => {
                assert!(is_nothing(place), "{:?} {}", tree.source, self.path);
                *place = Json::Array(vec![text(value)]);
            }
            (Deed::Delete, Some(place)) => *place = Json::String(GONE.into()),
            (_, None) => panic!("{:?}: {} leads nowhere", tree.source, self.path),
        }
        expected.iter_mut().for_each(without_gone);
        assert_eq!(documents(after), expected, "{:?} {}: {:?}", tree.source, self.path, after.source);
    }
}

/// What the model has in the place of what goes.
const GONE: &str = "\u{0}gone";

fn documents(tree: &Tree<'_>) -> Vec<Json> {
    let scalar = |tree: &Tree<'_>, id: NodeId| tree.text(id).map_or(Json::Bool(true), Json::from);
    let document = |&document: &NodeId| match document + 1 < tree.nodes[document].end {
        true => to_json(tree, document + 1, &scalar),
        false => Json::Null,
    };
    tree.documents.iter().map(document).collect()
}

fn is_nothing(json: &Json) -> bool {
    matches!(json, Json::Null) || json == ""
}

/// Where a path leads in the model, made if that is allowed.
fn place<'j>(mut json: &'j mut Json, path: &[Segment], create: bool) -> Option<&'j mut Json> {
    for segment in path {
        if is_nothing(json) && create {
            *json = Json::Object(Map::new());
        }
        json = match (segment, json) {
            (Segment::Key(key), Json::Object(entries)) => match create {
                true => entries.entry(key).or_insert(Json::Null),
                false => entries.get_mut(key)?,
            },
            (Segment::Index(index), Json::Array(items)) => items.get_mut(*index)?,
            _ => return None,
        };
    }
    Some(json)
}

fn without_gone(json: &mut Json) {
    match json {
        Json::Array(items) => {
            items.retain(|item| item != GONE);
            items.iter_mut().for_each(without_gone);
        }
        Json::Object(entries) => {
            entries.retain(|_, value| value != GONE);
            entries.values_mut().for_each(without_gone);
        }
        _ => {}
    }
}

/// Whether a text is left if characters are taken from another one.
fn is_within(less: &str, more: &str) -> bool {
    let mut more = more.chars();
    less.chars().all(|c| more.any(|other| other == c))
}

/// A JSON file of our own making, on one line or on many.
fn json_file(seed: u64) -> String {
    fn value(random: &mut Random, depth: usize) -> Json {
        match random.below(if depth > 3 { 4 } else { 7 }) {
            0 => Json::from(random.below(1000)),
            1 => Json::Bool(random.below(2) == 0),
            2 | 3 => Json::from(["v1", "1.10", "a\nb", "é\"", ""][random.below(5)]),
            4 => (0..random.below(4)).map(|_| value(random, depth + 1)).collect(),
            _ => {
                let count = 1 + random.below(4);
                Json::Object((0..count).map(|key| (format!("k{key}"), value(random, depth + 1))).collect())
            }
        }
    }
    let mut random = Random(0x9e37_79b9 + seed);
    let json = Json::Object((0..4).map(|key| (format!("r{key}"), value(&mut random, 1))).collect());
    if seed.is_multiple_of(2) { json.to_string() } else { serde_json::to_string_pretty(&json).expect("JSON") + "\n" }
}

/// Writes YAML in every style that people write it in.
struct Writer<'r> {
    random: &'r mut Random,
    text: String,
    anchors: usize,
}

impl<'r> Writer<'r> {
    fn yaml(random: &'r mut Random) -> String {
        let mut writer = Self { random, text: String::new(), anchors: 0 };
        for document in 0..1 + writer.random.below(5) / 3 {
            if document > 0 || writer.one_in(4) {
                writer.text.push_str("---\n");
            }
            writer.anchors = 0;
            writer.mapping(0, 0, false);
        }
        let Self { random, text, .. } = writer;
        let text = if random.below(6) == 0 { text.replace('\n', "\r\n") } else { text };
        if random.below(6) == 0 { text.trim_end().to_owned() } else { text }
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.random.below(count) == 0
    }

    fn pick<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.random.below(texts.len())]
    }

    fn mapping(&mut self, indent: usize, depth: usize, is_behind_dash: bool) {
        for key in 0..1 + self.random.below(4) {
            if key > 0 || !is_behind_dash {
                if self.one_in(6) {
                    self.text.push_str(&format!("{}# about k{key}\n", " ".repeat(indent)));
                }
                if self.one_in(8) {
                    self.text.push('\n');
                }
                self.text.push_str(&" ".repeat(indent));
            }
            let quote = self.pick(&["", "", "", "'", "\""]);
            self.text.push_str(&format!("{quote}k{key}{quote}:"));
            self.value(indent, depth);
        }
    }

    fn value(&mut self, indent: usize, depth: usize) {
        match self.random.below(if depth > 2 { 7 } else { 11 }) {
            0..=3 => {
                let scalar = self.scalar();
                self.text.push_str(&format!(" {scalar}"));
                self.end_of_line();
            }
            4 => {
                let flow = self.flow(0);
                self.text.push_str(&format!(" {flow}"));
                self.end_of_line();
            }
            5 => {
                let header = self.pick(&["|", "|-", "|+", ">", ">-"]);
                let inside = " ".repeat(indent + 2);
                self.text.push_str(&format!(" {header}\n{inside}first\n{inside}second # no comment\n"));
                if self.one_in(3) {
                    self.text.push('\n');
                }
            }
            6 => self.end_of_line(),
            7 | 8 => {
                self.end_of_line();
                let deeper = indent + [2, 4][self.random.below(2)];
                self.mapping(deeper, depth + 1, false);
            }
            _ => {
                self.end_of_line();
                let deeper = indent + [0, 2][self.random.below(2)];
                for _ in 0..1 + self.random.below(3) {
                    self.text.push_str(&format!("{}- ", " ".repeat(deeper)));
                    if self.one_in(2) {
                        self.mapping(deeper + 2, depth + 1, true);
                    } else {
                        let scalar = self.scalar();
                        self.text.push_str(&scalar);
                        self.end_of_line();
                    }
                }
            }
        }
    }

    fn end_of_line(&mut self) {
        let end = self.pick(&["\n", "\n", "\n", " # c\n", "   # c: d\n"]);
        self.text.push_str(end);
    }

    fn scalar(&mut self) -> String {
        let plain =
            self.pick(&["v1", "1.9", "true", "12", "a b", "'it''s'", "\"x\\ty\"", "~", "ghcr.io/acme/shop:1", "!t w"]);
        match self.random.below(12) {
            0 => {
                self.anchors += 1;
                format!("&a{} {plain}", self.anchors)
            }
            1 if self.anchors > 0 => format!("*a{} ", 1 + self.random.below(self.anchors)),
            _ => plain.to_owned(),
        }
    }

    fn flow(&mut self, depth: usize) -> String {
        let parts: Vec<String> = (0..self.random.below(4))
            .map(|_| if depth < 2 && self.one_in(4) { self.flow(depth + 1) } else { self.scalar() })
            .collect();
        let gap = self.pick(&["", " "]);
        if self.one_in(2) {
            return format!("[{gap}{}{gap}]", parts.join(", "));
        }
        let entries: Vec<String> = parts.iter().enumerate().map(|(key, part)| format!("f{key}: {part}")).collect();
        format!("{{{gap}{}{gap}}}", entries.join(", "))
    }
}
