//! `.env` files, as docker, the dotenv libraries and shells agree on them.

use std::borrow::Cow;

use slipway_core::{Error, ErrorKind, Result};

use crate::builder::{Builder, invalid};
use crate::format::Written;
use crate::splice::Splice;
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::value::Value;

/// Reads a dotenv file.
///
/// # Errors
/// [`ErrorKind::InvalidFile`] if a line is no assignment or a quote is not closed; the message has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), 0)?;
    let mut at = source.len() - source.trim_start_matches('\u{feff}').len();
    while at < source.len() {
        at += source[at..].len() - source[at..].trim_start_matches(is_blank_or_break).len();
        let rest = &source[at..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        if line.is_empty() || line.starts_with('#') {
            at += line.len();
            continue;
        }
        let exported = line.strip_prefix("export").filter(|name| name.starts_with([' ', '\t']));
        let name = exported.unwrap_or(line).trim_start_matches([' ', '\t']);
        let start = at + line.len() - name.len();
        let Some((name, _)) = name.split_once('=') else {
            return Err(invalid("dotenv file", source, at, "a line without `=`"));
        };
        let (name, value_start) = (name.trim_end_matches([' ', '\t']), start + name.len() + 1);
        if name.is_empty() || name.contains([' ', '\t', '"', '\'', '#', '$', '\0']) {
            return Err(invalid("dotenv file", source, start, "a name that is none"));
        }
        builder.scalar(name, Style::Plain, start..start + name.len());
        at = value(&mut builder, source, value_start)?;
    }
    Ok(builder.finish())
}

/// Reads the value behind a `=`; where its line ends.
fn value<'s>(builder: &mut Builder<'s>, source: &'s str, behind: usize) -> Result<usize> {
    let rest = &source[behind..];
    let raw = rest.trim_start_matches([' ', '\t']);
    let start = source.len() - raw.len();
    let line_end = |at: usize| at + source[at..].find('\n').unwrap_or(source.len() - at);
    let Some(quote) = raw.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let line = source[start..line_end(start)].trim_end_matches('\r');
        let is_comment = |&(at, c): &(usize, char)| {
            c == '#' && (at > 0 && line[..at].ends_with([' ', '\t']) || at == 0 && start > behind)
        };
        let comment = line.char_indices().find(is_comment).map_or(line.len(), |(at, _)| at);
        let value = line[..comment].trim_end_matches([' ', '\t']);
        let place = if value.is_empty() { behind } else { start };
        builder.scalar(value, Style::Plain, place..place + value.len());
        return Ok(line_end(start));
    };
    let inside = &raw[1..];
    let Some(length) = closing(inside, quote) else {
        return Err(invalid("dotenv file", source, start, "a quote that is not closed"));
    };
    let end = start + length + 2;
    let line = &source[end..line_end(end)];
    let behind_quote = line.trim_matches([' ', '\t', '\r']);
    let is_comment = behind_quote.starts_with('#') && line.starts_with([' ', '\t']);
    if !behind_quote.is_empty() && !is_comment {
        builder.opaque("text in several pieces", start..line_end(end));
    } else if quote == '"' {
        builder.scalar(unescaped(&inside[..length]), Style::DoubleQuoted, start..end);
    } else {
        builder.scalar(&inside[..length], Style::SingleQuoted, start..end);
    }
    Ok(line_end(end))
}

/// How many bytes stand in front of the closing quote.
fn closing(inside: &str, quote: char) -> Option<usize> {
    let mut chars = inside.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == quote {
            return Some(at);
        }
        if c == '\\' && quote == '"' {
            chars.next();
        }
    }
    None
}

fn unescaped(inside: &str) -> Cow<'_, str> {
    if !inside.contains('\\') {
        return inside.into();
    }
    let mut text = String::with_capacity(inside.len());
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        match (c, if c == '\\' { chars.next() } else { None }) {
            ('\\', Some('n')) => text.push('\n'),
            ('\\', Some('r')) => text.push('\r'),
            ('\\', Some('t')) => text.push('\t'),
            ('\\', Some(escaped @ ('"' | '\\' | '$' | '`'))) => text.push(escaped),
            (c, other) => text.extend([Some(c), other].into_iter().flatten()),
        }
    }
    text.into()
}

/// The edit that gives a variable a new value in its kind of quotes, if they can hold it.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if the value holds a null character, which no environment can hold.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let (node, text) = (&tree.nodes[id], value.as_str());
    if text.contains('\0') {
        return Err(Error::new(ErrorKind::InvalidInput, "a variable cannot hold a null character"));
    }
    let style = match &node.kind {
        Kind::Scalar { style, .. } => *style,
        _ => Style::Plain,
    };
    let splice = Splice { range: node.span.clone(), text: quoted(text, style) };
    Ok(Written { splice, value: text.to_owned(), is_text: true })
}

/// The line of a variable that stands nowhere yet; none if no variable has such a name or value.
pub(super) fn fresh(key: &str, _between: &str, text: &str) -> Option<String> {
    let is_name =
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'));
    (is_name && !text.contains('\0')).then(|| format!("{key}={}", quoted(text, Style::Plain)))
}

/// The text in the quotes that it needs, and at least in these.
fn quoted(text: &str, style: Style) -> String {
    match style {
        Style::Plain if text.chars().all(is_bare) => text.to_owned(),
        Style::Plain | Style::SingleQuoted if !text.contains(['\'', '\n', '\r']) => format!("'{text}'"),
        _ => format!("\"{}\"", escaped(text)),
    }
}

fn is_bare(c: char) -> bool {
    c.is_alphanumeric() || "._/:@%+,=-".contains(c)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\\' | '$' | '`' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            c => escaped.push(c),
        }
    }
    escaped
}

fn is_blank_or_break(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}
