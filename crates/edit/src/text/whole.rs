//! `version.txt`: one value, perhaps with blank lines around it.

use slipway_core::{Error, ErrorKind, Result};

use crate::builder::Builder;
use crate::format::Written;
use crate::splice::Splice;
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::value::Value;

const KEY: &str = "version";

/// Reads the file as a mapping with the one key `version`.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    let value = text.trim();
    let start = source.len() - text.len() + if value.is_empty() { 0 } else { text.len() - text.trim_start().len() };
    let span = start..start + value.len();
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), start)?;
    builder.scalar(KEY, Style::Plain, start..start);
    if value.contains(char::is_control) {
        builder.opaque("a text of several lines", span);
    } else {
        builder.scalar(value, Style::Plain, span);
    }
    Ok(builder.finish())
}

/// The edit that gives the file a new value; what stands around it stays.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the value is not one line, or begins or ends with a blank.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let text = value.as_str();
    if text.is_empty() || text.trim() != text || text.contains(char::is_control) || text.starts_with('\u{feff}') {
        let message =
            format!("the file cannot hold `{}`: its value is one line without blanks around it", text.escape_debug());
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    let splice = Splice { range: tree.nodes[id].span.clone(), text: text.to_owned() };
    Ok(Written { splice, value: text.to_owned(), is_text: true })
}
