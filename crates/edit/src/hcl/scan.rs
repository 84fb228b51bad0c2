//! The words of HCL: names, strings, heredocs, and expressions that are only skipped.

use std::borrow::Cow;
use std::ops::Range;

use slipway_core::{Error, Result};

use crate::builder::invalid;
use crate::size::DEEPEST;
use crate::trivia::HASH_AND_SLASHES;

/// A place in an HCL file.
pub(super) struct Scanner<'s> {
    pub(super) source: &'s str,
    pub(super) at: usize,
}

/// A string or heredoc: its decoded text, unless it is computed.
pub(super) struct Text<'s> {
    pub(super) value: Option<Cow<'s, str>>,
    pub(super) span: Range<usize>,
}

/// What ends an expression, besides the bracket around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ends {
    /// A line break, as of an attribute.
    Line,
    /// A comma, as of an item of a list.
    Comma,
    /// Either, as of an entry of an object.
    Either,
}

impl Ends {
    fn at_line_break(self) -> bool {
        self != Self::Comma
    }

    fn at_comma(self) -> bool {
        self != Self::Line
    }
}

impl<'s> Scanner<'s> {
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    pub(super) fn error(&self, reason: impl std::fmt::Display) -> Error {
        invalid("HCL", self.source, self.at, reason)
    }

    pub(super) fn take(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        self.at += if is_next { text.len() } else { 0 };
        is_next
    }

    /// Skips blanks, comments and line breaks.
    pub(super) fn skip_lines(&mut self) {
        self.at = HASH_AND_SLASHES.skip(self.source, self.at);
    }

    /// Skips blanks and comments up to the end of the line.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::InvalidFile`] if a comment is not closed.
    pub(super) fn skip_blanks(&mut self) -> Result<()> {
        loop {
            let rest = self.rest().trim_start_matches([' ', '\t', '\r']);
            self.at = self.source.len() - rest.len();
            if rest.starts_with('#') || rest.starts_with("//") {
                self.at += rest.find('\n').unwrap_or(rest.len());
            } else if rest.starts_with("/*") {
                let end = rest.find("*/").ok_or_else(|| self.error("a comment that is not closed"))?;
                self.at += end + 2;
            } else {
                return Ok(());
            }
        }
    }

    pub(super) fn name(&mut self) -> Option<Range<usize>> {
        let rest = self.rest();
        let is_start = |c: char| c.is_alphabetic() || c == '_';
        let end = rest.find(|c: char| !(is_start(c) || c.is_numeric() || c == '-')).unwrap_or(rest.len());
        let span = self.at..self.at + end;
        rest.starts_with(is_start).then(|| {
            self.at = span.end;
            span
        })
    }

    /// `"…"`
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::InvalidFile`] if it is not closed, or holds an escape that HCL does not know.
    pub(super) fn string(&mut self, depth: usize) -> Result<Text<'s>> {
        let start = self.at;
        self.at += 1;
        let mut is_computed = false;
        loop {
            let rest = self.rest();
            let stop = rest.find(['"', '\\', '\n', '$', '%']).ok_or_else(|| self.error("a string is not closed"))?;
            self.at += stop;
            match rest.as_bytes()[stop] {
                b'"' => break,
                b'\n' => return Err(self.error("a line break in a string")),
                b'\\' => self.at += 1 + self.rest()[1..].chars().next().map_or(0, char::len_utf8),
                _ => is_computed |= self.marker(depth)?,
            }
        }
        let inside = &self.source[start + 1..self.at];
        self.at += 1;
        let span = start..self.at;
        let value = if is_computed { None } else { Some(self.unescaped(inside, start + 1)?) };
        Ok(Text { value, span })
    }

    /// A `$` or `%` in text: whether it begins what is computed, which is skipped.
    fn marker(&mut self, depth: usize) -> Result<bool> {
        let rest = self.rest();
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            self.at += 3;
            return Ok(false);
        }
        self.at += 1;
        if !rest[1..].starts_with('{') {
            return Ok(false);
        }
        self.at += 1;
        self.brackets(depth + 1)?;
        Ok(true)
    }

    /// Skips up to the bracket that closes the open one, and over it.
    fn brackets(&mut self, depth: usize) -> Result<()> {
        if depth > DEEPEST {
            return Err(self.error(format!("it is nested deeper than {DEEPEST} brackets")));
        }
        let start = self.at;
        loop {
            self.skip_lines();
            let Some(next) = self.rest().chars().next() else {
                self.at = start - 1;
                return Err(self.error("a bracket is not closed"));
            };
            match next {
                '}' | ']' | ')' => {
                    self.at += 1;
                    return Ok(());
                }
                _ => self.word(next, depth)?,
            }
        }
    }

    /// Skips one word of an expression, with all that is in its brackets.
    fn word(&mut self, next: char, depth: usize) -> Result<()> {
        match next {
            '"' => drop(self.string(depth + 1)?),
            '{' | '[' | '(' => {
                self.at += 1;
                self.brackets(depth + 1)?;
            }
            '<' if self.is_heredoc() => drop(self.heredoc(depth)?),
            _ if self.name().is_some() => {}
            other => self.at += other.len_utf8(),
        }
        Ok(())
    }

    /// Skips an expression.
    pub(super) fn expression(&mut self, ends: Ends, depth: usize) -> Result<Range<usize>> {
        let start = self.at;
        let mut end = start;
        while !self.is_at_end(ends)? {
            let Some(next) = self.rest().chars().next() else { break };
            self.word(next, depth)?;
            end = self.at;
        }
        if end == start { Err(self.error("a value is missing")) } else { Ok(start..end) }
    }

    /// Skips blanks, and says whether an expression ends here.
    pub(super) fn is_at_end(&mut self, ends: Ends) -> Result<bool> {
        if ends.at_line_break() {
            self.skip_blanks()?
        } else {
            self.skip_lines()
        }
        let rest = self.rest();
        Ok(match rest.chars().next() {
            None | Some('}' | ']' | ')') => true,
            Some('\n') => ends.at_line_break(),
            Some(',') => ends.at_comma(),
            _ => false,
        })
    }

    pub(super) fn is_heredoc(&self) -> bool {
        let rest = self.rest();
        rest.strip_prefix("<<").is_some_and(|rest| {
            rest.strip_prefix('-').unwrap_or(rest).starts_with(|c: char| c.is_alphabetic() || c == '_')
        })
    }

    /// `<<EOT` and the lines up to `EOT`. The span is that of the content, without the indentation of its first line
    /// and without its last line break.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::InvalidFile`] if it is not closed.
    pub(super) fn heredoc(&mut self, depth: usize) -> Result<Text<'s>> {
        let start = self.at;
        self.at += 2;
        let is_indented = self.take("-");
        let unclosed = |scanner: &mut Self| {
            scanner.at = start;
            scanner.error("a heredoc is not closed")
        };
        let Some(name) = self.name() else { return Err(unclosed(self)) };
        let name = &self.source[name];
        let break_at = self.rest().find('\n').filter(|&end| self.rest()[..end].trim().is_empty());
        let Some(break_at) = break_at else { return Err(unclosed(self)) };
        let content = self.at + break_at + 1;
        let mut end = content;
        let mut indent = usize::MAX;
        for line in self.source[content..].split_inclusive('\n') {
            if line.trim() == name {
                self.at = end + line.len() - line.trim_start().len() + name.len();
                let lines = &self.source[content..end];
                let is_computed = self.is_computed(lines, content, depth)?;
                let indent = if is_indented && indent < usize::MAX { indent } else { 0 };
                let first = lines.len() - lines.trim_start_matches(['\r', '\n']).len();
                let first = lines[..first].rfind('\n').map_or(0, |end| end + 1);
                let text: String = lines.split_inclusive('\n').map(|line| without_indent(line, indent)).collect();
                let text = text.replace("\r\n", "\n").replace("$${", "${").replace("%%{", "%{");
                let visible = lines.trim_end().len();
                let last = visible + lines[visible..].find(['\r', '\n']).unwrap_or(0);
                let span = content + (first + indent).min(last)..content + last;
                return Ok(Text { value: (!is_computed).then_some(text.into()), span });
            }
            if !line.trim().is_empty() {
                indent = indent.min(line.len() - line.trim_start_matches([' ', '\t']).len());
            }
            end += line.len();
        }
        Err(unclosed(self))
    }

    fn is_computed(&self, lines: &str, content: usize, depth: usize) -> Result<bool> {
        let mut inside = Scanner { source: &self.source[..content + lines.len()], at: content };
        let mut is_computed = false;
        while let Some(stop) = inside.rest().find(['$', '%']) {
            inside.at += stop;
            is_computed |= inside.marker(depth)?;
        }
        Ok(is_computed)
    }

    fn unescaped(&self, inside: &'s str, start: usize) -> Result<Cow<'s, str>> {
        if !inside.contains(['\\', '$', '%']) {
            return Ok(inside.into());
        }
        let mut text = String::with_capacity(inside.len());
        let mut rest = inside;
        while let Some(c) = rest.chars().next() {
            if let Some(behind) = rest.strip_prefix("$${").or_else(|| rest.strip_prefix("%%{")) {
                text.extend([c, '{']);
                rest = behind;
                continue;
            }
            let place = start + inside.len() - rest.len();
            rest = &rest[c.len_utf8()..];
            if c != '\\' {
                text.push(c);
                continue;
            }
            let wrong = || invalid("HCL", self.source, place, "an escape that HCL does not know");
            let escape = rest.chars().next().ok_or_else(wrong)?;
            rest = &rest[escape.len_utf8()..];
            text.push(match escape {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                '"' | '\\' => escape,
                'u' | 'U' => {
                    let length = if escape == 'u' { 4 } else { 8 };
                    let digits = rest.get(..length).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
                    let number = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                    rest = &rest[length.min(rest.len())..];
                    number.and_then(char::from_u32).ok_or_else(wrong)?
                }
                _ => return Err(wrong()),
            });
        }
        Ok(text.into())
    }
}

fn without_indent(line: &str, indent: usize) -> &str {
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    &line[blanks.min(indent)..]
}
