//! Instants as the clocks of a time zone show them, and how they are written.

mod calendar;
mod format;

pub(crate) use format::format;

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

/// Reads a time in RFC 3339, such as a commit's, as milliseconds since the Unix epoch; smaller fractions are cut off. `None` if it is
/// no time.
pub(crate) fn parse(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text.trim()).ok().map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_offsets_and_fractions() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-01-31T23:30:00-05:00", Some(1_769_920_200_000)),
            ("2026-02-01T10:00:00+05:30", Some(1_769_920_200_000)),
            ("2026-02-01T04:30:00.0019Z", Some(1_769_920_200_001)),
            ("2026-02-01T04:30:00.123456789+00:00", Some(1_769_920_200_123)),
            (" 2026-02-01t04:30:00z ", Some(1_769_920_200_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-02-01T24:30:00Z", None),
            ("2026-02-01T04:30:00", None),
            ("garbage", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
