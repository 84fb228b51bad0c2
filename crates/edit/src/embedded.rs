//! Values inside a string that holds a document of its own, such as the `helm.values` of an Argo CD application or a file
//! in a ConfigMap.

use slipway_core::{Error, ErrorKind, Result};

use crate::edited::{Change, Draft, Edited};
use crate::format::Format;
use crate::key_path::KeyPath;
use crate::locate::{ambiguous, documents, locate};
use crate::options::Options;
use crate::size;
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};

/// What is done to the document inside.
pub(crate) type Edit<'a> = &'a dyn Fn(Format, &str) -> Result<Edited>;

/// Edits the documents that the strings at a path hold.
///
/// # Errors
/// Those of [`Format::set`] for the string, and those of the edit, with the path of the string in front.
pub(crate) fn within(
    format: Format,
    source: &str,
    outer: &KeyPath,
    options: &Options,
    edit: Edit<'_>,
) -> Result<Edited> {
    size::check(source)?;
    let tree = format.syntax.parse(source)?;
    let outer = &format.syntax.path(outer);
    let located = locate(&tree, &documents(&tree, options)?, outer, options)?;
    let mut draft = Draft::new(format, &tree);
    match located.nodes[..] {
        [] => return Err(located.not_found(outer)),
        [_, _, ..] if !options.every => return Err(ambiguous(&tree, &located.nodes, outer)),
        _ => {}
    }
    for &node in &located.nodes {
        let text = format.scalar(&tree, node, outer)?;
        let edited = edit(format_of(&tree, node), text);
        let edited = edited.map_err(|error| error.context(format!("inside `{}`", tree.path_of(node))))?;
        take(&tree, node, edited, &mut draft)?;
    }
    draft.finish()
}

/// Where a path goes on below a string that holds a document: the path of the string, and the rest.
pub(crate) fn split(format: Format, source: &str, path: &KeyPath, options: &Options) -> Option<(KeyPath, KeyPath)> {
    let tree = format.syntax.parse(source).ok()?;
    let located = locate(&tree, &documents(&tree, options).ok()?, path, options).ok()?;
    let holds_document = |node: NodeId| {
        let Some(text) = tree.text(node).filter(|text| text.contains(['\n', ':', '{', '[', '='])) else { return false };
        let inner = format_of(&tree, node).syntax.parse(text);
        inner.is_ok_and(|inner| inner.nodes.len() > 2 && inner.text(1).is_none())
    };
    let is_string = |node: NodeId| matches!(tree.nodes[node].kind, Kind::Scalar { .. });
    let mut ways = located.missing.iter().filter(|missing| is_string(missing.last) && holds_document(missing.last));
    let (way, None) = (ways.next()?, ways.next()) else { return None };
    let (outer, inner) = path.segments().split_at(way.segments);
    (!outer.is_empty() && !inner.is_empty())
        .then(|| (KeyPath::from_document(outer.to_vec()), KeyPath::from_document(inner.to_vec())))
}

/// The format of the document that a string holds: by its key if that is a file name, as in a ConfigMap.
pub(crate) fn format_of(tree: &Tree<'_>, node: NodeId) -> Format {
    let is_text = |format: &Format| [Format::WHOLE, Format::PYTHON, Format::MARKED, Format::TEXT].contains(format);
    let by_name =
        tree.key_of(node).filter(|key| key.contains('.')).and_then(|key| Format::of_file(key, Format::ALL).ok());
    if let Some(format) = by_name.filter(|format| !is_text(format)) {
        return format;
    }
    let text = tree.text(node).unwrap_or_default();
    let json = Format::JSON.editable();
    let is_json = text.trim_start().starts_with(['{', '[']) && json.syntax.parse(text).is_ok();
    if is_json { json } else { Format::YAML.editable() }
}

/// Notes the edit of the document that a string holds.
fn take(tree: &Tree<'_>, outer: NodeId, edited: Edited, draft: &mut Draft<'_, '_>) -> Result<()> {
    let Kind::Scalar { value, style } = &tree.nodes[outer].kind else {
        return Err(Error::new(ErrorKind::InvalidInput, "only a string holds a document"));
    };
    let document = tree.text(outer).unwrap_or_default();
    let first_line = match style {
        // The line of a block scalar is that of its first visible character.
        Style::Literal => tree.nodes[outer].line - leading_breaks(document),
        _ => tree.nodes[outer].line,
    };
    let outside = |change: Change| {
        let line = if *style == Style::Literal { first_line + change.line - 1 } else { first_line };
        let inner = change.path.segments().iter().chain(change.inner.iter().flat_map(KeyPath::segments));
        let inner = Some(KeyPath::from_document(inner.cloned().collect()));
        let own = draft.change(outer, None, &change.new);
        Change { inner, line, old: change.old, is_removed: change.is_removed, ..own }
    };
    let [changes, unchanged] =
        [edited.changes, edited.unchanged].map(|list| list.into_iter().map(outside).collect::<Vec<_>>());
    // The final line breaks belong to the header of the block.
    let breaks = &value[document.len()..];
    let text = if breaks.is_empty() { edited.text } else { format!("{}{breaks}", edited.text.trim_end_matches('\n')) };
    let splice = match style {
        _ if changes.is_empty() => None,
        Style::Literal => Some(splice_lines(tree, outer, value, &text)),
        _ => None,
    };
    draft.embed(outer, text, splice, changes, unchanged)
}

fn leading_breaks(text: &str) -> usize {
    text.len() - text.trim_start_matches('\n').len()
}

/// The edit of a literal block that replaces the lines that differ, and leaves the others as they are written.
fn splice_lines(tree: &Tree<'_>, block: NodeId, old: &str, new: &str) -> Splice {
    let content = tree.nodes[block].span.start;
    let indent = &tree.source[tree.line_start(content)..content];
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split('\n').collect(), new.split('\n').collect());
    let shorter = old.len().min(new.len());
    let same_start = (0..shorter).take_while(|&line| old[line] == new[line]).count();
    let same_end =
        (1..=shorter - same_start).take_while(|&line| old[old.len() - line] == new[new.len() - line]).count();
    // The places where the lines of the value begin in the file.
    let mut starts = Vec::with_capacity(old.len() + 1);
    let mut at = tree.line_start(content);
    for _ in old.iter().take_while(|line| line.is_empty()) {
        at = tree.line_start(at.saturating_sub(1));
    }
    for _ in 0..=old.len() {
        starts.push(at);
        at += tree.source[at..].find('\n').map_or(tree.source.len() - at, |end| end + 1);
    }
    let line_break = tree.line_break(content);
    let mut text = String::new();
    for line in &new[same_start..new.len() - same_end] {
        if !line.is_empty() {
            text.push_str(indent);
            text.push_str(line);
        }
        text.push_str(line_break);
    }
    let (start, end) = (starts[same_start], starts[old.len() - same_end]);
    // The last line of the file may lack its line break.
    if start == end && !tree.source[..start].ends_with('\n') {
        text.insert_str(0, line_break);
    }
    if end == tree.source.len() && !tree.source.ends_with('\n') {
        text.truncate(text.len() - line_break.len());
    }
    Splice { range: start..end, text }
}
