//! What the offsets of time zones are called.
//!
//! Node knows offsets, but not the letters of the IANA database; so both hosts take the letters from one table, and agree.

use std::ops::RangeInclusive;

use super::ZoneAt;
use crate::{Error, ErrorKind, Result};

/// The letters since 2000, made from the database by a test. A line is the second of the Unix epoch until which it holds (`-`: for
/// ever), letters with the seconds east of UTC that they stand for, and zones. The first line that names a zone and holds counts.
const LETTERS: &str = include_str!("zone/letters.txt");

/// The instants, in milliseconds since the Unix epoch, that the calendars of all hosts reach: the years 100 to 9999.
const REACHED: RangeInclusive<i64> = -59_011_459_200_000..=253_402_207_200_000;

/// What a zone's clocks show at an instant, by a host that tells the offset of a zone that it knows.
pub(super) fn at(
    name: &str,
    milliseconds: i64,
    offset: impl FnOnce() -> Result<Option<i32>>,
) -> Result<Option<ZoneAt>> {
    if !REACHED.contains(&milliseconds) {
        let message = format!("{milliseconds} ms since 1970 is outside of the years 100 to 9999");
        return Err(Error::new(ErrorKind::InvalidInput, message).hint("check the date"));
    }
    if !is_name(name) {
        return Ok(None);
    }
    let zone =
        |offset_seconds| ZoneAt { offset_seconds, abbreviation: abbreviation(name, milliseconds, offset_seconds) };
    Ok(offset()?.map(zone))
}

/// Whether the database could have a zone of this name: hosts know more names, of their own making and their own meaning.
fn is_name(name: &str) -> bool {
    let is_foreign = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.contains('/') {
        true => !is_foreign("SystemV/") && !is_foreign("US/Pacific-New"),
        false => rows(name).next().is_some(),
    }
}

/// What an offset is called in a zone at an instant (milliseconds since the Unix epoch): letters, or `+0330` where the database has
/// none.
fn abbreviation(name: &str, milliseconds: i64, offset_seconds: i32) -> String {
    let second = milliseconds.div_euclid(1000);
    let letters = rows(name)
        .find(|(until, _)| until.parse().is_ok_and(|until: i64| second < until) || *until == "-")
        .and_then(|(_, letters)| {
            let words: Vec<&str> = letters.split_ascii_whitespace().collect();
            let found = words.chunks_exact(2).find(|pair| pair[1].parse() == Ok(offset_seconds))?;
            Some(found[0].to_owned())
        });
    letters.unwrap_or_else(|| numeric(offset_seconds))
}

/// When the lines that name a zone end, and their letters.
fn rows(name: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    LETTERS.lines().filter_map(move |line| {
        let (head, zones) = line.split_once(':')?;
        zones.split_ascii_whitespace().any(|zone| zone.eq_ignore_ascii_case(name)).then_some(())?;
        head.split_once(' ')
    })
}

/// `+03`, `+0330` or `+033015`, as the database writes it.
fn numeric(offset_seconds: i32) -> String {
    let sign = if offset_seconds < 0 { '-' } else { '+' };
    let seconds = offset_seconds.unsigned_abs();
    let mut text = format!("{sign}{:02}", seconds / 3600);
    if !seconds.is_multiple_of(3600) {
        text += &format!("{:02}", seconds / 60 % 60);
    }
    if !seconds.is_multiple_of(60) {
        text += &format!("{:02}", seconds % 60);
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;

    use jiff::Timestamp;
    use jiff::tz::{TimeZone, TimeZoneDatabase};

    use super::*;

    /// 2000 and 2038.
    const COVERED: [i64; 2] = [946_684_800, 2_145_916_800];

    /// The zones of the database; `Factory` is none.
    fn zones() -> impl Iterator<Item = (String, TimeZone)> {
        let database = TimeZoneDatabase::bundled();
        let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
        let names = names.into_iter().filter(|name| name != "Factory");
        names.map(move |name| {
            let zone = database.get(&name).unwrap();
            (name, zone)
        })
    }

    /// Since when which offset has which letters, the first since ever.
    fn periods(zone: &TimeZone) -> Vec<(i64, i32, String)> {
        let start = Timestamp::from_second(COVERED[0]).unwrap();
        let first = zone.to_offset_info(start);
        let mut periods = vec![(i64::MIN, first.offset().seconds(), first.abbreviation().to_owned())];
        let changes = zone
            .following(start)
            .map(|t| (t.timestamp().as_second(), t.offset().seconds(), t.abbreviation().to_owned()));
        periods.extend(changes.take_while(|(since, ..)| *since < COVERED[1]));
        periods
    }

    /// The table as the database gives it. Going back in time, a zone gets another line where an offset had other letters.
    fn generated() -> String {
        let mut rows: BTreeMap<(i64, BTreeMap<i32, String>), Vec<String>> = BTreeMap::new();
        for (name, zone) in zones() {
            let mut lines = Vec::new();
            let (mut until, mut letters) = (i64::MAX, BTreeMap::new());
            let mut end = i64::MAX;
            for (since, offset, abbreviation) in periods(&zone).into_iter().rev() {
                if letters.get(&offset).is_some_and(|other| *other != abbreviation) {
                    lines.push((until, std::mem::take(&mut letters)));
                    until = end;
                }
                letters.insert(offset, abbreviation);
                end = since;
            }
            lines.push((until, letters));
            let is_name_by_itself = name.contains('/');
            let mut is_told = false;
            for (until, mut letters) in lines {
                letters.retain(|_, abbreviation| !abbreviation.starts_with(['+', '-']));
                // Without a line there are no letters either, unless an earlier line would be found.
                if is_told || !letters.is_empty() || !is_name_by_itself {
                    rows.entry((until, letters)).or_default().push(name.clone());
                    is_told = true;
                }
            }
        }
        let mut text = String::new();
        for ((until, letters), zones) in rows {
            let until = if until == i64::MAX { "-".to_owned() } else { until.to_string() };
            let letters: String = letters.iter().map(|(offset, name)| format!("{name} {offset} ")).collect();
            writeln!(text, "{until} {}: {}", letters.trim_end(), zones.join(" ")).unwrap();
        }
        text
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "blessing writes into the sources")]
    fn the_table_is_what_the_database_gives() {
        let text = generated();
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/host/zone/letters.txt"), text).unwrap();
        } else {
            assert!(text == LETTERS, "the database has changed: BLESS=1 cargo test -p slipway-core --lib zone");
        }
    }

    #[test]
    fn every_zone_has_the_letters_of_the_database() {
        for (name, zone) in zones() {
            assert!(is_name(&name), "{name}");
            let periods = periods(&zone);
            // `-00` is written for a place where nobody is yet.
            let periods: Vec<_> = periods.into_iter().filter(|(.., letters)| letters != "-00").collect();
            for (at, (since, offset, expected)) in periods.iter().enumerate() {
                let until = periods.get(at + 1).map_or(COVERED[1], |next| next.0);
                for second in [(*since).max(COVERED[0]), until - 1] {
                    assert_eq!(
                        abbreviation(&name.to_uppercase(), second * 1000, *offset),
                        *expected,
                        "{name} {second}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_native_host_knows_the_zones() {
        let host = crate::host::native::NativeHost::new();
        let at = |name: &str, milliseconds| crate::Host::zone_at(&host, name, milliseconds).unwrap();
        let zone =
            |offset_seconds, abbreviation: &str| Some(ZoneAt { offset_seconds, abbreviation: abbreviation.into() });
        let summer = 1_782_864_000_000;
        for (name, milliseconds, expected) in [
            ("UTC", summer, zone(0, "UTC")),
            ("europe/berlin", summer, zone(7_200, "CEST")),
            ("America/New_York", 1_772_953_199_999, zone(-18_000, "EST")),
            ("America/New_York", 1_772_953_200_000, zone(-14_400, "EDT")),
            ("Asia/Tehran", summer, zone(12_600, "+0330")),
            ("America/St_Johns", summer, zone(-9_000, "NDT")),
            ("Etc/GMT+1", summer, zone(-3_600, "-01")),
            ("America/New_York", -5_000_000_000_000, zone(-17_762, "-045602")),
            ("Mars/Olympus", summer, None),
            ("JST", summer, None),
        ] {
            assert_eq!(at(name, milliseconds), expected, "{name} {milliseconds}");
        }
        assert!(crate::Host::zone_at(&host, "UTC", i64::MAX).is_err());
    }

    #[test]
    fn names_that_only_hosts_know_are_none() {
        for name in ["JST", "PST", "SystemV/EST5", "us/pacific-new", "+01:00", "Factory", "", "/", "1/2"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
