//! Values inside a string that holds a YAML document of its own, such as the `helm.values` of an Argo CD application.

use slipway_core::Result;

use crate::edited::{Change, Draft};
use crate::format::Format;
use crate::key_path::KeyPath;
use crate::options::Options;
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

/// Notes an edit inside the string that the scalar `outer` holds.
///
/// # Errors
/// Those of [`Format::set`] for the inner document, with the path of the outer value in front.
pub(crate) fn set(
    tree: &Tree<'_>,
    outer: NodeId,
    inner: &KeyPath,
    value: &Value,
    options: &Options,
    draft: &mut Draft<'_, '_>,
) -> Result<()> {
    let Kind::Scalar { value: document, style } = &tree.nodes[outer].kind else { return Ok(()) };
    let options = Options { document: None, inner: None, ..options.clone() };
    let edited = Format::YAML
        .set(document, inner, value, &options)
        .map_err(|error| error.context(format!("inside `{}`", tree.path_of(outer))))?;
    let first_line = match style {
        // The line of a block scalar is that of its first visible character.
        Style::Literal => tree.nodes[outer].line - leading_breaks(document),
        _ => tree.nodes[outer].line,
    };
    let outside = |change: Change| {
        let line = if *style == Style::Literal { first_line + change.line - 1 } else { first_line };
        Change { inner: Some(change.path), line, old: change.old, ..draft.change(outer, None, &change.new) }
    };
    let [changes, unchanged] =
        [edited.changes, edited.unchanged].map(|list| list.into_iter().map(outside).collect::<Vec<_>>());
    let splice = match style {
        _ if changes.is_empty() => None,
        Style::Literal => Some(splice_lines(tree, outer, document, &edited.text)),
        _ => None,
    };
    draft.embed(outer, edited.text, splice, changes, unchanged)
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
