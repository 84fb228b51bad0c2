//! What each commit asks for.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::Serialize;

use crate::component::count_dependencies;
use crate::conventional::{Classification, MERGE, classify, is_mark, reapplied};
use crate::history::Commit;
use crate::release::above::RELEASE_COMMIT;
use crate::revert::{Standing, Weighed, weigh};
use crate::rules::Rules;
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
pub(crate) fn decide(commits: &[Commit], rules: &Rules) -> Vec<Decision> {
    let Weighed { standing, unread } = weigh(commits);
    let short = |place: usize| commits[place].id.short();
    let mut decisions: Vec<Decision> = commits
        .iter()
        .zip(standing)
        .map(|(commit, standing)| {
            let mut commit = commit.clone();
            let reason = match standing {
                Standing::TakenBack(by) => format!("taken back by {}", short(by)),
                Standing::TakesBack(what) if is_revert(&commit) => format!("takes back {}", short(what)),
                // Of several commits that were squashed into one, only one takes something back.
                Standing::TakesBack(_) | Standing::Stands => return stands(commit, rules),
            };
            commit.said.reason = reason.into();
            Decision { commit, bump: Bump::None, is_noted: false }
        })
        .collect();
    for place in unread {
        decisions[place].commit.said.doubt =
            Some("is named by a revert, but what it merged is too much to be looked at");
    }
    note_merges(&mut decisions);
    count_dependencies(rules.dependencies, &mut decisions);
    decisions
}

/// What all of them together ask for.
pub(crate) fn strongest(decisions: &[Decision]) -> Bump {
    decisions.iter().map(|decision| decision.bump).max().unwrap_or(Bump::None)
}

fn stands(mut commit: Commit, rules: &Rules) -> Decision {
    if rules.is_strict {
        commit.said = commit.said.strict();
        commit.parts =
            commit.parts.into_iter().map(Classification::strict).filter(|part| part.kind.is_some()).collect();
    }
    if let Some(header) = reapplied(&commit.subject) {
        let mut said = classify(header);
        if said.kind.is_some() {
            said.reason = format!("brings back: {}", said.reason).into();
            commit.said = said;
        }
    }
    let passes = commit.said.kind.is_none()
        && (commit.subject.is_empty()
            || is_mark(&commit.subject)
            || [MERGE, RELEASE_COMMIT].contains(&&*commit.said.reason));
    let (mut bump, rule) = if passes {
        (Bump::None, None)
    } else if is_plain_revert(&commit) {
        rules.release.of_revert()
    } else {
        rules.release.weigh(&commit.said)
    };
    if let Some(rule) = rule {
        commit.said.reason = rule.into();
    }
    let weighed = bump;
    let said = &mut commit.said;
    let mut raise = |said: &mut Classification, to: Bump, reason: Cow<'static, str>| {
        if to > bump {
            bump = to;
            said.reason = reason;
        }
    };
    let is_titled = said.kind.is_some();
    for part in &commit.parts {
        let (asked, rule) = rules.release.weigh(part);
        if is_titled {
            // Whoever gave the title chose what the squashed commits are together.
            if asked > weighed && said.doubt.is_none() {
                said.doubt = Some("was squashed of commits that ask for more than its title, which decides");
            }
            continue;
        }
        let reason = rule.unwrap_or_else(|| part.reason.to_string());
        if said.breaking.is_none() {
            said.breaking.clone_from(&part.breaking);
        }
        raise(said, asked, format!("{reason}, in `{}`", part.description).into());
    }
    if let Some((asked, reason)) = commit.branch.as_ref().and_then(|branch| rules.branches.weigh(branch)) {
        raise(said, asked, reason.into());
    }
    Decision { commit, bump, is_noted: !passes }
}

/// Whether it does nothing but take something back or bring it back.
fn is_revert(commit: &Commit) -> bool {
    let subject = commit.subject.as_str();
    let by_subject = subject.starts_with("Revert \"") || subject.starts_with("Reapply \"");
    by_subject || commit.said.kind.as_deref() == Some("revert") || commit.said.reason == MERGE
}

/// Whether it takes back, in git's words, what is not in this release.
fn is_plain_revert(commit: &Commit) -> bool {
    commit.said.kind.is_none() && commit.subject.starts_with("Revert \"")
}

/// The title of a pull request is noted with its merge, unless a commit behind it says the same.
fn note_merges(decisions: &mut [Decision]) {
    let is_title =
        |decision: &Decision| !decision.is_noted && decision.bump > Bump::None && !decision.commit.parts.is_empty();
    if !decisions.iter().any(is_title) {
        return;
    }
    let said: HashSet<String> = decisions
        .iter()
        .filter(|decision| decision.is_noted)
        .map(|decision| decision.commit.said.description.clone())
        .collect();
    for decision in decisions.iter_mut().filter(|decision| is_title(decision)) {
        if let Some(title) = decision.commit.parts.first().filter(|title| !said.contains(&title.description)) {
            let reason = decision.commit.said.reason.clone();
            decision.commit.said = Classification { reason, ..title.clone() };
            decision.is_noted = true;
        }
    }
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
                Commit::alone(id(place).parse().unwrap(), format!("{header}{target}\n").as_bytes())
            })
            .collect();
        let decisions = decide(&commits, &Rules::default());
        decisions.into_iter().map(|decision| (decision.bump, decision.is_noted)).collect()
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

    #[test]
    fn the_title_of_a_pull_request_counts_and_is_noted_once() {
        let merge = "Merge pull request #8 from acme/zip\n\nfeat: accept zip";
        assert_eq!(decided(&[(merge, None), ("wip", None)]), [(Bump::Minor, true), (Bump::None, true)]);
        assert_eq!(decided(&[(merge, None), ("feat: accept zip", None)]), [(Bump::Minor, false), (Bump::Minor, true)]);
    }
}
