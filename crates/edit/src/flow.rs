//! Adding and removing what stands between brackets, in the style of the neighbours.

use std::ops::Range;

use slipway_core::Result;

use crate::addition::{Addition, Node};
use crate::splice::Splice;
use crate::structure::{Insertion, inseparable, unclear};
use crate::tree::{NodeId, Tree};
use crate::trivia::{Comments, is_blank, next_line, own_lines};
use crate::value::Value;

/// How a format writes collections in brackets.
pub(crate) struct Flow<'a> {
    pub(crate) comments: Comments,
    /// What stands between a key and its value.
    pub(crate) assign: &'a str,
    /// A key that stands nowhere yet.
    pub(crate) key: &'a dyn Fn(&str) -> String,
    /// A value that stands nowhere yet.
    pub(crate) value: &'a dyn Fn(&Value) -> String,
}

impl Flow<'_> {
    /// The edits that add behind the last entry of a collection: on a line of its own if the others are.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
    pub(crate) fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
        let (source, span) = (tree.source, tree.nodes[at].span.clone());
        // In YAML `[key: value]` is a mapping without brackets of its own.
        if !source[span.start..].starts_with(['{', '[']) {
            return Err(unclear(tree, at));
        }
        let text = match addition {
            Addition::Entry(key, node) => self.entry(key, node),
            Addition::Item(node) => self.node(node),
        };
        let before = tree.nodes[at].end;
        let Some(first) = tree.children(at).next() else {
            return Ok(Insertion { splices: vec![Splice::insertion(span.start + 1, text)], before });
        };
        let place = tree.children(at).map(|child| tree.nodes[child].span.end).max().unwrap_or(span.start + 1);
        let line_start = tree.line_start(tree.nodes[first].span.start);
        let indent = &source[line_start..tree.nodes[first].span.start];
        let separator = self.comments.skip(source, place);
        let has_comma = source[separator..].starts_with(',');
        let behind = if has_comma { separator + 1 } else { place };
        let (line_break, comma) = (tree.line_break(place), if has_comma { "," } else { "" });
        if line_start <= span.start || !indent.bytes().all(is_blank) {
            let text = if has_comma { format!(" {text},") } else { format!(", {text}") };
            return Ok(Insertion { splices: vec![Splice::insertion(behind, text)], before });
        }
        let new_line = format!("{line_break}{indent}{text}{comma}");
        let splices = match (has_comma, self.comments.ends_line(source, behind)) {
            (true, true) => vec![Splice::insertion(tree.line_end(behind), new_line)],
            (false, true) => {
                vec![Splice::insertion(place, ",".into()), Splice::insertion(tree.line_end(place), new_line)]
            }
            (true, false) => vec![Splice::insertion(behind, new_line)],
            (false, false) => vec![Splice::insertion(place, format!(",{new_line}"))],
        };
        Ok(Insertion { splices: joined(splices), before })
    }

    /// A whole collection or value, on one line.
    pub(crate) fn node(&self, node: &Node) -> String {
        let mut text = String::new();
        match node {
            Node::Value(value) => return (self.value)(value),
            Node::Mapping(entries) => {
                for (key, node) in entries {
                    text.push_str(if text.is_empty() { "{" } else { ", " });
                    text.push_str(&self.entry(key, node));
                }
                text.push_str(if text.is_empty() { "{}" } else { "}" });
            }
            Node::List(items) => {
                for item in items {
                    text.push_str(if text.is_empty() { "[" } else { ", " });
                    text.push_str(&self.node(item));
                }
                text.push_str(if text.is_empty() { "[]" } else { "]" });
            }
        }
        text
    }

    pub(crate) fn entry(&self, key: &str, node: &Node) -> String {
        format!("{}{}{}", (self.key)(key), self.assign, self.node(node))
    }
}

/// The edits that remove an entry or item with its comma.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told what belongs to it.
pub(crate) fn remove(tree: &Tree<'_>, node: NodeId, comments: Comments) -> Result<Vec<Splice>> {
    let (source, collection) = (tree.source, tree.nodes[node].parent);
    let brackets = tree.nodes[collection].span.clone();
    if !source[brackets.start..].starts_with(['{', '[']) {
        return Err(inseparable(tree, node));
    }
    let first = if tree.is_mapping(collection) { tree.nodes[node].index - 1 } else { tree.nodes[node].index };
    let previous = tree.children(collection).take(first).last().map(|child| tree.nodes[child].span.end);
    // Tags and anchors stand between the comma and the value.
    let comma_before = previous.map(|end| comments.skip(source, end));
    if comma_before.is_some_and(|at| !source[at..].starts_with(',')) {
        return Err(inseparable(tree, node));
    }
    let start = comments.skip(source, comma_before.map_or(brackets.start, |at| at) + 1);
    let end = tree.nodes[node].span.end;
    let separator = comments.skip(source, end);
    let has_comma = source[separator..].starts_with(',');
    let behind = if has_comma { separator + 1 } else { end };
    let is_last = tree.nodes[node].end == tree.nodes[collection].end;
    // The comma in front of the last entry goes if none stood behind it.
    let needless = comma_before.filter(|_| is_last && !has_comma).map(|at| Splice::removal(at..at + 1));
    if let Some(lines) = own_lines(tree, start..behind, comments)
        && lines.start > brackets.start
        && next_line(source, behind) < brackets.end
    {
        return Ok(needless.into_iter().chain([Splice::removal(lines)]).collect());
    }
    let is_empty = |range: Range<usize>| source[range].bytes().all(is_blank);
    let range = match (comma_before, is_last) {
        (Some(comma), true) if has_comma => comma + 1..behind,
        (Some(comma), true) => comma..behind,
        (None, true) if is_empty(brackets.start + 1..start) && is_empty(behind..brackets.end - 1) => {
            brackets.start + 1..brackets.end - 1
        }
        (None, true) => start..behind,
        (_, false) => {
            start..start.max(behind + source[behind..].len() - source[behind..].trim_start_matches([' ', '\t']).len())
        }
    };
    Ok(vec![Splice::removal(range)])
}

/// Two edits of one place are one.
fn joined(splices: Vec<Splice>) -> Vec<Splice> {
    match &splices[..] {
        [first, second] if first.range == second.range => {
            vec![Splice { range: first.range.clone(), text: format!("{}{}", first.text, second.text) }]
        }
        _ => splices,
    }
}
