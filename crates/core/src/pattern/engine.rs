//! From the parts of an expression to the engine that runs it.

use std::ops::Range;

use crate::Result;
use regex_lite::{Captures, Regex, RegexBuilder};

use super::invalid;
use super::syntax::{Assertion, Node};

/// How much memory a compiled expression may take, in bytes.
const SIZE_LIMIT: usize = 1 << 20;
/// How deep the parts of what is compiled may be nested; every group of the user's takes a few.
const NEST_LIMIT: u32 = 1000;

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Engine {
    regex: Regex,
    groups: Vec<Group>,
}

/// A group of the expression.
#[derive(Clone, Debug)]
struct Group {
    /// Its number in the engine.
    number: usize,
    /// The repetitions around it.
    rounds: Vec<Round>,
}

/// A repetition, inside a group of the engine's that the user does not see: JavaScript forgets at the start of each round what the
/// groups in it held, and the engine does not.
#[derive(Clone, Copy, Debug)]
struct Round {
    number: usize,
    /// Whether there need not be a round: then an empty one does not count.
    is_optional: bool,
}

impl Engine {
    pub(super) fn new(node: &Node, is_sticky: bool) -> Result<Self> {
        let mut writer = Writer { output: String::new(), count: 0, groups: Vec::new(), rounds: Vec::new() };
        if is_sticky {
            writer.output.push_str(r"\A(?:");
        }
        writer.node(node);
        if is_sticky {
            writer.output.push(')');
        }
        let regex = RegexBuilder::new(&writer.output)
            .size_limit(SIZE_LIMIT)
            .nest_limit(NEST_LIMIT)
            .build()
            .map_err(|_| invalid("it is too large").hint("repeat less, as in `{1,20}`, or use `*` or `+`"))?;
        // Groups are numbered as they open, which is how they are written.
        Ok(Self { regex, groups: writer.groups })
    }

    pub(super) fn group_count(&self) -> usize {
        self.groups.len()
    }

    /// Every match. An empty one can follow right after another, as in JavaScript.
    pub(super) fn all<'t>(&self, text: &'t str) -> Vec<&'t str> {
        let mut all = Vec::new();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|_| self.regex.find_at(text, at)) {
            all.push(found.as_str());
            at = found.end();
            if found.is_empty() {
                at += text[at..].chars().next().map_or(1, char::len_utf8);
            }
        }
        all
    }

    /// Where the first match is, and each of its groups.
    pub(super) fn captures(&self, text: &str) -> Option<Vec<Option<Range<usize>>>> {
        self.regex.captures(text).map(|captures| self.groups_of(&captures))
    }

    /// Where every match is, and each of its groups.
    pub(super) fn places(&self, text: &str, limit: usize) -> Vec<Vec<Option<Range<usize>>>> {
        self.regex.captures_iter(text).take(limit).map(|captures| self.groups_of(&captures)).collect()
    }

    fn groups_of(&self, captures: &Captures<'_>) -> Vec<Option<Range<usize>>> {
        let place = |number: usize| captures.get(number).map(|found| found.range());
        let mut places = vec![place(0)];
        for group in &self.groups {
            let found = place(group.number).filter(|found| {
                group.rounds.iter().all(|round| {
                    place(round.number).is_some_and(|last| {
                        last.start <= found.start && found.end <= last.end && !(round.is_optional && last.is_empty())
                    })
                })
            });
            places.push(found);
        }
        places
    }
}

struct Writer {
    output: String,
    /// How many groups the engine has so far.
    count: usize,
    groups: Vec<Group>,
    /// The repetitions that are open.
    rounds: Vec<Round>,
}

impl Writer {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Set(set) => set.clone().write(&mut self.output),
            Node::Assertion(assertion) => self.output.push_str(match assertion {
                Assertion::TextStart => r"\A",
                Assertion::TextEnd => r"\z",
                Assertion::LineStart => "(?mR:^)",
                Assertion::LineEnd => "(?mR:$)",
                Assertion::WordBoundary => r"\b",
                Assertion::NoWordBoundary => r"\B",
            }),
            Node::Capture(inner) => {
                self.count += 1;
                self.groups.push(Group { number: self.count, rounds: self.rounds.clone() });
                self.enclosed("(", inner);
            }
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Node::Choice(nodes) => {
                self.output.push_str("(?:");
                for (at, node) in nodes.iter().enumerate() {
                    if at > 0 {
                        self.output.push('|');
                    }
                    self.node(node);
                }
                self.output.push(')');
            }
            Node::Repeat { node, least, most, is_lazy } => self.repeat(node, *least, *most, *is_lazy),
        }
    }

    fn repeat(&mut self, node: &Node, least: u32, most: Option<u32>, is_lazy: bool) {
        if node.has_capture() {
            self.count += 1;
            self.rounds.push(Round { number: self.count, is_optional: least == 0 });
            self.enclosed("(", node);
            self.rounds.pop();
        } else {
            self.enclosed("(?:", node);
        }
        self.output.push_str(&match (least, most) {
            (0, None) => "*".into(),
            (1, None) => "+".into(),
            (least, None) => format!("{{{least},}}"),
            (least, Some(most)) => format!("{{{least},{most}}}"),
        });
        if is_lazy {
            self.output.push('?');
        }
    }

    fn enclosed(&mut self, open: &str, node: &Node) {
        self.output.push_str(open);
        self.node(node);
        self.output.push(')');
    }
}
