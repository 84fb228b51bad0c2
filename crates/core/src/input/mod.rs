//! Inputs: one table per action, from which come `INPUT_*`, the flags, action.yml's and the README's tables.

mod reader;
mod value;

pub use reader::Reader;
pub use value::{boolean, duration, list, numbered_lines};

use crate::documentation;

/// One input of an action.
#[derive(Clone, Copy, Debug)]
pub struct InputSpec {
    /// Kebab-case name: `with:` key, and flag with `--` before it.
    pub name: &'static str,
    /// What values it takes.
    pub kind: InputKind,
    /// What stands when nothing is given.
    pub default: &'static str,
    /// The expression that action.yml gives as default, where it is not the plain `default`.
    pub expression: Option<&'static str>,
    /// Whether leaving it out is an error.
    pub required: bool,
    /// One or two sentences for action.yml, `--help` and the README.
    pub about: &'static str,
}

/// The kinds of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// One text.
    Text,
    /// One text that keeps its white space.
    Raw,
    /// `true` or `false`, by YAML 1.2's core schema.
    Boolean,
    /// One entry a line; blank lines and lines that start with `#` do not count.
    List,
    /// A length of time such as `90s`, `5m` or `1h30m`.
    Duration,
    /// A whole number.
    Number,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A text that is never shown.
    Secret,
}

impl InputKind {
    /// The word for it in the README's table.
    pub fn label(self) -> &'static str {
        match self {
            Self::Text | Self::Raw => "String",
            Self::Boolean => "Boolean",
            Self::List => "List",
            Self::Duration => "Duration",
            Self::Number => "Number",
            Self::Choice(_) => "Choice",
            Self::Secret => "Secret",
        }
    }
}

impl InputSpec {
    /// An input of a kind that may be left out.
    pub const fn new(name: &'static str, kind: InputKind, about: &'static str) -> Self {
        Self { name, kind, default: "", expression: None, required: false, about: documentation(about) }
    }

    /// Gives it a default.
    #[must_use]
    pub const fn default(self, default: &'static str) -> Self {
        Self { default, ..self }
    }

    /// Makes leaving it out an error.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The environment variable that a runner passes it in: spaces become `_`, hyphens stay.
    pub fn variable(&self) -> String {
        format!("INPUT_{}", self.name.replace(' ', "_").to_ascii_uppercase())
    }

    /// Gives what `mode` may be; the first is the default.
    pub const fn mode(modes: &'static [&'static str], about: &'static str) -> Self {
        Self::new("mode", InputKind::Choice(modes), about).default(modes[0])
    }
}

/// Where the action works, below the workspace.
pub const WORKING_DIRECTORY: InputSpec =
    InputSpec::new("working-directory", InputKind::Text, "Directory to work in, relative to the workspace.")
        .default(".");

/// The token for the API and the remote.
pub const GITHUB_TOKEN: InputSpec = InputSpec {
    expression: Some("${{ github.token }}"),
    ..InputSpec::new(
        "github-token",
        InputKind::Secret,
        "Token for GitHub's API and for git. An empty string means none, on purpose.",
    )
};
