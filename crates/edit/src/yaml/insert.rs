//! Writing keys and list items that are not there yet, in the style of their neighbours.

use slipway_core::Result;

use super::write::fresh;
use crate::addition::{Addition, Node};
use crate::flow::Flow;
use crate::quote::double_quoted;
use crate::splice::Splice;
use crate::structure::{Insertion, unclear};
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::trivia::HASH;
use crate::value::Value;

/// The edit that adds behind the last child of a collection.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
pub(super) fn insert(tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
    let node = &tree.nodes[at];
    let parent = node.parent;
    let line_break = tree.line_break(node.span.start);
    let write = Block { line_break };
    let splice = match (&node.kind, &tree.nodes[parent].kind) {
        (Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow), _) => return in_brackets(tree, at, addition),
        (Kind::Mapping(Layout::Block), _) => {
            let indent = entry_indent(tree, at)?;
            after(tree, at)?.line(&indent, &write.addition(&indent, " ", addition))
        }
        (Kind::Sequence(Layout::Block), _) => {
            let dash = node.span.start;
            let indent = blank(&tree.source[tree.line_start(dash)..dash]).ok_or_else(|| unclear(tree, at))?;
            let first = tree.items(at).next().map_or(dash, |item| tree.nodes[item].span.start);
            let gap = &tree.source[dash + 1..first.max(dash + 1)];
            let gap = if !gap.is_empty() && gap.bytes().all(|byte| byte == b' ') { gap } else { " " };
            after(tree, at)?.line(&indent, &write.addition(&indent, gap, addition))
        }
        (Kind::Scalar { .. }, Kind::Mapping(Layout::Block)) if node.span.is_empty() => {
            let indent = format!("{}  ", entry_indent(tree, parent)?);
            let end = tree.line_end(node.span.start);
            let text = write.addition(&indent, " ", addition);
            Splice::insertion(end, format!("{line_break}{indent}{text}"))
        }
        _ => return Err(unclear(tree, at)),
    };
    Ok(Insertion { splices: vec![splice], before: node.end })
}

/// The edit that gives a file without a document its first one, behind the comments that it holds.
pub(super) fn begin(tree: &Tree<'_>, node: &Node) -> Splice {
    let line_break = tree.line_break(tree.source.len());
    tree.at_end(&Block { line_break }.children("", " ", node))
}

fn in_brackets(tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
    let is_json = |first: NodeId| matches!(tree.nodes[first].kind, Kind::Scalar { style: Style::DoubleQuoted, .. });
    let is_json = tree.children(at).next().is_some_and(is_json);
    let write = |value: &Value| match value {
        Value::Text(text) if is_json => double_quoted(text),
        _ => fresh(value, true),
    };
    let key = |key: &str| write(&Value::Text(key.to_owned()));
    Flow { comments: HASH, assign: ": ", key: &key, value: &write }.insert(tree, at, addition)
}

/// The place behind the last line of a block collection.
struct After {
    place: usize,
    line_break: &'static str,
}

impl After {
    fn line(self, indent: &str, text: &str) -> Splice {
        Splice::insertion(self.place, format!("{}{indent}{text}", self.line_break))
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

struct Block {
    line_break: &'static str,
}

impl Block {
    fn addition(&self, indent: &str, gap: &str, addition: &Addition) -> String {
        match addition {
            Addition::Entry(key, node) => self.entry(indent, key, node),
            Addition::Item(node) => self.item(indent, gap, node),
        }
    }

    /// `key: value`, or a key with what is below it.
    fn entry(&self, indent: &str, key: &str, node: &Node) -> String {
        let key = fresh(&Value::Text(key.to_owned()), false);
        match node {
            Node::Value(value) => format!("{key}: {}", fresh(value, false)),
            Node::Mapping(entries) if entries.is_empty() => format!("{key}: {{}}"),
            Node::List(items) if items.is_empty() => format!("{key}: []"),
            _ => {
                let deeper = format!("{indent}  ");
                format!("{key}:{}{deeper}{}", self.line_break, self.children(&deeper, " ", node))
            }
        }
    }

    /// `- name: web` with what is below it.
    fn item(&self, indent: &str, gap: &str, node: &Node) -> String {
        match node {
            Node::Value(value) => format!("-{gap}{}", fresh(value, false)),
            Node::Mapping(entries) if entries.is_empty() => format!("-{gap}{{}}"),
            Node::List(items) if items.is_empty() => format!("-{gap}[]"),
            _ => format!("-{gap}{}", self.children(&format!("{indent} {gap}"), gap, node)),
        }
    }

    fn children(&self, indent: &str, gap: &str, node: &Node) -> String {
        let lines: Vec<String> = match node {
            Node::Value(value) => vec![fresh(value, false)],
            Node::Mapping(entries) => entries.iter().map(|(key, node)| self.entry(indent, key, node)).collect(),
            Node::List(items) => items.iter().map(|item| self.item(indent, gap, item)).collect(),
        };
        lines.join(&format!("{}{indent}", self.line_break))
    }
}
