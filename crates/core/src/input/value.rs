//! How the text of an input becomes a value.

use std::time::Duration;

use crate::{Error, ErrorKind, Result};

/// The longest duration that any input takes.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Reads a boolean of YAML 1.2's core schema.
///
/// # Errors
/// `InvalidInput` for every other spelling, `yes` and `1` among them.
pub fn boolean(text: &str) -> Result<bool> {
    match text {
        "true" | "True" | "TRUE" => Ok(true),
        "false" | "False" | "FALSE" => Ok(false),
        _ => {
            Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a boolean"))
                .hint("write `true` or `false`"))
        }
    }
}

/// Reads one entry a line, trimmed; blank lines and lines that start with `#` do not count.
pub fn list(text: &str) -> Vec<String> {
    numbered_lines(text).map(|(_, entry)| entry.into()).collect()
}

/// The entries of a [`list`] with the numbers of their lines, from 1.
pub fn numbered_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(number, line)| (number + 1, line.trim()));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

/// Reads a length of time: numbers with `ms`, `s`, `m`, `h` or `d`, largest unit first, nothing between them.
///
/// # Errors
/// `InvalidInput` if it is something else, zero units repeat, or it is longer than 30 days.
pub fn duration(text: &str) -> Result<Duration> {
    let invalid = || {
        Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a duration"))
            .hint("write numbers with units and no spaces, such as `90s`, `5m` or `1h30m`")
    };
    let mut total = Duration::ZERO;
    let mut largest_allowed = u64::MAX;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(invalid)?;
        let number: u64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(invalid()),
        };
        rest = &rest[letters..];
        if unit >= largest_allowed {
            return Err(invalid());
        }
        largest_allowed = unit;
        total = number
            .checked_mul(unit)
            .and_then(|milliseconds| total.checked_add(Duration::from_millis(milliseconds)))
            .ok_or_else(invalid)?;
    }
    if text.is_empty() {
        return Err(invalid());
    }
    if total > LONGEST {
        return Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is longer than 30 days")));
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_yaml_1_2() {
        for (text, value) in [("true", true), ("True", true), ("FALSE", false)] {
            assert_eq!(boolean(text).unwrap(), value);
        }
        for text in ["yes", "1", "on", "tRUE", "TRUE ", ""] {
            assert_eq!(boolean(text).unwrap_err().kind(), ErrorKind::InvalidInput, "{text:?}");
        }
    }

    #[test]
    fn lists_skip_blank_lines_and_comments() {
        let text = "a\r\n\n  # no\n b, c \n";
        assert_eq!(list(text), ["a", "b, c"]);
        assert_eq!(numbered_lines(text).collect::<Vec<_>>(), [(1, "a"), (4, "b, c")]);
    }

    #[test]
    fn durations_have_units() {
        for (text, milliseconds) in
            [("90s", 90_000), ("1h30m", 5_400_000), ("250ms", 250), ("0s", 0), ("2d", 172_800_000)]
        {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(milliseconds));
        }
        for text in ["", "5", "5 m", "-1s", "1m1h", "1s1s", "1.5s", "5M", "1000000h", "99999999999999999999s"] {
            assert!(duration(text).is_err(), "{text:?}");
        }
    }
}
