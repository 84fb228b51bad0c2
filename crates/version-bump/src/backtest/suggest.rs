//! Settings with which more of the past releases would agree. Every figure comes from the rules themselves, run again.

use serde::Serialize;

use super::graph::Graph;
use super::lineage::Lineage;
use super::replay::Comparable;
use crate::rules::Rules;
use crate::tags::Tags;
use crate::version::ZeroMajor;

/// A setting must explain so many more releases.
const WORTH: usize = 2;
/// So many settings are suggested together.
const STEPS: usize = 4;
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
}

/// Rules with one setting changed.
struct Candidate {
    input: &'static str,
    value: String,
    rules: Rules,
}

/// Finds settings one after another, always the one that helps most.
pub(super) fn suggestions(rules: &Rules, tags: &Tags, graph: &Graph, lineages: &[Lineage<'_>]) -> Vec<Suggestion> {
    let releases: Vec<Comparable<'_>> = lineages.iter().filter_map(Comparable::new).collect();
    let mut trial = Trial { tags, graph, weighed: 0 };
    let mut agrees: Vec<bool> = releases.iter().map(|release| trial.agrees(release, rules)).collect();
    let (mut rules, mut found) = (rules.clone(), Vec::new());
    while found.len() < STEPS {
        let mut best: Option<(usize, Candidate, Vec<bool>)> = None;
        for candidate in candidates(&rules) {
            let worth = best.as_ref().map_or(WORTH, |(gain, ..)| gain + 1);
            if let Some((gain, after)) = trial.gain(&releases, &agrees, &candidate.rules, worth) {
                best = Some((gain, candidate, after));
            }
        }
        let Some((_, candidate, after)) = best else { break };
        found.push(Suggestion {
            input: candidate.input,
            value: candidate.value,
            same: after.iter().filter(|agrees| **agrees).count(),
            lost: agrees.iter().zip(&after).filter(|(before, after)| **before && !**after).count(),
        });
        (rules, agrees) = (candidate.rules, after);
    }
    found
}

/// Every change of one setting.
fn candidates(rules: &Rules) -> Vec<Candidate> {
    let other = match rules.zero_major {
        ZeroMajor::Major => ZeroMajor::Minor,
        ZeroMajor::Minor => ZeroMajor::Major,
    };
    let rules = Rules { zero_major: other, ..rules.clone() };
    vec![Candidate { input: "zero-major", value: other.word().into(), rules }]
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
