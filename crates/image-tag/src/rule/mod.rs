//! The rules that make tags. One type is one module and one row of [`TYPES`].

mod attributes;
mod calver;
mod edge;
mod matching;
mod pep440;
mod raw;
mod reference;
mod schedule;
mod scheme;
mod semantic;
mod sha;
mod version;

use std::collections::{BTreeMap, BTreeSet};

use slipway_core::order::sort_by;
use slipway_core::text::{nearest, quoted};
use slipway_core::{Error, ErrorKind, Result};

use crate::fields::list;
use crate::flavor::Flavor;
use crate::forward::{self, Forward, Release, Standing};
use crate::number::number;
use crate::run::{GLOBALS, Run};
use crate::template::Template;
use attributes::Attributes;

/// Every type of rule.
const TYPES: &[Type] = &[
    schedule::TYPE,
    semantic::TYPE,
    pep440::TYPE,
    calver::TYPE,
    matching::TYPE,
    edge::TYPE,
    reference::TYPE,
    raw::TYPE,
    sha::TYPE,
];

/// The rules that stand when none is given.
const DEFAULT: &str = "type=schedule\ntype=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr";
/// The rule that stands before them when the input `version` is given.
const DEFAULT_WITH_VERSION: &str = "type=semver,pattern={{version}}";

/// The attributes that every type takes.
const COMMON_ATTRIBUTES: [&str; 6] = ["type", "enable", "priority", "prefix", "suffix", "id"];

/// A type of rule.
struct Type {
    /// The word after `type=`.
    name: &'static str,
    /// Rules of higher priority come first.
    priority: f64,
    /// What it takes beside the common attributes.
    attributes: &'static [&'static str],
    /// Parses the attributes.
    parse: fn(&Attributes) -> Result<Box<dyn Evaluate>>,
}

/// What a rule does once its attributes are parsed.
pub(crate) trait Evaluate {
    /// What the rule makes of a run.
    fn evaluate(&self, run: &Run) -> Answer;

    /// The final release that its tag would stand for; nothing if it stands for none.
    fn release(&self, _run: &Run) -> Option<Release> {
        None
    }

    /// What stands before its tags when the rule has no prefix of its own; `None` leaves that to the flavor.
    fn prefix(&self) -> Option<&'static str> {
        None
    }

    /// The templates in its attributes.
    fn templates(&self) -> Vec<&Template> {
        Vec::new()
    }

    /// What tells it from others of its type.
    fn variant(&self) -> Option<&'static str> {
        None
    }
}

/// What a rule makes of a run.
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

/// A rule as it was written.
pub(crate) struct Rule {
    /// The line, for messages.
    pub(crate) line: String,
    /// What outputs call it: its `id`, or its type with a number where there are several.
    pub(crate) id: String,
    has_own_id: bool,
    /// Unknown attributes and the like.
    pub(crate) warnings: Vec<String>,
    priority: f64,
    enable: Template,
    prefix: Option<Template>,
    suffix: Option<Template>,
    forward: Forward,
    does: Box<dyn Evaluate>,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Rule").field(&self.line).finish()
    }
}

/// Reads the list of rules and sorts it by priority; rules of the same priority keep their order.
pub(crate) fn parse_all(text: &str, has_version: bool) -> Result<Vec<Rule>> {
    let mut lines = list(text)?;
    if lines.is_empty() {
        lines = list(DEFAULT)?;
        if has_version {
            lines.insert(0, DEFAULT_WITH_VERSION.into());
        }
    }
    let (mut rules, mut errors) = (Vec::new(), Vec::new());
    for line in lines {
        match parse(&line) {
            Ok(rule) => rules.push(rule),
            Err(error) => errors.push(error.context(format!("line `{line}`"))),
        }
    }
    all(errors)?;
    name_all(&mut rules)?;
    // A priority that is no number cannot be compared, so the order stays as it was written.
    if rules.iter().all(|rule| !rule.priority.is_nan()) {
        // Adding zero makes one of the two zeros.
        sort_by(&mut rules, |left, right| (right.priority + 0.0).total_cmp(&(left.priority + 0.0)));
    }
    Ok(rules)
}

/// Every error in one.
fn all(mut errors: Vec<Error>) -> Result<()> {
    match errors.len() {
        0 => Ok(()),
        1 => Err(errors.swap_remove(0)),
        count => {
            let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Err(Error::new(ErrorKind::InvalidInput, format!("{count} lines are wrong: {}", told.join("; "))))
        }
    }
}

fn parse(line: &str) -> Result<Rule> {
    let attributes = Attributes::parse(line)?;
    let name = attributes.get("type").unwrap_or(raw::TYPE.name);
    let kind = TYPES.iter().find(|kind| kind.name == name).ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, format!("attribute `type`: there is no type `{name}`"))
            .hint(format!("write one of {}", quoted(&mut TYPES.iter().map(|kind| kind.name))))
    })?;
    let does = (kind.parse)(&attributes)?;
    let known = || COMMON_ATTRIBUTES.iter().chain(kind.attributes).copied();
    let mut warnings: Vec<String> = attributes
        .keys()
        .filter(|key| !known().any(|name| name == *key))
        .map(|key| {
            let meant = nearest(key, known()).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            format!("the attribute `{key}` is not known and does nothing{meant}")
        })
        .collect();
    let priority = match attributes.get("priority") {
        None => kind.priority,
        Some(text) => number(text).unwrap_or_else(|| {
            warnings.push(format!("attribute `priority`: `{text}` is no number, so no rule is moved by its priority"));
            f64::NAN
        }),
    };
    let id = match attributes.get("id") {
        Some(id) => attributes::id(id)?,
        None => does.variant().map_or_else(|| kind.name.into(), |variant| format!("{}-{variant}", kind.name)),
    };
    let rule = Rule {
        line: line.into(),
        id,
        has_own_id: attributes.get("id").is_some(),
        priority,
        enable: attributes.template("enable", &GLOBALS)?.unwrap_or_else(|| Template::plain("true")),
        prefix: attributes.template("prefix", &GLOBALS)?,
        suffix: attributes.template("suffix", &GLOBALS)?,
        forward: match kind.attributes.contains(&"forward") {
            true => attributes.word("forward", forward::WORDS, Some(Forward::No))?,
            false => Forward::No,
        },
        does,
        warnings: Vec::new(),
    };
    warnings.extend(rule.templates().into_iter().flat_map(Template::warnings));
    let warnings = warnings.into_iter().map(|warning| format!("line `{line}`: {warning}")).collect();
    Ok(Rule { warnings, ..rule })
}

/// Makes the names of rules unique: the ones that were given stay, and must be; of the others the second of a kind is `sha-2`.
fn name_all(rules: &mut [Rule]) -> Result<()> {
    let mut taken = BTreeSet::new();
    for rule in rules.iter().filter(|rule| rule.has_own_id) {
        if !taken.insert(rule.id.clone()) {
            let why = format!("line `{}`: attribute `id`: another rule is called `{}`", rule.line, rule.id);
            return Err(Error::new(ErrorKind::InvalidInput, why).hint("give every rule an `id` of its own"));
        }
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for rule in rules.iter_mut().filter(|rule| !rule.has_own_id) {
        let base = rule.id.clone();
        let count = counts.entry(base.clone()).or_default();
        loop {
            *count += 1;
            if *count > 1 {
                rule.id = format!("{base}-{count}");
            }
            if taken.insert(rule.id.clone()) {
                break;
            }
        }
    }
    Ok(())
}

impl Rule {
    /// Every template of the rule.
    pub(crate) fn templates(&self) -> Vec<&Template> {
        let mut templates = self.does.templates();
        templates.push(&self.enable);
        templates.extend(&self.prefix);
        templates.extend(&self.suffix);
        templates
    }

    /// Whether its tag is given only to the highest release.
    pub(crate) fn moves_forward(&self) -> bool {
        self.forward != Forward::No
    }

    /// How the release that it made a tag of stands among all.
    pub(crate) fn standing(&self, run: &Run, flavor: &Flavor) -> Standing {
        let (before, after) = self.affixes(run, flavor);
        forward::standing(&*self.does, run, (&before, &after), |_| true)
    }

    /// What stands before and after its tags.
    fn affixes(&self, run: &Run, flavor: &Flavor) -> (String, String) {
        let before = match (&self.prefix, self.does.prefix()) {
            (Some(own), _) => own.render(run),
            (None, Some(usual)) => usual.into(),
            (None, None) => flavor.prefix.template.render(run),
        };
        let after = self.suffix.as_ref().unwrap_or(&flavor.suffix.template).render(run);
        (before, after)
    }

    /// What the rule made, with its own or the flavor's prefix and suffix around it.
    ///
    /// # Errors
    /// `InvalidInput` if `enable` becomes something else than `true` or `false`.
    pub(crate) fn evaluate(&self, run: &Run, flavor: &Flavor) -> Result<Answer> {
        match self.enable.render(run).as_str() {
            "true" => {}
            "false" => return Ok(Answer::Rests("`enable` is false".into())),
            other => {
                let why = format!("input `tags`: line `{}`: attribute `enable`: it became `{other}`", self.line);
                return Err(Error::new(ErrorKind::InvalidInput, why).hint("it must become `true` or `false`"));
            }
        }
        let (before, after) = self.affixes(run, flavor);
        let answer = self.does.evaluate(run);
        let answer = match self.forward {
            Forward::No => answer,
            forward => forward::hold(forward, &*self.does, run, (&before, &after), answer),
        };
        let Answer::Fires { value, latest } = answer else { return Ok(answer) };
        let value = format!("{before}{value}{after}");
        Ok(if value.is_empty() { Answer::Rests("its value is empty".into()) } else { Answer::Fires { value, latest } })
    }
}

#[cfg(test)]
mod tests;
