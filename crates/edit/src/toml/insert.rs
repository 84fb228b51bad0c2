//! Writing keys, tables and items that are not there yet.

use slipway_core::Result;

use super::tables::{Place, is_header_line, last_end, next_header, place};
use super::write::{fresh, fresh_key};
use crate::addition::{Addition, Node};
use crate::flow::Flow;
use crate::key_path::Segment;
use crate::splice::Splice;
use crate::structure::{Insertion, unclear};
use crate::tree::{Kind, Layout, NodeId, Tree};
use crate::trivia::HASH;

const FLOW: Flow<'static> = Flow { comments: HASH, assign: " = ", key: &fresh_key, value: &fresh };

/// The edits that add to a table or an array.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
pub(super) fn insert(tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
    let (Addition::Entry(..), Kind::Mapping(Layout::Block)) = (addition, &tree.nodes[at].kind) else {
        return match (addition, &tree.nodes[at].kind) {
            (Addition::Item(Node::Mapping(entries)), Kind::Sequence(Layout::Block)) => another_table(tree, at, entries),
            (_, Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow)) => FLOW.insert(tree, at, addition),
            _ => Err(unclear(tree, at)),
        };
    };
    let Addition::Entry(key, node) = addition else { return Err(unclear(tree, at)) };
    match (place(tree, at), node) {
        (Place::File, Node::Mapping(entries)) if !entries.is_empty() => {
            let (header, lines) = section(fresh_key(key), entries);
            Ok(at_end(tree, at, &format!("[{header}]"), &lines))
        }
        (Place::File, _) => Ok(in_file(tree, at, &dotted(&fresh_key(key), node))),
        (Place::Header, _) => {
            let start = tree.nodes[at].span.start;
            let behind = last_end(tree, at, tree.line_end(start)..next_header(tree, start)).unwrap_or(start);
            Ok(behind_line(tree, at, behind, &dotted(&fresh_key(key), node)))
        }
        (Place::Implied, _) => implied(tree, at, key, node),
        (Place::Inline, _) => Err(unclear(tree, at)),
    }
}

/// The lines `a.b = value` for everything below a key.
fn dotted(key: &str, node: &Node) -> Vec<String> {
    match node {
        Node::Mapping(entries) if !entries.is_empty() => {
            entries.iter().flat_map(|(name, node)| dotted(&format!("{key}.{}", fresh_key(name)), node)).collect()
        }
        _ => vec![format!("{key} = {}", FLOW.node(node))],
    }
}

/// The name of the innermost table that is added, and its lines.
fn section(header: String, entries: &[(String, Node)]) -> (String, Vec<String>) {
    match entries {
        [(key, Node::Mapping(below))] if !below.is_empty() => section(format!("{header}.{}", fresh_key(key)), below),
        _ => (header, entries.iter().flat_map(|(key, node)| dotted(&fresh_key(key), node)).collect()),
    }
}

/// Behind the last line of the file that stands under no header.
fn in_file(tree: &Tree<'_>, at: NodeId, lines: &[String]) -> Insertion {
    let start = tree.source.len() - tree.source.trim_start_matches('\u{feff}').len();
    let header = next_header(tree, start);
    if let Some(behind) = last_end(tree, at, start..header) {
        return behind_line(tree, at, behind, lines);
    }
    let line_break = tree.line_break(start);
    let lines = lines.join(line_break);
    if header == tree.source.len() {
        return Insertion { splices: vec![tree.at_end(&lines)], before: tree.nodes[at].end };
    }
    // The comments right above a header are its own.
    let mut place = header;
    while place > start {
        let above = tree.line_start(place - 1).max(start);
        if !tree.source[above..place].trim_start().starts_with('#') {
            break;
        }
        place = above;
    }
    Insertion {
        splices: vec![Splice::insertion(place, format!("{lines}{line_break}{line_break}"))],
        before: following(tree, at, place),
    }
}

fn behind_line(tree: &Tree<'_>, at: NodeId, behind: usize, lines: &[String]) -> Insertion {
    let (place, line_break) = (tree.line_end(behind), tree.line_break(behind));
    let is_header = tree.source[tree.first_in_line(behind)..].starts_with('[');
    let indent = if is_header { "" } else { tree.indent(behind) };
    let text: String = lines.iter().map(|line| format!("{line_break}{indent}{line}")).collect();
    Insertion { splices: vec![Splice::insertion(place, text)], before: following(tree, at, place) }
}

/// A table of its own at the end of the file.
fn at_end(tree: &Tree<'_>, at: NodeId, header: &str, lines: &[String]) -> Insertion {
    let source = tree.source;
    let line_break = tree.line_break(source.len());
    let before = match source.trim_start_matches('\u{feff}') {
        "" => "",
        text if text.ends_with('\n') => line_break,
        _ => &format!("{line_break}{line_break}"),
    };
    let lines = lines.join(line_break);
    let end = if source.is_empty() || source.ends_with('\n') { line_break } else { "" };
    let text = format!("{before}{header}{line_break}{lines}{end}");
    Insertion { splices: vec![Splice::insertion(source.len(), text)], before: tree.nodes[at].end }
}

/// A table that has no header: beside the dotted keys that make it, or under one of its own.
fn implied(tree: &Tree<'_>, at: NodeId, key: &str, node: &Node) -> Result<Insertion> {
    let start = tree.nodes[at].span.start;
    if is_header_line(tree, start) {
        let header = names(tree, at).ok_or_else(|| unclear(tree, at))?;
        return Ok(at_end(tree, at, &format!("[{header}]"), &dotted(&fresh_key(key), node)));
    }
    // `a.b.c = 1` is written again up to `b`.
    let (_, last) = tree.entries(at).last().ok_or_else(|| unclear(tree, at))?;
    let last_key = tree.key_node(last).ok_or_else(|| unclear(tree, at))?;
    let key_start = tree.nodes[last_key].span.start;
    let prefix = &tree.source[tree.first_in_line(key_start)..key_start];
    if !prefix.ends_with('.') || tree.nodes[last].kind == Kind::Mapping(Layout::Block) {
        return Err(unclear(tree, at));
    }
    Ok(behind_line(tree, at, tree.nodes[last].span.end, &dotted(&format!("{prefix}{}", fresh_key(key)), node)))
}

/// `[[a]]` behind the last one.
fn another_table(tree: &Tree<'_>, array: NodeId, entries: &[(String, Node)]) -> Result<Insertion> {
    let header = names(tree, array).ok_or_else(|| unclear(tree, array))?;
    let last = tree.items(array).last().ok_or_else(|| unclear(tree, array))?;
    let start = tree.nodes[last].span.start;
    let behind = last_end(tree, last, start..tree.source.len()).unwrap_or(start).max(start);
    let lines: Vec<String> = entries.iter().flat_map(|(key, node)| dotted(&fresh_key(key), node)).collect();
    let (place, line_break) = (tree.line_end(behind), tree.line_break(behind));
    let text = format!("{line_break}{line_break}[[{header}]]{line_break}{}", lines.join(line_break));
    Ok(Insertion { splices: vec![Splice::insertion(place, text)], before: tree.nodes[array].end })
}

/// The path of a table as its header has it.
fn names(tree: &Tree<'_>, table: NodeId) -> Option<String> {
    let mut names = Vec::new();
    for segment in tree.path_of(table).segments() {
        match segment {
            Segment::Key(key) => names.push(fresh_key(key)),
            // A header leads to the last table of an array.
            Segment::Index(_) => {}
            Segment::Item { .. } => return None,
        }
    }
    Some(names.join("."))
}

/// The first entry of a table that is written behind a place.
fn following(tree: &Tree<'_>, table: NodeId, place: usize) -> NodeId {
    let is_behind = |key: &NodeId| tree.nodes[*key].span.start >= place;
    tree.entries(table).map(|(key, _)| key).find(is_behind).unwrap_or(tree.nodes[table].end)
}
