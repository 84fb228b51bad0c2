//! The fields of a calendar and a clock.

use chrono::{DateTime, Datelike, NaiveDateTime, Timelike};

use super::ZonedInstant;

/// What the calendar and the clock on the wall show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields {
    /// Counted astronomically: 0 is 1 BC.
    pub year: i32,
    /// From 1.
    pub month: u32,
    /// From 1.
    pub day: u32,
    /// From 1.
    pub day_of_year: u32,
    /// From 0, Sunday.
    pub weekday: u32,
    /// From 0.
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    pub millisecond: u32,
    /// The year that the week belongs to, and its number: weeks start on Monday and belong to the year of their Thursday (ISO 8601).
    pub iso_week: (i32, u32),
    /// The same where weeks start on Sunday and the one with 1 January is the first.
    pub week: (i32, u32),
}

impl Fields {
    /// The fields of an instant; `None` beyond the years that the calendar reaches.
    pub(super) fn of(instant: &ZonedInstant) -> Option<Self> {
        let local = instant.milliseconds.checked_add(i64::from(instant.offset_seconds) * 1000)?;
        let shown: NaiveDateTime = DateTime::from_timestamp_millis(local)?.naive_utc();
        let iso_week = shown.iso_week();
        Some(Self {
            year: shown.year(),
            month: shown.month(),
            day: shown.day(),
            day_of_year: shown.ordinal(),
            weekday: shown.weekday().num_days_from_sunday(),
            hour: shown.hour(),
            minute: shown.minute(),
            second: shown.second(),
            millisecond: shown.nanosecond() / 1_000_000,
            iso_week: (iso_week.year(), iso_week.week()),
            week: week_from_sunday(shown),
        })
    }
}

fn week_from_sunday(shown: NaiveDateTime) -> (i32, u32) {
    let (ordinal, weekday) = (shown.ordinal0(), shown.weekday().num_days_from_sunday());
    let days = if shown.date().leap_year() { 366 } else { 365 };
    // The week's Saturday decides: the week with 1 January is the first, even if it starts in December.
    if ordinal + 6 - weekday >= days {
        return (shown.year() + 1, 1);
    }
    let first_weekday = (weekday + 371 - ordinal) % 7;
    (shown.year(), (ordinal + first_weekday) / 7 + 1)
}
