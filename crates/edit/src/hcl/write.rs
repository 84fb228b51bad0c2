//! Writing a literal in the style of the one that it replaces.

use slipway_core::{Error, ErrorKind, Result};

use super::parse::number_length;
use crate::format::Written;
use crate::quote::double_quoted;
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::{Bare, Value, no_literal};

/// The edit that gives a literal a new value: text stays text, a number stays a number, a heredoc stays one.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the value is stated to be a number and HCL has no such number, or a heredoc cannot
/// hold it.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let (node, text) = (&tree.nodes[id], value.as_str());
    let is_bare = match &node.kind {
        Kind::Scalar { style: Style::Literal, value: old } => return heredoc(tree, id, old, text),
        Kind::Scalar { style: Style::Plain, value: old } => value.keeps_type(Bare::of(old)),
        _ => false,
    };
    if is_bare && !is_literal(text) {
        return Err(no_literal("HCL", text));
    }
    let new = if is_bare { text.to_owned() } else { quoted(text) };
    let splice = Splice { range: node.span.clone(), text: new };
    Ok(Written { splice, value: text.to_owned(), is_text: !is_bare })
}

/// A value that stands nowhere yet.
pub(super) fn fresh(value: &Value) -> String {
    match value {
        Value::Literal(text) if is_literal(text) => text.clone(),
        _ => quoted(value.as_str()),
    }
}

/// A key of an object that stands nowhere yet.
pub(super) fn fresh_key(key: &str) -> String {
    let is_start = |c: char| c.is_alphabetic() || c == '_';
    let is_name = key.starts_with(is_start) && key.chars().all(|c| is_start(c) || c.is_numeric() || c == '-');
    if is_name && !matches!(key, "for" | "true" | "false" | "null") { key.to_owned() } else { quoted(key) }
}

pub(super) fn quoted(text: &str) -> String {
    escaped(&double_quoted(text))
}

/// The text so that nothing in it is computed.
fn escaped(text: &str) -> String {
    text.replace("${", "$${").replace("%{", "%%{")
}

fn is_literal(text: &str) -> bool {
    matches!(text, "true" | "false") || !text.is_empty() && number_length(text) == text.len()
}

fn heredoc(tree: &Tree<'_>, id: NodeId, old: &str, text: &str) -> Result<Written> {
    let (span, line) = (tree.nodes[id].span.clone(), tree.nodes[id].line);
    let cannot = |reason: &str| {
        let message = format!("the heredoc at line {line} cannot hold the new value: {reason}");
        Err(Error::new(ErrorKind::InvalidInput, message).hint("write the value in quotes first"))
    };
    let indent = &tree.source[tree.line_start(span.start)..span.start];
    let content = text.trim_end_matches('\n');
    let tail = &old[old.trim_end().len()..];
    let has_blank_tail = tail.find('\n').is_some_and(|end| tail[end..].contains([' ', '\t']));
    if span.is_empty() || old.starts_with('\n') || has_blank_tail || content.is_empty() {
        return cannot("it begins or ends with blank lines, or is empty");
    }
    if content.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        return cannot("the value holds a control character");
    }
    let is_outermost = |line: &str| !line.trim().is_empty() && !line.starts_with([' ', '\t']);
    let header = &tree.source[tree.line_start(tree.line_start(span.start).saturating_sub(1))..span.start];
    let name = header.rsplit_once("<<").map_or("", |(_, name)| name.trim_start_matches('-').trim());
    if content.starts_with('\n')
        || !content.lines().any(is_outermost)
        || content.lines().any(|line| line.trim() == name)
    {
        return cannot("its lines would not be read as they are");
    }
    let lines: Vec<String> = content
        .split('\n')
        .enumerate()
        .map(|(number, line)| if number == 0 || line.is_empty() { line.to_owned() } else { format!("{indent}{line}") })
        .collect();
    let breaks = &old[old.trim_end_matches('\n').len()..];
    let splice = Splice { range: span.clone(), text: escaped(&lines.join(tree.line_break(span.start))) };
    Ok(Written { splice, value: format!("{content}{breaks}"), is_text: true })
}
