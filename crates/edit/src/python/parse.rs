//! From the logical lines of a Python module to a [`Tree`] of its assignments.

use std::ops::Range;

use slipway_core::Result;

use super::literal;
use crate::builder::{Builder, invalid};
use crate::tree::{Kind, Layout, Style, Tree};

/// Reads a Python module.
///
/// # Errors
/// [`slipway_core::ErrorKind::InvalidFile`] if a string or bracket is not closed; the message has the line.
pub(super) fn parse(source: &str) -> Result<Tree<'_>> {
    let mut builder = Builder::new(source);
    builder.open(Kind::Mapping(Layout::Block), 0)?;
    let start = source.len() - source.trim_start_matches('\u{feff}').len();
    let mut tokens = Tokens { source, at: start };
    let mut statement = Vec::new();
    let mut brackets = Vec::new();
    loop {
        let token = tokens.next()?;
        match token.kind {
            TokenKind::Opening => brackets.push(token.span.start),
            TokenKind::Closing => drop(brackets.pop()),
            TokenKind::Line if !brackets.is_empty() => continue,
            _ => {}
        }
        match token.kind {
            TokenKind::Line | TokenKind::Semicolon | TokenKind::End => {
                assignment(&mut builder, source, &statement);
                statement.clear();
            }
            // Enough to tell an assignment of one literal from everything else.
            _ if statement.len() < LONGEST => statement.push(token.clone()),
            _ => {}
        }
        if token.kind == TokenKind::End {
            break;
        }
    }
    match brackets.first() {
        Some(&at) => Err(invalid("Python module", source, at, "a bracket that is not closed")),
        None => Ok(builder.finish()),
    }
}

/// The most tokens of a statement that are looked at.
const LONGEST: usize = 64;

/// Notes `name = …` and `name: type = …` at the start of a line.
fn assignment<'s>(builder: &mut Builder<'s>, source: &'s str, statement: &[Token]) {
    let Some(name) = statement.first().filter(|token| token.kind == TokenKind::Name) else { return };
    // Behind a blank or a semicolon it may belong to a block.
    let is_at_line_start = source[..name.span.start].trim_start_matches('\u{feff}').is_empty()
        || source[..name.span.start].ends_with(['\n', '\r']);
    let rest = match statement.get(1).map(|token| token.kind) {
        Some(TokenKind::Assign) => &statement[2..],
        Some(TokenKind::Colon) => match statement.iter().position(|token| token.kind == TokenKind::Assign) {
            Some(assign) if !is_keyword(&source[name.span.clone()]) => &statement[assign + 1..],
            _ => return,
        },
        _ => return,
    };
    let (Some(first), Some(last), true) = (rest.first(), rest.last(), is_at_line_start) else { return };
    builder.scalar(&source[name.span.clone()], Style::Plain, name.span.clone());
    let span = first.span.start..last.span.end;
    let noun = match rest {
        [token] if token.kind == TokenKind::String => {
            let raw = &source[span.clone()];
            match literal::read(raw) {
                Ok(value) => {
                    let style = if raw.ends_with('"') { Style::DoubleQuoted } else { Style::SingleQuoted };
                    builder.scalar(value, style, span);
                    return;
                }
                Err(noun) => noun,
            }
        }
        _ if rest.iter().all(|token| token.kind == TokenKind::String) => "a concatenation of strings",
        _ => "an expression",
    };
    builder.opaque(noun, span);
}

/// Words that `:` may follow without being an annotation.
fn is_keyword(name: &str) -> bool {
    matches!(name, "else" | "try" | "finally" | "lambda")
}

#[derive(Clone)]
struct Token {
    kind: TokenKind,
    span: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum TokenKind {
    Name,
    /// With its prefix.
    String,
    /// A single `=`.
    Assign,
    Colon,
    Semicolon,
    Opening,
    Closing,
    /// The end of a line.
    Line,
    Other,
    End,
}

struct Tokens<'s> {
    source: &'s str,
    at: usize,
}

impl Tokens<'_> {
    fn next(&mut self) -> Result<Token> {
        self.skip_blanks();
        let start = self.at;
        let rest = &self.source[start..];
        let Some(c) = rest.chars().next() else {
            return Ok(Token { kind: TokenKind::End, span: start..start });
        };
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || !c.is_ascii();
        let (kind, length) = match c {
            '\n' => (TokenKind::Line, 1),
            '\r' => (TokenKind::Line, if rest.starts_with("\r\n") { 2 } else { 1 }),
            '"' | '\'' => (TokenKind::String, self.string(0)?),
            c if is_name(c) => {
                let length = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let is_prefix = length <= 2 && rest[..length].bytes().all(|byte| b"rRbBuUfFtT".contains(&byte));
                match rest[length..].chars().next() {
                    Some('"' | '\'') if is_prefix => (TokenKind::String, self.string(length)?),
                    _ if c.is_ascii_digit() => (TokenKind::Other, length),
                    _ => (TokenKind::Name, length),
                }
            }
            '=' if rest.starts_with("==") => (TokenKind::Other, 2),
            '=' => (TokenKind::Assign, 1),
            ':' if rest.starts_with(":=") => (TokenKind::Other, 2),
            ':' => (TokenKind::Colon, 1),
            ';' => (TokenKind::Semicolon, 1),
            '(' | '[' | '{' => (TokenKind::Opening, 1),
            ')' | ']' | '}' => (TokenKind::Closing, 1),
            '!' | '<' | '>' | '+' | '-' | '*' | '/' | '%' | '&' | '|' | '^' | '@' if rest[1..].starts_with('=') => {
                (TokenKind::Other, 2)
            }
            c => (TokenKind::Other, c.len_utf8()),
        };
        self.at = start + length;
        Ok(Token { kind, span: start..self.at })
    }

    /// Skips blanks, comments and continued line ends.
    fn skip_blanks(&mut self) {
        loop {
            let rest = &self.source[self.at..];
            let length = match rest.as_bytes() {
                [b' ' | b'\t' | 0x0c, ..] => 1,
                [b'#', ..] => rest.find(['\r', '\n']).unwrap_or(rest.len()),
                [b'\\', b'\r', b'\n', ..] => 3,
                [b'\\', b'\r' | b'\n', ..] => 2,
                _ => return,
            };
            self.at += length;
        }
    }

    /// The length of the string literal here, whose quotes stand behind a prefix.
    fn string(&self, prefix: usize) -> Result<usize> {
        let rest = &self.source[self.at + prefix..];
        let quotes = literal::quotes(rest);
        let bytes = rest.as_bytes();
        let mut at = quotes.len();
        while at < bytes.len() {
            if rest.is_char_boundary(at) && rest[at..].starts_with(quotes) {
                return Ok(prefix + at + quotes.len());
            }
            match bytes[at] {
                b'\r' | b'\n' if quotes.len() == 1 => break,
                b'\\' if bytes[at + 1..].starts_with(b"\r\n") => at += 3,
                b'\\' => at += 2,
                _ => at += 1,
            }
        }
        Err(invalid("Python module", self.source, self.at, "a string that is not closed"))
    }
}
