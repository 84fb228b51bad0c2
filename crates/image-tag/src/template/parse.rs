//! From a text to a tree: what is plain, what is an expression, and which block ends where.

use slipway_core::Result;

use super::expression::{Reader, invalid};
use super::{Argument, DEPTH_LIMIT, Node, Vocabulary};

/// Parses a whole text.
pub(super) fn nodes(text: &str, vocabulary: &Vocabulary) -> Result<Vec<Node>> {
    let mut parser = Parser { reader: Reader { rest: text, vocabulary }, trims: false };
    match parser.block(0).map_err(|error| error.context(format!("`{text}`")))? {
        (nodes, Stop::End) => Ok(nodes),
        (_, stop) => Err(invalid(format!("{} stands outside of a block", stop.shown())).context(format!("`{text}`"))),
    }
}

struct Parser<'a> {
    reader: Reader<'a>,
    /// Whether the last expression takes the white space after it away.
    trims: bool,
}

/// What ends a sequence of nodes.
enum Stop {
    End,
    /// `{{else}}` or `{{^}}`.
    Else,
    /// `{{else if …}}` or `{{else unless …}}`.
    ElseBlock(Condition),
    /// `{{/name}}`.
    Close(String),
}

impl Stop {
    fn shown(&self) -> String {
        match self {
            Self::End => "the end".into(),
            Self::Else | Self::ElseBlock(_) => "`{{else}}`".into(),
            Self::Close(name) => format!("`{{{{/{name}}}}}`"),
        }
    }
}

struct Condition {
    name: String,
    argument: Argument,
    negated: bool,
}

impl Condition {
    fn into_node(self, first: Vec<Node>, second: Vec<Node>) -> Node {
        let (holds, otherwise) = if self.negated { (second, first) } else { (first, second) };
        Node::Choice { condition: self.argument, holds, otherwise }
    }
}

impl<'a> Parser<'a> {
    /// Nodes up to what ends them, which is taken.
    fn block(&mut self, depth: usize) -> Result<(Vec<Node>, Stop)> {
        if depth > DEPTH_LIMIT {
            return Err(invalid(format!("blocks nest deeper than {DEPTH_LIMIT}")));
        }
        let mut nodes = Vec::new();
        while let Some(start) = self.reader.rest.find("{{") {
            let (before, opened) = self.reader.rest.split_at(start);
            let (before, is_escaped) = match before.strip_suffix('\\') {
                // Two backslashes are one, before an expression that counts.
                Some(one) if one.ends_with('\\') => (one, false),
                Some(plain) => (plain, true),
                None => (before, false),
            };
            if is_escaped {
                self.text(&mut nodes, before);
                push(&mut nodes, "{{");
                self.reader.rest = &opened[2..];
                continue;
            }
            let inner = &opened[2..];
            let trimmed = inner.strip_prefix('~');
            let before = if trimmed.is_some() { before.trim_end() } else { before };
            self.text(&mut nodes, before);
            self.reader.rest = trimmed.unwrap_or(inner);
            if let Some(stop) = self.expression(&mut nodes, depth)? {
                return Ok((nodes, stop));
            }
        }
        let rest = std::mem::take(&mut self.reader.rest);
        self.text(&mut nodes, rest);
        Ok((nodes, Stop::End))
    }

    fn text(&mut self, nodes: &mut Vec<Node>, text: &str) {
        push(nodes, if std::mem::take(&mut self.trims) { text.trim_start() } else { text });
    }

    /// One expression, after its opening braces.
    fn expression(&mut self, nodes: &mut Vec<Node>, depth: usize) -> Result<Option<Stop>> {
        let rest = self.reader.rest;
        let refuse = |what: &str| Err(invalid(format!("{what} are left out on purpose")));
        match rest.as_bytes().first() {
            Some(b'!') => return self.comment(rest).map(|()| None),
            Some(b'>') => return refuse("partials (`{{>`)"),
            Some(b'*') => return refuse("decorators (`{{*`)"),
            Some(b'{') if rest.starts_with("{{") => return refuse("raw blocks (`{{{{`)"),
            Some(b'{') => {
                self.reader.rest = &rest[1..];
                let call = self.reader.call(0)?;
                nodes.push(Node::Value(call.into_expression(self.reader.vocabulary)?));
                return self.close("}").map(|()| None);
            }
            Some(b'#') => {
                if rest[1..].starts_with(['>', '*']) {
                    return refuse("partials and decorators (`{{#>`, `{{#*`)");
                }
                let condition = self.condition(&rest[1..], false)?;
                nodes.push(self.rest_of_block(condition, depth)?);
                return Ok(None);
            }
            Some(b'/') => {
                self.reader.rest = &rest[1..];
                let call = self.reader.call(0)?;
                self.close("")?;
                return Ok(Some(Stop::Close(call.name().into())));
            }
            Some(b'^') => {
                let after = rest[1..].trim_start();
                if after.starts_with(['}', '~']) {
                    self.reader.rest = after;
                    self.close("")?;
                    return Ok(Some(Stop::Else));
                }
                let condition = self.condition(&rest[1..], true)?;
                nodes.push(self.rest_of_block(condition, depth)?);
                return Ok(None);
            }
            _ => {}
        }
        if let Some(after) = rest.trim_start().strip_prefix("else") {
            let after_space = after.trim_start();
            if after_space.starts_with(['}', '~']) {
                self.reader.rest = after_space;
                self.close("")?;
                return Ok(Some(Stop::Else));
            }
            if after_space.len() < after.len() {
                return self.condition(after_space, false).map(|condition| Some(Stop::ElseBlock(condition)));
            }
        }
        self.reader.rest = rest.strip_prefix('&').unwrap_or(rest);
        let call = self.reader.call(0)?;
        if matches!(call.name(), "if" | "unless") {
            return Err(invalid(format!("`{0}` is a block: `{{{{#{0} …}}}}…{{{{/{0}}}}}`", call.name())));
        }
        nodes.push(Node::Value(call.into_expression(self.reader.vocabulary)?));
        self.close("").map(|()| None)
    }

    /// The head of a block, after its sign and with its closing braces.
    fn condition(&mut self, rest: &'a str, negated: bool) -> Result<Condition> {
        self.reader.rest = rest;
        let call = self.reader.call(0)?;
        let name = call.name().to_owned();
        let negated = match name.as_str() {
            "if" => negated,
            "unless" => !negated,
            _ => return Err(invalid(format!("the block `{{{{#{name}}}}}` is left out on purpose"))),
        };
        let argument = call.into_condition()?;
        self.close("")?;
        Ok(Condition { name, argument, negated })
    }

    /// What follows the head of a block, up to its end.
    fn rest_of_block(&mut self, condition: Condition, depth: usize) -> Result<Node> {
        let name = condition.name.clone();
        let no_end = |stop: &Stop| invalid(format!("`{{{{#{name}}}}}` ends with {}", stop.shown()));
        // Every `else if` is one more choice inside the other side of the one before it.
        let mut chain = vec![(condition, Vec::new())];
        let mut last = None;
        loop {
            if chain.len() > DEPTH_LIMIT {
                return Err(invalid(format!("more than {DEPTH_LIMIT} `{{{{else if}}}}` in a row")));
            }
            let (nodes, stop) = self.block(depth + 1)?;
            match (&mut last, chain.last_mut()) {
                (Some(otherwise), _) => *otherwise = nodes,
                (None, Some((_, first))) => *first = nodes,
                (None, None) => {}
            }
            match stop {
                Stop::Close(closed) if closed == name => break,
                Stop::Else if last.is_none() => last = Some(Vec::new()),
                Stop::ElseBlock(next) if last.is_none() => chain.push((next, Vec::new())),
                stop => return Err(no_end(&stop)),
            }
        }
        let mut otherwise = last.unwrap_or_default();
        while let Some((condition, first)) = chain.pop() {
            let node = condition.into_node(first, otherwise);
            if chain.is_empty() {
                return Ok(node);
            }
            otherwise = vec![node];
        }
        Err(no_end(&Stop::End))
    }

    /// `{{! … }}` or `{{!-- … --}}`, after its opening braces.
    fn comment(&mut self, rest: &'a str) -> Result<()> {
        let close = if rest.starts_with("!--") { "--" } else { "" };
        let mut from = 1 + close.len();
        while let Some(found) = rest.get(from..).and_then(|rest| rest.find("}}")) {
            let inner = &rest[..from + found];
            let plain = inner.strip_suffix('~').unwrap_or(inner);
            if plain.ends_with(close) && plain.len() > close.len() {
                self.trims = plain.len() < inner.len();
                self.reader.rest = &rest[inner.len() + 2..];
                return Ok(());
            }
            from += found + 1;
        }
        Err(invalid("a comment has no end"))
    }

    /// The closing braces.
    fn close(&mut self, more: &str) -> Result<()> {
        let rest = self.reader.rest.trim_start();
        let rest = rest.strip_prefix(more);
        let trimmed = rest.and_then(|rest| rest.strip_prefix('~'));
        match trimmed.or(rest).and_then(|rest| rest.strip_prefix("}}")) {
            Some(after) if !(more.is_empty() && after.starts_with('}')) => {
                self.trims = trimmed.is_some();
                self.reader.rest = after;
                Ok(())
            }
            Some(_) => Err(invalid("an expression ends with more braces than it starts with")),
            None => Err(invalid("an expression has no end")),
        }
    }
}

/// Adds plain text, to that before it if there is any.
fn push(nodes: &mut Vec<Node>, text: &str) {
    match nodes.last_mut() {
        _ if text.is_empty() => {}
        Some(Node::Text(before)) => before.push_str(text),
        _ => nodes.push(Node::Text(text.into())),
    }
}
