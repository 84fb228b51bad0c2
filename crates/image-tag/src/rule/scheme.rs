//! What the types `semver` and `pep440` share: a pattern with the parts of a version, of which only a final release gets a part.

use std::marker::PhantomData;

use slipway_core::Result;

use super::attributes::Attributes;
use super::version::Source;
use super::{Answer, Evaluate};
use crate::forward::Release;
use crate::run::Run;
use crate::template::{Scope, Template, Value, Vocabulary};

/// A scheme by which versions are written; a value of it is a version.
pub(super) trait Scheme: Sized + 'static {
    /// What a version of it is called.
    const NAME: &'static str;
    /// The names that a pattern can have.
    const FIELDS: Vocabulary;

    /// Reads a version.
    fn parse(text: &str) -> Option<Self>;

    /// Whether it is neither before nor after the release that its numbers name.
    fn is_final(&self) -> bool;

    /// The version in its normal form.
    fn plain(&self) -> String;

    /// The value of a name but `raw` and `version`.
    fn part(&self, name: &str) -> Option<Value>;

    /// The release that its numbers name.
    fn release(&self) -> Release;
}

/// Whether a text is a version of a scheme.
pub(super) fn is_version<S: Scheme>(text: &str) -> bool {
    S::parse(text).is_some()
}

/// The release that a text names; nothing for what is no version, or not final.
pub(super) fn release<S: Scheme>(text: &str) -> Option<Release> {
    S::parse(text).filter(S::is_final).map(|version| version.release())
}

/// Reads the attributes of a rule.
pub(super) fn parse<S: Scheme>(attributes: &Attributes, example: &str) -> Result<Box<dyn Evaluate>> {
    let pattern = attributes.required_template("pattern", &S::FIELDS, example)?;
    Ok(Box::new(Versioned::<S> { pattern, source: Source::parse(attributes)?, scheme: PhantomData }))
}

/// A rule on versions of a scheme.
struct Versioned<S> {
    pattern: Template,
    source: Source,
    scheme: PhantomData<S>,
}

/// A version and how it was written.
pub(super) struct Written<S> {
    pub raw: String,
    pub version: S,
}

impl<S: Scheme> Evaluate for Versioned<S> {
    fn evaluate(&self, run: &Run) -> Answer {
        let raw = match self.source.text(run) {
            Ok(text) => text.replace('/', "-"),
            Err(answer) => return answer,
        };
        let Some(version) = S::parse(&raw) else {
            return Answer::Fails(format!("`{raw}` is not {}", S::NAME));
        };
        let is_final = version.is_final();
        let written = Written { raw, version };
        let value = if is_final || self.pattern.is_only("raw") {
            self.pattern.render(&written)
        } else {
            // Only a final release gets a tag such as `1.2`, which moves its line.
            written.version.plain()
        };
        Answer::Fires { value, latest: is_final }
    }

    fn release(&self, run: &Run) -> Option<Release> {
        release::<S>(&self.source.text(run).ok()?)
    }

    fn templates(&self) -> Vec<&Template> {
        let mut templates = self.source.templates();
        templates.push(&self.pattern);
        templates
    }
}

impl<S: Scheme> Scope for Written<S> {
    fn value(&self, name: &str) -> Option<Value> {
        match name {
            "raw" => Some(self.raw.as_str().into()),
            "version" => Some(Value::Text(self.version.plain())),
            part => self.version.part(part),
        }
    }
}
