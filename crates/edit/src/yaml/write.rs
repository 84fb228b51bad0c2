//! Writing a scalar in the style of the one that it replaces.

use slipway_core::{Error, ErrorKind, Result};

use super::resolve::{Resolved, resolve};
use crate::format::Written;
use crate::quote::{double_quoted, needs_escape};
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::{Value, is_canonical_int};

const CORE_TAG: &str = "tag:yaml.org,2002:";

/// The edit that gives a scalar a new value, with the quoting style, tag, anchor, indentation and comments kept.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the value cannot stand there: its tag says otherwise, or the block scalar cannot hold
/// it.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let node = &tree.nodes[id];
    let text = value.as_str();
    let Kind::Scalar { value: old, style } = &node.kind else {
        return Err(Error::new(ErrorKind::InvalidInput, format!("{} has no text to replace", tree.noun(id))));
    };
    let span = node.span.clone();
    let splice = |text: String| Splice { range: span.clone(), text };
    let (splice, value, is_text) = match style {
        Style::Plain => {
            let new = plain(tree, id, old, value)?;
            let is_text = new.starts_with('"') || is_text_without_quotes(tree, id, text);
            let new = if span.is_empty() { into_gap(tree, id, &new)? } else { new };
            (splice(new), text.to_owned(), is_text)
        }
        Style::SingleQuoted => (splice(single_quoted(text)), text.to_owned(), true),
        Style::DoubleQuoted => (splice(double_quoted(text)), text.to_owned(), true),
        Style::Literal | Style::Folded => {
            let breaks = &old[old.trim_end_matches('\n').len()..];
            (block(tree, id, *style, text)?, format!("{}{breaks}", text.trim_end_matches('\n')), true)
        }
    };
    Ok(Written { splice, value, is_text })
}

/// Whether readers take a scalar for text.
pub(super) fn is_text(tree: &Tree<'_>, id: NodeId) -> bool {
    match &tree.nodes[id].kind {
        Kind::Scalar { value, style: Style::Plain } => is_text_without_quotes(tree, id, value),
        Kind::Scalar { .. } => true,
        _ => false,
    }
}

/// Whether readers take this for text if it stands without quotes behind the node's tag.
fn is_text_without_quotes(tree: &Tree<'_>, id: NodeId, text: &str) -> bool {
    match core_type(tree, id) {
        Some(name) => name == "str",
        None => tree.nodes[id].tag.is_some() || resolve(text) == Resolved::Text,
    }
}

fn core_type<'a>(tree: &'a Tree<'_>, id: NodeId) -> Option<&'a str> {
    tree.nodes[id].tag.as_deref().and_then(|tag| tag.strip_prefix(CORE_TAG))
}

fn plain(tree: &Tree<'_>, id: NodeId, old: &str, value: &Value) -> Result<String> {
    let text = value.as_str();
    let new_type = resolve(text);
    let quotes_needed = match core_type(tree, id) {
        Some("str") => false,
        Some(name @ ("int" | "float" | "bool" | "null")) => {
            let fits = match name {
                "int" => new_type == Resolved::Int,
                "float" => matches!(new_type, Resolved::Int | Resolved::Float),
                "bool" => new_type == Resolved::Bool,
                _ => new_type == Resolved::Null,
            };
            if !fits {
                let message = format!("`{}` is tagged `!!{name}`, and `{text}` is not of that type", tree.path_of(id));
                return Err(Error::new(ErrorKind::InvalidInput, message).hint("remove the tag, or set another value"));
            }
            false
        }
        _ if tree.nodes[id].tag.is_some() => false,
        _ => !keeps_type(resolve(old), new_type, value),
    };
    if !quotes_needed && is_plain(text, tree.is_in_flow(id)) { Ok(text.to_owned()) } else { Ok(double_quoted(text)) }
}

/// Whether the new value may stand without quotes where the old one did: text stays text, a number stays a number.
fn keeps_type(old: Resolved, new: Resolved, value: &Value) -> bool {
    match (new, value) {
        (Resolved::Text, _) => true,
        (Resolved::Int, Value::Text(text)) => old == Resolved::Int && is_canonical_int(text),
        (Resolved::Bool, Value::Text(text)) => old == Resolved::Bool && matches!(text.as_str(), "true" | "false"),
        (Resolved::Null | Resolved::Float | Resolved::Other, Value::Text(_)) => false,
        (_, Value::Literal(_)) => old != Resolved::Text,
    }
}

/// Whether the text can be written without quotes, as far as syntax goes.
fn is_plain(text: &str, in_flow: bool) -> bool {
    const INDICATORS: &[char] =
        &['-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`'];
    let mut chars = text.chars();
    let begins_well = match chars.next() {
        None => false,
        Some('-') => chars.next().is_some_and(|second| second != ' '),
        Some(first) => !INDICATORS.contains(&first) && first != ' ',
    };
    begins_well
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.starts_with("---")
        && !text.starts_with("...")
        && !text.contains(needs_escape)
        && !(in_flow && text.contains(['[', ']', '{', '}', ',']))
}

/// A key or value that stands where nothing stood.
pub(super) fn fresh(value: &Value, in_flow: bool) -> String {
    let text = value.as_str();
    let is_typed = matches!(value, Value::Literal(_)) || resolve(text) == Resolved::Text;
    if is_typed && is_plain(text, in_flow) { text.to_owned() } else { double_quoted(text) }
}

fn single_quoted(text: &str) -> String {
    if text.contains(needs_escape) { double_quoted(text) } else { format!("'{}'", text.replace('\'', "''")) }
}

/// Text for an empty place: set off by blanks from what stands around it.
fn into_gap(tree: &Tree<'_>, id: NodeId, text: &str) -> Result<String> {
    let at = tree.nodes[id].span.start;
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n' | '\r');
    let has_no_colon = matches!(tree.nodes[tree.nodes[id].parent].kind, Kind::Mapping(_))
        && tree.nodes[id].tag.is_none()
        && tree.nodes[id].anchor.is_none()
        && !tree.source[..at].ends_with(':');
    let before = match tree.source[..at].chars().next_back() {
        _ if has_no_colon && tree.is_in_flow(id) => ": ",
        _ if has_no_colon => {
            let message = format!("the key at line {} has no `:` behind it", tree.nodes[id].line);
            return Err(Error::new(ErrorKind::InvalidInput, message).hint("write the `:` and an empty value first"));
        }
        Some(c) if !is_blank(c) => " ",
        _ => "",
    };
    let after = match tree.source[at..].chars().next() {
        Some(c) if !is_blank(c) && !matches!(c, ',' | ']' | '}') => " ",
        _ => "",
    };
    Ok(format!("{before}{text}{after}"))
}

/// A new content for a block scalar, under the header that is there.
fn block(tree: &Tree<'_>, id: NodeId, style: Style, text: &str) -> Result<Splice> {
    let cannot = |reason: &str| {
        let message = format!("the block scalar at line {} cannot hold the new value: {reason}", tree.nodes[id].line);
        Err(Error::new(ErrorKind::InvalidInput, message).hint("write the value in quotes first"))
    };
    let span = tree.nodes[id].span.clone();
    let indent = &tree.source[tree.line_start(span.start)..span.start];
    let text = text.trim_end_matches('\n');
    let lines: Vec<&str> = text.split('\n').collect();
    let is_empty = tree.text(id).is_none_or(str::is_empty);
    if is_empty || indent.is_empty() || !indent.bytes().all(|byte| byte == b' ') {
        return cannot("it is empty, so its indentation is not known");
    }
    if text.is_empty() || text.starts_with([' ', '\t', '\n']) || text.ends_with([' ', '\t']) {
        return cannot("a block begins and ends with a visible character");
    }
    if text.contains(|c: char| c != '\n' && c != '\t' && needs_escape(c)) {
        return cannot("it holds a control character");
    }
    let line_break = tree.line_break(span.start);
    let content = match style {
        Style::Folded if lines.iter().any(|line| line.is_empty() || line.starts_with([' ', '\t'])) => {
            return cannot("a folded block keeps no empty or indented lines");
        }
        Style::Folded => lines.join(&format!("{line_break}{line_break}{indent}")),
        _ => {
            let indented =
                lines.iter().map(|line| if line.is_empty() { String::new() } else { format!("{indent}{line}") });
            indented.collect::<Vec<_>>().join(line_break)
        }
    };
    // Empty lines at the start of the content belong to the old value.
    let mut start = tree.line_start(span.start);
    while start > 0 {
        let previous = tree.line_start(start - 1);
        if !tree.source[previous..start].trim().is_empty() {
            break;
        }
        start = previous;
    }
    let text = if style == Style::Folded { format!("{indent}{content}") } else { content };
    Ok(Splice { range: start..span.end, text })
}
