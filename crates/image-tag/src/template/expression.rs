//! What stands between the braces: a name, or a function with its arguments.

use slipway_core::{Error, ErrorKind, Result};

use super::{Argument, Clock, DEPTH_LIMIT, Date, Expression, Vocabulary};

/// Functions and blocks of Handlebars that are refused by name.
const REFUSED: [&str; 6] = ["each", "with", "lookup", "log", "helperMissing", "blockHelperMissing"];
/// The time zone of a date that names none.
const UTC: &str = "UTC";

/// Reads one expression after the other out of a text.
pub(super) struct Reader<'a> {
    pub(super) rest: &'a str,
    pub(super) vocabulary: &'a Vocabulary,
}

/// A function's name with what it is given.
pub(super) struct Call {
    name: String,
    arguments: Vec<Argument>,
    named: Vec<(String, Argument)>,
}

enum Token {
    Open,
    Close,
    Equals,
    Text(String),
    Word(String),
}

impl<'a> Reader<'a> {
    /// Reads up to the closing braces, which are not taken.
    pub(super) fn call(&mut self, depth: usize) -> Result<Call> {
        if depth > DEPTH_LIMIT {
            return Err(invalid(format!("parentheses nest deeper than {DEPTH_LIMIT}")));
        }
        let name = match self.token()? {
            Some(Token::Text(name)) => name,
            Some(Token::Word(word)) => path(&word)?,
            None | Some(Token::Close) => return Err(invalid("an expression has no name")),
            Some(Token::Open | Token::Equals) => return Err(invalid("an expression starts with no name")),
        };
        let mut call = Call { name, arguments: Vec::new(), named: Vec::new() };
        loop {
            let before = self.rest;
            let argument = match self.token()? {
                None => return Ok(call),
                Some(Token::Close) => {
                    self.rest = before;
                    return Ok(call);
                }
                Some(Token::Word(word)) if self.takes_equals()? => {
                    let value = match self.token()? {
                        Some(token) => self.argument(token, depth)?,
                        None => return Err(invalid(format!("`{word}=` has no value"))),
                    };
                    call.named.push((word, value));
                    continue;
                }
                Some(token) => self.argument(token, depth)?,
            };
            if !call.named.is_empty() {
                return Err(invalid("what has a name, such as `tz='…'`, comes last"));
            }
            call.arguments.push(argument);
        }
    }

    fn argument(&mut self, token: Token, depth: usize) -> Result<Argument> {
        Ok(match token {
            Token::Text(text) => Argument::Text(text),
            Token::Open => {
                let call = self.call(depth + 1)?;
                match self.token()? {
                    Some(Token::Close) => Argument::Value(call.into_expression(self.vocabulary)?),
                    _ => return Err(invalid("a `(` has no `)`")),
                }
            }
            Token::Word(word) => match word.as_str() {
                "true" => Argument::Boolean(true),
                "false" => Argument::Boolean(false),
                "null" | "undefined" => Argument::Nothing,
                number if is_number(number) => Argument::Number(word),
                _ => Argument::Value(Expression::Name(path(&word)?)),
            },
            Token::Close | Token::Equals => return Err(invalid("there is a `)` or `=` without anything before it")),
        })
    }

    fn takes_equals(&mut self) -> Result<bool> {
        let before = self.rest;
        if matches!(self.token()?, Some(Token::Equals)) {
            return Ok(true);
        }
        self.rest = before;
        Ok(false)
    }

    /// The next token; nothing at the closing braces or the end.
    fn token(&mut self) -> Result<Option<Token>> {
        self.rest = self.rest.trim_start();
        let Some(first) = self.rest.chars().next() else { return Ok(None) };
        if first == '}' || self.rest.starts_with("~}") {
            return Ok(None);
        }
        let single = match first {
            '(' => Token::Open,
            ')' => Token::Close,
            '=' => Token::Equals,
            '"' | '\'' => return self.quoted(first).map(Some),
            _ => {
                let ends =
                    |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '(' | ')' | '=' | '~' | '{' | '}' | '|');
                let end = self.rest.find(ends).unwrap_or(self.rest.len());
                if end == 0 {
                    return Err(invalid(format!("`{first}` is not known in an expression")));
                }
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Ok(Some(Token::Word(word.into())));
            }
        };
        self.rest = &self.rest[1..];
        Ok(Some(single))
    }

    /// A text in quotes; a backslash before the quote keeps it from ending the text.
    fn quoted(&mut self, quote: char) -> Result<Token> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1).peekable();
        while let Some((at, character)) = characters.next() {
            if character == '\\' && characters.next_if(|(_, next)| *next == quote).is_some() {
                text.push(quote);
            } else if character == quote {
                self.rest = &self.rest[at + 1..];
                return Ok(Token::Text(text));
            } else {
                text.push(character);
            }
        }
        Err(invalid("a text in quotes has no end"))
    }
}

impl Call {
    /// The condition of a block, which is the block's only argument.
    pub(super) fn into_condition(mut self) -> Result<Argument> {
        match (self.arguments.pop(), self.arguments.is_empty() && self.named.is_empty()) {
            (Some(condition), true) => Ok(condition),
            _ => Err(invalid(format!("`{{{{#{0}}}}}` takes exactly one condition", self.name))),
        }
    }

    /// The name that was called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn into_expression(self, vocabulary: &Vocabulary) -> Result<Expression> {
        let Self { name, arguments, named } = self;
        if REFUSED.contains(&name.as_str()) {
            return Err(invalid(format!("`{{{{{name}}}}}` is left out on purpose")));
        }
        let clock = match name.as_str() {
            "date" if vocabulary.dates => Clock::Now,
            "commit_date" if vocabulary.dates => Clock::Commit,
            _ if arguments.is_empty() && named.is_empty() => return Ok(Expression::Name(name)),
            // Where there are dates, names are functions too in docker/metadata-action, and take no notice of what they are given.
            _ if vocabulary.dates && vocabulary.names.contains(&name.as_str()) => return Ok(Expression::Name(name)),
            _ => return Err(invalid(format!("`{name}` is no function that can be called here"))),
        };
        let Ok([format]) = <[Argument; 1]>::try_from(arguments) else {
            return Err(invalid(format!("`{name}` takes exactly one format, such as `{{{{{name} 'YYYYMMDD'}}}}`")));
        };
        let mut zone = UTC.to_owned();
        for (key, value) in named {
            match (key.as_str(), value) {
                ("tz", Argument::Text(name)) if !name.is_empty() => zone = name,
                ("tz", _) => return Err(invalid("`tz` takes a time zone in quotes, such as `tz='Europe/Berlin'`")),
                _ => return Err(invalid(format!("`{name}` takes `tz` and not `{key}`"))),
            }
        }
        Ok(Expression::Date(Date { clock, format: Box::new(format), zone }))
    }
}

/// Digits, with a sign before them and a fraction after them if need be.
fn is_number(word: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = word.split_once('.').unwrap_or((word, "0"));
    digits(whole.strip_prefix('-').unwrap_or(whole)) && digits(fraction)
}

/// A name, which may be qualified by where it stands: `this.branch`, `@root.branch` and `branch` are the same.
fn path(word: &str) -> Result<String> {
    if let Some(bad) = word.chars().find(|c| "!\"#%&'*+,;<>\\^`".contains(*c)) {
        return Err(invalid(format!("`{bad}` is not known in an expression")));
    }
    if word.starts_with("..") {
        return Ok(word.into());
    }
    let is_here = |part: &&str| !matches!(*part, "" | "this" | "@root");
    let parts: Vec<&str> = word.split(['.', '/']).filter(is_here).collect();
    let bare = |part: &str| part.strip_prefix('[').and_then(|part| part.strip_suffix(']')).unwrap_or(part).to_owned();
    Ok(match parts.as_slice() {
        [only] => bare(only),
        _ => word.into(),
    })
}

pub(super) fn invalid(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, why).hint(
        "an expression is a name such as `{{branch}}`, a date such as `{{date 'YYYYMMDD'}}`, or a block such as \
         `{{#if tag}}…{{else}}…{{/if}}`",
    )
}
