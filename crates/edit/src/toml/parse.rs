//! From the events of the TOML parser to a [`Tree`].

use std::borrow::Cow;

use slipway_core::Result;
use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{Expected, ParseError, Raw, Source};

use super::layout::{Item, Key, Tables};
use crate::builder::{Builder, invalid};
use crate::size::DEEPEST;
use crate::splice::defect;
use crate::tree::{Style, Tree};

/// Reads a TOML file.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidFile`] if it does not parse or is nested too deep,
/// [`slipway_core::ErrorKind::DuplicateKey`] if a key or table is defined twice; the message has the lines.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let toml = Source::new(source);
    let mut events = Vec::new();
    let mut error: Option<ParseError> = None;
    let mut collect = |event: Event| events.push(event);
    let mut whitespace = ValidateWhitespace::new(&mut collect, toml);
    let mut guard = RecursionGuard::new(&mut whitespace, DEEPEST as u32);
    parse_document(&toml.lex().collect::<Vec<_>>(), &mut guard, &mut error);
    if let Some(error) = error {
        return Err(refused(source, &error));
    }
    let mut tables = Tables::new(Builder::new(source));
    let mut keys = Vec::new();
    for event in events {
        let span = event.span().start()..event.span().end();
        let raw = || toml.get(event).ok_or_else(|| defect("the TOML parser gave a position outside the file"));
        match event.kind() {
            EventKind::SimpleKey => {
                let (value, style) = key(source, raw()?, event.encoding())?;
                keys.push(Key { value, style, span });
            }
            EventKind::StdTableClose => tables.header(std::mem::take(&mut keys), false)?,
            EventKind::ArrayTableClose => tables.header(std::mem::take(&mut keys), true)?,
            EventKind::KeyValSep => tables.assign(std::mem::take(&mut keys))?,
            EventKind::InlineTableOpen => tables.open(Item::inline_table(span.start))?,
            EventKind::ArrayOpen => tables.open(Item::array(span.start))?,
            EventKind::InlineTableClose | EventKind::ArrayClose => tables.close(span.end),
            EventKind::Scalar => {
                let (value, style) = scalar(source, raw()?, event.encoding())?;
                tables.scalar(value, style, span)?;
            }
            _ => {}
        }
    }
    tables.finish()
}

fn key<'s>(source: &'s str, raw: Raw<'s>, encoding: Option<Encoding>) -> Result<(Cow<'s, str>, Style)> {
    let (mut value, mut error) = (Cow::Borrowed(""), None);
    raw.decode_key(&mut value, &mut error);
    error.map_or_else(|| Ok((value, style(encoding))), |error| Err(refused(source, &error)))
}

fn scalar<'s>(source: &'s str, raw: Raw<'s>, encoding: Option<Encoding>) -> Result<(Cow<'s, str>, Style)> {
    let mut error = None;
    let kind = decode(raw, &mut error).1;
    if let Some(error) = error {
        return Err(refused(source, &error));
    }
    match kind {
        ScalarKind::String => Ok((decode(raw, &mut None).0, style(encoding))),
        // What is no text is compared and shown as it is written.
        _ => Ok((raw.as_str().into(), Style::Plain)),
    }
}

/// The decoded value, and what it is. The parser leaves it to its users whether a number or a date can be one.
pub(super) fn decode<'s>(raw: Raw<'s>, error: &mut Option<ParseError>) -> (Cow<'s, str>, ScalarKind) {
    let mut value = Cow::Borrowed("");
    let kind = raw.decode_scalar(&mut value, error);
    let is_possible = match kind {
        ScalarKind::Integer(radix) => i64::from_str_radix(&value, radix.value()).is_ok(),
        ScalarKind::DateTime => value.parse::<toml_datetime::Datetime>().is_ok(),
        ScalarKind::Float => value.parse::<f64>().is_ok(),
        _ => true,
    };
    if !is_possible && error.is_none() {
        let description = ParseError::new(kind.invalid_description());
        *error = Some(description.with_unexpected(toml_parser::Span::new_unchecked(0, 0)));
    }
    (value, kind)
}

fn style(encoding: Option<Encoding>) -> Style {
    match encoding {
        Some(Encoding::BasicString | Encoding::MlBasicString) => Style::DoubleQuoted,
        Some(Encoding::LiteralString | Encoding::MlLiteralString) => Style::SingleQuoted,
        None => Style::Plain,
    }
}

fn refused(source: &str, error: &ParseError) -> slipway_core::Error {
    let at = error.unexpected().or(error.context()).map_or(source.len(), |span| span.start());
    let mut reason = error.description().to_owned();
    for (position, expected) in error.expected().unwrap_or_default().iter().enumerate() {
        reason.push_str(if position == 0 { ", expected " } else { ", " });
        match expected {
            Expected::Literal("\n") => reason.push_str("a line break"),
            Expected::Literal(text) => reason.push_str(&format!("`{text}`")),
            Expected::Description(text) => reason.push_str(text),
            _ => reason.push_str("something else"),
        }
    }
    invalid("TOML", source, at, reason)
}
