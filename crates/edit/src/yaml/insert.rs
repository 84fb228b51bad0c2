//! Writing keys and list items that are not there yet, in the style of their neighbours.

use slipway_core::Result;

use super::write::fresh;
use crate::flow::{self, unclear};
use crate::key_path::Segment;
use crate::quote::double_quoted;
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
        (Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow), _) => {
            let is_json =
                |first: NodeId| matches!(tree.nodes[first].kind, Kind::Scalar { style: Style::DoubleQuoted, .. });
            let is_json = tree.children(at).next().is_some_and(is_json);
            let write = |value: &Value| match value {
                Value::Text(text) if is_json => double_quoted(text),
                _ => fresh(value, true),
            };
            flow::insert(tree, at, rest, value, &write)
        }
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
