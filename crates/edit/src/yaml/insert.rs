//! Writing keys and list items that are not there yet, in the style of their neighbours.

use slipway_core::{Error, ErrorKind, Result};

use super::write::{double_quoted, fresh};
use crate::key_path::Segment;
use crate::splice::Splice;
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::value::Value;

/// The edit that adds the rest of a path, down to the value, behind the last child of a collection.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
pub(super) fn insert(tree: &Tree<'_>, at: NodeId, rest: &[Segment], value: &Value) -> Result<Splice> {
    let node = &tree.nodes[at];
    let parent = node.parent;
    match (&node.kind, &tree.nodes[parent].kind) {
        (Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow), _) => flow(tree, at, rest, value),
        (Kind::Mapping(Layout::Block), _) => {
            let indent = entry_indent(tree, at)?;
            Ok(after(tree, at)?.line(&indent, &Block { tree, at }.entry(&indent, rest, value)))
        }
        (Kind::Sequence(Layout::Block), _) => {
            let dash = node.span.start;
            let indent = blank(&tree.source[tree.line_start(dash)..dash]).ok_or_else(|| unclear(tree, at))?;
            let first = tree.items(at).next().map_or(dash, |item| tree.nodes[item].span.start);
            let gap = &tree.source[dash + 1..first.max(dash + 1)];
            let gap = if !gap.is_empty() && gap.bytes().all(|byte| byte == b' ') { gap } else { " " };
            Ok(after(tree, at)?.line(&indent, &Block { tree, at }.item(&indent, gap, rest, value)))
        }
        (Kind::Scalar { .. }, Kind::Mapping(Layout::Block)) if node.span.is_empty() => {
            let indent = format!("{}  ", entry_indent(tree, parent)?);
            let line_break = tree.line_break(node.span.start);
            let block = Block { tree, at };
            let text = match rest.first() {
                Some(Segment::Key(_)) => block.entry(&indent, rest, value),
                _ => block.item(&indent, " ", rest, value),
            };
            let end = tree.line_end(node.span.start);
            Ok(Splice { range: end..end, text: format!("{line_break}{indent}{text}") })
        }
        _ => Err(unclear(tree, at)),
    }
}

fn unclear(tree: &Tree<'_>, at: NodeId) -> Error {
    let message = format!("no key can be added to {} at line {}", tree.noun(at), tree.nodes[at].line);
    Error::new(ErrorKind::InvalidInput, message).hint("write the key and an empty value first")
}

/// The place behind the last line of a block collection.
struct After {
    place: usize,
    line_break: &'static str,
}

impl After {
    fn line(self, indent: &str, text: &str) -> Splice {
        Splice { range: self.place..self.place, text: format!("{}{indent}{text}", self.line_break) }
    }
}

fn after(tree: &Tree<'_>, collection: NodeId) -> Result<After> {
    let last = tree.nodes[collection].end - 1;
    let end = tree.nodes[collection].span.end;
    let place = tree.line_end(end);
    if let Kind::Scalar { value, style: Style::Literal | Style::Folded } = &tree.nodes[last].kind {
        // The blank lines behind a block scalar belong to it if its header says so.
        let breaks = value.len() - value.trim_end_matches('\n').len();
        if breaks > 1 || value.is_empty() || (breaks == 0 && place == tree.source.len()) {
            return Err(unclear(tree, collection));
        }
    }
    Ok(After { place, line_break: tree.line_break(end) })
}

/// The indentation of the entries of a block mapping.
fn entry_indent(tree: &Tree<'_>, mapping: NodeId) -> Result<String> {
    let key = tree.nodes[mapping + 1].span.start;
    blank(&tree.source[tree.line_start(key)..key]).ok_or_else(|| unclear(tree, mapping))
}

/// Spaces for what stands in front of a node on its line; none if that is more than indentation and dashes.
fn blank(prefix: &str) -> Option<String> {
    let prefix = prefix.trim_start_matches('\u{feff}');
    prefix.bytes().all(|byte| byte == b' ' || byte == b'-').then(|| " ".repeat(prefix.len()))
}

struct Block<'t, 's> {
    tree: &'t Tree<'s>,
    at: NodeId,
}

impl Block<'_, '_> {
    /// `key: value`, or a key with what is below it.
    fn entry(&self, indent: &str, rest: &[Segment], value: &Value) -> String {
        let Some((Segment::Key(key), rest)) = rest.split_first() else { return fresh(value, false) };
        let key = fresh(&Value::Text(key.clone()), false);
        let (line_break, deeper) = (self.tree.line_break(self.tree.nodes[self.at].span.start), format!("{indent}  "));
        match rest.first() {
            None => format!("{key}: {}", fresh(value, false)),
            Some(Segment::Key(_)) => format!("{key}:{line_break}{deeper}{}", self.entry(&deeper, rest, value)),
            Some(_) => format!("{key}:{line_break}{deeper}{}", self.item(&deeper, " ", rest, value)),
        }
    }

    /// `- name: web` with what is below it.
    fn item(&self, indent: &str, gap: &str, rest: &[Segment], value: &Value) -> String {
        let Some((Segment::Item { key, value: name }, rest)) = rest.split_first() else { return fresh(value, false) };
        let [key, name] = [key, name].map(|text| fresh(&Value::Text(text.clone()), false));
        let (line_break, deeper) =
            (self.tree.line_break(self.tree.nodes[self.at].span.start), format!("{indent} {gap}"));
        format!("-{gap}{key}: {name}{line_break}{deeper}{}", self.entry(&deeper, rest, value))
    }
}

/// An entry of a flow collection, on a line of its own if the others are.
fn flow(tree: &Tree<'_>, at: NodeId, rest: &[Segment], value: &Value) -> Result<Splice> {
    let span = tree.nodes[at].span.clone();
    // `[key: value]` is a mapping without brackets of its own.
    if !tree.source[span.start..].starts_with(['{', '[']) {
        return Err(unclear(tree, at));
    }
    let is_json = tree
        .children(at)
        .next()
        .is_some_and(|first| matches!(tree.nodes[first].kind, Kind::Scalar { style: Style::DoubleQuoted, .. }));
    let text = flow_entry(rest, value, is_json);
    let Some(first) = tree.children(at).next() else {
        let place = span.start + 1;
        return Ok(Splice { range: place..place, text });
    };
    let place = tree.children(at).map(|child| tree.nodes[child].span.end).max().unwrap_or(span.start + 1);
    let line_start = tree.line_start(tree.nodes[first].span.start);
    let indent = &tree.source[line_start..tree.nodes[first].span.start];
    let separator = if line_start > span.start && indent.bytes().all(|byte| byte == b' ' || byte == b'\t') {
        format!("{}{indent}", tree.line_break(place))
    } else {
        " ".to_owned()
    };
    Ok(Splice { range: place..place, text: format!(",{separator}{text}") })
}

fn flow_entry(rest: &[Segment], value: &Value, is_json: bool) -> String {
    let write = |value: &Value| match value {
        Value::Text(text) if is_json => double_quoted(text),
        _ => fresh(value, true),
    };
    let text = |text: &String| write(&Value::Text(text.clone()));
    match rest.split_first() {
        Some((Segment::Key(key), rest)) => {
            let below = flow_entry(rest, value, is_json);
            match rest.first() {
                None => format!("{}: {below}", text(key)),
                Some(Segment::Key(_)) => format!("{}: {{{below}}}", text(key)),
                Some(_) => format!("{}: [{below}]", text(key)),
            }
        }
        Some((Segment::Item { key, value: name }, rest)) => {
            format!("{{{}: {}, {}}}", text(key), text(name), flow_entry(rest, value, is_json))
        }
        _ => write(value),
    }
}
