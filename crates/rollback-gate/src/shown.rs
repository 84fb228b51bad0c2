//! How numbers and lengths of time are shown.

use std::time::Duration;

/// A length of time as inputs write it: `5m`, `1m30s`, `500ms`.
pub(crate) fn duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    if milliseconds == 0 || !milliseconds.is_multiple_of(1000) {
        return format!("{milliseconds}ms");
    }
    let seconds = milliseconds / 1000;
    [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number}{unit}"))
        .collect()
}

/// A length of time that is not known exactly: to five seconds, from ten minutes on to a minute.
pub(crate) fn about(length: Duration) -> String {
    let seconds = length.as_secs_f64();
    let step = if seconds < 600.0 { 5.0 } else { 60.0 };
    duration(Duration::from_secs_f64((seconds / step).ceil().max(1.0) * step))
}

/// A length of time as a clock: `4:50`, `1:00:00`.
pub(crate) fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A number of seconds: `0.25 s`.
pub(crate) fn seconds(seconds: f64) -> String {
    format!("{seconds} s")
}

/// A number with two digits that count, or all before the dot: `0.85`, `1.9`, `212`.
pub(crate) fn figures(number: f64) -> String {
    let digits = match number.abs() {
        10.0.. => 0,
        1.0.. => 1,
        _ => 2,
    };
    format!("{number:.digits$}")
}

/// Where a value lies that is above one bound of a bucket and not above the other.
pub(crate) fn interval(lower: f64, upper: f64) -> String {
    if upper.is_infinite() {
        format!("> {}", seconds(lower))
    } else if lower == 0.0 {
        format!("≤ {}", seconds(upper))
    } else {
        format!("{} to {}", seconds(lower), seconds(upper))
    }
}

/// A share in percent with three digits that count: `12.5%`, `0.143%`, `0%`.
pub(crate) fn percent(part: f64, whole: f64) -> String {
    let percent = part / whole * 100.0;
    let digits = if percent > 0.0 { (2.0 - percent.log10().floor()).clamp(0.0, 9.0) as usize } else { 0 };
    let text = format!("{percent:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_as_they_are_written() {
        for (milliseconds, expected, on_clock) in [
            (0, "0ms", "0:00"),
            (250, "250ms", "0:00"),
            (1_500, "1500ms", "0:01"),
            (90_000, "1m30s", "1:30"),
            (300_000, "5m", "5:00"),
            (3_605_000, "1h5s", "1:00:05"),
        ] {
            let length = Duration::from_millis(milliseconds);
            assert_eq!((duration(length).as_str(), clock(length).as_str()), (expected, on_clock));
        }
    }

    #[test]
    fn percentages_keep_what_counts() {
        for (part, whole, expected) in [
            (0.0, 20.0, "0%"),
            (1.0, 8.0, "12.5%"),
            (1.0, 80.0, "1.25%"),
            (5.0, 100.0, "5%"),
            (1.0, 700.0, "0.143%"),
            (20.0, 20.0, "100%"),
            (1.0, 1e9, "0.0000001%"),
        ] {
            assert_eq!(percent(part, whole), expected);
        }
    }
}
