//! What a reconciler tells about its work.

use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

/// What runs in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// The image's digest.
    pub digest: String,
    /// The version that its release file names.
    pub version: String,
    /// The newest commit of the config repository that touched the manifest; `None` when git did not ask for this.
    pub config_commit: Option<String>,
    /// When users were switched to it.
    pub since: SystemTime,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: SystemTime,
    /// The environment, for all but what concerns the whole config repository.
    pub environment: Option<String>,
    /// What.
    pub change: Change,
}

/// What can happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The config repository has a new head.
    Fetched {
        /// Its id.
        commit: String,
    },
    /// The config repository cannot be fetched; what runs stays.
    Unreachable {
        /// What git said.
        reason: String,
    },
    /// The manifest cannot be followed; what runs stays.
    Refused {
        /// What is wrong with it.
        reason: String,
    },
    /// A process was started; users do not reach it yet.
    Started {
        /// The image's digest.
        digest: String,
        /// The version.
        version: String,
    },
    /// Some users reach what git newly asks for, beside what runs.
    Shared {
        /// The image's digest.
        digest: String,
        /// The version.
        version: String,
        /// How many of them, in percent.
        percent: u8,
    },
    /// Users were switched to what git newly asks for.
    Switched {
        /// What they reach now.
        running: Running,
    },
    /// What git asks for was put back, after something else took its place or it died.
    Healed {
        /// What users reach now.
        running: Running,
    },
    /// Something was put into service by hand.
    Tampered {
        /// What users reach now.
        running: Running,
    },
    /// What git asks for cannot be brought into service; what ran before stays.
    Degraded {
        /// The digest that was asked for.
        digest: String,
        /// Why.
        reason: String,
    },
    /// A process that was switched away from has ended.
    Drained {
        /// The image's digest.
        digest: String,
        /// The exit code; −1 when it had to be killed.
        code: i32,
    },
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(environment) = &self.environment {
            write!(f, "{environment}: ")?;
        }
        write!(f, "{}", self.change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fetched { commit } => write!(f, "fetched {}", short(commit)),
            Self::Unreachable { reason } => write!(f, "cannot fetch: {reason}"),
            Self::Refused { reason } => write!(f, "refused: {reason}"),
            Self::Started { digest, version } => write!(f, "started {version} ({})", short(digest)),
            Self::Shared { digest, version, percent } => {
                write!(f, "{percent} % of users reach {version} ({})", short(digest))
            }
            Self::Switched { running } => write!(f, "switched to {} ({})", running.version, short(&running.digest)),
            Self::Healed { running } => write!(f, "healed: back to {} ({})", running.version, short(&running.digest)),
            Self::Tampered { running } => write!(f, "by hand: {} ({})", running.version, short(&running.digest)),
            Self::Degraded { digest, reason } => write!(f, "degraded: {}: {reason}", short(digest)),
            Self::Drained { digest, code } => write!(f, "drained {} (exit code {code})", short(digest)),
        }
    }
}

/// The first twelve digits of a commit id or of a digest without its algorithm.
fn short(id: &str) -> &str {
    let digits = id.trim_start_matches("sha256:");
    digits.get(..12).unwrap_or(digits)
}

/// A complaint that is made once, not at every look.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    /// About fetching the config repository.
    Fetch,
    /// About one environment.
    Environment(String),
}

/// The events so far.
#[derive(Default)]
pub(super) struct Journal {
    events: Vec<Event>,
    said: BTreeMap<Said, Change>,
}

impl Journal {
    pub(super) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(super) fn add(&mut self, environment: Option<&str>, change: Change) {
        self.events.push(Event { at: SystemTime::now(), environment: environment.map(str::to_owned), change });
    }

    /// Adds a complaint unless it is the last one made about the same thing.
    pub(super) fn say(&mut self, about: Said, environment: Option<&str>, change: Change) {
        if self.said.get(&about) != Some(&change) {
            self.said.insert(about, change.clone());
            self.add(environment, change);
        }
    }

    /// There is no more reason to complain.
    pub(super) fn clear(&mut self, about: &Said) {
        self.said.remove(about);
    }
}
