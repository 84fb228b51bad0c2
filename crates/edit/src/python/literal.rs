//! Plain string literals of Python.

use std::borrow::Cow;

use crate::format::Written;
use crate::quote::{double_quoted, needs_escape};
use crate::splice::Splice;
use crate::tree::{NodeId, Tree};
use crate::value::Value;

/// The quotes that a literal begins with: one or three.
pub(super) fn quotes(literal: &str) -> &str {
    match literal {
        _ if literal.starts_with("\"\"\"") || literal.starts_with("'''") => &literal[..3],
        _ => literal.get(..1).unwrap_or_default(),
    }
}

fn split(literal: &str) -> (&str, &str, &str) {
    let start = literal.find(['"', '\'']).unwrap_or(literal.len());
    let (prefix, rest) = literal.split_at(start);
    let quotes = quotes(rest);
    (prefix, quotes, rest.strip_prefix(quotes).and_then(|rest| rest.strip_suffix(quotes)).unwrap_or_default())
}

/// The value of a literal, or what it is instead of plain text.
pub(super) fn read(literal: &str) -> Result<Cow<'_, str>, &'static str> {
    let (prefix, _, content) = split(literal);
    match prefix {
        _ if prefix.contains(['f', 'F', 't', 'T']) => Err("a string with expressions in it"),
        _ if prefix.contains(['b', 'B']) => Err("a string of bytes"),
        _ if prefix.contains(['r', 'R']) || !content.contains('\\') => Ok(content.into()),
        _ => unescaped(content).map(Cow::Owned).ok_or("a string with escapes that are not understood"),
    }
}

fn unescaped(content: &str) -> Option<String> {
    let mut text = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(backslash) = rest.find('\\') {
        text.push_str(&rest[..backslash]);
        let escaped = rest[backslash + 1..].chars().next()?;
        rest = &rest[backslash + 1 + escaped.len_utf8()..];
        let digits = match escaped {
            '\\' | '\'' | '"' => {
                text.push(escaped);
                continue;
            }
            'n' | 'r' | 't' | '0' if escaped != '0' || !rest.starts_with(|c: char| c.is_digit(8)) => {
                text.push(match escaped {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    _ => '\0',
                });
                continue;
            }
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let number = rest.get(..digits).filter(|number| number.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        text.push(char::from_u32(u32::from_str_radix(number, 16).ok()?)?);
        rest = &rest[digits..];
    }
    text.push_str(rest);
    Some(text)
}

/// The edit that gives a literal a new value. Prefix and quotes are kept if they can hold it.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Written {
    let (span, text) = (tree.nodes[id].span.clone(), value.as_str());
    let (prefix, quotes, _) = split(&tree.source[span.clone()]);
    let is_verbatim = !text.contains(needs_escape)
        && !text.contains('\\')
        && !text.contains(quotes)
        && !quotes.starts_with(|quote| text.ends_with(quote));
    let written = if is_verbatim {
        format!("{prefix}{quotes}{text}{quotes}")
    } else {
        // The escapes of JSON are escapes of Python.
        let prefix = prefix.trim_matches(['r', 'R']);
        format!("{prefix}{}", double_quoted(text))
    };
    Written { splice: Splice { range: span, text: written }, value: text.to_owned(), is_text: true }
}
