//! Every release once more: what the rules make of its commits, beside what was released.

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;
use slipway_core::git::TagName;
use slipway_core::order;
use slipway_core::text::shorten;

use super::cause::{Cause, Verdict};
use super::graph::Graph;
use super::lineage::{Lineage, Since};
use crate::choice::{self, Choice, choose};
use crate::decision::{Decision, decide, strongest};
use crate::history::Commit;
use crate::inputs::{Inputs, Request};
use crate::rules::Rules;
use crate::tags::{ReleaseTag, Tags};
use crate::version::Bump;

/// So many types of commits are named.
const NAMED: usize = 5;
/// How much of a commit's reason is shown, in characters.
const REASON: usize = 120;

/// A past release, and what the rules make of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Replayed {
    /// Its tag.
    pub tag: TagName,
    /// Its version.
    pub version: Version,
    /// When its commit was made, in seconds since the Unix epoch; nothing if the commit is not here.
    pub time: Option<i64>,
    /// The release that version-bump would have counted from.
    pub previous: Option<TagName>,
    /// How far the version rose.
    pub actual: Option<Bump>,
    /// The version that the rules make.
    pub ours: Option<Version>,
    /// How far they make it rise.
    pub bump: Option<Bump>,
    /// Whether it would have waited for somebody's approval.
    pub held: bool,
    /// How many commits there were since the release before.
    pub commit_count: usize,
    /// Whether both are the same.
    pub verdict: Verdict,
    /// Why not.
    pub cause: Option<Cause>,
    /// The commits that decided, or what else there is to say.
    pub reason: String,
}

/// A release of which all that it takes for a comparison is known.
#[derive(Clone, Copy)]
pub(super) struct Comparable<'a> {
    pub tag: &'a ReleaseTag,
    pub before: &'a ReleaseTag,
    pub since: &'a [usize],
}

impl<'a> Comparable<'a> {
    /// The release of a lineage, if it can be compared by its commits.
    pub(super) fn new(lineage: &'a Lineage<'a>) -> Option<Self> {
        let (before, Since::Commits(since)) = (lineage.before?, &lineage.since) else { return None };
        let is_higher = lineage.tag.version.cmp_precedence(&before.version).is_gt();
        is_higher.then_some(Self { tag: lineage.tag, before, since })
    }

    /// What the rules make of it; the message of an error if there is no next version.
    pub(super) fn answer(&self, rules: &Rules, tags: &Tags, graph: &Graph) -> Result<(Choice, Vec<Decision>), String> {
        let nodes = self.since.iter().map(|place| &graph.nodes[*place]);
        let commits: Vec<Commit> = nodes.filter(|node| node.counts).map(|node| node.commit.clone()).collect();
        let decisions = decide(&commits, rules);
        let since = choice::Since { last: Some(self.before), decisions: &decisions, sources: &[] };
        let choice = choose(rules, &Request::Auto, tags, since, None);
        choice.map(|choice| (choice, decisions)).map_err(|error| error.message().to_owned())
    }

    /// Whether the rules make of it what was released.
    pub(super) fn agrees(&self, rules: &Rules, tags: &Tags, graph: &Graph) -> bool {
        self.answer(rules, tags, graph).is_ok_and(|(choice, _)| self.is_same(&choice))
    }

    fn is_same(&self, choice: &Choice) -> bool {
        choice.version.as_ref().is_some_and(|ours| ours.cmp_precedence(&self.tag.version).is_eq())
    }
}

/// Replays a release.
pub(super) fn replay(inputs: &Inputs, tags: &Tags, graph: &Graph, lineage: &Lineage<'_>) -> Replayed {
    let version = &lineage.tag.version;
    let mut replayed = Replayed {
        tag: lineage.tag.name.clone(),
        version: version.clone(),
        time: lineage.place.map(|place| graph.nodes[place].time),
        previous: lineage.before.map(|tag| tag.name.clone()),
        actual: None,
        ours: None,
        bump: None,
        held: false,
        commit_count: 0,
        verdict: Verdict::NotCompared,
        cause: None,
        reason: String::new(),
    };
    let Some(comparable) = Comparable::new(lineage) else {
        let (cause, reason) = why_not(tags, lineage);
        replayed.verdict = cause.verdict();
        (replayed.cause, replayed.reason) = (Some(cause), reason);
        return replayed;
    };
    let actual = Bump::between(&comparable.before.version, version);
    replayed.actual = Some(actual);
    match comparable.answer(&inputs.rules, tags, graph) {
        Err(message) => (replayed.cause, replayed.reason) = (Some(Cause::NoNext), message),
        Ok((choice, decisions)) => {
            let found = strongest(&decisions);
            replayed.commit_count = decisions.len();
            let cause = (!comparable.is_same(&choice)).then(|| difference(comparable.before, actual, &choice, found));
            replayed.verdict = cause.map_or(Verdict::Same, Cause::verdict);
            replayed.held = choice.bump == Bump::Major && !inputs.allow_major;
            replayed.reason = match cause {
                Some(Cause::Nothing) if !decisions.is_empty() => kinds(&decisions),
                Some(Cause::Skipped) => skipped(tags, &choice),
                Some(Cause::More | Cause::ZeroMajor) => format!("{}{}", choice.reason, first_reason(&decisions, found)),
                _ => choice.reason,
            };
            replayed.cause = cause;
            replayed.bump = Some(choice.bump);
            replayed.ours = choice.version.filter(|_| choice.bump != Bump::None);
        }
    }
    replayed
}

/// Why a release cannot be compared by its commits.
fn why_not(tags: &Tags, lineage: &Lineage<'_>) -> (Cause, String) {
    let version = &lineage.tag.version;
    match (&lineage.since, lineage.before) {
        _ if lineage.place.is_none() => {
            (Cause::Missing, format!("{} is no commit of this clone", lineage.tag.commit.short()))
        }
        _ if !version.pre.is_empty() => (Cause::PreRelease, String::new()),
        (Since::SameCommit(first), _) => (Cause::SameCommit, format!("the commit is `{}` already", first.name)),
        (Since::TooMany, _) => (Cause::TooMany, String::new()),
        (_, Some(before)) if before.version.cmp_precedence(version).is_eq() => {
            (Cause::Backwards, format!("`{}` is the same version", before.name))
        }
        (_, Some(before)) => (Cause::Backwards, format!("it comes after `{}`", before.name)),
        (_, None) => match tags.candidates().find(|tag| tag.version.cmp_precedence(version).is_lt()) {
            None => (Cause::First, String::new()),
            Some(lower) => (Cause::Elsewhere, format!("`{}` is not among its ancestors, nor is any other", lower.name)),
        },
    }
}

fn difference(before: &ReleaseTag, actual: Bump, choice: &Choice, found: Bump) -> Cause {
    let below_one = before.version.major == 0;
    match choice.bump {
        _ if below_one && actual == Bump::Major && found != Bump::Major => Cause::Declared,
        Bump::None => Cause::Nothing,
        ours if below_one && found == Bump::Major && (ours == Bump::Major) != (actual == Bump::Major) => {
            Cause::ZeroMajor
        }
        ours if ours > actual => Cause::More,
        ours if ours < actual => Cause::Less,
        _ => Cause::Skipped,
    }
}

fn skipped(tags: &Tags, choice: &Choice) -> String {
    let taken = choice.version.as_ref().and_then(|version| tags.of(version));
    match taken {
        Some(tag) => format!("{}; `{}` is not among its ancestors", choice.reason, tag.name),
        None => choice.reason.clone(),
    }
}

/// Why the first of the commits that decided asks for so much, where its subject does not say it.
fn first_reason(decisions: &[Decision], found: Bump) -> String {
    let first = decisions.iter().find(|decision| decision.bump == found).map(|first| &first.commit.said.reason);
    let first = first.filter(|reason| reason.contains('`'));
    first.map(|reason| format!(" ({})", shorten(reason, REASON))).unwrap_or_default()
}

/// The types of commits, most frequent first: `3 chore, 2 without a type, 1 docs`.
fn kinds(decisions: &[Decision]) -> String {
    let mut counts: BTreeMap<Option<&str>, usize> = BTreeMap::new();
    for decision in decisions {
        *counts.entry(decision.commit.said.kind.as_deref()).or_default() += 1;
    }
    let mut counts: Vec<(Option<&str>, usize)> = counts.into_iter().collect();
    order::sort_by_key(&mut counts, |(_, count)| std::cmp::Reverse(*count));
    let words: Vec<String> = counts
        .iter()
        .take(NAMED)
        .map(|(kind, count)| format!("{count} {}", kind.map_or("without a type".into(), |kind| shorten(kind, 20))))
        .collect();
    let more = if counts.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", words.join(", "))
}
