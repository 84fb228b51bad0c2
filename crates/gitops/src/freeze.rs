//! Freeze windows: times at which nothing is deployed.
//!
//! A window is written in the clock of a time zone and stands for instants. Where clocks are set, its start is the first instant that
//! shows its time and its end the last one; a time that clocks skip is the instant at which they are set. So no window opens or
//! closes twice, and none is shorter than its author meant.

mod clock;
mod parse;

use chrono::{NaiveDateTime, TimeDelta};
use serde::Serialize;
use slipway_core::context::day_and_time;
use slipway_core::{Error, ErrorKind, Host, Result};

use clock::{Clock, Side};

/// How many windows that follow one another without a gap are joined to say when the last one ends.
const JOINED_LIMIT: usize = 100;

const MINUTES_OF_DAY: i64 = 24 * 60;
const MINUTES_OF_WEEK: i64 = 7 * MINUTES_OF_DAY;

/// A time at which nothing is deployed: `Fri 16:00 .. Mon 08:00 Europe/Berlin`, `22:00 .. 06:00` or
/// `2026-12-20 .. 2027-01-03`. A day without a time is the whole day; without a time zone, UTC counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreezeWindow {
    text: String,
    span: Span,
    zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Span {
    /// Every `period` minutes: from and to so many minutes after Monday, 00:00. The end can lie in the next period.
    Recurring { period: i64, start: i64, end: i64 },
    /// Once.
    Dated { start: NaiveDateTime, end: NaiveDateTime },
}

/// An open window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Frozen {
    /// The window as it is written.
    pub window: String,
    /// When it and those that follow without a gap have ended, in milliseconds since the Unix epoch; none if they go on and on.
    pub until: Option<i64>,
    /// The same on the clock of the window's zone.
    pub shown: String,
}

impl FreezeWindow {
    /// The window as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// When the window ends, if it is open at an instant; both in milliseconds since the Unix epoch.
    fn open(&self, clock: &Clock<'_>, now: i64) -> Result<Option<i64>> {
        let bounds: Vec<(NaiveDateTime, NaiveDateTime)> = match self.span {
            Span::Dated { start, end } => vec![(start, end)],
            Span::Recurring { period, start, end } => {
                let monday = clock.monday(now)?;
                let since = clock.local(now)?.signed_duration_since(monday).num_minutes();
                let begun = since - since.rem_euclid(period);
                let at = |minutes: i64| monday.checked_add_signed(TimeDelta::minutes(minutes));
                let around = [-period, 0, period].map(|shift| begun + shift);
                around.into_iter().filter_map(|begun| Some((at(begun + start)?, at(begun + end)?))).collect()
            }
        };
        for (start, end) in bounds {
            let (start, end) = (clock.instant(start, Side::First)?, clock.instant(end, Side::Last)?);
            if (start..end).contains(&now) {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }
}

/// Whether one of the windows is open, and until when.
///
/// # Errors
/// `InvalidInput` for a time zone that does not exist, whether its window is open or not.
pub fn frozen<H: Host>(host: &H, windows: &[FreezeWindow], now: i64) -> Result<Option<Frozen>> {
    let offset = |zone: &str, at: i64| -> Result<i32> {
        host.zone_at(zone, at)?.map(|zone| zone.offset_seconds).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, format!("there is no time zone `{zone}`"))
                .hint("write a name of the IANA database, such as `Europe/Berlin` or `UTC`")
        })
    };
    let mut open: Option<(&FreezeWindow, i64)> = None;
    for window in windows {
        let in_window = |at| {
            let clock = Clock { zone: &window.zone, offset: &offset };
            window.open(&clock, at).map_err(|error| error.context(format!("freeze window `{}`", window.text)))
        };
        if let Some(until) = in_window(now)?
            && open.is_none_or(|(_, longest)| until > longest)
        {
            open = Some((window, until));
        }
    }
    let Some((window, until)) = open else { return Ok(None) };
    let until = joined(windows, until, &offset)?;
    let clock = Clock { zone: &window.zone, offset: &offset };
    let shown = match until {
        Some(until) => {
            let local = clock.local(until)?.and_utc().timestamp_millis();
            format!("{} {}", day_and_time(local), window.zone)
        }
        None => "no end in sight".into(),
    };
    Ok(Some(Frozen { window: window.text.clone(), until, shown }))
}

/// The end of the windows that are open one after another from an instant on.
fn joined(windows: &[FreezeWindow], from: i64, offset: &dyn Fn(&str, i64) -> Result<i32>) -> Result<Option<i64>> {
    let mut until = from;
    for _ in 0..JOINED_LIMIT {
        let mut longer = None;
        for window in windows {
            let clock = Clock { zone: &window.zone, offset };
            longer = longer.max(window.open(&clock, until)?);
        }
        match longer {
            Some(later) => until = later,
            None => return Ok(Some(until)),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use slipway_core::host::native::NativeHost;

    use super::*;

    fn instant(text: &str) -> i64 {
        chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
    }

    fn until(windows: &[&str], now: &str) -> Option<String> {
        let windows: Vec<FreezeWindow> = windows.iter().map(|text| text.parse().unwrap()).collect();
        frozen(&NativeHost::new(), &windows, instant(now)).unwrap().map(|frozen| frozen.shown)
    }

    #[test]
    fn windows_are_open_from_their_start_to_before_their_end() {
        let weekend = "Fri 16:00 .. Mon 08:00 Europe/Berlin";
        let year = "2026-12-20 .. 2027-01-03";
        for (window, now, expected) in [
            (weekend, "2026-11-27T14:59:59Z", None),
            (weekend, "2026-11-27T15:00:00Z", Some("2026-11-30 08:00 Europe/Berlin")),
            (weekend, "2026-11-30T06:59:59Z", Some("2026-11-30 08:00 Europe/Berlin")),
            (weekend, "2026-11-30T07:00:00Z", None),
            (weekend, "2026-07-03T14:00:00Z", Some("2026-07-06 08:00 Europe/Berlin")),
            (year, "2026-12-19T23:59:59Z", None),
            (year, "2026-12-20T00:00:00Z", Some("2027-01-04 00:00 UTC")),
            (year, "2027-01-03T23:59:59Z", Some("2027-01-04 00:00 UTC")),
            (year, "2027-01-04T00:00:00Z", None),
            ("2026-12-24 12:00 .. 2026-12-27 06:30", "2026-12-27T06:29:00Z", Some("2026-12-27 06:30 UTC")),
            ("22:00 .. 06:00", "2026-11-26T21:59:00Z", None),
            ("22:00 .. 06:00", "2026-11-26T22:00:00Z", Some("2026-11-27 06:00 UTC")),
            ("22:00 .. 06:00", "2026-11-27T05:59:00Z", Some("2026-11-27 06:00 UTC")),
            ("09:00 .. 17:00 America/New_York", "2026-11-26T14:00:00Z", Some("2026-11-26 17:00 America/New_York")),
            ("Sat .. Sun", "2026-11-28T00:00:00Z", Some("2026-11-30 00:00 UTC")),
            ("Sat .. Sun", "2026-11-30T00:00:00Z", None),
            ("Sun .. Sun", "2026-11-29T23:59:00Z", Some("2026-11-30 00:00 UTC")),
            ("Mon 08:00 .. Mon 07:00", "2026-11-30T07:30:00Z", None),
            ("Mon 08:00 .. Mon 07:00", "2026-11-30T06:30:00Z", Some("2026-11-30 07:00 UTC")),
            ("Sat .. Sun Pacific/Auckland", "2026-11-27T11:00:00Z", Some("2026-11-30 00:00 Pacific/Auckland")),
        ] {
            assert_eq!(until(&[window], now).as_deref(), expected, "{window} at {now}");
        }
    }

    #[test]
    fn windows_that_touch_are_one() {
        let windows = ["Fri 16:00 .. Sun", "Mon 00:00 .. Mon 08:00", "2026-11-30 07:00 .. 2026-12-01 12:00"];
        assert_eq!(until(&windows, "2026-11-27T16:00:00Z").as_deref(), Some("2026-12-01 12:00 UTC"));
        let always = ["00:00 .. 12:00", "12:00 .. 00:00"];
        assert_eq!(until(&always, "2026-11-27T16:00:00Z").as_deref(), Some("no end in sight"));
    }

    /// In Berlin, clocks go from 02:00 to 03:00 on 2026-03-29 (01:00 UTC) and from 03:00 to 02:00 on 2026-10-25 (01:00 UTC).
    #[test]
    fn a_window_opens_and_closes_once_where_clocks_are_set() {
        for (window, opens, closes) in [
            // A time that is skipped is the instant at which clocks are set.
            ("2026-03-29 02:30 .. 2026-03-29 04:00 Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z"),
            ("2026-03-29 00:00 .. 2026-03-29 02:30 Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T01:00:00Z"),
            // Of a time that comes twice, the first starts and the last ends.
            ("2026-10-25 02:30 .. 2026-10-25 04:00 Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"),
            ("2026-10-25 00:00 .. 2026-10-25 02:30 Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T01:30:00Z"),
            ("2026-10-25 02:10 .. 2026-10-25 02:20 Europe/Berlin", "2026-10-25T00:10:00Z", "2026-10-25T01:20:00Z"),
            ("Sun 02:30 .. Sun 04:00 Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"),
            ("02:30 .. 04:00 Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T03:00:00Z"),
            // Clocks are set at midnight, from 24:00 back to 23:00.
            ("2026-04-04 23:30 .. 2026-04-05 America/Santiago", "2026-04-05T02:30:00Z", "2026-04-06T04:00:00Z"),
            // Half an hour.
            (
                "2026-04-05 01:45 .. 2026-04-05 03:00 Australia/Lord_Howe",
                "2026-04-04T14:45:00Z",
                "2026-04-04T16:30:00Z",
            ),
        ] {
            for (at, shift, is_open) in [(opens, -1, false), (opens, 0, true), (closes, -1, true), (closes, 0, false)] {
                let window: FreezeWindow = window.parse().unwrap();
                let open = frozen(&NativeHost::new(), std::slice::from_ref(&window), instant(at) + shift).unwrap();
                assert_eq!(open.is_some(), is_open, "{} at {at} {shift:+} ms", window.as_str());
            }
        }
    }

    #[test]
    fn a_time_zone_must_exist_even_while_its_window_is_closed() {
        let windows = ["2020-01-01 .. 2020-01-02 Mars/Olympus".parse().unwrap()];
        let error = frozen(&NativeHost::new(), &windows, 0).unwrap_err();
        assert!(error.message().ends_with("there is no time zone `Mars/Olympus`"), "{error}");
    }
}
