//! Release notes.

use slipway_core::text::markdown::text;
use slipway_core::text::shorten;

use crate::decision::Decision;

/// From this length on, in bytes, a group is cut short: GitHub takes 125,000 characters for the text of a release.
const LIMIT: usize = 100_000;
/// How much of a scope and of a description is shown, in characters.
const SHOWN: (usize, usize) = (50, 300);

/// Writes the notes: Markdown with one heading per group that has entries, newest commit first.
pub(crate) fn write(decisions: &[Decision]) -> String {
    let mut notes = String::new();
    for (title, belongs) in GROUPS {
        let entries: Vec<&Decision> =
            decisions.iter().filter(|decision| decision.is_noted && belongs(decision)).collect();
        if entries.is_empty() {
            continue;
        }
        let gap = if notes.is_empty() { "" } else { "\n" };
        notes += &format!("{gap}### {title}\n\n");
        for (place, decision) in entries.iter().enumerate() {
            if notes.len() > LIMIT {
                notes += &format!("- and {} more\n", entries.len() - place);
                break;
            }
            notes += &entry(decision, title == GROUPS[0].0);
        }
    }
    notes
}

/// A group: its title, and whether a commit belongs to it.
type Group = (&'static str, fn(&Decision) -> bool);

const GROUPS: [Group; 5] = [
    ("Breaking changes", |decision| decision.commit.said.breaking.is_some()),
    ("Features", |decision| is(decision, "feat")),
    ("Fixes", |decision| is(decision, "fix")),
    ("Performance", |decision| is(decision, "perf")),
    ("Other changes", |decision| {
        !["feat", "fix", "perf"].iter().any(|kind| is(decision, kind)) && decision.commit.said.breaking.is_none()
    }),
];

fn is(decision: &Decision, kind: &str) -> bool {
    decision.commit.said.kind.as_deref() == Some(kind)
}

fn entry(decision: &Decision, breaks: bool) -> String {
    let said = &decision.commit.said;
    let scope = said.scope.as_ref().map_or(String::new(), |scope| format!("**{}:** ", text(&shorten(scope, SHOWN.0))));
    let description = said.breaking.as_ref().filter(|_| breaks).unwrap_or(&said.description);
    format!("- {scope}{} ({})\n", text(&shorten(description, SHOWN.1)), decision.commit.id.short())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::decide;
    use crate::history::Commit;
    use crate::rules::Rules;

    fn notes(messages: &[&str]) -> String {
        let commit = |(place, message): (usize, &&str)| {
            Commit::alone(format!("{place:07x}{}", "0".repeat(33)).parse().unwrap(), message.as_bytes())
        };
        write(&decide(&messages.iter().enumerate().map(commit).collect::<Vec<_>>(), &Rules::default()))
    }

    #[test]
    fn changes_are_grouped() {
        insta::assert_snapshot!(notes(&[
            "fix(api): dates\n\nBREAKING CHANGE: two-digit years are refused",
            "feat: accept `zip` <b>",
            "docs: explain",
            "tidy up",
            "Merge branch 'x'",
            "fixup! feat: accept zip",
        ]), @r"
        ### Breaking changes

        - **api:** two-digit years are refused (0000000)

        ### Features

        - accept \`zip\` &lt;b&gt; (0000001)

        ### Fixes

        - **api:** dates (0000000)

        ### Other changes

        - explain (0000002)
        - tidy up (0000003)
        ");
        assert_eq!(notes(&[]), "");
    }

    #[test]
    fn notes_fit_into_an_output() {
        let message = format!("feat({0})!: {0}", "&".repeat(1000));
        let notes = notes(&vec![message.as_str(); 1000]);
        assert!(notes.len() < 125_000, "{}", notes.len());
        assert!(notes.contains(" more\n"));
    }
}
