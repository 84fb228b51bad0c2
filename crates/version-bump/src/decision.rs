//! What each commit asks for.

use serde::Serialize;

use crate::conventional::{classify, reapplied};
use crate::history::Commit;
use crate::revert::{Standing, weigh};
use crate::version::Bump;

/// A commit and what it asks for.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Decision {
    /// The commit.
    #[serde(flatten)]
    pub commit: Commit,
    /// How far it raises the version.
    pub bump: Bump,
    /// Whether it belongs into the notes: what was taken back, merges and commits that wait to be squashed do not.
    #[serde(skip)]
    pub is_noted: bool,
}

/// Decides what every commit asks for, in the order they come.
pub(crate) fn decide(commits: &[Commit]) -> Vec<Decision> {
    let standing = weigh(commits);
    let short = |place: usize| commits[place].id.short();
    commits
        .iter()
        .zip(standing)
        .map(|(commit, standing)| {
            let mut commit = commit.clone();
            match standing {
                Standing::TakenBack(by) => {
                    commit.said.reason = format!("taken back by {}", short(by)).into();
                    Decision { commit, bump: Bump::None, is_noted: false }
                }
                Standing::TakesBack(what) => {
                    commit.said.reason = format!("takes back {}", short(what)).into();
                    Decision { commit, bump: Bump::None, is_noted: false }
                }
                Standing::Stands => stands(commit),
            }
        })
        .collect()
}

/// What all of them together ask for.
pub(crate) fn strongest(decisions: &[Decision]) -> Bump {
    decisions.iter().map(|decision| decision.bump).max().unwrap_or(Bump::None)
}

fn stands(mut commit: Commit) -> Decision {
    if let Some(header) = reapplied(&commit.subject) {
        let mut said = classify(header);
        if said.kind.is_some() {
            said.reason = format!("brings back: {}", said.reason).into();
            commit.said = said;
        }
    }
    let bump = match (&commit.said.breaking, commit.said.kind.as_deref()) {
        (Some(_), _) => Bump::Major,
        (None, Some("feat")) => Bump::Minor,
        (None, Some("fix")) => Bump::Patch,
        _ => Bump::None,
    };
    let header = commit.subject.as_str();
    let passes = commit.said.kind.is_none()
        && (header.is_empty()
            || ["Merge ", "fixup! ", "squash! ", "amend! "].iter().any(|mark| header.starts_with(mark)));
    Decision { commit, bump, is_noted: !passes }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(messages: &[(&str, Option<usize>)]) -> Vec<(Bump, bool)> {
        let id = |place: usize| format!("{place:040x}");
        let commits: Vec<Commit> = messages
            .iter()
            .enumerate()
            .map(|(place, (header, target))| {
                let target = target.map_or(String::new(), |target| format!("\n\nThis reverts commit {}.", id(target)));
                Commit::read(id(place).parse().unwrap(), format!("{header}{target}\n").as_bytes())
            })
            .collect();
        decide(&commits).into_iter().map(|decision| (decision.bump, decision.is_noted)).collect()
    }

    #[test]
    fn reverts_and_reapplies_are_followed() {
        use Bump::{Minor, None, Patch};
        for (messages, expected) in [
            (&[("feat: a", Option::None), ("Revert \"feat: a\"", Some(0))][..], &[(None, false), (None, false)][..]),
            (
                &[("feat: a", Option::None), ("Revert \"feat: a\"", Some(0)), ("Reapply \"feat: a\"", Some(1))],
                &[(Minor, true), (None, false), (None, false)],
            ),
            (&[("Reapply \"feat: a\"", Some(99))], &[(Minor, true)]),
            (&[("Revert \"Revert \"fix: a\"\"", Some(99))], &[(Patch, true)]),
            (&[("Revert \"feat: a\"", Some(99))], &[(None, true)]),
            (&[("Reapply \"tidy\"", Some(99))], &[(None, true)]),
        ] {
            assert_eq!(decided(messages), expected, "{messages:?}");
        }
    }

    #[test]
    fn merges_and_marks_are_passed_over() {
        for header in ["Merge branch 'main' into topic", "fixup! feat: a", "squash! fix: a", ""] {
            assert_eq!(decided(&[(header, None)]), [(Bump::None, false)], "{header}");
        }
        assert_eq!(decided(&[("Merge: tidy the merge code", None)]), [(Bump::None, true)]);
    }
}
