//! What a run tells: outputs, summary, annotations. Building a report is pure; `publish` writes it out.

#[cfg(not(target_arch = "wasm32"))]
pub(crate) mod dotenv;
mod export;
mod mask;
mod publish;

pub use export::export;
pub use mask::mask;
pub(crate) use publish::{annotate, check_outputs};
pub use publish::{publish, publish_failure};

use serde_json::{Map, Value};

use crate::{Error, documentation};

/// An output of an action.
#[derive(Clone, Copy, Debug)]
pub struct OutputSpec {
    /// Kebab-case name.
    pub name: &'static str,
    /// What it holds, and when it is empty.
    pub about: &'static str,
}

impl OutputSpec {
    /// Describes an output.
    pub const fn new(name: &'static str, about: &'static str) -> Self {
        Self { name, about: documentation(about) }
    }
}

/// The outputs that every action has.
pub const COMMON_OUTPUTS: [OutputSpec; 2] = [
    OutputSpec::new("json", "Everything above as one JSON object, with `plan` and `outcome`; on failure its `error`."),
    OutputSpec::new("json-file", "File that holds the whole `json` when that is too large for an output, else empty."),
];

/// How loud an annotation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Worth knowing.
    Notice,
    /// Probably not what was meant.
    Warning,
    /// Why the run failed.
    Error,
}

/// A line that the runner shows beside the run, or at a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Annotation {
    /// How loud.
    pub level: Level,
    /// What is to be said; untrusted text in it is made safe when it is printed.
    pub message: String,
    /// File and line that it is about.
    pub place: Option<(String, usize)>,
}

impl Annotation {
    /// A warning that belongs to no file.
    pub fn warning(message: impl Into<String>) -> Self {
        Self { level: Level::Warning, message: message.into(), place: None }
    }
}

/// What a run tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The outputs, by name, in the order they were set.
    pub outputs: Map<String, Value>,
    /// More keys of the `json` output, which have no output of their own.
    pub details: Map<String, Value>,
    /// Markdown for the job summary, comments and the terminal.
    pub summary: String,
    /// Warnings and notices.
    pub annotations: Vec<Annotation>,
    /// Why the answer is no, if it is.
    pub refusal: Option<Error>,
}

impl Report {
    /// Sets an output. Texts stay as they are; every other value is written as JSON.
    pub fn output(&mut self, name: &str, value: impl Into<Value>) {
        self.outputs.insert(name.into(), value.into());
    }

    /// Sets a key of the `json` output that has no output of its own.
    pub fn detail(&mut self, name: &str, value: impl Into<Value>) {
        self.details.insert(name.into(), value.into());
    }

    /// Adds a warning.
    pub fn warn(&mut self, message: impl Into<String>) {
        self.annotations.push(Annotation::warning(message));
    }

    /// Makes of a refusal a notice: a plan that would be refused is still a plan.
    pub fn tell_refusal(&mut self) {
        if let Some(refusal) = self.refusal.take() {
            self.detail("refusal", refusal.to_json());
            self.notice(refusal.to_string());
        }
    }

    /// Adds a notice.
    pub fn notice(&mut self, message: impl Into<String>) {
        self.annotations.push(Annotation { level: Level::Notice, message: message.into(), place: None });
    }
}
