//! Settings with which more of the past releases would agree. Every figure comes from the rules themselves, run again.

use slipway_core::order;
use std::collections::BTreeMap;

use serde::Serialize;

use super::graph::Graph;
use super::lineage::Lineage;
use super::replay::Comparable;
use super::settings::Proposal;
use crate::decision::Decision;
use crate::rules::Rules;
use crate::tags::Tags;
use crate::version::{Bump, ZeroMajor};

/// A setting must explain so many more releases.
const WORTH: usize = 2;
/// So many settings are suggested together.
const STEPS: usize = 4;
/// So many types of commits are tried.
const KINDS: usize = 12;
/// So many commits are weighed again, over all settings that are tried.
const LIMIT: usize = 5_000_000;

/// A setting, on top of those suggested before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Suggestion {
    /// The input.
    pub input: &'static str,
    /// Its value, or a line of it.
    pub value: String,
    /// How many releases agree with it.
    pub same: usize,
    /// How many of those that agreed before it do not any more.
    pub lost: usize,
    /// How often commits that would ask for a release with it waited for others that do without it.
    pub waited: usize,
}

/// Rules with one setting changed.
struct Candidate {
    input: &'static str,
    value: String,
    rules: Rules,
    /// What the setting has to explain beyond what others do: a rule for everything explains much, and says little.
    handicap: usize,
}

/// Finds settings one after another, always the one that helps most.
pub(super) fn suggestions(rules: &Rules, tags: &Tags, graph: &Graph, lineages: &[Lineage<'_>]) -> Vec<Suggestion> {
    let releases: Vec<Comparable<'_>> = lineages.iter().filter_map(Comparable::new).collect();
    let mut trial = Trial { tags, graph, weighed: 0 };
    let mut agrees: Vec<bool> = releases.iter().map(|release| trial.agrees(release, rules)).collect();
    let (mut rules, mut found) = (rules.clone(), Vec::new());
    while found.len() < STEPS {
        let differing = releases.iter().zip(&agrees).filter(|(_, agrees)| !**agrees).map(|(release, _)| *release);
        let kinds = kinds(graph, differing);
        let mut best: Option<(usize, Candidate, Vec<bool>, usize)> = None;
        for candidate in candidates(&rules, &kinds) {
            let (most, least) = best.as_ref().map_or((WORTH, usize::MAX), |(gain, _, _, waited)| (*gain, *waited));
            let worth = most + candidate.handicap;
            let Some((gain, after)) = trial.gain(&releases, &agrees, &candidate.rules, worth) else { continue };
            let waited = trial.waited(&releases, &rules, &candidate.rules);
            // Where such commits mostly waited for something else, they are no reason to release, whatever lay beside them.
            if waited < gain && (gain > most || waited < least) {
                best = Some((gain, candidate, after, waited));
            }
        }
        let Some((_, candidate, after, waited)) = best else { break };
        found.push(Suggestion {
            input: candidate.input,
            value: candidate.value,
            same: after.iter().filter(|agrees| **agrees).count(),
            lost: agrees.iter().zip(&after).filter(|(before, after)| **before && !**after).count(),
            waited,
        });
        (rules, agrees) = (candidate.rules, after);
    }
    found
}

/// How many releases agree with a proposal of inputs, which must not change the tags; nothing if its rules cannot be read.
pub(super) fn agreeing(
    rules: &Rules,
    with: &Proposal,
    tags: &Tags,
    graph: &Graph,
    lineages: &[Lineage<'_>],
) -> Option<usize> {
    let mut rules = rules.clone();
    if with.value("bump").is_some() {
        return None;
    }
    if let Some(word) = with.value("zero-major") {
        rules.zero_major =
            [ZeroMajor::Major, ZeroMajor::Minor, ZeroMajor::Cargo].into_iter().find(|zero| zero.word() == word)?;
    }
    if let Some(lines) = with.value("release-rules") {
        rules.release = rules.release.with(lines).ok()?;
    }
    let releases = lineages.iter().filter_map(Comparable::new);
    Some(releases.filter(|release| release.agrees(&rules, tags, graph)).count())
}

/// The types of commits in releases, the most frequent first.
fn kinds<'a>(graph: &'a Graph, releases: impl Iterator<Item = Comparable<'a>>) -> Vec<&'a str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for release in releases {
        let of = |place: &usize| {
            let node = &graph.nodes[*place];
            node.commit.said.kind.as_deref().filter(|_| node.counts)
        };
        let kinds = order::set(release.since.iter().filter_map(of));
        kinds.into_iter().for_each(|kind| *counts.entry(kind).or_default() += 1);
    }
    // In rules, this word is no type.
    counts.remove("breaking");
    let mut kinds: Vec<(&str, usize)> = counts.into_iter().collect();
    order::sort_by_key(&mut kinds, |(_, count)| std::cmp::Reverse(*count));
    kinds.into_iter().take(KINDS).map(|(kind, _)| kind).collect()
}

/// Every change of one setting; of two that are as good, the first is taken.
fn candidates(rules: &Rules, kinds: &[&str]) -> Vec<Candidate> {
    let mut all = Vec::new();
    let mut add = |input, value: &str, handicap, rules| {
        all.push(Candidate { input, value: value.into(), rules, handicap });
    };
    for zero_major in [ZeroMajor::Major, ZeroMajor::Minor, ZeroMajor::Cargo] {
        if zero_major != rules.zero_major {
            add("zero-major", zero_major.word(), 0, Rules { zero_major, ..rules.clone() });
        }
    }
    let of_kinds = kinds.iter().flat_map(|kind| [format!("{kind}=patch"), format!("{kind}=minor")]);
    for line in of_kinds.chain(["breaking=minor".into(), "*=patch".into()]) {
        if let Ok(release) = rules.release.with(&line) {
            let handicap = if line.starts_with('*') { WORTH } else { 0 };
            add("release-rules", &line, handicap, Rules { release, ..rules.clone() });
        }
    }
    if !rules.is_strict {
        add("parsing", "strict", 0, Rules { is_strict: true, ..rules.clone() });
    }
    all
}

/// Runs the rules again, as long as that is affordable.
struct Trial<'a> {
    tags: &'a Tags,
    graph: &'a Graph,
    weighed: usize,
}

impl Trial<'_> {
    fn agrees(&mut self, release: &Comparable<'_>, rules: &Rules) -> bool {
        self.weighed += release.since.len();
        release.agrees(rules, self.tags, self.graph)
    }

    /// In how many releases a commit asks for one by the new rules, while by the old ones nothing did until a later commit.
    fn waited(&mut self, releases: &[Comparable<'_>], old: &Rules, new: &Rules) -> usize {
        let waits = |release: &&Comparable<'_>| {
            let Ok((_, before)) = release.answer(old, self.tags, self.graph) else { return false };
            let Ok((_, after)) = release.answer(new, self.tags, self.graph) else { return false };
            let oldest = |decisions: &[Decision]| decisions.iter().rposition(|decision| decision.bump > Bump::None);
            oldest(&before).zip(oldest(&after)).is_some_and(|(before, after)| after > before)
        };
        self.weighed += releases.iter().map(|release| 2 * release.since.len()).sum::<usize>();
        releases.iter().filter(waits).count()
    }

    /// How many more releases agree with these rules, and which do; nothing if it is fewer than would be worth it.
    fn gain(
        &mut self,
        releases: &[Comparable<'_>],
        agrees: &[bool],
        rules: &Rules,
        worth: usize,
    ) -> Option<(usize, Vec<bool>)> {
        if self.weighed > LIMIT {
            return None;
        }
        let mut after = agrees.to_vec();
        // What differs is a small part mostly: if too little of that is won, the rest need not be looked at.
        for (agrees, release) in after.iter_mut().zip(releases).filter(|(agrees, _)| !**agrees) {
            *agrees = self.agrees(release, rules);
        }
        let won = after.iter().zip(agrees).filter(|(after, before)| **after && !**before).count();
        let mut lost = 0;
        for ((after, before), release) in after.iter_mut().zip(agrees).zip(releases).filter(|((_, before), _)| **before)
        {
            if won < worth + lost {
                return None;
            }
            *after = self.agrees(release, rules);
            lost += usize::from(*before && !*after);
        }
        (won >= worth + lost).then(|| (won - lost, after))
    }
}
