//! Text of any kind in which a comment marks what is to be set.
//!
//! A line that carries `slipway:version` holds a semantic version; one with `slipway:major`, `slipway:minor` or
//! `slipway:patch` holds a whole number. Between lines with `slipway:begin version` and `slipway:end` every line that
//! holds one counts as marked. The value of a line is reached by the name of its marker; if several lines have that, by
//! `version[0]`, `version[1]` and so on.

use std::ops::Range;

use slipway_core::{Error, ErrorKind, Result};

use crate::builder::{Builder, invalid};
use crate::format::Written;
use crate::splice::{self, Splice};
use crate::tree::{Kind, Layout, NodeId, Style, Tree};
use crate::value::Value;

const PREFIX: &str = "slipway:";

/// The length of the value at the start of a text, if there is one.
type Length = fn(&str) -> Option<usize>;

/// What a marker can ask for.
const NAMES: &[(&str, Length)] = &[("version", version), ("major", number), ("minor", number), ("patch", number)];

#[derive(Clone, Copy)]
enum Marker {
    Line(usize),
    Begin(usize),
    End,
}

/// Reads the marked values of a text as a mapping.
///
/// # Errors
/// [`ErrorKind::InvalidFile`] if a marked line holds no such value, or a block is not begun or not closed; the message
/// has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), 0)?;
    let mut block: Option<(usize, usize)> = None;
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        let found = markers(line);
        let refused = |reason: &str| Err(invalid("text", source, at, reason));
        match (found.first().map(|(marker, _)| *marker), block) {
            _ if found.len() > 1 => return refused("two markers in one line"),
            (Some(Marker::Begin(name)), None) => block = Some((name, at)),
            (Some(Marker::Begin(_)), Some(_)) => return refused("a `slipway:begin` inside of another block"),
            (Some(Marker::End), Some(_)) => block = None,
            (Some(Marker::End), None) => return refused("a `slipway:end` without `slipway:begin`"),
            (Some(Marker::Line(_)), Some(_)) => return refused("a marker inside of a block"),
            (Some(Marker::Line(name)), None) => {
                if !values(&mut builder, line, at, name, &found[0].1) {
                    return refused(&format!("the line is marked `{PREFIX}{}` and holds none", NAMES[name].0));
                }
            }
            (None, Some((name, _))) => drop(values(&mut builder, line, at, name, &(0..0))),
            (None, None) => {}
        }
        at += line.len();
    }
    match block {
        Some((_, start)) => Err(invalid("text", source, start, "a `slipway:begin` without `slipway:end`")),
        None => Ok(builder.finish_with_repetitions()),
    }
}

/// Notes the values of a line, apart from its marker; whether there are any.
fn values<'s>(builder: &mut Builder<'s>, line: &'s str, at: usize, name: usize, marker: &Range<usize>) -> bool {
    let (key, length) = NAMES[name];
    let found = all(line, length, marker);
    let (Some(first), Some(last)) = (found.first(), found.last()) else { return false };
    let span = at + first.start..at + last.end;
    builder.scalar(key, Style::Plain, span.start..span.start);
    // Several places with the same value, as in the address of a download, are set together.
    if found.iter().all(|place| line[place.clone()] == line[first.clone()]) {
        builder.scalar(&line[first.clone()], Style::Plain, span);
    } else {
        builder.opaque("a line with several different values", span);
    }
    true
}

/// Where a line holds such values outside of its marker.
fn all(line: &str, length: Length, marker: &Range<usize>) -> Vec<Range<usize>> {
    let bytes = line.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if marker.contains(&at) {
            at = marker.end;
            continue;
        }
        let is_inside = at > 0
            && (bytes[at - 1].is_ascii_digit() || bytes[at - 1] == b'.' && at > 1 && bytes[at - 2].is_ascii_digit());
        match bytes[at].is_ascii_digit() && !is_inside {
            true => match length(&line[at..]) {
                Some(length) => {
                    found.push(at..at + length);
                    at += length;
                }
                None => at += bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count(),
            },
            false => at += 1,
        }
    }
    found
}

/// The markers of a line, with the places that they take.
fn markers(line: &str) -> Vec<(Marker, Range<usize>)> {
    let mut markers = Vec::new();
    for (at, _) in line.match_indices(PREFIX) {
        // `registry.example/slipway:version` is an image.
        if line[..at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '-' | '_' | ':')) {
            continue;
        }
        let rest = &line[at + PREFIX.len()..];
        let word = word(rest);
        let name_of = |word: &str| NAMES.iter().position(|(name, _)| *name == word);
        let marker = match word {
            "begin" => name_of(self::word(rest[word.len()..].trim_start_matches(' '))).map(Marker::Begin),
            "end" => Some(Marker::End),
            word => name_of(word).map(Marker::Line),
        };
        markers.extend(marker.map(|marker| (marker, at..at + PREFIX.len() + word.len())));
    }
    markers
}

fn word(text: &str) -> &str {
    &text
        [..text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.' | ':' | '/')).unwrap_or(text.len())]
}

/// A semantic version at the start of a text.
fn version(text: &str) -> Option<usize> {
    let mut length = 0;
    for part in 0..3 {
        let digits = digits(&text[length..]);
        let number = &text[length..length + digits];
        if number.is_empty() || number.len() > 1 && number.starts_with('0') {
            return None;
        }
        length += digits;
        if part < 2 {
            text[length..].starts_with('.').then_some(())?;
            length += 1;
        }
    }
    for mark in ['-', '+'] {
        let identifiers = text[length..].strip_prefix(mark).map_or(0, identifiers);
        length += if identifiers > 0 { identifiers + 1 } else { 0 };
    }
    ends(text, length).then_some(length)
}

/// A whole number at the start of a text.
fn number(text: &str) -> Option<usize> {
    let length = digits(text);
    (length > 0 && ends(text, length)).then_some(length)
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of identifiers that are joined by dots.
fn identifiers(text: &str) -> usize {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let bytes = text.as_bytes();
    let mut length = 0;
    loop {
        let part = bytes[length..].iter().take_while(|&&byte| is_part(byte)).count();
        length += part;
        let goes_on =
            part > 0 && bytes.get(length) == Some(&b'.') && bytes.get(length + 1).is_some_and(|&byte| is_part(byte));
        if !goes_on {
            return length;
        }
        length += 1;
    }
}

/// Whether nothing that belongs to the value follows.
fn ends(text: &str, length: usize) -> bool {
    let rest = &text[length..];
    let goes_on_behind_dot = rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_') && !goes_on_behind_dot
}

/// The edit that puts a new value where the old one stands.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] if it is not what the marker names, or runs into what stands behind it.
pub(super) fn write(tree: &Tree<'_>, id: NodeId, value: &Value) -> Result<Written> {
    let (span, text) = (tree.nodes[id].span.clone(), value.as_str());
    let name = tree.key_of(id).unwrap_or_default();
    let refused = |reason: String| {
        let message = format!("line {} cannot hold `{}`: {reason}", tree.nodes[id].line, text.escape_debug());
        Error::new(ErrorKind::InvalidInput, message)
    };
    let Some((_, length)) = NAMES.iter().find(|(known, _)| *known == name) else {
        return Err(refused("it has no marker".to_owned()));
    };
    if length(text) != Some(text.len()) {
        return Err(refused(format!("its marker is `{PREFIX}{name}`")));
    }
    let old = &tree.source[span.clone()];
    let mut places =
        all(old, *length, &(0..0)).into_iter().map(|range| Splice { range, text: text.to_owned() }).collect::<Vec<_>>();
    let new = splice::apply(old, &mut places)?;
    let behind = &tree.source[span.end..tree.line_end(span.end)];
    let line = format!("{new}{behind}");
    let found = all(&line, *length, &(0..0));
    let is_kept = found.len() >= places.len()
        && found[..places.len()].iter().all(|place| line[place.clone()] == *text)
        && found[places.len() - 1].end == new.len();
    if !is_kept {
        return Err(refused("it would run into what stands behind it".to_owned()));
    }
    let splice = Splice { range: span, text: new };
    Ok(Written { splice, value: text.to_owned(), is_text: true })
}
