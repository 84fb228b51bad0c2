//! Removing keys, tables and items.

use slipway_core::Result;

use super::tables::{Place, last_end, place};
use crate::flow;
use crate::splice::Splice;
use crate::structure::inseparable;
use crate::tree::{Kind, Layout, NodeId, Tree};
use crate::trivia::{HASH, own_lines};

/// The edits that remove a key or item; a table goes with its header and the tables in it.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told what belongs to it.
pub(super) fn remove(tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
    let parent = tree.nodes[node].parent;
    if let Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow) = tree.nodes[parent].kind {
        return flow::remove(tree, node, HASH);
    }
    let start = match tree.key_node(node) {
        Some(key) if !matches!(tree.nodes[node].kind, Kind::Mapping(Layout::Block)) => tree.nodes[key].span.start,
        _ => tree.nodes[node].span.start,
    };
    let first = tree.first_in_line(start);
    let header_end = if tree.source[first..].starts_with('[') { tree.source[start..].find(']') } else { None };
    let header_end = header_end.map_or(start, |end| start + end + 1);
    let header_end = header_end + usize::from(tree.source[header_end..].starts_with(']'));
    let end = last_end(tree, node, 0..tree.source.len()).unwrap_or(0).max(tree.nodes[node].span.end).max(header_end);
    // Tables between the parts of this one are not its own.
    let is_within = |id: NodeId| (node..tree.nodes[node].end).contains(&id);
    let is_between = |id: NodeId| (first..end).contains(&tree.nodes[id].span.start) && !is_within(id);
    let is_other =
        |id: &NodeId| matches!(tree.nodes[*id].kind, Kind::Scalar { .. }) && !tree.is_key(*id) && is_between(*id);
    if (0..tree.nodes.len()).any(|id| is_other(&id)) {
        return Err(inseparable(tree, node));
    }
    let lines = own_lines(tree, first..end, HASH).ok_or_else(|| inseparable(tree, node))?;
    Ok(vec![Splice::removal(lines)])
}

/// A table that only dotted keys or headers imply is gone with the last of them; so is an array of tables.
pub(super) fn vanishing(tree: &Tree<'_>, node: NodeId) -> NodeId {
    let mut gone = node;
    loop {
        let parent = tree.nodes[gone].parent;
        let children = tree.children(parent).count();
        let is_only = children == if tree.is_mapping(parent) { 2 } else { 1 };
        let is_implied = match tree.nodes[parent].kind {
            Kind::Mapping(Layout::Block) => place(tree, parent) == Place::Implied,
            Kind::Sequence(Layout::Block) => true,
            _ => false,
        };
        if !is_only || !is_implied {
            return gone;
        }
        gone = parent;
    }
}
