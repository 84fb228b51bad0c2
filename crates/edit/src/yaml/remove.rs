//! Removing keys and list items, with the comments that belong to them.

use std::ops::Range;

use slipway_core::Result;

use crate::flow;
use crate::splice::Splice;
use crate::structure::inseparable;
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::trivia::{HASH, next_line, own_lines};

/// The edits that remove an entry or item. The last one of a collection leaves `{}` or `[]` behind.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told what belongs to it.
pub(super) fn remove(tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
    let collection = tree.nodes[node].parent;
    if let Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow) = tree.nodes[collection].kind {
        return flow::remove(tree, node, HASH);
    }
    let range = start_of(tree, node).ok_or_else(|| inseparable(tree, node))?..end_of(tree, node);
    let is_only = tree.children(collection).count() == if tree.is_mapping(collection) { 2 } else { 1 };
    if is_only {
        return Ok(emptied(tree, collection, range));
    }
    let removed = |range| Ok(vec![Splice::removal(range)]);
    if let Some(lines) = own_lines(tree, range.clone(), HASH) {
        return removed(lines);
    }
    // The first of several that begins in the line of a dash: what follows takes its place.
    let prefix = tree.source[tree.line_start(range.start)..range.start].trim_start_matches('\u{feff}');
    let is_behind_dash = prefix.bytes().all(|byte| matches!(byte, b' ' | b'-')) && prefix.contains('-');
    let following = next_line(tree.source, range.end);
    let rest = tree.source[following..].trim_start_matches([' ', '\t', '\r', '\n']);
    if is_behind_dash && range.start <= first_start(tree, collection) && HASH.ends_line(tree.source, range.end) {
        return removed(range.start..tree.source.len() - rest.len());
    }
    Err(inseparable(tree, node))
}

/// Where an entry begins with its key, or an item with its dash; none for a key that has a tag, an anchor or a `?`.
fn start_of(tree: &Tree<'_>, node: NodeId) -> Option<usize> {
    let collection = tree.nodes[node].parent;
    if tree.is_mapping(collection) {
        let key = &tree.nodes[tree.children(collection).nth(tree.nodes[node].index - 1)?];
        let is_simple = key.tag.is_none() && key.anchor.is_none() && matches!(key.kind, Kind::Scalar { .. });
        let prefix = &tree.source[tree.line_start(key.span.start)..key.span.start];
        return (is_simple && !prefix.contains('?')).then_some(key.span.start);
    }
    let dash = match tree.nodes[node].index.checked_sub(1) {
        None => tree.nodes[collection].span.start,
        Some(previous) => HASH.skip(tree.source, end_of(tree, tree.items(collection).nth(previous)?)),
    };
    tree.source[dash..].starts_with('-').then_some(dash)
}

fn first_start(tree: &Tree<'_>, collection: NodeId) -> usize {
    if tree.is_mapping(collection) { tree.nodes[collection + 1].span.start } else { tree.nodes[collection].span.start }
}

/// Where a value ends: with the blank lines behind a block scalar that its header makes part of it.
fn end_of(tree: &Tree<'_>, node: NodeId) -> usize {
    let last = tree.nodes[node].end - 1;
    let end = tree.nodes[node].span.end.max(tree.nodes[last].span.end);
    let Kind::Scalar { value, style: Style::Literal | Style::Folded } = &tree.nodes[last].kind else { return end };
    let kept = value.len() - value.trim_end_matches('\n').len();
    let mut end = end;
    for _ in 1..kept {
        let below = next_line(tree.source, end);
        if !tree.source[below..].split('\n').next().unwrap_or_default().trim().is_empty() {
            break;
        }
        end = tree.line_end(below);
    }
    end
}

/// The edits that leave a collection without its only entry or item.
fn emptied(tree: &Tree<'_>, collection: NodeId, range: Range<usize>) -> Vec<Splice> {
    let brackets = if tree.is_mapping(collection) { "{}" } else { "[]" };
    if let Some(key) = tree.key_node(collection)
        && let Some(lines) = own_lines(tree, range.clone(), HASH)
        && lines.start > tree.nodes[key].span.end
    {
        // Behind the colon, and the tag and the anchor behind that.
        let colon = HASH.skip(tree.source, tree.nodes[key].span.end);
        let mut place = colon + 1;
        loop {
            let rest = &tree.source[place..lines.start];
            let property = rest.trim_start_matches([' ', '\t']);
            if !property.starts_with(['&', '!']) {
                break;
            }
            place += rest.len() - property.len() + property.find(char::is_whitespace).unwrap_or(property.len());
        }
        if tree.source[colon..].starts_with(':') && place <= lines.start {
            return vec![Splice::insertion(place, format!(" {brackets}")), Splice::removal(lines)];
        }
    }
    vec![Splice { range, text: brackets.to_owned() }]
}
