//! `{{expressions}}` in values, prefixes and suffixes.
//!
//! The syntax is the part of Handlebars that tag lists use. Values are inserted as they are, never HTML-escaped.

use slipway_core::{Error, ErrorKind, Result};

/// A text with expressions, parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A name; one that nobody knows gives nothing.
    Name(String),
}

impl Template {
    /// Parses a text.
    ///
    /// # Errors
    /// `InvalidInput` for an expression without end, or of a kind that is not known.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let invalid = |why: String| {
            Error::new(ErrorKind::InvalidInput, format!("`{text}`: {why}"))
                .hint("expressions are names in double braces, such as `{{branch}}`, `{{sha}}` or `{{version}}`")
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let (before, opened) = rest.split_at(start);
            if let Some(before) = before.strip_suffix('\\') {
                let end = opened.find("}}").map_or(opened.len(), |end| end + 2);
                parts.push(Part::Text(format!("{before}{}", &opened[..end])));
                rest = &opened[end..];
                continue;
            }
            parts.push(Part::Text(before.into()));
            let (open, close) = if opened.starts_with("{{{") { (3, "}}}") } else { (2, "}}") };
            let inner = &opened[open..];
            let end = inner.find(close).ok_or_else(|| invalid("an expression has no end".into()))?;
            let expression = inner[..end].trim_matches('~').trim();
            if !expression.is_empty() && !expression.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
                return Err(invalid(format!("the expression `{expression}` is not known")));
            }
            parts.push(Part::Name(expression.into()));
            rest = &inner[end + close.len()..];
        }
        parts.push(Part::Text(rest.into()));
        parts.retain(|part| *part != Part::Text(String::new()));
        Ok(Self(parts))
    }

    /// The text with every name replaced.
    pub(crate) fn render<'a>(&self, value: impl Fn(&str) -> Option<&'a str>) -> String {
        self.0
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Name(name) => value(name).unwrap_or_default(),
            })
            .collect()
    }

    /// Whether it is exactly one expression of this name.
    pub(crate) fn is_only(&self, name: &str) -> bool {
        matches!(self.0.as_slice(), [Part::Name(only)] if only == name)
    }

    /// Whether it has no text and no expression.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(text: &str) -> String {
        Template::parse(text).unwrap().render(|name| (name == "branch").then_some("r&d"))
    }

    #[test]
    fn names_are_replaced_as_they_are() {
        for (text, expected) in [
            ("{{branch}}", "r&d"),
            ("a{{ branch }}b{{{branch}}}", "ar&dbr&d"),
            ("{{unknown}}x", "x"),
            ("a\\{{branch}}b", "a{{branch}}b"),
            ("plain }} text", "plain }} text"),
        ] {
            assert_eq!(render(text), expected);
        }
    }

    #[test]
    fn what_is_not_known_is_refused() {
        for text in ["a{{branch", "{{> part}}", "{{nope 'x'}}", "{{#if branch}}", "{{{branch}}"] {
            assert_eq!(Template::parse(text).unwrap_err().kind(), ErrorKind::InvalidInput, "{text}");
        }
        assert!(Template::parse("{{ raw }}").unwrap().is_only("raw"));
        assert!(!Template::parse("v{{raw}}").unwrap().is_only("raw"));
    }
}
