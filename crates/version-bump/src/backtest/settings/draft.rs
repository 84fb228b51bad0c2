//! Inputs as they come to be proposed.

use serde::Serialize;
use serde_json::Value;
use slipway_core::input::InputKind;
use slipway_core::text::shorten;

use crate::inputs::INPUTS;

/// So many components are listed.
const LISTED: usize = 50;
/// How much of a foreign value is shown, in characters.
const SHOWN: usize = 100;

/// Inputs for version-bump that do what another tool's settings do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Proposal {
    /// The tool.
    pub tool: &'static str,
    /// The file with its settings.
    pub file: String,
    /// Inputs with their values.
    pub with: Vec<(&'static str, String)>,
    /// The parts of the repository that are released on their own; each takes a run.
    pub components: Vec<Component>,
    /// What has no counterpart, and what else is different.
    pub notes: Vec<String>,
    /// How many past releases agree with these inputs; nothing if that cannot be said from the tags that were read.
    pub same: Option<usize>,
}

/// A part of a repository that is released on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub path: String,
    /// What its tags begin with.
    pub prefix: String,
}

impl Proposal {
    /// The value of an input.
    pub fn value(&self, input: &str) -> Option<&str> {
        self.with.iter().find(|(name, _)| *name == input).map(|(_, value)| value.as_str())
    }
}

/// A proposal in the making.
pub(super) struct Draft {
    proposal: Proposal,
    rules: Vec<(String, &'static str)>,
}

impl Draft {
    pub(super) fn new(tool: &'static str, file: &str) -> Self {
        let (with, components, notes) = (Vec::new(), Vec::new(), Vec::new());
        let proposal = Proposal { tool, file: file.into(), with, components, notes, same: None };
        Self { proposal, rules: Vec::new() }
    }

    /// Proposes a value for an input; where there is no such input or choice, that is noted.
    pub(super) fn set(&mut self, input: &'static str, value: impl Into<String>) {
        let value = value.into();
        let takes = |kind: InputKind| match kind {
            InputKind::Choice(words) => words.contains(&value.as_str()),
            _ => true,
        };
        if INPUTS.iter().any(|spec| spec.name == input && takes(spec.kind)) {
            self.proposal.with.retain(|(name, _)| *name != input);
            self.proposal.with.push((input, value));
        } else {
            self.note(format!("what would be `{input}: {}` has no counterpart", shorten(&value, SHOWN)));
        }
    }

    /// Proposes a rule for a type of commit; a later one for the same type replaces it.
    pub(super) fn rule(&mut self, what: &str, bump: &'static str) {
        self.rules.retain(|(known, _)| known != what);
        self.rules.push((what.into(), bump));
    }

    /// Proposes a component.
    pub(super) fn component(&mut self, name: &str, path: &str, prefix: String) {
        if self.proposal.components.len() == LISTED {
            self.note(format!("more than {LISTED} components: the rest is not listed"));
        } else if self.proposal.components.len() < LISTED {
            self.proposal.components.push(Component { name: name.into(), path: path.into(), prefix });
        }
    }

    /// Notes what a person should know.
    pub(super) fn note(&mut self, note: String) {
        if !self.proposal.notes.contains(&note) {
            self.proposal.notes.push(note);
        }
    }

    /// Notes that a setting has no counterpart.
    pub(super) fn without(&mut self, key: &str, value: &Value) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.note(format!("`{}: {}` has no counterpart", shorten(key, SHOWN), shorten(&value, SHOWN)));
    }

    /// Notes every key that is not among those known.
    pub(super) fn unknown(&mut self, settings: &Value, known: &[&str]) {
        for (key, value) in settings.as_object().into_iter().flatten() {
            if !known.contains(&key.as_str()) && !key.starts_with('$') {
                self.without(key, value);
            }
        }
    }

    pub(super) fn finish(mut self) -> Proposal {
        let rules = std::mem::take(&mut self.rules);
        if !rules.is_empty() {
            let lines: Vec<String> = rules.iter().map(|(what, bump)| format!("{what}={bump}")).collect();
            self.set("release-rules", lines.join("\n"));
        }
        self.proposal
    }
}
