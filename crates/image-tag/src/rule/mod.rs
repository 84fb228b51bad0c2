//! The rules that make tags. One type is one module and one row of [`TYPES`].

mod raw;
mod reference;
mod schedule;
mod semantic;
mod sha;

use std::collections::BTreeMap;

use slipway_core::text::nearest;
use slipway_core::{Error, ErrorKind, Result};

use crate::facts::Facts;
use crate::fields::{Quotes, list, split};
use crate::template::Template;

/// Every type of rule.
const TYPES: &[Type] = &[schedule::TYPE, semantic::TYPE, reference::TYPE, raw::TYPE, sha::TYPE];

/// The rules that stand when none is given.
const DEFAULT: &str = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr";

/// The attributes that every type takes.
const COMMON_ATTRIBUTES: [&str; 5] = ["type", "enable", "priority", "prefix", "suffix"];

/// A type of rule.
pub(crate) struct Type {
    /// The word after `type=`.
    name: &'static str,
    /// Rules of higher priority come first.
    priority: f64,
    /// What it takes beside the common attributes.
    attributes: &'static [&'static str],
    /// Whether the attributes can be used.
    check: fn(&Attributes) -> Result<()>,
    /// What stands before its tags when the rule has no prefix of its own; `None` leaves that to the flavor.
    prefix: fn(&Attributes) -> Option<&'static str>,
    /// What the rule makes of the facts.
    evaluate: fn(&Attributes, &Facts) -> Result<Answer>,
}

/// What a rule makes of the facts.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    /// A tag, before prefix, suffix and clean-up.
    Fires {
        /// The text.
        value: String,
        /// Whether `latest` is added when this rule comes first and the flavor does not say.
        latest: bool,
    },
    /// No tag, and why.
    Rests(String),
    /// No tag, and why that is probably not what was meant.
    Fails(String),
}

/// The attributes of a rule: keys in lower case, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// The attribute's text, if it was given.
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The attribute as a template, if it was given.
    fn template(&self, key: &str) -> Result<Option<Template>> {
        self.get(key).map(Template::parse).transpose()
    }

    /// The attribute, which must be one of these words.
    fn word<'a>(&'a self, key: &str, words: &[&str], otherwise: Option<&'a str>) -> Result<&'a str> {
        let refuse = |what: String| {
            Error::new(ErrorKind::InvalidInput, what)
                .hint(format!("write `{key}={}`", words.join(&format!("`, `{key}="))))
        };
        match self.get(key).or(otherwise) {
            Some(word) if words.contains(&word) => Ok(word),
            Some(word) => Err(refuse(format!("`{key}` cannot be `{word}`"))),
            None => Err(refuse(format!("the attribute `{key}` is missing"))),
        }
    }
}

/// A rule as it was written.
pub(crate) struct Rule {
    /// The line, for messages.
    pub(crate) line: String,
    /// Unknown attributes and the like.
    pub(crate) warnings: Vec<String>,
    kind: &'static Type,
    attributes: Attributes,
    priority: f64,
    enable: Template,
    prefix: Option<Template>,
    suffix: Option<Template>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rule").field(&self.line).finish()
    }
}

/// Reads the list of rules and sorts it by priority; rules of the same priority keep their order.
pub(crate) fn parse_all(text: &str) -> Result<Vec<Rule>> {
    let mut lines = list(text)?;
    if lines.is_empty() {
        lines = list(DEFAULT)?;
    }
    let mut rules = Vec::new();
    for line in lines {
        rules.push(parse(&line).map_err(|error| error.context(format!("line `{line}`")))?);
    }
    // A priority that is no number cannot be compared, so the order stays as it was written.
    if rules.iter().all(|rule| !rule.priority.is_nan()) {
        rules.sort_by(|left, right| right.priority.total_cmp(&left.priority));
    }
    Ok(rules)
}

fn parse(line: &str) -> Result<Rule> {
    let mut attributes = Attributes::default();
    for field in split(line, Quotes::Strict)? {
        match field.split_once('=') {
            Some((key, value)) => attributes.0.insert(key.trim().to_lowercase(), value.trim().into()),
            None => attributes.0.insert("value".into(), field),
        };
    }
    let name = attributes.get("type").unwrap_or(raw::TYPE.name);
    let kind = TYPES.iter().find(|kind| kind.name == name).ok_or_else(|| {
        let names: Vec<_> = TYPES.iter().map(|kind| format!("`{}`", kind.name)).collect();
        Error::new(ErrorKind::InvalidInput, format!("the type `{name}` is not known"))
            .hint(format!("write one of {}", names.join(", ")))
    })?;
    (kind.check)(&attributes)?;
    let known = || COMMON_ATTRIBUTES.iter().chain(kind.attributes).copied();
    let warnings = attributes.0.keys().filter(|key| !known().any(|name| name == *key)).map(|key| {
        let meant = nearest(key, known()).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        format!("line `{line}`: the attribute `{key}` is not known and does nothing{meant}")
    });
    let priority = match attributes.get("priority") {
        None => kind.priority,
        Some("") => 0.0,
        Some(text) => text.parse().unwrap_or(f64::NAN),
    };
    Ok(Rule {
        warnings: warnings.collect(),
        line: line.into(),
        kind,
        priority,
        enable: Template::parse(attributes.get("enable").unwrap_or("true"))?,
        prefix: attributes.template("prefix")?,
        suffix: attributes.template("suffix")?,
        attributes,
    })
}

/// What a rule made, with its own or the flavor's prefix and suffix around it.
pub(crate) fn evaluate(rule: &Rule, facts: &Facts, prefix: &str, suffix: &str) -> Result<Answer> {
    let context = |error: Error| error.context(format!("input `tags`: line `{}`", rule.line));
    let globals = Globals::new(facts);
    match globals.render(&rule.enable).as_str() {
        "true" => {}
        "false" => return Ok(Answer::Rests("`enable` is false".into())),
        other => {
            return Err(context(
                Error::new(ErrorKind::InvalidInput, format!("`enable` became `{other}`"))
                    .hint("it must become `true` or `false`"),
            ));
        }
    }
    let answer = (rule.kind.evaluate)(&rule.attributes, facts).map_err(context)?;
    let Answer::Fires { value, latest } = answer else { return Ok(answer) };
    let before = rule.prefix.as_ref().map(|own| globals.render(own));
    let before = before.unwrap_or_else(|| (rule.kind.prefix)(&rule.attributes).unwrap_or(prefix).into());
    let after = rule.suffix.as_ref().map_or_else(|| suffix.into(), |own| globals.render(own));
    let value = format!("{before}{value}{after}");
    Ok(if value.is_empty() { Answer::Rests("its value is empty".into()) } else { Answer::Fires { value, latest } })
}

/// The values of the expressions that stand everywhere but in a version's pattern.
pub(crate) struct Globals<'a> {
    facts: &'a Facts,
    is_default_branch: &'static str,
    is_not_default_branch: &'static str,
}

impl<'a> Globals<'a> {
    pub(crate) fn new(facts: &'a Facts) -> Self {
        let (is_default_branch, is_not_default_branch) =
            if facts.is_default_branch() { ("true", "false") } else { ("false", "true") };
        Self { facts, is_default_branch, is_not_default_branch }
    }

    pub(crate) fn render(&self, template: &Template) -> String {
        template.render(|name| match name {
            "branch" => self.facts.branch(),
            "tag" => self.facts.tag(),
            "sha" => Some(self.facts.short_sha()),
            "base_ref" => Some(&self.facts.base_ref),
            "is_default_branch" => Some(self.is_default_branch),
            "is_not_default_branch" => Some(self.is_not_default_branch),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_by_priority() {
        let order = |text: &str| parse_all(text).unwrap().into_iter().map(|rule| rule.line).collect::<Vec<_>>();
        assert_eq!(order("b\na\nc,priority=201\ntype=sha"), ["c,priority=201", "b", "a", "type=sha"]);
        assert_eq!(order("a,priority=high\nb,priority=500"), ["a,priority=high", "b,priority=500"]);
        assert_eq!(order("# nothing").len(), 4);
    }

    #[test]
    fn errors_name_the_line_and_the_attribute() {
        let error = |text: &str| parse_all(text).unwrap_err().to_string();
        assert_eq!(
            error("type=ref,event=release"),
            "line `type=ref,event=release`: `event` cannot be `release`. write `event=branch`, `event=tag`, `event=pr`"
        );
        assert_eq!(
            error("type=ref"),
            "line `type=ref`: the attribute `event` is missing. write `event=branch`, `event=tag`, `event=pr`"
        );
        assert!(error("type=Raw,value=x").starts_with("line `type=Raw,value=x`: the type `Raw` is not known"));
        assert!(error("foo=bar").starts_with("line `foo=bar`: the attribute `value` is missing"));
    }

    #[test]
    fn unknown_attributes_are_told() {
        let rules = parse_all("type=raw,value=x,enabel=true").unwrap();
        assert_eq!(
            rules[0].warnings,
            [
                "line `type=raw,value=x,enabel=true`: the attribute `enabel` is not known and does nothing; did you mean `enable`?"
            ]
        );
    }
}
