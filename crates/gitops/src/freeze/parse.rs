//! How a freeze window is written.

use std::str::FromStr;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use slipway_core::{Error, ErrorKind, Result};

use super::{FreezeWindow, MINUTES_OF_DAY, MINUTES_OF_WEEK, Span};

/// A part of a window, or why it is none.
type Read<T> = std::result::Result<T, String>;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const YEARS: std::ops::RangeInclusive<i32> = 2000..=2999;

/// One end of a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Date(NaiveDate, Option<NaiveTime>),
    /// A day of the week, from Monday.
    Day(i64, Option<NaiveTime>),
    Time(NaiveTime),
}

impl FromStr for FreezeWindow {
    type Err = Error;

    /// `start .. end [zone]`, where both ends are dates, days of the week, or times, each day with or without a time.
    fn from_str(text: &str) -> Result<Self> {
        let refuse = |why: String| {
            Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a freeze window: {why}")).hint(
                "write it like `Fri 16:00 .. Mon 08:00 Europe/Berlin`, `22:00 .. 06:00` or `2026-12-20 .. 2027-01-03`",
            )
        };
        let (start, end) =
            text.split_once("..").ok_or_else(|| refuse("there is no `..` between start and end".into()))?;
        let (start, end): (Vec<&str>, Vec<&str>) = (words(start), words(end));
        let (end, zone) = match end.split_last() {
            Some((zone, before)) if is_zone(zone) => (before, *zone),
            _ => (end.as_slice(), "UTC"),
        };
        let span = match (bound(&start).map_err(&refuse)?, bound(end).map_err(&refuse)?) {
            (Bound::Date(from, start), Bound::Date(to, end)) => {
                let start = from.and_time(start.unwrap_or(NaiveTime::MIN));
                let end = match end {
                    Some(time) => to.and_time(time),
                    None => to.and_time(NaiveTime::MIN) + TimeDelta::days(1),
                };
                dated(start, end).ok_or_else(|| refuse("it ends before it starts".into()))?
            }
            (Bound::Day(from, start), Bound::Day(to, end)) => {
                let start = from * MINUTES_OF_DAY + start.map_or(0, minutes);
                let end = to * MINUTES_OF_DAY + end.map_or(MINUTES_OF_DAY, minutes);
                recurring(MINUTES_OF_WEEK, start, end).ok_or_else(|| refuse(always("week")))?
            }
            (Bound::Time(start), Bound::Time(end)) => {
                recurring(MINUTES_OF_DAY, minutes(start), minutes(end)).ok_or_else(|| refuse(always("day")))?
            }
            _ => return Err(refuse("one end is a date, a day or a time, and the other is not".into())),
        };
        Ok(Self {
            text: [start.join(" "), "..".into(), end.join(" ")].join(" ") + &suffix(zone),
            span,
            zone: zone.into(),
        })
    }
}

fn suffix(zone: &str) -> String {
    if zone == "UTC" { String::new() } else { format!(" {zone}") }
}

fn always(period: &str) -> String {
    format!("it never ends within the {period}; to stop deployments until further notice, use `locked`")
}

fn words(text: &str) -> Vec<&str> {
    text.split_ascii_whitespace().collect()
}

/// Everything that can be neither a day nor a time.
fn is_zone(word: &str) -> bool {
    bound(&[word]).is_err() && !word.starts_with(|c: char| c.is_ascii_digit()) && word.len() > 2
}

fn minutes(time: NaiveTime) -> i64 {
    time.signed_duration_since(NaiveTime::MIN).num_minutes()
}

fn dated(start: NaiveDateTime, end: NaiveDateTime) -> Option<Span> {
    (start < end).then_some(Span::Dated { start, end })
}

fn recurring(period: i64, start: i64, end: i64) -> Option<Span> {
    let length = (end - start).rem_euclid(period);
    (length > 0).then_some(Span::Recurring { period, start, end: start + length })
}

fn bound(words: &[&str]) -> Read<Bound> {
    let (first, rest) = words.split_first().ok_or("an end is missing")?;
    let clock = match rest {
        [] => None,
        [time] => Some(read_time(time)?),
        [_, other, ..] => return Err(format!("`{other}` is one word too many")),
    };
    if let Some(day) = DAYS.iter().position(|day| is_day(first, day)) {
        return Ok(Bound::Day(day as i64, clock));
    }
    if first.contains(':') && clock.is_none() {
        return read_time(first).map(Bound::Time);
    }
    Ok(Bound::Date(read_date(first)?, clock))
}

/// `Fri` or `Friday`, in upper or lower case.
fn is_day(word: &str, day: &str) -> bool {
    const LONG: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = word.to_ascii_lowercase();
    word == day || LONG.iter().any(|long| word == *long && long.starts_with(day))
}

fn read_time(text: &str) -> Read<NaiveTime> {
    let read = || {
        let (hours, minutes) = text.split_once(':')?;
        NaiveTime::from_hms_opt(number(hours, 1..=2)?, number(minutes, 2..=2)?, 0)
    };
    read().ok_or_else(|| format!("`{text}` is not a time such as `16:00`"))
}

fn read_date(text: &str) -> Read<NaiveDate> {
    let read = || {
        let [year, month, day] = text.split('-').collect::<Vec<_>>()[..] else { return None };
        let year = i32::try_from(number(year, 4..=4)?).ok()?;
        NaiveDate::from_ymd_opt(year, number(month, 2..=2)?, number(day, 2..=2)?)
    };
    let date = read().ok_or_else(|| format!("`{text}` is neither a date, a day of the week nor a time"))?;
    if YEARS.contains(&date.year()) { Ok(date) } else { Err(format!("`{text}` is not in the years 2000 to 2999")) }
}

fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u32> {
    (digits.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_window_is_refused() {
        for (text, message) in [
            ("", "there is no `..`"),
            ("Fri 16:00 - Mon 08:00", "there is no `..`"),
            ("Fri 16:00 .. ", "an end is missing"),
            ("Fri 25:00 .. Mon 08:00", "`25:00` is not a time"),
            ("Fri 16 .. Mon", "`16` is not a time"),
            ("Freitag .. Montag", "`Freitag` is neither a date"),
            ("2026-12-20 .. Mon", "the other is not"),
            ("Fri .. 08:00", "the other is not"),
            ("2026-02-30 .. 2026-03-01", "`2026-02-30` is neither a date"),
            ("2027-01-03 .. 2026-12-20", "it ends before it starts"),
            ("2026-12-20 08:00 .. 2026-12-20 08:00", "it ends before it starts"),
            ("1926-12-20 .. 2026-12-20", "not in the years"),
            ("Mon .. Sun", "it never ends within the week"),
            ("08:00 .. 08:00", "it never ends within the day"),
            ("Fri 16:00 .. Mon 08:00 Europe/Berlin x", "`Europe/Berlin` is one word too many"),
            ("Fri +16:00 .. Mon 08:00", "`+16:00` is not a time"),
        ] {
            let error = text.parse::<FreezeWindow>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(message), "{text}: {error}");
        }
    }

    #[test]
    fn windows_are_shown_as_they_are_written() {
        for (text, shown) in [
            ("  friday 16:00..mon 8:00   Europe/Berlin ", "friday 16:00 .. mon 8:00 Europe/Berlin"),
            ("2026-12-20 .. 2027-01-03 UTC", "2026-12-20 .. 2027-01-03"),
            ("Sat .. Sun Etc/GMT+5", "Sat .. Sun Etc/GMT+5"),
        ] {
            assert_eq!(text.parse::<FreezeWindow>().unwrap().as_str(), shown);
        }
    }
}
