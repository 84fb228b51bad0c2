//! Writing a scalar in the style of the one that it replaces.

use slipway_core::Result;
use toml_parser::decoder::ScalarKind;
use toml_parser::{Raw, Span};

use super::parse::decode;
use crate::format::Written;
use crate::quote::{double_quoted, needs_escape};
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::{Bare, Value, no_literal};

/// The edit that gives a scalar a new value in its kind of quotes, if they can hold it: text stays text, a number stays
/// a number.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] if the value is stated to be a number and TOML has no such number.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let node = &tree.nodes[id];
    let text = value.as_str();
    let is_bare =
        matches!(&node.kind, Kind::Scalar { value: old, style: Style::Plain } if value.keeps_type(bare_type(old)));
    let written = if is_bare {
        if kind(text).is_none_or(|kind| kind == ScalarKind::String) {
            return Err(no_literal("TOML", text));
        }
        text.to_owned()
    } else {
        quoted(&tree.source[node.span.clone()], text)
    };
    let splice = Splice { range: node.span.clone(), text: written };
    Ok(Written { splice, value: text.to_owned(), is_text: !is_bare })
}

/// A value that stands nowhere yet.
pub(super) fn fresh(value: &Value) -> String {
    match value {
        Value::Literal(text) if kind(text).is_some_and(|kind| kind != ScalarKind::String) => text.clone(),
        _ => double_quoted(value.as_str()),
    }
}

/// A key that stands nowhere yet.
pub(super) fn fresh_key(key: &str) -> String {
    let is_bare =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if is_bare { key.to_owned() } else { double_quoted(key) }
}

/// The text in the quotes that the old value has.
fn quoted(old: &str, text: &str) -> String {
    let has_control = text.contains(|c| needs_escape(c) && c != '\t');
    let basic = double_quoted(text);
    if let Some(content) = old.strip_prefix("'''") {
        if !has_control && !text.contains("'''") && !text.ends_with('\'') {
            return format!("'''{}{text}'''", first_break(content));
        }
    } else if let Some(content) = old.strip_prefix("\"\"\"") {
        return format!("\"\"\"{}{}\"\"\"", first_break(content), &basic[1..basic.len() - 1]);
    } else if old.starts_with('\'') && !has_control && !text.contains('\'') {
        return format!("'{text}'");
    }
    basic
}

/// A line break directly behind three quotes is not part of the value.
fn first_break(content: &str) -> &'static str {
    match content {
        _ if content.starts_with("\r\n") => "\r\n",
        _ if content.starts_with('\n') => "\n",
        _ => "",
    }
}

fn bare_type(text: &str) -> Bare {
    match kind(text) {
        Some(ScalarKind::Boolean(_)) => Bare::Bool,
        Some(ScalarKind::Integer(_)) => Bare::Int,
        _ => Bare::Other,
    }
}

/// What the text is without quotes.
fn kind(text: &str) -> Option<ScalarKind> {
    let mut error = None;
    let (_, kind) = decode(Raw::new_unchecked(text, None, Span::new_unchecked(0, text.len())), &mut error);
    error.is_none().then_some(kind)
}
