//! `{{expressions}}` in values, patterns, prefixes, suffixes, labels and annotations.
//!
//! The syntax is the part of Handlebars that tag lists use: names, `date` and `commit_date`, `{{#if}}`, `{{#unless}}`, comments and
//! `~`. Values are inserted as they are, never HTML-escaped. A template is parsed once, and rendered in a [`Scope`].

mod expression;
mod parse;
mod render;

use slipway_core::Result;
use slipway_core::text::nearest;

pub(crate) use render::{Scope, Value};

/// How deep blocks and parentheses may nest.
const DEPTH_LIMIT: usize = 32;

/// What the expressions of a template can name.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    /// The names that have a value; every other one is empty.
    pub names: &'static [&'static str],
    /// Whether `date` and `commit_date` can be called.
    pub dates: bool,
}

/// A text with expressions, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template {
    nodes: Vec<Node>,
    vocabulary: &'static [&'static str],
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Text(String),
    Value(Expression),
    /// `{{#if}}`; `{{#unless}}` is one with its sides swapped.
    Choice {
        condition: Argument,
        holds: Vec<Node>,
        otherwise: Vec<Node>,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Expression {
    Name(String),
    Date(Date),
}

/// A date in a format of moment.js.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Date {
    clock: Clock,
    format: Box<Argument>,
    zone: String,
}

/// What is given to a block or a function.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    Text(String),
    Number(String),
    Boolean(bool),
    Nothing,
    Value(Expression),
}

/// Which instant a date is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Clock {
    /// When the run started.
    Now,
    /// When the commit was made.
    Commit,
}

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    /// `InvalidInput` for an expression or a block without end, and for what Handlebars has and this does not.
    pub(crate) fn parse(text: &str, vocabulary: &Vocabulary) -> Result<Self> {
        Ok(Self { nodes: parse::nodes(text, vocabulary)?, vocabulary: vocabulary.names })
    }

    /// A text without expressions.
    pub(crate) fn plain(text: &str) -> Self {
        Self { nodes: vec![Node::Text(text.into())], vocabulary: &[] }
    }

    /// The text with every expression replaced.
    pub(crate) fn render(&self, scope: &dyn Scope) -> String {
        let mut text = String::new();
        render::nodes(&self.nodes, scope, &mut text);
        text
    }

    /// Whether it is exactly one expression of this name.
    pub(crate) fn is_only(&self, name: &str) -> bool {
        matches!(self.nodes.as_slice(), [Node::Value(Expression::Name(only))] if only == name)
    }

    /// Whether it has no text and no expression.
    pub(crate) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The dates in it: whose, and in which time zone.
    pub(crate) fn dates(&self) -> Vec<(Clock, &str)> {
        let mut dates = Vec::new();
        for expression in self.expressions() {
            if let Expression::Date(date) = expression {
                dates.push((date.clock, date.zone.as_str()));
            }
        }
        dates
    }

    /// What is said about names that have no value here.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        for expression in self.expressions() {
            let Expression::Name(name) = expression else { continue };
            if !name.is_empty() && !self.vocabulary.contains(&name.as_str()) {
                let meant = nearest(name, self.vocabulary.iter().copied());
                let meant = meant.map_or(String::new(), |name| format!("; did you mean `{{{{{name}}}}}`?"));
                warnings.push(format!("`{{{{{name}}}}}` is not known here and stays empty{meant}"));
            }
        }
        warnings
    }

    fn expressions(&self) -> Vec<&Expression> {
        let mut found = Vec::new();
        collect(&self.nodes, &mut found);
        found
    }
}

fn collect<'a>(nodes: &'a [Node], found: &mut Vec<&'a Expression>) {
    for node in nodes {
        match node {
            Node::Text(_) => {}
            Node::Value(expression) => collect_inner(expression, found),
            Node::Choice { condition, holds, otherwise } => {
                if let Argument::Value(expression) = condition {
                    collect_inner(expression, found);
                }
                collect(holds, found);
                collect(otherwise, found);
            }
        }
    }
}

fn collect_inner<'a>(expression: &'a Expression, found: &mut Vec<&'a Expression>) {
    found.push(expression);
    if let Expression::Date(date) = expression
        && let Argument::Value(inner) = &*date.format
    {
        collect_inner(inner, found);
    }
}

#[cfg(test)]
mod tests;
