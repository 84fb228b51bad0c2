//! The phases of measurements, metrics and analyses.

use serde::Serialize;

/// Where a measurement, a metric or an analysis stands. Of two phases the later one is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
