//! Findings that are accepted for a while.

use super::report::instant;

/// The largest list.
pub(super) const SIZE_LIMIT: u64 = 1024 * 1024;

/// What is accepted: one finding a line, `CVE-2024-1234 until 2026-12-31 why`.
#[derive(Debug, Default)]
pub(crate) struct AllowList {
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    rule: String,
    until: String,
    is_expired: bool,
    is_used: bool,
}

impl AllowList {
    /// Reads the lines; an entry counts to the end of its day.
    ///
    /// # Errors
    /// The line that is wrong, for people.
    pub(super) fn parse(text: &str, now: i64) -> Result<Self, String> {
        let entries = slipway_core::input::numbered_lines(text).map(|(number, line)| {
            let mut words = line.split_whitespace();
            let (rule, word, until) =
                (words.next().unwrap_or_default(), words.next(), words.next().unwrap_or_default());
            let end = instant(&format!("{until}T23:59:59.999Z"));
            match (word, end) {
                (Some("until"), Some(end)) => {
                    Ok(Entry { rule: rule.into(), until: until.into(), is_expired: end < now, is_used: false })
                }
                _ => Err(format!("line {number}: write `{rule} until 2026-12-31` and a reason")),
            }
        });
        Ok(Self { entries: entries.collect::<Result<_, _>>()? })
    }

    /// Whether a finding is accepted.
    pub(super) fn covers(&mut self, rule: &str) -> bool {
        let mut is_covered = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.rule == rule) {
            entry.is_used = true;
            is_covered |= !entry.is_expired;
        }
        is_covered
    }

    /// The entries that no longer count for findings that are there.
    pub(super) fn expired(&self) -> impl Iterator<Item = String> + '_ {
        let expired = self.entries.iter().filter(|entry| entry.is_expired && entry.is_used);
        expired.map(|entry| format!("`{}` was accepted until {} only", entry.rule, entry.until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_counts_to_the_end_of_its_day() {
        let noon = 1_795_694_400_000;
        let list = |text: &str| AllowList::parse(text, noon);
        assert!(list("# why\n\nA until 2026-11-26 today").unwrap().covers("A"));
        let mut expired = list("A until 2026-11-25").unwrap();
        assert!(!expired.covers("A") && !expired.covers("B"));
        assert_eq!(expired.expired().collect::<Vec<_>>(), ["`A` was accepted until 2026-11-25 only"]);
        for wrong in ["A", "A for ever", "A until tomorrow", "A until 2026-02-30"] {
            assert!(list(wrong).is_err(), "{wrong}");
        }
    }
}
