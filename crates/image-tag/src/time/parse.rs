//! Reading times.

use chrono::NaiveDate;

/// Reads a time in ISO 8601 as milliseconds since the Unix epoch: RFC 3339, such as a commit's, and what JavaScript reads beyond it.
/// What is missing at the end of the date is the first, the time of a date alone is midnight, and without an offset it is UTC;
/// smaller fractions are cut off. `None` if it is no time.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    let (date, time) = text.split_once(['T', 't', ' ']).unwrap_or((text, "00:00"));
    let mut parts = date.splitn(3, '-');
    let year = parts.next().filter(|year| year.len() == 4)?;
    let mut part = || parts.next().map_or(Some(1), number);
    let date = NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, part()?, part()?)?;

    let time = time.trim_start();
    let (clock, offset) = time.split_at(time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len()));
    let mut parts = clock.splitn(3, ':');
    let (hour, minute) = (number(parts.next()?)?, number(parts.next()?)?);
    let (second, fraction) = parts.next().map_or((Some(0), "0"), |second| match second.split_once('.') {
        Some((second, fraction)) => (number(second), fraction),
        None => (number(second), "0"),
    });
    let second = second?;
    number(fraction.get(..9).unwrap_or(fraction))?;
    let milliseconds: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let is_midnight = (hour, minute, second, milliseconds) == (24, 0, 0, 0);
    if !is_midnight && (hour > 23 || minute > 59 || second > 59) {
        return None;
    }
    let seconds = i64::from(hour * 3600 + minute * 60 + second) - offset_seconds(offset.trim())?;
    let midnight = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
    Some(midnight + seconds * 1000 + milliseconds)
}

/// `Z`, `+05:30`, `+0530`, `+05`, or nothing.
fn offset_seconds(text: &str) -> Option<i64> {
    if matches!(text, "" | "Z" | "z") {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = text.strip_prefix(['+', '-'])?.split_at_checked(2)?;
    let minutes = if minutes.is_empty() { 0 } else { number(minutes.strip_prefix(':').unwrap_or(minutes))? };
    let hours = number(hours).filter(|hours| *hours < 24 && minutes < 60)?;
    Some(sign * i64::from(hours * 3600 + minutes * 60))
}

fn number(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
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
            ("2026-02-01T10:00:00+0530", Some(1_769_920_200_000)),
            ("2026-02-01 05:30:00 +01", Some(1_769_920_200_000)),
            ("2026-02-01T04:30:00.0019Z", Some(1_769_920_200_001)),
            ("2026-02-01T04:30:00.123456789+00:00", Some(1_769_920_200_123)),
            ("2026-02-01T04:30:00.1", Some(1_769_920_200_100)),
            (" 2026-02-01t04:30z ", Some(1_769_920_200_000)),
            ("2026-01-31T24:00:00Z", Some(1_769_904_000_000)),
            ("2026-02", Some(1_769_904_000_000)),
            ("2026-2-1", Some(1_769_904_000_000)),
            ("2026", Some(1_767_225_600_000)),
            ("1969-12-31T23:59:59.999Z", Some(-1)),
            ("2026-02-29T00:00:00Z", None),
            ("2026-02-01T24:30:00Z", None),
            ("2026-02-01T23:60:00Z", None),
            ("2026-02-01T23:59:60Z", None),
            ("2026-02-01T23:59:00+24:00", None),
            ("2026-02-01T23:59:00é", None),
            ("2026-02-01T23:59:00.éZ", None),
            ("2026-02-01T23:59:00.Z", None),
            ("2026-02-01T23", None),
            ("2026-02-01T", None),
            ("26-02-01", None),
            ("1769920200", None),
            ("garbage", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
