//! One run as its rules see it: the facts, and the inputs that all of them share.

use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::template::{Clock, Scope, Value, Vocabulary};
use crate::time;

/// The expressions that stand everywhere but in the patterns of versions and schedules.
pub(crate) const GLOBALS: Vocabulary = Vocabulary {
    names: &[
        "branch",
        "tag",
        "sha",
        "base_ref",
        "head_ref",
        "is_default_branch",
        "is_not_default_branch",
        "pull_request_number",
        "run_number",
        "version",
        "component",
    ],
    dates: true,
};

/// One run.
#[derive(Clone, Copy)]
pub(crate) struct Run<'a> {
    /// What was read.
    pub facts: &'a Facts,
    /// The version that is released, if the input says it.
    pub version: Option<&'a str>,
    /// The component that is released, if the input says it.
    pub component: Option<&'a str>,
    /// What the rules on versions look at in place of the run's own.
    judged: Option<Judged<'a>>,
}

/// Another release, which the run's own is compared with.
#[derive(Clone, Copy)]
pub(crate) enum Judged<'a> {
    /// Its tag in git.
    Tag(&'a str),
    /// Its version.
    Version(&'a str),
}

impl<'a> Run<'a> {
    pub(crate) fn new(inputs: &'a Inputs, facts: &'a Facts) -> Self {
        let component = inputs.component.as_ref().map(slipway_core::ComponentName::as_str);
        Self { facts, version: inputs.version.as_deref(), component, judged: None }
    }

    /// The same run for another release.
    pub(crate) fn judging<'b>(&'b self, other: Judged<'b>) -> Run<'b> {
        Run { judged: Some(other), ..*self }
    }

    /// The same run for its own release.
    pub(crate) fn own(&self) -> Run<'a> {
        Run { judged: None, ..*self }
    }

    /// The other release, if the run is for one.
    pub(crate) fn judged(&self) -> Option<Judged<'a>> {
        self.judged
    }
}

impl Scope for Run<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        let facts = self.facts;
        match name {
            "branch" => facts.branch().map(Into::into),
            "tag" => facts.tag().map(Into::into),
            "sha" => Some(facts.short_sha().into()),
            "base_ref" => Some(facts.base_ref.as_str().into()),
            "head_ref" => Some(facts.head_ref.as_str().into()),
            "is_default_branch" => Some(Value::Boolean(facts.is_default_branch())),
            "is_not_default_branch" => Some(Value::Boolean(!facts.is_default_branch())),
            "pull_request_number" => facts.pull_request_number.map(Value::Number),
            "run_number" => Some(facts.run_number.as_str().into()),
            "version" => self.version.map(Into::into),
            "component" => self.component.map(Into::into),
            _ => None,
        }
    }

    fn date(&self, clock: Clock, format: &str, zone: &str) -> String {
        match self.facts.instant(clock, zone) {
            Some(instant) => time::format(format, &instant),
            None => time::INVALID.into(),
        }
    }
}
