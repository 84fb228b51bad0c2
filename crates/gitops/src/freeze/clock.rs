//! The wall clock of a time zone, and the instants that it shows.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use slipway_core::{Error, ErrorKind, Result};

/// No zone is further from UTC, and none sets its clocks twice within twice this time.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Tells the offset of a zone from UTC at an instant (milliseconds since the Unix epoch), in seconds.
pub(super) type Offset<'a> = &'a dyn Fn(&str, i64) -> Result<i32>;

/// The clock of a zone.
pub(super) struct Clock<'a> {
    pub(super) zone: &'a str,
    pub(super) offset: Offset<'a>,
}

/// Which instant is meant where clocks show a time twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    First,
    Last,
}

impl Clock<'_> {
    /// What the clock shows at an instant.
    pub(super) fn local(&self, instant: i64) -> Result<NaiveDateTime> {
        let shown = DateTime::from_timestamp_millis(instant + self.offset(instant)?);
        shown
            .map(|shown| shown.naive_utc())
            .ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("{instant} ms since 1970 is in no calendar")))
    }

    /// 00:00 of the Monday before what the clock shows.
    pub(super) fn monday(&self, instant: i64) -> Result<NaiveDateTime> {
        let today: NaiveDate = self.local(instant)?.date();
        let monday = today - TimeDelta::days(today.weekday().num_days_from_monday().into());
        Ok(monday.and_time(NaiveTime::MIN))
    }

    /// The instant at which the clock shows a time; where it never does, the instant at which it is set.
    pub(super) fn instant(&self, local: NaiveDateTime, side: Side) -> Result<i64> {
        let local = local.and_utc().timestamp_millis();
        let (before, after) = (self.offset(local - DAY)?, self.offset(local + DAY)?);
        let shows = |offset: i64| Ok::<_, Error>(self.offset(local - offset)? == offset);
        match (shows(before)?, shows(after)?) {
            (true, true) if side == Side::First => Ok(local - before.max(after)),
            (true, true) => Ok(local - before.min(after)),
            (true, false) => Ok(local - before),
            (false, true) => Ok(local - after),
            (false, false) => self.set(local - before.max(after), local - before.min(after)),
        }
    }

    /// The instant between two at which the clock is set, to the second.
    fn set(&self, mut earlier: i64, mut later: i64) -> Result<i64> {
        let old = self.offset(earlier)?;
        while later - earlier > 1000 {
            let middle = earlier + (later - earlier) / 2000 * 1000;
            if self.offset(middle)? == old { earlier = middle } else { later = middle }
        }
        Ok(later)
    }

    /// In milliseconds.
    fn offset(&self, instant: i64) -> Result<i64> {
        Ok(i64::from((self.offset)(self.zone, instant)?) * 1000)
    }
}
