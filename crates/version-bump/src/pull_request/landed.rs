//! A release pull request that was merged, by what it left in the history.
//!
//! A rebased or squashed one is the release commit itself, known by its trailer. One that was merged with its commit has that as its
//! second parent. Where somebody has edited the message away, GitHub is asked which pull request HEAD came from.

use std::collections::{BTreeSet, HashMap};

use semver::Version;
use serde::Serialize;
use slipway_core::git::{BranchName, CommitId, Trailers};
use slipway_core::github::{Client, RepositoryName};
use slipway_core::{ComponentName, Result};

use super::text;
use crate::choice::Choice;
use crate::facts::Facts;
use crate::history::Commit;
use crate::inputs::Inputs;
use crate::plan::decided;
use crate::release::above::RELEASE_VERSION;
use crate::version::Bump;

/// A release pull request that was merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Landed {
    /// The commit that it became on the branch.
    pub commit: CommitId,
    /// The version that it releases.
    pub version: Version,
    /// Its number, where it is known.
    pub number: Option<u64>,
}

/// Finds the newest one since the last release.
///
/// # Errors
/// As every method of [`Client`].
pub(super) async fn find(
    client: &Client,
    inputs: &Inputs,
    facts: &Facts,
    repository: &RepositoryName,
    branch: &BranchName,
) -> Result<Option<Landed>> {
    if facts.carried.is_some() {
        return Ok(None);
    }
    let commits = facts.newer.as_ref().map_or(&facts.commits, |newer| &newer.commits);
    let component = inputs.component().map(ComponentName::as_str);
    if let Some(landed) = by_trailer(commits, &facts.head, component) {
        return Ok(Some(landed));
    }
    let is_ours = |request: &&slipway_core::github::PullRequest| {
        request.is_merged()
            && request.head.branch == branch.as_str()
            && request.head.repository.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&repository.to_string()))
    };
    let requests = client.pull_requests_of(repository, &facts.head).await?;
    let merged = requests.iter().find(is_ours);
    let version = merged.and_then(|request| text::version(request.body.as_deref().unwrap_or_default()));
    Ok(version.map(|version| Landed {
        commit: facts.head.clone(),
        version,
        number: merged.map(|request| request.number),
    }))
}

/// Follows the branch back from its tip.
fn by_trailer(commits: &[Commit], tip: &CommitId, component: Option<&str>) -> Option<Landed> {
    let places: HashMap<&CommitId, &Commit> = commits.iter().map(|commit| (&commit.id, commit)).collect();
    let mut at = places.get(tip).copied();
    while let Some(commit) = at {
        let merged = commit.parents.get(1).and_then(|parent| places.get(parent)).copied();
        let version = if commit.parents.len() > 1 {
            merged.and_then(|merged| released(merged, component))
        } else {
            released(commit, component)
        };
        if let Some(version) = version {
            return Some(Landed { commit: commit.id.clone(), version, number: commit.pull_request });
        }
        at = commit.parents.first().and_then(|parent| places.get(parent)).copied();
    }
    None
}

/// The version that a commit says it releases.
fn released(commit: &Commit, component: Option<&str>) -> Option<Version> {
    let trailers = Trailers::parse(commit.message());
    if trailers.one("Release-Component") != component {
        return None;
    }
    trailers.one(RELEASE_VERSION)?.parse().ok()
}

/// What a merged release pull request makes of a plan.
pub(crate) enum Settled {
    /// It is released: with these facts and this choice.
    Release(Box<Facts>, Choice),
    /// It cannot be; this is why, and the version that the files hold since then. A new one is needed.
    Outdated(String, Version),
}

/// Decides what a merged release pull request releases: the version that it says, unless what landed with it asks for a higher one.
///
/// # Errors
/// As [`decided`].
pub(crate) fn settle(inputs: &Inputs, facts: &Facts) -> Result<Option<Settled>> {
    let Some(landed) = facts.pull_request.as_ref().and_then(|standing| standing.landed.as_ref()) else {
        return Ok(None);
    };
    let mut there = Facts { head: landed.commit.clone(), ..facts.clone() };
    there.commits = reachable(&facts.commits, &landed.commit);
    for history in [&mut there.newer, &mut there.own].into_iter().flatten() {
        history.commits = reachable(&history.commits, &landed.commit);
    }
    let asked = decided(inputs, &there)?;
    let last = asked.last_version().cloned();
    if last.as_ref().is_some_and(|last| landed.version.cmp_precedence(last).is_le()) {
        return Ok(None);
    }
    if let Some(version) =
        asked.choice.version.as_ref().filter(|version| version.cmp_precedence(&landed.version).is_gt())
    {
        let why = format!(
            "the release pull request of {} was merged as {}, but what landed with it makes {version} ({}): {} is not released, and \
             {version} is proposed instead",
            landed.version,
            landed.commit.short(),
            asked.choice.reason,
            landed.version
        );
        return Ok(Some(Settled::Outdated(why, landed.version.clone())));
    }
    let number = landed.number.map(|number| format!(", #{number},")).unwrap_or_default();
    let choice = Choice {
        bump: last.map_or(asked.choice.bump.max(Bump::Patch), |last| Bump::between(&last, &landed.version)),
        version: Some(landed.version.clone()),
        reason: format!("the release pull request{number} was merged"),
        refusal: None,
    };
    Ok(Some(Settled::Release(Box::new(there), choice)))
}

/// The commits that are reachable from one of them, among commits of which each comes with its parents.
fn reachable(commits: &[Commit], from: &CommitId) -> Vec<Commit> {
    let mut wanted = BTreeSet::from([from.clone()]);
    // Children come before their parents.
    let mut kept = Vec::new();
    for commit in commits {
        if wanted.contains(&commit.id) {
            wanted.extend(commit.parents.iter().cloned());
            kept.push(commit.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(digit: &str) -> CommitId {
        digit.repeat(40).parse().unwrap()
    }

    fn commit(own: &str, parents: &[&str], message: &str) -> Commit {
        Commit::read(id(own), parents.iter().map(|parent| id(parent)).collect(), message.as_bytes())
            .keeping(message.as_bytes())
    }

    #[test]
    fn what_was_merged_is_known_by_its_trailers() {
        let release = "chore(release): 1.5.0\n\nRelease-Version: 1.5.0\n";
        let of_api = "chore(release): 1.5.0\n\nRelease-Version: 1.5.0\nRelease-Component: api\n";
        let merge = "Merge pull request #7 from acme/slipway/release\n\nchore(release): 1.5.0";
        let squash = "chore(release): 1.5.0 (#7)\n\nRelease-Version: 1.5.0\n\nCo-authored-by: Ada <a@b.c>\n";
        for (commits, component, expected) in [
            (vec![commit("b", &["a"], release)], None, Some(("b", None))),
            (vec![commit("b", &["a"], squash)], None, Some(("b", None))),
            (vec![commit("c", &["a", "b"], merge), commit("b", &["a"], release)], None, Some(("c", Some(7)))),
            (vec![commit("c", &["b"], "fix: x"), commit("b", &["a"], release)], None, Some(("b", None))),
            (vec![commit("b", &["a"], of_api)], Some("api"), Some(("b", None))),
            (vec![commit("b", &["a"], of_api)], None, None),
            (vec![commit("b", &["a"], release)], Some("api"), None),
            // Another branch that was merged holds a release commit of its own, deeper down.
            (
                vec![
                    commit("d", &["a", "c"], "Merge branch 'x'"),
                    commit("c", &["b"], "fix: y"),
                    commit("b", &["a"], release),
                ],
                None,
                None,
            ),
            (vec![commit("b", &["a"], "docs: say Release-Version: 1.5.0")], None, None),
        ] {
            let tip = commits[0].id.clone();
            let found = by_trailer(&commits, &tip, component).map(|landed| (landed.commit, landed.number));
            assert_eq!(found, expected.map(|(digit, number)| (id(digit), number)), "{commits:?}");
        }
    }
}
