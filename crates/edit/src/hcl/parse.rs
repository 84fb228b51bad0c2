//! From the text of an HCL file to a [`Tree`].

use slipway_core::{Error, ErrorKind, Result};

use super::blocks::{Body, Item, Key};
use super::scan::{Ends, Scanner, Text};
use crate::builder::{Builder, too_deep};
use crate::size::DEEPEST;
use crate::tree::{Style, Tree};

/// Reads an HCL file. Expressions that are no literals are only skipped.
///
/// # Errors
/// [`ErrorKind::InvalidFile`] if it does not parse or is nested too deep, [`ErrorKind::DuplicateKey`] if an attribute is
/// defined twice; the message has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let builder = Builder::new(source);
    let start = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut parser = Parser { scanner: Scanner { source, at: start }, builder };
    let body = parser.body(false, 0)?;
    let mut builder = parser.builder;
    body.emit(&mut builder, start..source.len())?;
    Ok(builder.finish_with_repetitions())
}

struct Parser<'s> {
    scanner: Scanner<'s>,
    builder: Builder<'s>,
}

impl<'s> Parser<'s> {
    /// Attributes and blocks up to the end of the file or block.
    fn body(&mut self, is_block: bool, depth: usize) -> Result<Body<'s>> {
        self.refuse_depth(depth)?;
        let mut body = Body::default();
        let mut names = std::collections::BTreeMap::new();
        loop {
            self.scanner.skip_lines();
            let rest = self.scanner.rest();
            if rest.is_empty() && !is_block || rest.starts_with('}') && is_block {
                return Ok(body);
            }
            let start = self.scanner.at;
            let Some(span) = self.scanner.name() else {
                return Err(self.scanner.error("the name of an attribute or block must stand here"));
            };
            let name = &self.scanner.source[span.clone()];
            let key = Key { value: Some(name.into()), style: Style::Plain, span };
            self.scanner.skip_blanks()?;
            let is_attribute = self.scanner.rest().starts_with('=') && !self.scanner.rest().starts_with("==");
            if is_attribute {
                if let Some(first) = names.insert(name, start) {
                    return Err(self.defined_twice(name, first, start));
                }
                self.scanner.at += 1;
                self.scanner.skip_blanks()?;
                let item = self.value(Ends::Line, depth + 1)?;
                body.attribute(key, item);
            } else {
                let keys = self.labels(key)?;
                let start = self.scanner.at;
                if !self.scanner.take("{") {
                    return Err(self.scanner.error("`=`, `{` or a label must stand here"));
                }
                // Every label is a level of its own.
                let inside = self.body(true, depth + keys.len())?;
                self.scanner.at += 1;
                body.block(keys, Item::Body { body: inside, span: start..self.scanner.at });
            }
            self.scanner.skip_blanks()?;
            let rest = self.scanner.rest();
            let is_end = rest.is_empty() || rest.starts_with('\n') || is_block && rest.starts_with('}');
            if !is_end {
                return Err(self.scanner.error("a line break must stand here"));
            }
        }
    }

    fn labels(&mut self, first: Key<'s>) -> Result<Vec<Key<'s>>> {
        let mut keys = vec![first];
        loop {
            self.refuse_depth(keys.len())?;
            if self.scanner.rest().starts_with('"') {
                let Text { value, span } = self.scanner.string(0)?;
                keys.push(Key { value, style: Style::DoubleQuoted, span });
            } else if let Some(span) = self.scanner.name() {
                let value = Some(self.scanner.source[span.clone()].into());
                keys.push(Key { value, style: Style::Plain, span });
            } else {
                return Ok(keys);
            }
            self.scanner.skip_blanks()?;
        }
    }

    /// A value, which is a literal if nothing follows it that goes on with it.
    fn value(&mut self, ends: Ends, depth: usize) -> Result<Item<'s>> {
        self.refuse_depth(depth)?;
        let start = self.scanner.at;
        if let Some(item) = self.literal(depth)? {
            let behind = self.scanner.at;
            if self.scanner.is_at_end(ends)? {
                self.scanner.at = behind;
                return Ok(item);
            }
        }
        self.scanner.at = start;
        let span = self.scanner.expression(ends, depth)?;
        let is_template = self.scanner.source[span.clone()].starts_with(['"', '<']);
        let noun = if is_template { "a templated value" } else { "a computed value" };
        Ok(Item::Computed { noun, span })
    }

    fn literal(&mut self, depth: usize) -> Result<Option<Item<'s>>> {
        let (start, rest) = (self.scanner.at, self.scanner.rest());
        let text = match rest.chars().next() {
            Some('"') => self.scanner.string(depth)?,
            Some('<') if self.scanner.is_heredoc() => self.scanner.heredoc(depth)?,
            Some('[') => return self.list(depth),
            Some('{') => return self.object(depth),
            Some(c) if c.is_ascii_digit() || c == '-' => {
                self.scanner.at += number_length(rest);
                return Ok((self.scanner.at > start).then(|| self.plain(start)));
            }
            _ => {
                let name = self.scanner.name();
                let is_literal =
                    name.is_some_and(|name| matches!(&self.scanner.source[name], "true" | "false" | "null"));
                return Ok(is_literal.then(|| self.plain(start)));
            }
        };
        let style = if rest.starts_with('"') { Style::DoubleQuoted } else { Style::Literal };
        Ok(Some(match text.value {
            Some(value) => Item::Scalar { value, style, span: text.span },
            None => Item::Computed { noun: "a templated value", span: start..self.scanner.at },
        }))
    }

    fn plain(&self, start: usize) -> Item<'s> {
        let span = start..self.scanner.at;
        Item::Scalar { value: self.scanner.source[span.clone()].into(), style: Style::Plain, span }
    }

    fn list(&mut self, depth: usize) -> Result<Option<Item<'s>>> {
        let start = self.scanner.at;
        self.scanner.at += 1;
        let mut items = Vec::new();
        loop {
            self.scanner.skip_lines();
            if self.scanner.take("]") {
                return Ok(Some(Item::List { items, span: start..self.scanner.at }));
            }
            if items.is_empty() && self.is_for() {
                return Ok(None);
            }
            items.push(self.value(Ends::Comma, depth + 1)?);
            self.scanner.skip_lines();
            if !self.scanner.take(",") && !self.scanner.rest().starts_with(']') {
                return Err(self.scanner.error("`,` or `]` must stand here"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Option<Item<'s>>> {
        let start = self.scanner.at;
        self.scanner.at += 1;
        let mut entries = Vec::new();
        let mut names = std::collections::BTreeMap::new();
        loop {
            self.scanner.skip_lines();
            if self.scanner.take("}") {
                return Ok(Some(Item::Object { entries, span: start..self.scanner.at }));
            }
            if entries.is_empty() && self.is_for() {
                return Ok(None);
            }
            let key = self.object_key(depth)?;
            if let Some(name) = &key.value
                && let Some(first) = names.insert(name.clone(), key.span.start)
            {
                return Err(self.defined_twice(name, first, key.span.start));
            }
            self.scanner.skip_blanks()?;
            if !self.scanner.take("=") && !self.scanner.take(":") {
                return Err(self.scanner.error("`=` must stand here"));
            }
            self.scanner.skip_lines();
            entries.push((key, self.value(Ends::Either, depth + 1)?));
            self.scanner.skip_blanks()?;
            if !self.scanner.take(",") && !self.scanner.rest().starts_with(['\n', '}']) {
                return Err(self.scanner.error("`,`, a line break or `}` must stand here"));
            }
        }
    }

    fn object_key(&mut self, depth: usize) -> Result<Key<'s>> {
        let start = self.scanner.at;
        if self.scanner.rest().starts_with('"') {
            let Text { value, span } = self.scanner.string(depth)?;
            return Ok(Key { value, style: Style::DoubleQuoted, span });
        }
        if self.scanner.take("(") {
            self.scanner.expression(Ends::Comma, depth)?;
            if !self.scanner.take(")") {
                return Err(self.scanner.error("`)` must stand here"));
            }
            return Ok(Key { value: None, style: Style::Plain, span: start..self.scanner.at });
        }
        self.scanner.at += number_length(self.scanner.rest());
        if self.scanner.at == start && self.scanner.name().is_none() {
            return Err(self.scanner.error("a key must stand here"));
        }
        let mut value = Some(self.scanner.source[start..self.scanner.at].into());
        // `var.name` is computed.
        while self.scanner.take(".") && self.scanner.name().is_some() {
            value = None;
        }
        Ok(Key { value, style: Style::Plain, span: start..self.scanner.at })
    }

    /// Whether brackets begin with `for`, which computes what is in them.
    fn is_for(&self) -> bool {
        let rest = self.scanner.rest().strip_prefix("for");
        rest.is_some_and(|rest| {
            let name = rest.trim_start_matches([' ', '\t']);
            name.len() < rest.len() && !name.starts_with(['=', ':', ','])
        })
    }

    fn refuse_depth(&self, depth: usize) -> Result<()> {
        if depth < DEEPEST { Ok(()) } else { Err(too_deep(self.builder.line(self.scanner.at))) }
    }

    fn defined_twice(&self, name: &str, first: usize, second: usize) -> Error {
        let lines = (self.builder.line(first), self.builder.line(second));
        let message = format!("`{}` is defined twice, at lines {} and {}", name.escape_debug(), lines.0, lines.1);
        Error::new(ErrorKind::DuplicateKey, message).hint("HCL allows it once; remove one")
    }
}

/// The length of the number at the start of a text.
pub(super) fn number_length(text: &str) -> usize {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = usize::from(text.starts_with('-'));
    let whole = digits(&text[sign..]);
    if whole == 0 {
        return 0;
    }
    let mut length = sign + whole;
    if text[length..].starts_with('.') {
        let fraction = digits(&text[length + 1..]);
        length += if fraction > 0 { fraction + 1 } else { 0 };
    }
    if text[length..].starts_with(['e', 'E']) {
        let behind = &text[length + 1..];
        let sign = usize::from(behind.starts_with(['+', '-']));
        let exponent = digits(&behind[sign..]);
        length += if exponent > 0 { 1 + sign + exponent } else { 0 };
    }
    length
}
