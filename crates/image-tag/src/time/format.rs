//! The tokens of moment.js (2.30), in English.

use super::calendar::Fields;
use super::{INVALID, ZonedInstant};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Tokens that stand for a pattern, in the order in which they are tried.
const LONG: &[&str] = &["LTS", "LT", "LLLL", "LLL", "LL", "L", "llll", "lll", "ll", "l"];

/// The tokens in the order in which they are tried. `w|` and `W|` stand for themselves: moment reads each as one.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "Hmmss", "Hmm", "hmmss", "hmm", "Mo", "MMMM", "MMM", "MM", "M", "Do", "DDDo", "DDDD", "DDD", "DD", "D", "dddd", "ddd",
    "dd", "do", "d", "wo", "w|", "ww", "w", "Wo", "W|", "WW", "W", "Qo", "Q", "NNNNN", "NNNN", "NNN", "NN", "N", "YYYYYY",
    "YYYYY", "YYYY", "YY", "Y", "yyyy", "yyy", "yy", "yo", "y", "ggggg", "gggg", "gg", "GGGGG", "GGGG", "GG", "e", "E", "a",
    "A", "hh", "h", "HH", "H", "kk", "k", "mm", "m", "ss", "s", "SSSSSSSSS", "SSSSSSSS", "SSSSSSS", "SSSSSS", "SSSSS", "SSSS",
    "SSS", "SS", "S", "x", "X", "zz", "z", "ZZ", "Z",
];

/// Writes the instant by a pattern; without one, by ISO 8601. `[…]` and `\` keep text as it is, and line breaks are left out.
pub(crate) fn format(pattern: &str, instant: &ZonedInstant) -> String {
    let Some(fields) = Fields::of(instant) else { return INVALID.into() };
    let pattern = match (pattern, instant.offset_seconds) {
        ("", 0) => "YYYY-MM-DDTHH:mm:ss[Z]",
        ("", _) => "YYYY-MM-DDTHH:mm:ssZ",
        (given, _) => given,
    };
    let pattern = written_out(pattern);
    let mut output = String::new();
    let mut rest = pattern.as_str();
    while let Some(piece) = next(rest, TOKENS, true) {
        match piece {
            Piece::Kept(text) => output.push_str(&text[1..text.len() - 1]),
            Piece::Escaped(text) => output.push_str(text.trim_start_matches('\\')),
            Piece::Token(token) => output.push_str(&value(token, &fields, instant)),
            Piece::Other("\n" | "\r" | "\u{2028}" | "\u{2029}" | "\\") => {}
            Piece::Other(text) => output.push_str(text),
        }
        rest = &rest[piece.text().len()..];
    }
    output
}

/// The pattern with the long forms written out; what is kept as it is stays so.
fn written_out(pattern: &str) -> String {
    let mut output = String::new();
    let mut rest = pattern;
    while let Some(piece) = next(rest, LONG, false) {
        output.push_str(match piece.text() {
            "LTS" => "h:mm:ss A",
            "LT" => "h:mm A",
            "L" => "MM/DD/YYYY",
            "LL" => "MMMM D, YYYY",
            "LLL" => "MMMM D, YYYY h:mm A",
            "LLLL" => "dddd, MMMM D, YYYY h:mm A",
            "l" => "M/D/YYYY",
            "ll" => "MMM D, YYYY",
            "lll" => "MMM D, YYYY h:mm A",
            "llll" => "ddd, MMM D, YYYY h:mm A",
            other => other,
        });
        rest = &rest[piece.text().len()..];
    }
    output
}

/// A piece of a pattern as it stands there.
#[derive(Clone, Copy)]
enum Piece<'a> {
    /// Text in brackets.
    Kept(&'a str),
    /// A token or a character after a backslash.
    Escaped(&'a str),
    /// A token.
    Token(&'a str),
    /// A character.
    Other(&'a str),
}

impl<'a> Piece<'a> {
    fn text(self) -> &'a str {
        let (Self::Kept(text) | Self::Escaped(text) | Self::Token(text) | Self::Other(text)) = self;
        text
    }
}

/// The first piece of what is left; `None` at the end. A backslash keeps a token, or any character if so told.
fn next<'a>(rest: &'a str, tokens: &[&str], escapes_characters: bool) -> Option<Piece<'a>> {
    let first = rest.chars().next()?;
    if let Some(inside) = rest.strip_prefix('[')
        && let Some(end) = inside[..inside.find('[').unwrap_or(inside.len())].rfind(']')
    {
        return Some(Piece::Kept(&rest[..end + 2]));
    }
    let token = |text: &str| tokens.iter().find(|token| text.starts_with(**token)).map(|token| token.len());
    if let Some(escaped) = rest.strip_prefix('\\') {
        let character = || escaped.chars().next().filter(|_| escapes_characters).map(char::len_utf8);
        if let Some(length) = token(escaped).or_else(character) {
            return Some(Piece::Escaped(&rest[..length + 1]));
        }
    }
    Some(match token(rest) {
        Some(length) => Piece::Token(&rest[..length]),
        None => Piece::Other(&rest[..first.len_utf8()]),
    })
}

fn value(token: &str, fields: &Fields, instant: &ZonedInstant) -> String {
    let year = i64::from(fields.year);
    let unsigned = |number: u32, width| padded(i64::from(number), width);
    let twelve = (fields.hour + 11) % 12 + 1;
    let through_24 = (fields.hour + 23) % 24 + 1;
    let (iso_year, iso_week) = (i64::from(fields.iso_week.0), fields.iso_week.1);
    let (week_year, week) = (i64::from(fields.week.0), fields.week.1);
    let quarter = fields.month.div_ceil(3);
    let era_year = if year > 0 { year } else { 1 - year };
    let month = MONTHS[fields.month as usize - 1];
    let day = DAYS[fields.weekday as usize];
    let width = token.len();
    match token {
        "M" | "MM" => unsigned(fields.month, width),
        "Mo" => ordinal(fields.month),
        "MMM" => month[..3].into(),
        "MMMM" => month.into(),
        "Q" => unsigned(quarter, 1),
        "Qo" => ordinal(quarter),
        "D" | "DD" => unsigned(fields.day, width),
        "Do" => ordinal(fields.day),
        "DDD" => unsigned(fields.day_of_year, 1),
        "DDDD" => unsigned(fields.day_of_year, 3),
        "DDDo" => ordinal(fields.day_of_year),
        "d" | "e" => unsigned(fields.weekday, 1),
        "do" => ordinal(fields.weekday),
        "dd" | "ddd" => day[..width].into(),
        "dddd" => day.into(),
        "E" => unsigned((fields.weekday + 6) % 7 + 1, 1),
        "w" | "ww" => unsigned(week, width),
        "wo" => ordinal(week),
        "W" | "WW" => unsigned(iso_week, width),
        "Wo" => ordinal(iso_week),
        "gg" => padded(week_year % 100, 2),
        "gggg" | "ggggg" => padded(week_year, width),
        "GG" => padded(iso_year % 100, 2),
        "GGGG" | "GGGGG" => padded(iso_year, width),
        "Y" if year > 9999 => signed(year, 1),
        "Y" => padded(year, 4),
        "YY" => padded(year % 100, 2),
        "YYYY" | "YYYYY" => padded(year, width),
        "YYYYYY" => signed(year, 6),
        "y" | "yy" | "yyy" | "yyyy" => padded(era_year, width),
        "yo" => ordinal(u32::try_from(era_year).unwrap_or(u32::MAX)),
        "NNNN" if year > 0 => "Anno Domini".into(),
        "NNNN" => "Before Christ".into(),
        "N" | "NN" | "NNN" | "NNNNN" if year > 0 => "AD".into(),
        "N" | "NN" | "NNN" | "NNNNN" => "BC".into(),
        "A" if fields.hour < 12 => "AM".into(),
        "A" => "PM".into(),
        "a" if fields.hour < 12 => "am".into(),
        "a" => "pm".into(),
        "H" | "HH" => unsigned(fields.hour, width),
        "h" | "hh" => unsigned(twelve, width),
        "k" | "kk" => unsigned(through_24, width),
        "m" | "mm" => unsigned(fields.minute, width),
        "s" | "ss" => unsigned(fields.second, width),
        "hmm" | "Hmm" | "hmmss" | "Hmmss" => {
            let hour = if token.starts_with('h') { twelve } else { fields.hour };
            let mut text = unsigned(hour, 1) + &unsigned(fields.minute, 2);
            if token.ends_with('s') {
                text += &unsigned(fields.second, 2);
            }
            text
        }
        "S" | "SS" | "SSS" => unsigned(fields.millisecond, 3)[..width].into(),
        "Z" => offset(instant.offset_seconds, ":"),
        "ZZ" => offset(instant.offset_seconds, ""),
        "z" | "zz" => instant.abbreviation.clone(),
        "X" => instant.milliseconds.div_euclid(1000).to_string(),
        "x" => instant.milliseconds.to_string(),
        _ if token.starts_with('S') => unsigned(fields.millisecond, 3) + &"0".repeat(width - 3),
        _ => token.into(),
    }
}

fn padded(number: i64, width: usize) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}{digits}", "0".repeat(width.saturating_sub(digits.len())))
}

fn signed(number: i64, width: usize) -> String {
    let sign = if number < 0 { "" } else { "+" };
    format!("{sign}{}", padded(number, width))
}

/// `+05:30`: seconds are cut off.
fn offset(seconds: i32, separator: &str) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = i64::from(seconds).abs() / 60;
    format!("{sign}{}{separator}{}", padded(minutes / 60, 2), padded(minutes % 60, 2))
}

fn ordinal(number: u32) -> String {
    let ending = match (number % 10, number / 10 % 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(milliseconds: i64, offset_seconds: i32, abbreviation: &str) -> ZonedInstant {
        ZonedInstant { milliseconds, offset_seconds, abbreviation: abbreviation.into() }
    }

    fn written(pattern: &str) -> String {
        format(pattern, &instant(1_772_600_767_089, 19_800, "IST"))
    }

    #[test]
    fn every_token_is_written_as_moment_does() {
        for (pattern, expected) in [
            ("YYYY|YY|Y|YYYYY|YYYYYY|yyyy|y|yo", "2026|26|2026|02026|+002026|2026|2026|2026th"),
            ("Q|Qo|M|Mo|MM|MMM|MMMM", "1|1st|3|3rd|03|Mar|March"),
            ("D|Do|DD|DDD|DDDo|DDDD", "4|4th|04|63|63rd|063"),
            ("d|do|dd|ddd|dddd|e|E", "3|3rd|We|Wed|Wednesday|3|3"),
            ("w wo ww W Wo WW", "10 10th 10 10 10th 10"),
            ("w|W|", "w|W|"),
            ("gg|gggg|ggggg|GG|GGGG|GGGGG", "26|2026|02026|26|2026|02026"),
            ("A|a|H|HH|h|hh|k|kk|m|mm|s|ss", "AM|am|10|10|10|10|10|10|36|36|7|07"),
            ("S|SS|SSS|SSSS|SSSSSSSSS|SSSSSSSSSS", "0|08|089|0890|089000000|0890000000"),
            ("Z|ZZ|z|zz|X|x", "+05:30|+0530|IST|IST|1772600767|1772600767089"),
            ("LT|LTS|L|LL", "10:36 AM|10:36:07 AM|03/04/2026|March 4, 2026"),
            ("LLL|LLLL", "March 4, 2026 10:36 AM|Wednesday, March 4, 2026 10:36 AM"),
            ("l|ll|lll|llll", "3/4/2026|Mar 4, 2026|Mar 4, 2026 10:36 AM|Wed, Mar 4, 2026 10:36 AM"),
            ("N|NNNN|NNNNN", "AD|Anno Domini|AD"),
            ("hmm|hmmss|Hmm|Hmmss|hhmm|Hmmm", "1036|103607|1036|103607|1036|103636"),
            ("dDo zzz ZZZ ggg", "34th ISTIST +0530+05:30 26g"),
            ("", "2026-03-04T10:36:07+05:30"),
        ] {
            assert_eq!(written(pattern), expected, "{pattern}");
        }
        assert_eq!(format("", &ZonedInstant::utc(1_772_600_767_089)), "2026-03-04T05:06:07Z");
    }

    #[test]
    fn brackets_and_backslashes_keep_text() {
        for (pattern, expected) in [
            ("[YYYY] YYYY", "YYYY 2026"),
            ("[a]b]YY", "a]b26"),
            ("[a[b]", "[amb"),
            ("[]D", "4"),
            ("[open D", "[op3n 4"),
            ("\\[a]", "[am]"),
            ("\\YY \\\\YY", "YY 26"),
            ("L[L]\\L \\\\L", "03/04/2026LL L"),
            ("D\\", "4"),
            ("D\nD", "44"),
            ("é YYYY ☃", "é 2026 ☃"),
            ("YY.0M.MICRO", "26.03.3ICRO"),
        ] {
            assert_eq!(written(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn years_and_weeks_turn_where_they_should() {
        let pattern = "GGGG.WW.E gggg.ww DDDD HHmmss.SSS";
        for (milliseconds, expected) in [
            (1_772_953_199_999, "2026.10.7 2026.11 067 065959.999"),
            (1_793_511_000_000, "2026.44.7 2026.45 305 053000.000"),
            (1_798_761_600_000, "2026.53.5 2027.01 001 000000.000"),
            (1_735_560_000_005, "2025.01.1 2025.01 365 120000.005"),
            (1_835_481_599_120, "2028.09.2 2028.10 060 235959.120"),
            (-1, "1970.01.3 1970.01 365 235959.999"),
        ] {
            assert_eq!(format(pattern, &ZonedInstant::utc(milliseconds)), expected);
        }
    }

    #[test]
    fn odd_offsets_and_years_are_written() {
        for (instant, expected) in [
            (instant(0, -17_762, "LMT"), "1969-12-31 19:03:58 -04:56 LMT"),
            (instant(0, -1_800, "-0030"), "1969-12-31 23:30:00 -00:30 -0030"),
            (instant(253_402_300_800_000, 0, "UTC"), "10000-01-01 00:00:00 +00:00 UTC"),
            (instant(-62_198_755_200_000, 0, "UTC"), "-0001-01-01 00:00:00 +00:00 UTC"),
            (instant(i64::MAX, 0, "UTC"), "Invalid date"),
            (instant(i64::MIN, -1, "UTC"), "Invalid date"),
        ] {
            assert_eq!(format("YYYY-MM-DD HH:mm:ss Z z", &instant), expected);
        }
        assert_eq!(format("Y y N", &instant(253_402_300_800_000, 0, "")), "+10000 10000 AD");
        assert_eq!(format("Y y N NNNN", &instant(-62_198_755_200_000, 0, "")), "-0001 2 BC Before Christ");
    }
}
