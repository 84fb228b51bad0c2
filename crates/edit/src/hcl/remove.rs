//! Removing attributes, blocks, entries of objects and items of lists.

use slipway_core::Result;

use crate::flow;
use crate::splice::Splice;
use crate::structure::inseparable;
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::trivia::{HASH_AND_SLASHES, own_lines};

/// The edits that remove an attribute or a block with its lines, or a part of an object or list.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told what belongs to it.
pub(super) fn remove(tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
    let (source, collection) = (tree.source, tree.nodes[node].parent);
    let Some(key) = tree.key_node(node) else { return flow::remove(tree, node, HASH_AND_SLASHES) };
    let end = heredoc_end(tree, node).unwrap_or(tree.nodes[node].span.end);
    let removed = |range| Ok(vec![Splice::removal(range)]);
    let start = tree.nodes[key].span.start;
    if tree.nodes[collection].kind == Kind::Mapping(Layout::Flow) {
        let has_comma = source[HASH_AND_SLASHES.skip(source, end)..].starts_with(',');
        let is_in_lines = tree.line_start(start) > tree.nodes[collection].span.start;
        return match own_lines(tree, start..end, HASH_AND_SLASHES).filter(|_| is_in_lines && !has_comma) {
            Some(lines) => removed(lines),
            None => flow::remove(tree, node, HASH_AND_SLASHES),
        };
    }
    // What has several places goes by its parts.
    if tree.is_mapping(node) && tree.nodes[node].span.is_empty() {
        return Err(inseparable(tree, node));
    }
    // The type of a block stands in front of its labels.
    let first = tree.first_in_line(start);
    if is_on_line_of(tree, collection, start) {
        return removed(start..end);
    }
    own_lines(tree, first..end, HASH_AND_SLASHES).map_or_else(|| Err(inseparable(tree, node)), removed)
}

/// Whether a block begins in this line.
fn is_on_line_of(tree: &Tree<'_>, block: NodeId, at: usize) -> bool {
    tree.nodes[block].depth > 1
        && tree.source[tree.nodes[block].span.start..].starts_with('{')
        && tree.line_start(tree.nodes[block].span.start) == tree.line_start(at)
}

/// The end of a heredoc with its mark.
pub(super) fn heredoc_end(tree: &Tree<'_>, node: NodeId) -> Option<usize> {
    let Kind::Scalar { style: Style::Literal, .. } = tree.nodes[node].kind else { return None };
    let rest = &tree.source[tree.nodes[node].span.end..];
    let mark = rest.trim_start();
    let length = mark.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-')).unwrap_or(mark.len());
    Some(tree.source.len() - mark.len() + length)
}

/// A type or a label whose only block goes is gone too.
pub(super) fn vanishing(tree: &Tree<'_>, node: NodeId) -> NodeId {
    let parent = tree.nodes[node].parent;
    let is_label = tree.nodes[parent].depth > 1
        && tree.nodes[parent].kind == Kind::Mapping(Layout::Block)
        && tree.nodes[parent].span.is_empty();
    if is_label && tree.entries(parent).count() == 1 { vanishing(tree, parent) } else { node }
}
