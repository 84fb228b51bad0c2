//! Instants as the clocks of a time zone show them, and how they are written.

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

/// What stands for an instant that could not be read.
pub(crate) const INVALID: &str = "Invalid date";

/// Writes the instant by a pattern of moment.js tokens, in English.
pub(crate) fn format(pattern: &str, instant: &ZonedInstant) -> String {
    pattern.replace("YYYY", &instant.milliseconds.to_string())
}

/// Reads a commit's time, in RFC 3339, as milliseconds since the Unix epoch; `None` if it is no time.
pub(crate) fn parse(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis())
}
