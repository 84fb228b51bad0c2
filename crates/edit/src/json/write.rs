//! Writing a scalar in the style of the one that it replaces.

use jsonc_parser::Scanner;
use jsonc_parser::tokens::Token;
use slipway_core::Result;

use super::parse::PLAIN;
use crate::format::Written;
use crate::quote::double_quoted;
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::{Bare, Value, no_literal};

/// The edit that gives a scalar a new value: text stays text, a number stays a number.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidInput`] if the value is stated to be a number and JSON has no such number.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let is_bare = matches!(&tree.nodes[id].kind, Kind::Scalar { value: old, style: Style::Plain }
        if value.keeps_type(Bare::of(old)));
    let text = value.as_str();
    if is_bare && !is_literal(text) {
        return Err(no_literal("JSON", text));
    }
    let splice = Splice {
        range: tree.nodes[id].span.clone(),
        text: if is_bare { text.to_owned() } else { double_quoted(text) },
    };
    Ok(Written { splice, value: text.to_owned(), is_text: !is_bare })
}

/// A key or value that stands where nothing stood.
pub(super) fn fresh(value: &Value) -> String {
    match value {
        Value::Literal(text) if is_literal(text) => text.clone(),
        _ => double_quoted(value.as_str()),
    }
}

fn is_literal(text: &str) -> bool {
    let mut scanner = Scanner::new(text, &PLAIN);
    matches!(scanner.scan(), Ok(Some(Token::Number(_) | Token::Boolean(_))))
        && (scanner.token_start(), scanner.token_end()) == (0, text.len())
}
