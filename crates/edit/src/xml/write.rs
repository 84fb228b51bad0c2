//! Writing a value into text, a CDATA section or an attribute.

use slipway_core::{Error, ErrorKind, Result};

use crate::format::Written;
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

/// The edit that gives an element or attribute a new value.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the value cannot stand there, [`ErrorKind::SharedValue`] if the old one refers to a
/// property.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let node = &tree.nodes[id];
    let (text, old) = (value.as_str(), tree.text(id).unwrap_or_default());
    refuse_reference(tree, id, old)?;
    let cannot = |reason: &str| {
        let message = format!("`{}` at line {} cannot hold the new value: {reason}", tree.path_of(id), node.line);
        Error::new(ErrorKind::InvalidInput, message).hint("give another value, or edit the file by hand")
    };
    if text.contains(|c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        return Err(cannot("XML has no such character"));
    }
    let style = match &node.kind {
        Kind::Scalar { style, .. } => *style,
        _ => Style::Plain,
    };
    let is_section = tree.source[..node.span.start].ends_with("<![CDATA[");
    let is_empty_tag = &tree.source[node.span.clone()] == "/>";
    let written = match style {
        Style::DoubleQuoted => format!("\"{}\"", escaped(text, '"')),
        Style::SingleQuoted => format!("'{}'", escaped(text, '\'')),
        _ if is_section && text.contains("]]>") => return Err(cannot("it would end the CDATA section")),
        _ if is_section && text.contains('\r') => return Err(cannot("a CDATA section holds no carriage return")),
        _ if is_section => text.to_owned(),
        _ if text.is_empty() || text.starts_with(is_blank) || text.ends_with(is_blank) => {
            return Err(cannot("blanks around the text of an element do not count"));
        }
        _ if is_empty_tag => {
            let name = &tree.source[tree.nodes[id - 1].span.clone()];
            format!(">{}</{name}>", escaped(text, '<'))
        }
        _ => escaped(text, '<'),
    };
    let splice = Splice { range: node.span.clone(), text: written };
    Ok(Written { splice, value: text.to_owned(), is_text: true })
}

/// `${revision}` of Maven and `$(Version)` of MSBuild stand for a value that is written elsewhere.
fn refuse_reference(tree: &Tree<'_>, id: NodeId, old: &str) -> Result<()> {
    let is_reference = old.contains("${") && old.contains('}') || old.contains("$(") && old.contains(')');
    if !is_reference {
        return Ok(());
    }
    let message =
        format!("`{}` at line {} is `{old}`, which refers to a property", tree.path_of(id), tree.nodes[id].line);
    Err(Error::new(ErrorKind::SharedValue, message).hint("set the property where it is defined"))
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// The text with references for what has a meaning there. Line breaks are kept apart from those that the reader of an
/// attribute turns into blanks.
fn escaped(text: &str, quote: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' if quote == '"' => escaped.push_str("&quot;"),
            '\'' if quote == '\'' => escaped.push_str("&apos;"),
            '\r' => escaped.push_str("&#13;"),
            '\n' if quote != '<' => escaped.push_str("&#10;"),
            '\t' if quote != '<' => escaped.push_str("&#9;"),
            c => escaped.push(c),
        }
    }
    escaped
}
