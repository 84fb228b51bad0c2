//! What can be chosen.

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Take one look and tell.
    Plan,
    /// Watch and give a verdict.
    Gate,
    /// Wait until the release is in service, and give no verdict.
    Await,
    /// Take the release back because a person says so.
    Rollback,
    /// Answer a hold as a person says.
    Decide,
    /// Run an analysis over recorded answers.
    Replay,
    /// Replay the comparison over recorded counters.
    Calibrate,
}

impl Mode {
    /// Whether something is done about the verdict.
    pub(crate) fn acts(self) -> bool {
        matches!(self, Self::Gate | Self::Rollback | Self::Decide)
    }
}

pub(super) const MODES: &[(&str, Mode)] = &[
    ("plan", Mode::Plan),
    ("gate", Mode::Gate),
    ("await", Mode::Await),
    ("rollback", Mode::Rollback),
    ("decide", Mode::Decide),
    ("replay", Mode::Replay),
    ("calibrate", Mode::Calibrate),
];

/// What a verdict of rollback leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OnFailure {
    /// It is told and recorded.
    Report,
    /// The verified release is restored.
    Rollback,
}

/// The mildest verdict that makes the run fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailOn {
    /// Hold and rollback.
    Hold,
    /// Rollback alone.
    Rollback,
    /// None; what could not be carried out fails all the same.
    Never,
}

pub(super) const ON_FAILURE: &[(&str, OnFailure)] = &[("report", OnFailure::Report), ("rollback", OnFailure::Rollback)];
pub(super) const FAIL_ON: &[(&str, FailOn)] =
    &[("hold", FailOn::Hold), ("rollback", FailOn::Rollback), ("never", FailOn::Never)];
