//! Writing attributes, entries of objects and items of lists that are not there yet.

use slipway_core::Result;

use super::write::{fresh, fresh_key};
use crate::addition::{Addition, Node};
use crate::flow::Flow;
use crate::splice::Splice;
use crate::structure::{Insertion, unclear};
use crate::tree::{Kind, Layout, NodeId, Tree};
use crate::trivia::{HASH_AND_SLASHES, is_blank};

const FLOW: Flow<'static> = Flow { comments: HASH_AND_SLASHES, assign: " = ", key: &fresh_key, value: &fresh };

/// The edits that add to a body, an object or a list.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
pub(super) fn insert(tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
    match (&tree.nodes[at].kind, addition) {
        (Kind::Mapping(Layout::Block), Addition::Entry(key, node)) => attribute(tree, at, key, node),
        (Kind::Mapping(Layout::Flow), Addition::Entry(key, node)) => entry(tree, at, addition, key, node),
        _ => FLOW.insert(tree, at, addition),
    }
}

/// An attribute goes behind the last one, in front of the blocks if there are any attributes.
fn attribute(tree: &Tree<'_>, at: NodeId, key: &str, node: &Node) -> Result<Insertion> {
    let (source, span) = (tree.source, tree.nodes[at].span.clone());
    let is_file = tree.nodes[at].depth == 1;
    if !is_file && !source[span.start..].starts_with('{') || fresh_key(key) != key {
        return Err(unclear(tree, at));
    }
    let text = FLOW.entry(key, node);
    let is_attribute = |(key, value): &(NodeId, NodeId)| {
        source[tree.nodes[*key].span.end..tree.nodes[*value].span.start].contains('=')
    };
    let end = |(_, value): (NodeId, NodeId)| whole_end(tree, value);
    let last =
        tree.entries(at).filter(is_attribute).last().or_else(|| tree.entries(at).max_by_key(|entry| end(*entry)));
    let Some(last) = last else {
        let line_break = tree.line_break(span.start);
        let splice = if is_file {
            tree.at_end(&text)
        } else if source[span.clone()].contains('\n') {
            let indent = tree.indent(span.start);
            Splice::insertion(tree.line_end(span.start), format!("{line_break}{indent}  {text}"))
        } else {
            Splice { range: span.start + 1..span.end - 1, text: format!(" {text} ") }
        };
        return Ok(Insertion { splices: vec![splice], before: tree.nodes[at].end });
    };
    let place = tree.line_end(end(last));
    let indent = tree.indent(tree.nodes[last.0].span.start);
    // A block on one line holds one attribute.
    if !is_file && tree.line_start(span.start) == tree.line_start(tree.nodes[last.0].span.start) {
        return Err(unclear(tree, at));
    }
    let before = tree.entries(at).map(|(key, _)| key).find(|&key| tree.nodes[key].span.start > place);
    let text = format!("{}{indent}{text}", tree.line_break(place));
    Ok(Insertion { splices: vec![Splice::insertion(place, text)], before: before.unwrap_or(tree.nodes[at].end) })
}

/// Where a value really ends: a heredoc ends with the line of its mark.
fn whole_end(tree: &Tree<'_>, value: NodeId) -> usize {
    let node = &tree.nodes[value];
    let last = (value..node.end).map(|below| tree.nodes[below].span.end).max().unwrap_or(node.span.end);
    super::remove::heredoc_end(tree, value).unwrap_or(last)
}

/// An entry of an object: on a line of its own without a comma, if the others are so.
fn entry(tree: &Tree<'_>, at: NodeId, addition: &Addition, key: &str, node: &Node) -> Result<Insertion> {
    let Some((last_key, last)) = tree.entries(at).last() else { return FLOW.insert(tree, at, addition) };
    let (source, start) = (tree.source, tree.nodes[last_key].span.start);
    let line = &source[tree.line_start(start)..start];
    let end = whole_end(tree, last);
    let behind = HASH_AND_SLASHES.skip(source, end);
    if tree.line_start(start) <= tree.nodes[at].span.start
        || !line.bytes().all(is_blank)
        || source[behind..].starts_with(',')
        || !HASH_AND_SLASHES.ends_line(source, end)
    {
        return FLOW.insert(tree, at, addition);
    }
    let is_colon = source[tree.nodes[last_key].span.end..tree.nodes[last].span.start].contains(':');
    let flow = Flow { assign: if is_colon { ": " } else { " = " }, ..FLOW };
    let place = tree.line_end(end);
    let text = format!("{}{line}{}", tree.line_break(place), flow.entry(key, node));
    Ok(Insertion { splices: vec![Splice::insertion(place, text)], before: tree.nodes[at].end })
}
