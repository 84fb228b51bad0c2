//! The phases of measurements, metrics and analyses.

use serde::Serialize;

/// Where a measurement, a metric or an analysis stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Phase {
    /// Not begun.
    Pending,
    /// Not ended.
    Running,
    /// Good.
    Successful,
    /// Neither good nor bad.
    Inconclusive,
    /// Nothing could be learned.
    Error,
    /// Bad.
    Failed,
}

impl Phase {
    /// Whether it is final.
    pub fn is_completed(self) -> bool {
        self >= Self::Successful
    }

    /// Whether it ends the analysis.
    pub(super) fn ends_all(self) -> bool {
        self > Self::Successful
    }

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Running => "Running",
            Self::Successful => "Successful",
            Self::Inconclusive => "Inconclusive",
            Self::Error => "Error",
            Self::Failed => "Failed",
        }
    }
}

/// Of two phases the later one is worse.
impl PartialOrd for Phase {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Phase {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (*self as u8).cmp(&(*other as u8))
    }
}
