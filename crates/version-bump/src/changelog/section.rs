//! The changes of a release, in the groups of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

use crate::decision::Decision;
use crate::notes::{About, Entry, contributors};
use crate::version::Bump;
use slipway_core::order;

/// From this length on, in bytes, the changes of a release are cut short.
const LIMIT: usize = 100_000;

/// A group: its title, what others call it, and whether a change belongs to it.
pub(super) struct Group {
    pub title: &'static str,
    also: &'static [&'static str],
    takes: fn(&Entry<'_>) -> bool,
}

impl Group {
    /// Whether a heading is this group's.
    pub(super) fn is_called(&self, heading: &str) -> bool {
        self.title.eq_ignore_ascii_case(heading) || self.also.iter().any(|word| word.eq_ignore_ascii_case(heading))
    }
}

/// The groups in their order. The first that takes a change has it.
pub(super) const GROUPS: [Group; 6] = [
    Group { title: "Added", also: &["Features", "New features"], takes: |entry| entry.is("feat") },
    Group {
        title: "Deprecated",
        also: &["Deprecations"],
        takes: |entry| entry.is("deprecate") || entry.is("deprecated"),
    },
    Group { title: "Removed", also: &[], takes: |entry| entry.is("remove") || entry.is("removed") },
    Group { title: "Fixed", also: &["Fixes", "Bug fixes"], takes: |entry| entry.is("fix") },
    Group { title: "Security", also: &[], takes: |entry| entry.is("security") },
    // Last, because it takes what nothing else does; it is written after the first.
    Group {
        title: "Changed",
        also: &["Changes", "Performance improvements", "Performance"],
        takes: |entry| {
            entry.decision.bump != Bump::None
                || entry.breaking().is_some()
                || ["perf", "revert"].iter().any(|kind| entry.is(kind))
        },
    },
];

/// The order in which groups are written.
const ORDER: [&str; 6] = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];

/// The entries of a group, each a line without its bullet.
pub(super) struct Listed {
    pub group: &'static Group,
    pub lines: Vec<String>,
}

/// Sorts the changes of a release into groups. What somebody wrote about by hand already is left out.
pub(super) fn listed(decisions: &[Decision], about: &About, by_hand: &str) -> Vec<Listed> {
    let by_hand = by_hand.to_lowercase();
    let noted: Vec<Entry<'_>> = decisions.iter().filter(|decision| decision.is_noted).flat_map(Entry::all).collect();
    let group_of = |entry: &Entry<'_>| GROUPS.iter().find(|group| (group.takes)(entry));
    // A release of changes that users do not notice, which somebody asked for, has these.
    let all = by_hand.trim().is_empty() && !noted.iter().any(|entry| group_of(entry).is_some());
    let mut length = 0;
    let mut groups = Vec::new();
    for title in ORDER {
        let Some(group) = GROUPS.iter().find(|group| group.title == title) else { continue };
        let is_last = title == "Changed";
        let mut entries: Vec<&Entry<'_>> = noted
            .iter()
            .filter(|entry| match group_of(entry) {
                Some(found) => found.title == title,
                None => all && is_last,
            })
            .filter(|entry| !is_told(entry, &by_hand))
            .collect();
        order::sort_by_key(&mut entries, |entry| entry.breaking().is_none());
        let mut lines = Vec::new();
        for (place, entry) in entries.iter().enumerate() {
            if length > LIMIT {
                lines.push(format!("and {} more", entries.len() - place));
                break;
            }
            let line = line(entry, about);
            length += line.len();
            lines.push(line);
        }
        if !lines.is_empty() {
            groups.push(Listed { group, lines });
        }
    }
    groups
}

/// The line that names who contributed.
pub(super) fn thanks(decisions: &[Decision], about: &About) -> Option<String> {
    let people = decisions.iter().filter(|decision| decision.is_noted).flat_map(|decision| &decision.commit.authors);
    contributors(people, about.web.as_ref())
}

fn line(entry: &Entry<'_>, about: &About) -> String {
    let web = about.web.as_ref();
    match entry.breaking() {
        None => entry.line(entry.description, web),
        Some(breaking) if breaking == entry.description || breaking == entry.said.description => {
            format!("**Breaking:** {}", entry.line(entry.description, web))
        }
        Some(breaking) => {
            format!("**Breaking:** {}", entry.line(&format!("{}: {breaking}", entry.description), web))
        }
    }
}

/// Whether a text written by hand, in lower case, tells of a change: by its words, its commit or its pull request.
fn is_told(entry: &Entry<'_>, by_hand: &str) -> bool {
    let description = entry.description.to_lowercase();
    let names = |number: String| {
        let mark = format!("#{number}");
        by_hand
            .match_indices(&mark)
            .any(|(at, _)| !by_hand[at + mark.len()..].starts_with(|c: char| c.is_ascii_digit()))
    };
    !by_hand.is_empty()
        && (by_hand.contains(entry.decision.commit.id.short())
            || (description.len() > 3 && by_hand.contains(&description))
            || entry.pulls().into_iter().any(names))
}
