//! The lines of `java.util.Properties`.

use std::borrow::Cow;
use std::ops::Range;

use slipway_core::Result;

use crate::builder::{Builder, invalid};
use crate::format::Written;
use crate::splice::Splice;
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::value::Value;

/// Reads a properties file.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidFile`] if it holds an invalid `\u` escape; the message has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), 0)?;
    let mut at = source.len() - source.trim_start_matches('\u{feff}').len();
    while at < source.len() {
        at += source[at..].bytes().take_while(|&byte| is_blank(byte) || is_break(byte)).count();
        let rest = &source[at..];
        if rest.starts_with(['#', '!']) {
            at += rest.find(['\r', '\n']).unwrap_or(rest.len());
            continue;
        }
        let line = at..at + logical_line(rest);
        if !line.is_empty() {
            let key = line.start..line.start + key_length(&source[line.clone()]);
            let value = key.end + separator_length(&source[key.end..line.end])..line.end;
            builder.scalar(unescaped(source, key.clone())?, Style::Plain, key);
            builder.scalar(unescaped(source, value.clone())?, Style::Plain, value);
        }
        at = line.end;
    }
    Ok(builder.finish())
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | 0x0c)
}

fn is_break(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// The bytes up to the line break that ends the entry: one that no backslash stands before.
fn logical_line(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && !is_break(bytes[at]) {
        at += match bytes[at..] {
            [b'\\', b'\r', b'\n', ..] => 3,
            [b'\\', _, ..] => 2,
            _ => 1,
        };
    }
    at
}

fn key_length(line: &str) -> usize {
    let bytes = line.as_bytes();
    let mut at = 0;
    while at < bytes.len() && !is_blank(bytes[at]) && !matches!(bytes[at], b'=' | b':') {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

/// Blanks, at most one `=` or `:`, and blanks; a line may be continued in between.
fn separator_length(line: &str) -> usize {
    let blanks = |from: usize| {
        let mut at = from;
        loop {
            at += match line.as_bytes()[at..] {
                [b'\\', b'\r', b'\n', ..] => 3,
                [b'\\', b'\r' | b'\n', ..] => 2,
                [byte, ..] if is_blank(byte) => 1,
                _ => return at,
            };
        }
    };
    let before = blanks(0);
    if line[before..].starts_with(['=', ':']) { blanks(before + 1) } else { before }
}

fn unescaped(source: &str, range: Range<usize>) -> Result<Cow<'_, str>> {
    let raw = &source[range.clone()];
    if !raw.contains('\\') {
        return Ok(raw.into());
    }
    // Java's characters are UTF-16 units, so one character may be two escapes.
    let mut units: Vec<u16> = Vec::with_capacity(raw.len());
    let mut rest = raw;
    let at = |rest: &str| range.end - rest.len();
    while let Some(c) = rest.chars().next() {
        let here = at(rest);
        rest = &rest[c.len_utf8()..];
        let Some(escaped) = rest.chars().next().filter(|_| c == '\\') else {
            // A backslash at the end of the file stands for nothing.
            if c != '\\' {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
            }
            continue;
        };
        rest = &rest[escaped.len_utf8()..];
        let character = match escaped {
            'u' => {
                let digits = rest.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
                let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
                units.push(
                    unit.ok_or_else(|| invalid("properties file", source, here, "`\\u` without four hex digits"))?,
                );
                rest = &rest[4..];
                continue;
            }
            '\r' | '\n' => {
                let line = if escaped == '\r' { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
                rest = line.trim_start_matches([' ', '\t', '\u{c}']);
                continue;
            }
            't' => '\t',
            'n' => '\n',
            'r' => '\r',
            'f' => '\u{c}',
            other => other,
        };
        units.extend_from_slice(character.encode_utf16(&mut [0; 2]));
    }
    let text = String::from_utf16(&units);
    text.map(Cow::Owned).map_err(|_| invalid("properties file", source, range.start, "half of a surrogate pair"))
}

/// The edit that gives a key a new value. What is not ASCII is escaped, as old readers take the file for Latin-1.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Written {
    let (span, text) = (tree.nodes[id].span.clone(), value.as_str());
    let mut written = String::with_capacity(text.len());
    // A key without a separator needs one, if no blank stands there.
    let key_end = tree.nodes[id - 1].span.end;
    if key_end == span.start {
        written.push('=');
    }
    // What would be taken for the separator is escaped if none is there.
    let has_separator = tree.source[key_end..span.start].contains(['=', ':']) || key_end == span.start;
    escape(&mut written, text, has_separator);
    Written { splice: Splice { range: span, text: written }, value: text.to_owned(), is_text: true }
}

/// The line of a key that stands nowhere yet.
pub(super) fn fresh(key: &str, between: &str, text: &str) -> Option<String> {
    let mut line = String::new();
    for c in key.chars() {
        match c {
            ' ' | '=' | ':' | '#' | '!' => line.extend(['\\', c]),
            c => escape(&mut line, c.encode_utf8(&mut [0; 4]), true),
        }
    }
    line.push_str(between);
    escape(&mut line, text, true);
    Some(line)
}

fn escape(written: &mut String, text: &str, has_separator: bool) {
    for (position, c) in text.char_indices() {
        match c {
            '\\' => written.push_str("\\\\"),
            '\t' => written.push_str("\\t"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\u{c}' => written.push_str("\\f"),
            ' ' if position == 0 => written.push_str("\\ "),
            '=' | ':' if position == 0 && !has_separator => written.extend(['\\', c]),
            ' '..='~' => written.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| written.push_str(&format!("\\u{unit:04x}"))),
        }
    }
}
