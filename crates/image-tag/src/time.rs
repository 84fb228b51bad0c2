//! Instants as the clocks of a time zone show them, and how they are written.

mod calendar;
mod format;
mod parse;

pub(crate) use format::format;
pub(crate) use parse::parse;

/// An instant with the clock of one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ZonedInstant {
    /// Milliseconds since the Unix epoch.
    pub milliseconds: i64,
    /// Seconds east of UTC.
    pub offset_seconds: i32,
    /// What the offset is called, such as `UTC` or `CET`.
    pub abbreviation: String,
}

impl ZonedInstant {
    /// The instant in UTC.
    pub(crate) fn utc(milliseconds: i64) -> Self {
        Self { milliseconds, offset_seconds: 0, abbreviation: "UTC".into() }
    }
}

/// What is written for an instant that could not be read, whatever the pattern.
pub(crate) const INVALID: &str = "Invalid date";
