//! Where the tables of a file are: under headers of their own, in dotted keys, or in braces.

use crate::tree::{Kind, Layout, NodeId, Tree};

/// How a table comes to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The file itself, up to the first header.
    File,
    /// `[a]` or `[[a]]`.
    Header,
    /// Only the headers of tables in it, or dotted keys, name it.
    Implied,
    Inline,
}

pub(super) fn place(tree: &Tree<'_>, table: NodeId) -> Place {
    let node = &tree.nodes[table];
    match node.kind {
        _ if node.depth == 1 => Place::File,
        Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow) => Place::Inline,
        _ => {
            let is_header = is_header_line(tree, node.span.start);
            let names_child = |child: NodeId| {
                tree.nodes[child].span.start == node.span.start
                    && !matches!(tree.nodes[child].kind, Kind::Scalar { .. })
            };
            let is_implied = tree.is_mapping(table) && tree.entries(table).any(|(_, value)| names_child(value));
            if is_header && !is_implied { Place::Header } else { Place::Implied }
        }
    }
}

/// Whether a `[` stands in front of a place of a line.
pub(super) fn is_header_line(tree: &Tree<'_>, at: usize) -> bool {
    tree.source[tree.first_in_line(at)..at].starts_with('[')
}

/// Where the header behind a place begins, or the file ends.
pub(super) fn next_header(tree: &Tree<'_>, behind: usize) -> usize {
    let is_table = |kind: &Kind<'_>| matches!(kind, Kind::Mapping(Layout::Block));
    let starts = tree.nodes.iter().filter(|node| node.depth > 1 && is_table(&node.kind)).map(|node| node.span.start);
    let starts = starts.filter(|&start| start > behind && is_header_line(tree, start));
    starts.min().map_or(tree.source.len(), |start| tree.line_start(start))
}

/// The ends of the values below a table that stand in a part of the file; the last of them.
pub(super) fn last_end(tree: &Tree<'_>, table: NodeId, part: std::ops::Range<usize>) -> Option<usize> {
    let below = table + 1..tree.nodes[table].end;
    below.map(|node| &tree.nodes[node].span).filter(|span| part.contains(&span.start)).map(|span| span.end).max()
}
