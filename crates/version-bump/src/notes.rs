//! Release notes.

mod entry;
mod links;
mod people;
mod prose;

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_core::text::counted;

use crate::decision::Decision;
use crate::version::Bump;

pub(crate) use entry::Entry;
pub(crate) use links::{Web, range};
pub(crate) use people::{Person, authors, line as contributors};

/// From this length on, in bytes, a group is cut short: GitHub takes 125,000 characters for the text of a release.
const LIMIT: usize = 100_000;

/// Types whose changes users do not notice. They are counted, but not listed, unless one releases something.
const HIDDEN: [&str; 5] = ["build", "chore", "ci", "style", "test"];

/// What the texts about a release need to know of it besides its commits.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct About {
    /// The repository's pages, if they are known.
    pub web: Option<Web>,
    /// The tag of the release before.
    pub previous: Option<String>,
    /// The tag of the release; nothing if nothing is released.
    pub tag: Option<String>,
}

impl About {
    /// The address of the differences between the two releases.
    fn comparison(&self) -> Option<String> {
        let range = range(self.previous.as_deref()?, self.tag.as_deref()?);
        Some(format!("{}{range}", self.web.as_ref()?.compare()))
    }
}

/// Writes the notes: Markdown with one heading per group that has entries, newest commit first, then who contributed and where all
/// of it can be seen.
pub(crate) fn write(decisions: &[Decision], about: &About) -> String {
    let web = about.web.as_ref();
    let noted: Vec<&Decision> = decisions.iter().filter(|decision| decision.is_noted).collect();
    let (hidden, listed): (Vec<Entry<'_>>, Vec<Entry<'_>>) =
        noted.iter().flat_map(|decision| Entry::all(decision)).partition(is_hidden);
    let mut parts: Vec<String> = Vec::new();
    let mut length = 0;
    for (title, belongs) in GROUPS {
        let entries: Vec<&Entry<'_>> = listed.iter().filter(|entry| belongs(entry)).collect();
        if entries.is_empty() {
            continue;
        }
        let mut part = format!("### {title}\n\n");
        for (place, entry) in entries.iter().enumerate() {
            if length + part.len() > LIMIT {
                part += &format!("- and {} more\n", entries.len() - place);
                break;
            }
            let text = entry.breaking().filter(|_| title == BREAKING).unwrap_or(entry.description);
            part += &format!("- {}\n", entry.line(text, web));
        }
        length += part.len();
        parts.push(part);
    }
    parts.extend(counts(&hidden));
    parts.extend(contributors(noted.iter().flat_map(|decision| &decision.commit.authors), web).map(|line| line + "\n"));
    if let (false, Some(address), Some(from), Some(to)) =
        (noted.is_empty(), about.comparison(), &about.previous, &about.tag)
    {
        parts.push(format!(
            "**Full changelog**: [{}...{}]({address})\n",
            prose::prose(from, None),
            prose::prose(to, None)
        ));
    }
    parts.join("\n")
}

/// Whether users do not notice a change.
fn is_hidden(entry: &Entry<'_>) -> bool {
    entry.decision.bump == Bump::None && HIDDEN.iter().any(|kind| entry.is(kind))
}

/// `Not listed: 7 changes (5 chore, 2 ci).`
fn counts(hidden: &[Entry<'_>]) -> Option<String> {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in hidden {
        *kinds.entry(entry.said.kind.as_deref().unwrap_or_default()).or_default() += 1;
    }
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    (!hidden.is_empty()).then(|| format!("Not listed: {} ({}).\n", counted(hidden.len(), "change"), kinds.join(", ")))
}

/// A group: its title, and whether a change belongs to it.
type Group = (&'static str, fn(&Entry<'_>) -> bool);

const BREAKING: &str = "Breaking changes";

const GROUPS: [Group; 5] = [
    (BREAKING, |entry| entry.breaking().is_some()),
    ("Features", |entry| entry.is("feat")),
    ("Fixes", |entry| entry.is("fix")),
    ("Performance", |entry| entry.is("perf")),
    ("Other changes", |entry| !["feat", "fix", "perf"].iter().any(|kind| entry.is(kind)) && entry.breaking().is_none()),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::decide;
    use crate::history::Commit;
    use crate::rules::Rules;

    fn notes(messages: &[&str], about: &About) -> String {
        let commit = |(place, message): (usize, &&str)| {
            let id = format!("{place:07x}{}", "0".repeat(33)).parse().unwrap();
            let authors = authors("Ada", "1+ada@users.noreply.github.com", message);
            Commit { authors, ..Commit::alone(id, message.as_bytes()) }
        };
        let commits: Vec<Commit> = messages.iter().enumerate().map(commit).collect();
        write(&decide(&commits, &Rules::default()), about)
    }

    #[test]
    fn changes_are_grouped() {
        let messages = [
            "fix(api): dates\n\nBREAKING CHANGE: two-digit years are refused",
            "feat: accept `zip` <b>",
            "docs: explain",
            "tidy up",
            "Merge branch 'x'",
            "fixup! feat: accept zip",
            "chore: a",
            "ci: b",
            "chore: c",
            "chore!: drop Node 20",
        ];
        insta::assert_snapshot!(notes(&messages, &About::default()), @r"
        ### Breaking changes

        - **api:** two-digit years are refused (0000000)
        - drop Node 20 (0000009)

        ### Features

        - accept `zip` &lt;b> (0000001)

        ### Fixes

        - **api:** dates (0000000)

        ### Other changes

        - explain (0000002)
        - tidy up (0000003)

        Not listed: 3 changes (2 chore, 1 ci).

        **Contributors**: Ada
        ");
        assert_eq!(notes(&[], &About::default()), "");
    }

    #[test]
    fn pages_are_linked_where_they_are_known() {
        let about = About {
            web: Web::new("https://github.com/acme/shop"),
            previous: Some("v1.4.2".into()),
            tag: Some("v1.5.0".into()),
        };
        insta::assert_snapshot!(notes(&["feat: zip (#12)\n\nCo-authored-by: Bob <bob@example.org>"], &about), @r"
        ### Features

        - zip ([#12](https://github.com/acme/shop/pull/12), [0000000](https://github.com/acme/shop/commit/0000000000000000000000000000000000000000))

        **Contributors**: [@ada](https://github.com/ada), Bob

        **Full changelog**: [v1.4.2...v1.5.0](https://github.com/acme/shop/compare/v1.4.2...v1.5.0)
        ");
        assert_eq!(notes(&[], &about), "");
    }

    #[test]
    fn notes_fit_into_an_output() {
        let message = format!("feat({0})!: {0}", "&amp;".repeat(200));
        let about = About { web: Web::new("https://github.com/acme/shop"), ..About::default() };
        let notes = notes(&vec![message.as_str(); 1000], &about);
        assert!(notes.len() < 125_000, "{}", notes.len());
        assert!(notes.contains(" more\n"));
    }
}
