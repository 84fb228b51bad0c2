//! What a report says, whatever tool wrote it.

use chrono::DateTime;
use litemap::LiteMap;

/// The numbers of a report, with what says when and of what it was made.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Report {
    /// Numbers by name; those of several files are added up.
    pub(super) counts: LiteMap<&'static str, f64>,
    /// Peaks by name: of several files that have one the highest counts.
    pub(super) peaks: LiteMap<&'static str, f64>,
    /// What failed, by name, for the comparison with a base.
    pub(super) failed: Vec<String>,
    /// Commits that it was made of.
    pub(super) commits: Vec<String>,
    /// When it was made, in milliseconds since the Unix epoch: the oldest.
    pub(super) made: Option<i64>,
    /// The newest time that it lists, likewise.
    pub(super) latest: Option<i64>,
    /// What else a person should know.
    pub(super) notes: Vec<String>,
}

impl Report {
    /// Adds to a number.
    pub(super) fn add(&mut self, name: &'static str, number: f64) {
        *self.counts.entry(name).or_insert(0.0) += number;
    }

    /// A number; 0 if it was not counted.
    pub(super) fn count(&self, name: &str) -> f64 {
        self.counts.get(name).copied().unwrap_or_default()
    }

    /// Takes in the report of another file; of which commit each is was judged before.
    pub(super) fn merge(&mut self, other: Self) {
        for (name, number) in other.counts {
            self.add(name, number);
        }
        // A file without a peak could have had a higher one.
        self.peaks.retain(|name, _| other.peaks.contains_key(name));
        for (name, peak) in self.peaks.iter_mut() {
            *peak = other.peaks.get(name).map_or(*peak, |other| peak.max(*other));
        }
        self.failed.extend(other.failed);
        self.notes.extend(other.notes);
        self.latest = self.latest.max(other.latest);
    }

    /// Notes a time as tools write it; what is no time is passed over.
    pub(super) fn made_at(&mut self, text: &str) {
        self.made = [self.made, instant(text)].into_iter().flatten().min();
    }

    /// Notes a commit; what is none is passed over.
    pub(super) fn made_of(&mut self, commit: &str) {
        if is_commit(commit) && !self.commits.iter().any(|known| known == commit) {
            self.commits.push(commit.to_ascii_lowercase());
        }
    }
}

/// The first characters of a commit, as people know it.
pub(crate) fn short(commit: &str) -> &str {
    commit.get(..7).unwrap_or(commit)
}

/// Whether a text can be a commit, whole or its beginning.
pub(super) fn is_commit(text: &str) -> bool {
    (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// RFC 3339, in milliseconds since the Unix epoch; without a time zone it is taken for UTC.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let parsed = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
    // SonarQube and others write `+0000`.
    let with_colon = || text.is_char_boundary(text.len().checked_sub(2)?).then(|| text.split_at(text.len() - 2));
    let parsed = parsed.ok().or_else(|| {
        let (start, minutes) = with_colon()?;
        DateTime::parse_from_rfc3339(&format!("{start}:{minutes}")).ok()
    });
    parsed.map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_tools_write_them() {
        for text in [
            "2026-11-26T12:00:00Z",
            "2026-11-26T12:00:00",
            "2026-11-26T13:00:00+01:00",
            "2026-11-26T12:00:00.000",
            "2026-11-26T12:00:00+0000",
        ] {
            assert_eq!(instant(text), Some(1_795_694_400_000), "{text}");
        }
        for text in ["", "é", "yesterday", "2026-13-01T00:00:00Z"] {
            assert_eq!(instant(text), None, "{text}");
        }
    }
}
