//! The syntax of JavaScript's regular expressions.

use crate::{Error, Result};

use super::escape::Escape;
use super::set::Set;
use super::{Flags, invalid};

/// How deep groups may be nested.
const DEEPEST: usize = 100;

/// A part of an expression.
#[derive(Clone, Debug)]
pub(super) enum Node {
    /// One character of these.
    Set(Set),
    /// A place, not a character.
    Assertion(Assertion),
    /// A group that keeps what it matched.
    Capture(Box<Node>),
    /// One after the other.
    Sequence(Vec<Node>),
    /// One of them, the first that fits.
    Choice(Vec<Node>),
    /// The same several times.
    Repeat { node: Box<Node>, least: u32, most: Option<u32>, is_lazy: bool },
}

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Assertion {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordBoundary,
    NoWordBoundary,
}

impl Node {
    /// Whether a group inside keeps what it matched.
    pub(super) fn has_capture(&self) -> bool {
        match self {
            Self::Set(_) | Self::Assertion(_) => false,
            Self::Capture(_) => true,
            Self::Sequence(nodes) | Self::Choice(nodes) => nodes.iter().any(Self::has_capture),
            Self::Repeat { node, .. } => node.has_capture(),
        }
    }
}

/// Parses an expression.
pub(super) fn parse(source: &str, flags: Flags) -> Result<Node> {
    let groups = Groups::count(source);
    let mut parser = Parser { rest: source, flags, groups, depth: 0 };
    let node = parser.choice()?;
    if parser.rest.is_empty() { Ok(node) } else { Err(parser.wrong("a `)` closes nothing")) }
}

/// What the meaning of `\1` and `\k` depends on.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Groups {
    pub(super) count: u32,
    pub(super) has_names: bool,
}

impl Groups {
    fn count(source: &str) -> Self {
        let mut groups = Self::default();
        let mut is_in_class = false;
        let mut rest = source.chars();
        while let Some(character) = rest.next() {
            match character {
                '\\' => drop(rest.next()),
                '[' => is_in_class = true,
                ']' => is_in_class = false,
                '(' if !is_in_class => {
                    let after = rest.as_str();
                    let is_named = after.starts_with("?<") && !after.starts_with("?<=") && !after.starts_with("?<!");
                    groups.has_names |= is_named;
                    groups.count += u32::from(is_named || !after.starts_with('?'));
                }
                _ => {}
            }
        }
        groups
    }
}

/// Reads from left to right; `rest` is what is left.
pub(super) struct Parser<'s> {
    pub(super) rest: &'s str,
    pub(super) flags: Flags,
    pub(super) groups: Groups,
    depth: usize,
}

impl Parser<'_> {
    pub(super) fn eat(&mut self, start: &str) -> bool {
        match self.rest.strip_prefix(start) {
            Some(after) => {
                self.rest = after;
                true
            }
            None => false,
        }
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let mut rest = self.rest.chars();
        let next = rest.next();
        self.rest = rest.as_str();
        next
    }

    /// A mistake, and where.
    pub(super) fn wrong(&self, what: impl std::fmt::Display) -> Error {
        let place: String = self.rest.chars().take(20).collect();
        invalid(if place.is_empty() { format!("{what} at its end") } else { format!("{what} at `{place}`") })
            .hint("put a backslash before a character that is meant as it is")
    }

    fn choice(&mut self) -> Result<Node> {
        let mut options = vec![self.sequence()?];
        while self.eat("|") {
            options.push(self.sequence()?);
        }
        Ok(if options.len() == 1 { options.remove(0) } else { Node::Choice(options) })
    }

    fn sequence(&mut self) -> Result<Node> {
        let mut nodes = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let node = match self.assertion() {
                Some(assertion) => Node::Assertion(assertion),
                None => self.atom()?,
            };
            let before = self.rest;
            nodes.push(match (self.quantifier()?, node) {
                (None, node) => node,
                (Some(_), Node::Assertion(_)) => {
                    self.rest = before;
                    return Err(self.wrong("there is nothing to repeat"));
                }
                (Some((least, most)), node) => {
                    Node::Repeat { node: Box::new(node), least, most, is_lazy: self.eat("?") }
                }
            });
        }
        Ok(Node::Sequence(nodes))
    }

    fn assertion(&mut self) -> Option<Assertion> {
        let multiline = self.flags.multiline;
        let assertions = [
            ("^", if multiline { Assertion::LineStart } else { Assertion::TextStart }),
            ("$", if multiline { Assertion::LineEnd } else { Assertion::TextEnd }),
            ("\\b", Assertion::WordBoundary),
            ("\\B", Assertion::NoWordBoundary),
        ];
        assertions.into_iter().find(|(text, _)| self.eat(text)).map(|(_, assertion)| assertion)
    }

    fn atom(&mut self) -> Result<Node> {
        let before = self.rest;
        let character = match self.next() {
            Some('.') if self.flags.dot_all => return Ok(Node::Set(Set::all())),
            Some('.') => return Ok(Node::Set(Set::within_line())),
            Some('(') => return self.group(),
            Some('[') => return self.class().map(Node::Set),
            Some('\\') => match self.escape(false)? {
                Escape::Set(set) => return Ok(Node::Set(set)),
                Escape::Character(character) => character,
            },
            Some('*' | '+' | '?') => {
                self.rest = before;
                return Err(self.wrong("there is nothing to repeat"));
            }
            Some(bracket @ ('{' | '}' | ']')) => {
                self.rest = before;
                if self.flags.unicode || self.quantifier()?.is_some() {
                    self.rest = before;
                    return Err(self.wrong(format!("`{bracket}` stands alone")));
                }
                self.next();
                bracket.into()
            }
            Some(character) => character.into(),
            None => 0,
        };
        Ok(Node::Set(self.cased(Set::of(character))))
    }

    /// The set as the flag `i` wants it.
    pub(super) fn cased(&self, set: Set) -> Set {
        if self.flags.ignore_case { set.with_other_case() } else { set }
    }

    /// How often what stands before is repeated; braces that say no number are characters.
    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>> {
        if self.eat("*") {
            return Ok(Some((0, None)));
        }
        if self.eat("+") {
            return Ok(Some((1, None)));
        }
        if self.eat("?") {
            return Ok(Some((0, Some(1))));
        }
        let Some((inner, after)) = self.rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) else {
            return Ok(None);
        };
        let (least, most) = inner.split_once(',').unwrap_or((inner, inner));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let most = Some(most).filter(|most| !most.is_empty());
        if !is_number(least) || most.is_some_and(|most| !is_number(most)) {
            return Ok(None);
        }
        let number = |text: &str| text.parse().unwrap_or(u32::MAX);
        let (least, most) = (number(least), most.map(number));
        if most.is_some_and(|most| most < least) {
            return Err(self.wrong("the numbers are out of order"));
        }
        self.rest = after;
        Ok(Some((least, most)))
    }

    fn group(&mut self) -> Result<Node> {
        for (start, what) in [
            ("?=", "looking ahead with `(?=…)`"),
            ("?!", "looking ahead with `(?!…)`"),
            ("?<=", "looking behind with `(?<=…)`"),
            ("?<!", "looking behind with `(?<!…)`"),
        ] {
            if self.rest.starts_with(start) {
                return Err(invalid(format!("{what} is not supported, because it can take for ever")).hint(
                    "match what is around too, put parentheses around the part that you want, and take that group: \
                     `pattern=app-(v\\d),group=1`",
                ));
            }
        }
        let flags = self.flags;
        let keeps = if self.eat("?<") {
            self.group_name()?;
            true
        } else if self.eat("?") {
            self.modifiers()?;
            false
        } else {
            true
        };
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(invalid(format!("its groups are nested more than {DEEPEST} deep")));
        }
        let inner = self.choice()?;
        self.depth -= 1;
        self.flags = flags;
        if !self.eat(")") {
            return Err(self.wrong("a `(` is not closed"));
        }
        Ok(if keeps { Node::Capture(Box::new(inner)) } else { Node::Choice(vec![inner]) })
    }

    fn group_name(&mut self) -> Result<()> {
        let name = self.rest.split_once('>').filter(|(name, _)| {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
            name.chars().all(is_part) && name.starts_with(|c: char| !c.is_numeric())
        });
        let Some((_, after)) = name else { return Err(self.wrong("a group's name is wrong")) };
        self.rest = after;
        Ok(())
    }

    /// What stands between `(?` and `:`: flags that hold inside the group.
    fn modifiers(&mut self) -> Result<()> {
        let wrong = |parser: &Self| parser.wrong("`(?` starts no group that is known");
        let Some((letters, after)) = self.rest.split_once(':') else { return Err(wrong(self)) };
        let (on, off) = letters.split_once('-').unwrap_or((letters, ""));
        if letters == "-" {
            return Err(wrong(self));
        }
        for (letters, value) in [(on, true), (off, false)] {
            for letter in letters.chars() {
                match letter {
                    'i' => self.flags.ignore_case = value,
                    'm' => self.flags.multiline = value,
                    's' => self.flags.dot_all = value,
                    _ => return Err(wrong(self)),
                }
            }
        }
        self.rest = after;
        Ok(())
    }
}
