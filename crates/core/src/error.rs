//! What went wrong, to what, and what to do about it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// The result of anything in Slipway that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// An error as its user sees it: a kind that programs can match, a message, and a hint that names the line to change.
#[derive(Clone, Debug, PartialEq)]
pub struct Error(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Serialize)]
struct Parts {
    kind: ErrorKind,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Value>,
}

impl Error {
    /// Makes an error. The message says what happened and to what: lower case, values in backticks, no full stop.
    #[cold]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Parts { kind, message: message.into(), hint: None, detail: None }))
    }

    /// Adds what the user can do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds what the user can do about it, if nothing says so yet.
    #[must_use]
    pub fn or_hint(self, hint: &dyn fmt::Display) -> Self {
        if self.hint_text().is_some() { self } else { self.hint(hint.to_string()) }
    }

    /// Adds facts for programs, such as what had been done before the failure. They appear in the `json` output.
    #[must_use]
    pub fn detail(mut self, detail: Value) -> Self {
        self.0.detail = Some(detail);
        self
    }

    /// Puts what was being attempted before the message: `context: message`.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// The kind, which decides the exit code.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened, without the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do, if something can be done.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The error as the `error` key of the `json` output: `kind`, `message`, `hint`, `detail`.
    pub fn to_json(&self) -> Value {
        // Strings and an already built value cannot fail to serialize.
        serde_json::to_value(&*self.0).unwrap_or(Value::Null)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        match &self.0.hint {
            Some(hint) => write!(f, ". {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

macro_rules! error_kinds {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal => $exit:ident;)+) => {
        /// The kinds of error. Each has a stable name for programs and an exit code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorKind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl ErrorKind {
            /// Every kind, in the order of the exit-code table.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The stable kebab-case name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The kind of that name.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }

            /// The exit code that this kind leads to.
            pub const fn exit_code(self) -> ExitCode {
                match self { $(Self::$variant => ExitCode::$exit,)+ }
            }
        }
    };
}

error_kinds! {
    /// A release needs a person's approval first.
    ApprovalRequired = "approval-required" => Refused;
    /// The verdict was hold or rollback.
    VerdictNegative = "verdict-negative" => Refused;
    /// A freeze window is open.
    Frozen = "frozen" => Refused;
    /// Somebody locked the environment.
    Locked = "locked" => Refused;
    /// The new version is lower than the deployed one, or than the last release.
    Downgrade = "downgrade" => Refused;
    /// The release was rolled back before.
    RolledBack = "rolled-back" => Refused;
    /// There is no verified release to fall back to.
    NothingVerified = "nothing-verified" => Refused;
    /// The tag exists on another commit or image, and must not be moved.
    TagExists = "tag-exists" => Refused;
    /// Tags that should name one image name several, or none.
    TagsDisagree = "tags-disagree" => Refused;
    /// Somebody else moved the tag; what it points to is not what was expected.
    TagMoved = "tag-moved" => Refused;
    /// The version is not one that the branch may release.
    OutOfRange = "out-of-range" => Refused;

    /// An input is missing, misspelled or has a value that cannot be used.
    InvalidInput = "invalid-input" => Invalid;
    /// The event payload of the runner is not usable.
    InvalidEvent = "invalid-event" => Invalid;
    /// There is no git repository where one is needed.
    NotARepository = "not-a-repository" => Invalid;
    /// The history is cut off before the answer, and could not be completed.
    ShallowHistory = "shallow-history" => Invalid;
    /// Nothing exists under that name.
    NotFound = "not-found" => Invalid;
    /// A file cannot be read, or is not what it should be.
    UnreadableFile = "unreadable-file" => Invalid;
    /// The path leads out of the workspace or to a protected place.
    ForbiddenPath = "forbidden-path" => Invalid;
    /// The file does not parse as YAML.
    InvalidYaml = "invalid-yaml" => Invalid;
    /// The file does not parse as its format.
    InvalidFile = "invalid-file" => Invalid;
    /// No value stands at the key path.
    PathNotFound = "path-not-found" => Invalid;
    /// More than one value matches.
    AmbiguousMatch = "ambiguous-match" => Invalid;
    /// The value exists in several documents of one file.
    AmbiguousDocument = "ambiguous-document" => Invalid;
    /// A mapping holds the same key twice.
    DuplicateKey = "duplicate-key" => Invalid;
    /// The image occurs nowhere.
    ImageNotFound = "image-not-found" => Invalid;
    /// A digest would be left beside a tag that it does not belong to.
    StaleDigest = "stale-digest" => Invalid;
    /// The current value is not the expected one.
    UnexpectedCurrentValue = "unexpected-current-value" => Invalid;
    /// The value is an alias, or shared through an anchor or a merge key.
    SharedValue = "shared-value" => Invalid;

    /// The network or a remote service failed.
    Network = "network" => Failed;
    /// A remote service wants to be asked less often.
    RateLimited = "rate-limited" => Failed;
    /// A remote service does not take what it was asked.
    Unprocessable = "unprocessable" => Failed;
    /// What was to be made is there already.
    AlreadyExists = "already-exists" => Failed;
    /// An address that must never be reached.
    ForbiddenAddress = "forbidden-address" => Invalid;
    /// A remote service refused our credentials or rights.
    Permission = "permission" => Failed;
    /// A registry's bytes are not those that their digest names.
    DigestMismatch = "digest-mismatch" => Failed;
    /// git failed.
    Git = "git" => Failed;
    /// The remote refuses the push for good.
    PushRejected = "push-rejected" => Failed;
    /// Somebody else was faster; the driver plans again.
    LostRace = "lost-race" => Failed;
    /// A command of the user failed.
    CommandFailed = "command-failed" => Failed;
    /// The operating system refused a file operation.
    Io = "io" => Failed;
    /// A time limit was reached.
    TimedOut = "timed-out" => Failed;
    /// Somebody ended the run.
    Cancelled = "cancelled" => Failed;
    /// A defect of Slipway.
    Internal = "internal" => Failed;
}

impl Serialize for ErrorKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The exit codes of every Slipway program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitCode {
    /// Done, nothing to do, or a plan was made.
    Done = 0,
    /// Asked to act, and the answer is no.
    Refused = 1,
    /// An input is wrong, or does not fit what was read; nothing was written.
    Invalid = 2,
    /// The world failed, or we did.
    Failed = 3,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_kebab_case() {
        let mut names: Vec<_> = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
        assert!(names.iter().all(|name| name.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ErrorKind::ALL.len());
    }

    #[test]
    fn json_holds_kind_message_and_hint() {
        let error = Error::new(ErrorKind::PathNotFound, "no value at `image.tag`").hint("did you mean `image.tags`?");
        assert_eq!(
            error.to_json().to_string(),
            r#"{"kind":"path-not-found","message":"no value at `image.tag`","hint":"did you mean `image.tags`?"}"#
        );
        assert_eq!(error.to_string(), "no value at `image.tag`. did you mean `image.tags`?");
    }
}
