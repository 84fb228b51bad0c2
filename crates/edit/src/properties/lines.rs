//! Adding and removing whole lines.

use slipway_core::Result;

use crate::addition::{Addition, Node};
use crate::splice::Splice;
use crate::structure::{Insertion, inseparable, unclear};
use crate::tree::{NodeId, Tree};
use crate::trivia::{Comments, own_lines};

const COMMENTS: Comments = Comments { line: &["#", "!"], is_block_known: false };

/// The edit that adds a line at the end of the file; `write` gives a key and a value, and what stands between them.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] if it is no single value, or the key cannot stand there.
pub(super) fn insert(
    tree: &Tree<'_>,
    at: NodeId,
    addition: &Addition,
    write: &dyn Fn(&str, &str, &str) -> Option<String>,
) -> Result<Insertion> {
    let Addition::Entry(key, Node::Value(value)) = addition else { return Err(unclear(tree, at)) };
    let source = tree.source;
    let line_break = tree.line_break(source.len());
    let between = tree.entries(at).last().map_or("=", |(key, value)| {
        let between = &source[tree.nodes[key].span.end..tree.nodes[value].span.start];
        // An empty value shows no blank behind the `=`.
        if between.contains(['=', ':']) && !between.contains(['\\', '\n']) { between } else { "=" }
    });
    let line = write(key, between, value.as_str()).ok_or_else(|| unclear(tree, at))?;
    let (before, after) = match source.trim_start_matches('\u{feff}') {
        "" => ("", line_break),
        text if text.ends_with('\n') => ("", line_break),
        _ => (line_break, ""),
    };
    let splice = Splice::insertion(source.len(), format!("{before}{line}{after}"));
    Ok(Insertion { splices: vec![splice], before: tree.nodes[at].end })
}

/// The edit that removes the line of a key, and the comment above it.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told what belongs to it.
pub(super) fn remove(tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
    let key = tree.key_node(node).ok_or_else(|| inseparable(tree, node))?;
    let start = tree.nodes[key].span.start;
    // `export` stands in front of the key.
    let first = tree.first_in_line(start);
    let end = tree.line_end(tree.nodes[node].span.end.max(start));
    let lines = own_lines(tree, first..end, COMMENTS).ok_or_else(|| inseparable(tree, node))?;
    Ok(vec![Splice::removal(lines)])
}
