//! From the events of the XML reader to a [`Tree`].

use std::borrow::Cow;
use std::ops::Range;

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use slipway_core::Result;

use crate::builder::{Builder, invalid};
use crate::tree::{Kind, Layout, Style, Tree};

/// Reads an XML file.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidFile`] if it does not parse or is nested deeper than 128 elements; the message has
/// the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let is_forbidden = |c: char| c < ' ' && !matches!(c, '\t' | '\n' | '\r') || matches!(c, '\u{fffe}' | '\u{ffff}');
    if let Some(at) = source.find(is_forbidden) {
        return Err(invalid("XML", source, at, "a character that XML does not allow"));
    }
    let text = source.strip_prefix('\u{feff}').unwrap_or(source);
    let skipped = source.len() - text.len();
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), 0)?;
    let mut file = File { source, builder, open: Vec::new(), has_root: false };
    loop {
        let start = position(reader.buffer_position(), skipped);
        let event = reader.read_event();
        let span = start..position(reader.buffer_position(), skipped);
        match event {
            Ok(Event::Eof) => return file.finish(),
            Ok(event) => file.event(event, span)?,
            Err(error) => {
                let at = position(reader.error_position(), skipped);
                return Err(invalid("XML", source, at, error));
            }
        }
    }
}

fn position(offset: u64, skipped: usize) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX).saturating_add(skipped)
}

struct File<'s> {
    source: &'s str,
    builder: Builder<'s>,
    open: Vec<Element>,
    has_root: bool,
}

/// An element that is not closed yet.
struct Element {
    /// As written, with its prefix.
    name: Range<usize>,
    attributes: Vec<(Range<usize>, Range<usize>)>,
    content: usize,
    /// Whether it has children, so that it was begun as a mapping.
    is_mapping: bool,
    text: Text,
}

/// The text of an element, apart from blanks around it.
enum Text {
    None,
    /// Characters and references.
    Plain(Range<usize>),
    /// The inside of a CDATA section.
    Section(Range<usize>),
    Pieces,
}

impl<'s> File<'s> {
    fn event(&mut self, event: Event<'s>, span: Range<usize>) -> Result<()> {
        match event {
            Event::Start(tag) => {
                let element = self.element(&tag, &span, span.end)?;
                self.open.push(element);
                Ok(())
            }
            Event::Empty(tag) => {
                let element = self.element(&tag, &span, span.end - 2)?;
                self.close(element, span.end)
            }
            Event::End(_) => match self.open.pop() {
                Some(element) => self.close(element, span.start),
                None => Err(self.invalid(span.start, "an end tag without a start tag")),
            },
            Event::Text(_) | Event::GeneralRef(_) => self.text(span),
            Event::CData(_) => match self.open.last_mut() {
                Some(element) => {
                    let inside = span.start + "<![CDATA[".len()..span.end - "]]>".len();
                    element.text = match element.text {
                        Text::None => Text::Section(inside),
                        _ => Text::Pieces,
                    };
                    Ok(())
                }
                None => Err(self.invalid(span.start, "text outside of the root element")),
            },
            Event::Decl(_) if self.source[..span.start].trim_start_matches('\u{feff}').is_empty() => Ok(()),
            Event::Decl(_) => Err(self.invalid(span.start, "an XML declaration that is not at the start of the file")),
            Event::DocType(_) if self.has_root => {
                Err(self.invalid(span.start, "a document type behind the root element"))
            }
            Event::DocType(_) | Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    /// The element of a tag, whose parent is known to be a mapping now.
    fn element(&mut self, tag: &BytesStart<'_>, span: &Range<usize>, content: usize) -> Result<Element> {
        if self.open.is_empty() && std::mem::replace(&mut self.has_root, true) {
            return Err(self.invalid(span.start, "a second root element"));
        }
        if let Some(mut parent) = self.open.pop() {
            self.begin_mapping(&mut parent)?;
            self.open.push(parent);
        }
        let name = span.start + 1..span.start + 1 + tag.name().as_ref().len();
        self.check_name(&name)?;
        let mut attributes = Vec::new();
        // Looking for names written twice takes time that grows with the square of their number; a path finds them.
        for attribute in tag.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.invalid(span.start, error))?;
            let (Some(key), Some(value)) =
                (self.place(attribute.key.as_ref(), span), self.place(attribute.value.as_ref(), span))
            else {
                return Err(self.invalid(span.start, "an attribute that cannot be read"));
            };
            self.check_name(&key)?;
            if self.source[value.clone()].contains('<') {
                return Err(self.invalid(value.start, "`<` in the value of an attribute"));
            }
            attributes.push((key, value.start - 1..value.end + 1));
        }
        Ok(Element { name, attributes, content, is_mapping: false, text: Text::None })
    }

    /// Where a piece of the source stands in it.
    fn place(&self, piece: &str, within: &Range<usize>) -> Option<Range<usize>> {
        let start = (piece.as_ptr() as usize).checked_sub(self.source.as_ptr() as usize)?;
        let range = start..start + piece.len();
        (within.start <= range.start && range.end <= within.end).then_some(range)
    }

    fn check_name(&self, name: &Range<usize>) -> Result<()> {
        let text = &self.source[name.clone()];
        let is_start = |c: char| c.is_alphabetic() || matches!(c, '_' | ':') || !c.is_ascii();
        let is_name = text.starts_with(is_start)
            && text.chars().all(|c| is_start(c) || c.is_ascii_digit() || matches!(c, '-' | '.'));
        if is_name { Ok(()) } else { Err(self.invalid(name.start, "a name that XML does not allow")) }
    }

    fn text(&mut self, span: Range<usize>) -> Result<()> {
        let raw = &self.source[span.clone()];
        let is_blank = raw.bytes().all(is_blank);
        if let Some(end) = raw.find("]]>") {
            return Err(self.invalid(span.start + end, "`]]>` in text"));
        }
        let Some(element) = self.open.last_mut() else {
            let is_between = is_blank || raw == "\u{feff}" && span.start == 0;
            return if is_between { Ok(()) } else { Err(self.invalid(span.start, "text outside of the root element")) };
        };
        element.text = match std::mem::replace(&mut element.text, Text::None) {
            Text::Plain(before) if before.end == span.start => Text::Plain(before.start..span.end),
            text if is_blank => text,
            Text::None => Text::Plain(span),
            _ => Text::Pieces,
        };
        Ok(())
    }

    fn key(&mut self, element: &Element) {
        let name = &self.source[element.name.clone()];
        let local = name.rsplit(':').next().unwrap_or(name);
        self.builder.scalar(local, Style::Plain, element.name.clone());
    }

    fn begin_mapping(&mut self, element: &mut Element) -> Result<()> {
        if std::mem::replace(&mut element.is_mapping, true) {
            return Ok(());
        }
        self.key(element);
        self.builder.open(Kind::Mapping(Layout::Block), element.name.start)?;
        for (key, value) in std::mem::take(&mut element.attributes) {
            self.builder.scalar(format!("@{}", &self.source[key.clone()]), Style::Plain, key);
            let is_double = self.source[value.clone()].starts_with('"');
            let style = if is_double { Style::DoubleQuoted } else { Style::SingleQuoted };
            let raw = &self.source[value.start + 1..value.end - 1];
            // Readers of attributes take line breaks and tabs for blanks.
            let raw = match raw.contains(['\t', '\r', '\n']) {
                true => raw.replace("\r\n", " ").replace(['\t', '\r', '\n'], " ").into(),
                false => raw.into(),
            };
            self.scalar(raw, style, value);
        }
        Ok(())
    }

    fn close(&mut self, mut element: Element, content_end: usize) -> Result<()> {
        let has_text = !matches!(element.text, Text::None);
        if element.is_mapping || !has_text && !element.attributes.is_empty() {
            self.begin_mapping(&mut element)?;
            self.builder.close(content_end);
            return Ok(());
        }
        self.key(&element);
        match element.text {
            Text::None => {
                let mut content = element.content..content_end;
                let inside = self.source[content.clone()].trim();
                // An empty-element tag gives way to a start tag and an end tag; a comment stays.
                if !inside.is_empty() && inside != "/>" {
                    content.end = content.start;
                }
                self.builder.scalar("", Style::Plain, content);
            }
            Text::Plain(range) => {
                let raw = &self.source[range.clone()];
                let start = range.start + raw.bytes().take_while(|&byte| is_blank(byte)).count();
                let end = range.end - raw.bytes().rev().take_while(|&byte| is_blank(byte)).count();
                self.scalar(with_plain_breaks(&self.source[start..end]), Style::Plain, start..end);
            }
            Text::Section(inside) => {
                self.builder.scalar(with_plain_breaks(&self.source[inside.clone()]), Style::Plain, inside);
            }
            Text::Pieces => self.builder.opaque("text in several pieces", element.content..content_end),
        }
        Ok(())
    }

    fn scalar(&mut self, raw: Cow<'s, str>, style: Style, span: Range<usize>) {
        let value = match &raw {
            Cow::Borrowed(raw) => unescape(raw),
            Cow::Owned(raw) => unescape(raw).map(|value| value.into_owned().into()),
        };
        match value {
            Ok(value) => drop(self.builder.scalar(value, style, span)),
            Err(_) => self.builder.opaque("text with an entity that the document type defines", span),
        }
    }

    fn finish(self) -> Result<Tree<'s>> {
        match self.open.last() {
            Some(element) => {
                let name = &self.source[element.name.clone()];
                Err(self.invalid(element.name.start, format!("`<{name}>` is never closed")))
            }
            None if !self.has_root => Err(self.invalid(self.source.len(), "it has no root element")),
            None => Ok(self.builder.finish_with_repetitions()),
        }
    }

    fn invalid(&self, at: usize, reason: impl std::fmt::Display) -> slipway_core::Error {
        invalid("XML", self.source, at, reason)
    }
}

/// Readers take every line break for a line feed.
fn with_plain_breaks(raw: &str) -> Cow<'_, str> {
    if raw.contains('\r') { raw.replace("\r\n", "\n").replace('\r', "\n").into() } else { raw.into() }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}
