//! `type=calver`: the parts of a calendar version, in the tokens of calver.org.
//!
//! `pattern` says which tag is made, `format` how versions are written. Where `format` is not given, it is a date as fine as the
//! pattern's with a number after it: `YYYY.MM.MICRO`, `YYYY.MM.DD.MICRO` or `YYYY.WW.MICRO`. A version with a modifier, such as
//! `2026.3.0-rc.1`, keeps it and gets no shorter tag and no `latest`.

use chrono::NaiveDate;
use slipway_core::{Error, ErrorKind, Result};

use super::version::Source;
use super::{Answer, Evaluate, Type};
use crate::forward::Release;
use crate::run::Run;
use crate::template::Template;

pub(super) const TYPE: Type = Type {
    name: "calver",
    priority: 900.0,
    attributes: &["pattern", "format", "value", "match", "forward"],
    parse: |attributes| {
        let text = attributes.required("pattern", "type=calver,pattern=YYYY.MM")?;
        let pattern = parse(text);
        if pattern.iter().all(|piece| matches!(piece, Piece::Text(_))) {
            let why = format!("attribute `pattern`: `{text}` has no token of calver.org");
            return Err(
                Error::new(ErrorKind::InvalidInput, why).hint("write `pattern=YYYY.MM` or `pattern={{version}}`")
            );
        }
        let format = match attributes.get("format").filter(|text| !text.is_empty()) {
            Some(text) => format(text).map_err(|error| error.context("attribute `format`"))?,
            None => usual_format(&pattern),
        };
        Ok(Box::new(Calendar { pattern, format, source: Source::parse(attributes)? }))
    },
};

struct Calendar {
    pattern: Vec<Piece>,
    format: Vec<Piece>,
    source: Source,
}

/// A piece of a pattern or a format.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Stands for itself.
    Text(String),
    /// A number of the version, written in a certain way.
    Number(Part, Style),
    /// The text after the numbers, such as `rc.1`.
    Modifier,
    /// The version without `v` and build.
    Version,
    /// The version as it was written.
    Raw,
}

/// A number of a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Week,
    Day,
    Major,
    Minor,
    Micro,
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Full,
    /// A year since 2000.
    Short,
    /// With two digits; a year since 2000.
    Padded,
}

/// The tokens, a longer one before the one that it starts with.
const TOKENS: &[(&str, Piece)] = &[
    ("{{version}}", Piece::Version),
    ("{{raw}}", Piece::Raw),
    ("YYYY", Piece::Number(Part::Year, Style::Full)),
    ("YY", Piece::Number(Part::Year, Style::Short)),
    ("0Y", Piece::Number(Part::Year, Style::Padded)),
    ("MM", Piece::Number(Part::Month, Style::Full)),
    ("0M", Piece::Number(Part::Month, Style::Padded)),
    ("WW", Piece::Number(Part::Week, Style::Full)),
    ("0W", Piece::Number(Part::Week, Style::Padded)),
    ("DD", Piece::Number(Part::Day, Style::Full)),
    ("0D", Piece::Number(Part::Day, Style::Padded)),
    ("MAJOR", Piece::Number(Part::Major, Style::Full)),
    ("MINOR", Piece::Number(Part::Minor, Style::Full)),
    ("MICRO", Piece::Number(Part::Micro, Style::Full)),
    ("MODIFIER", Piece::Modifier),
];

/// The pieces of a pattern; brackets keep text as it is.
fn parse(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some((token, piece)) = TOKENS.iter().find(|(token, _)| rest.starts_with(token)) {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(piece.clone());
            rest = &rest[token.len()..];
        } else if let Some((kept, after)) = rest.strip_prefix('[').and_then(|inside| inside.split_once(']')) {
            text.push_str(kept);
            rest = after;
        } else {
            text.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    pieces.push(Piece::Text(text));
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.is_empty()));
    pieces
}

fn format(text: &str) -> Result<Vec<Piece>> {
    let invalid = |why: &str| {
        Err(Error::new(ErrorKind::InvalidInput, format!("`{text}`: {why}"))
            .hint("write how versions look, such as `format=YYYY.0M.MICRO`"))
    };
    let mut pieces = parse(text);
    // What follows the numbers is always the modifier.
    if pieces.last() == Some(&Piece::Modifier) {
        pieces.pop();
        pieces.pop_if(|piece| matches!(piece, Piece::Text(_)));
    }
    let mut seen = Vec::new();
    for piece in &pieces {
        match piece {
            Piece::Text(_) => {}
            Piece::Number(part, _) if seen.contains(part) => return invalid("a part of the version stands twice"),
            Piece::Number(part, _) => seen.push(*part),
            Piece::Modifier => return invalid("the modifier can only stand at the end"),
            Piece::Version | Piece::Raw => return invalid("it can have no expressions"),
        }
    }
    if !seen.contains(&Part::Year) {
        return invalid("a calendar version has a year");
    }
    Ok(pieces)
}

fn usual_format(pattern: &[Piece]) -> Vec<Piece> {
    let has = |part| pattern.iter().any(|piece| matches!(piece, Piece::Number(named, _) if *named == part));
    parse(match (has(Part::Week), has(Part::Day)) {
        (true, _) => "YYYY.WW.MICRO",
        (false, true) => "YYYY.MM.DD.MICRO",
        (false, false) => "YYYY.MM.MICRO",
    })
}

impl Evaluate for Calendar {
    fn evaluate(&self, run: &Run) -> Answer {
        let raw = match self.source.text(run) {
            Ok(text) => text.replace('/', "-"),
            Err(answer) => return answer,
        };
        let version = match Version::parse(&raw, &self.format) {
            Ok(version) => version,
            Err(why) => return Answer::Fails(format!("`{raw}` is no calendar version: {why}")),
        };
        let is_final = version.modifier.is_empty();
        let is_whole = matches!(self.pattern.as_slice(), [Piece::Raw | Piece::Version]);
        let value = if is_final || is_whole { version.write(&self.pattern) } else { Ok(version.plain.into()) };
        match value {
            Ok(value) => Answer::Fires { value, latest: is_final },
            Err(why) => Answer::Fails(format!("`{raw}`: {why}")),
        }
    }

    fn release(&self, run: &Run) -> Option<Release> {
        let raw = self.source.text(run).ok()?;
        let version = Version::parse(&raw, &self.format).ok().filter(|version| version.modifier.is_empty())?;
        Some(Release::new(0, version.numbers.iter().map(|(_, number)| *number)))
    }

    fn templates(&self) -> Vec<&Template> {
        self.source.templates()
    }
}

/// A calendar version.
#[derive(Debug, PartialEq, Eq)]
struct Version<'a> {
    raw: &'a str,
    /// Without `v` and build.
    plain: &'a str,
    numbers: Vec<(Part, u64)>,
    /// The text after the numbers.
    modifier: &'a str,
}

impl<'a> Version<'a> {
    /// Reads a version. Numbers may be written with or without zeros before them; those at the end can be left out.
    fn parse(raw: &'a str, format: &[Piece]) -> std::result::Result<Self, String> {
        let written = raw.trim();
        let plain = written.strip_prefix(['v', 'V']).unwrap_or(written);
        let plain = plain.split_once('+').map_or(plain, |(before, _)| before);
        let mut numbers = Vec::new();
        // Text counts only with the number after it.
        let (mut rest, mut ahead) = (plain, plain);
        for piece in format {
            let found = match piece {
                Piece::Text(text) => ahead.strip_prefix(text.as_str()),
                Piece::Number(part, style) => match take_number(ahead) {
                    Some((number, after)) => {
                        numbers.push((*part, part.check(number, *style)?));
                        rest = after;
                        Some(after)
                    }
                    None => None,
                },
                Piece::Modifier | Piece::Version | Piece::Raw => Some(ahead),
            };
            match found {
                Some(after) => ahead = after,
                None if numbers.is_empty() => return Err("it does not start as the format does".into()),
                None => break,
            }
        }
        let modifier = rest.strip_prefix(['-', '_', '.']).unwrap_or(rest);
        let is_word = modifier.starts_with(|c: char| c.is_ascii_alphabetic())
            && modifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
        if !rest.is_empty() && !is_word {
            return Err(format!("`{rest}` does not fit the format"));
        }
        let version = Self { raw, plain, numbers, modifier };
        let date = (version.number(Part::Year), version.number(Part::Month), version.number(Part::Day));
        if let (Some(year), Some(month), Some(day)) = date
            && NaiveDate::from_ymd_opt(year as i32, month as u32, day as u32).is_none()
        {
            return Err(format!("there is no {year}-{month:02}-{day:02}"));
        }
        Ok(version)
    }

    fn number(&self, part: Part) -> Option<u64> {
        self.numbers.iter().find(|(named, _)| *named == part).map(|(_, number)| *number)
    }

    fn write(&self, pattern: &[Piece]) -> std::result::Result<String, String> {
        let mut text = String::new();
        for piece in pattern {
            match piece {
                Piece::Text(kept) => text.push_str(kept),
                Piece::Raw => text.push_str(self.raw),
                Piece::Version => text.push_str(self.plain),
                Piece::Modifier => text.push_str(self.modifier),
                Piece::Number(part, style) => {
                    let is_counted = matches!(part, Part::Major | Part::Minor | Part::Micro);
                    let missing = || format!("it has no {part:?}").to_lowercase();
                    let number = self.number(*part).or(is_counted.then_some(0)).ok_or_else(missing)?;
                    let since = if *part == Part::Year && *style != Style::Full { 2000 } else { 0 };
                    let number = number.checked_sub(since).ok_or("its year is before 2000")?;
                    text += &if *style == Style::Padded { format!("{number:02}") } else { number.to_string() };
                }
            }
        }
        Ok(text)
    }
}

impl Part {
    /// The number as this part: a month that there is, a year in full.
    fn check(self, number: u64, style: Style) -> std::result::Result<u64, String> {
        let range = match self {
            Self::Year if style != Style::Full && number < 1000 => return Ok(number + 2000),
            Self::Year if style != Style::Full => 0..=999,
            Self::Year => 1000..=9999,
            Self::Month => 1..=12,
            Self::Week => 1..=53,
            Self::Day => 1..=31,
            Self::Major | Self::Minor | Self::Micro => 0..=u64::MAX,
        };
        if range.contains(&number) { Ok(number) } else { Err(format!("there is no {self:?} {number}").to_lowercase()) }
    }
}

/// The number at the start, and what follows.
fn take_number(text: &str) -> Option<(u64, &str)> {
    let (digits, after) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    Some((digits.parse().ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(pattern: &str, given: Option<&str>, raw: &str) -> std::result::Result<(String, bool), String> {
        let pattern = parse(pattern);
        let format = given.map_or_else(|| usual_format(&pattern), |text| format(text).unwrap());
        let version = Version::parse(raw, &format)?;
        Ok((version.write(&pattern)?, version.modifier.is_empty()))
    }

    #[test]
    fn parts_are_written_in_the_tokens_of_calver() {
        for (pattern, format, raw, expected) in [
            ("YYYY.MM", None, "v2026.03.4", "2026.3"),
            ("YYYY.0M.MICRO", None, "2026.3.4", "2026.03.4"),
            ("YYYY.MM.MICRO", None, "2026.3", "2026.3.0"),
            ("YY.0M", None, "2026.3.4", "26.03"),
            ("YY", None, "2006.1", "6"),
            ("0Y", None, "2006.1", "06"),
            ("YYYY", Some("YY.MM.MICRO"), "26.3.1", "2026"),
            ("YY", Some("YY.MM"), "106.1", "106"),
            ("YYYY-0M-0D", None, "2026.3.4", "2026-03-04"),
            ("YYYY.MM.DD", None, "2026.03.04.7", "2026.3.4"),
            ("YYYY.0W", None, "2026.9.1", "2026.09"),
            ("{{version}}", None, "v2026.3.4+5", "2026.3.4"),
            ("{{raw}}", None, "v2026.3.4+5", "v2026.3.4+5"),
            ("[YYYY]-YYYY", None, "2026.3.4", "YYYY-2026"),
            ("rYYYYs", None, "2026.3.4", "r2026s"),
            ("YY.MINOR", Some("YY.MINOR.MICRO"), "24.4.1", "24.4"),
            ("0Y.0M", Some("YY.0M.MICRO"), "24.04.1", "24.04"),
            ("MAJOR.YYYY", Some("MAJOR.YYYY.MINOR"), "3.2026.1", "3.2026"),
            ("YYYY.0M.0D", Some("release-YYYY-0M-0D"), "release-2026-03-04", "2026.03.04"),
        ] {
            assert_eq!(made(pattern, format, raw), Ok((expected.into(), true)), "{pattern} {raw}");
        }
    }

    #[test]
    fn a_modifier_is_what_follows_the_numbers() {
        for (raw, modifier) in [
            ("2026.3.4-rc.1", "rc.1"),
            ("2026.3.4rc1", "rc1"),
            ("2026.3.4.dev2", "dev2"),
            ("2026.3-beta", "beta"),
            ("2026.3.4", ""),
            ("2026.3.4+build", ""),
        ] {
            assert_eq!(made("MODIFIER.YYYY", None, raw).unwrap().0, format!("{modifier}.2026"), "{raw}");
        }
        assert_eq!(format("YYYY.MM.MICRO-MODIFIER").unwrap(), parse("YYYY.MM.MICRO"));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for (raw, why) in [
            ("2026.3.4.5", "`.5` does not fit the format"),
            ("2026.13.1", "there is no month 13"),
            ("2026.0.1", "there is no month 0"),
            ("20260304", "there is no year 20260304"),
            ("1.2", "there is no year 1"),
            ("2026.", "`.` does not fit the format"),
            ("2026.3.4-", "`-` does not fit the format"),
            ("2026.3.4-1", "`-1` does not fit the format"),
            ("2026.3.4-é", "`-é` does not fit the format"),
            ("latest", "it does not start as the format does"),
            ("", "it does not start as the format does"),
            ("99999999999999999999.1", "it does not start as the format does"),
        ] {
            assert_eq!(made("YYYY.MM", None, raw), Err(why.into()), "{raw}");
        }
        assert_eq!(made("YYYY.MM.DD", None, "2026.2.29"), Err("there is no 2026-02-29".into()));
        assert_eq!(made("YYYY.WW", None, "2026.54"), Err("there is no week 54".into()));
        assert_eq!(made("YYYY.MM.DD", None, "2026.2"), Err("it has no day".into()));
        assert_eq!(made("YY", None, "1999.2"), Err("its year is before 2000".into()));
        for wrong in ["MM.MICRO", "YYYY.YY", "YYYY.{{raw}}", "MODIFIER.YYYY"] {
            assert!(format(wrong).is_err(), "{wrong}");
        }
    }
}
