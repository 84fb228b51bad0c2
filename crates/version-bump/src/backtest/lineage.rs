//! What version-bump would have found, had it run on the commit of each release: the release before, and the commits since then.

use std::collections::{BTreeMap, HashMap};

use super::graph::Graph;
use crate::tags::{ReleaseTag, Tags};

/// So many commits are looked at in all ranges together. Releases that follow each other share none, so that only histories in which
/// hundreds of branches leave the same release come near it.
const LIMIT: usize = 10_000_000;

/// A release and what came before it.
#[derive(Debug)]
pub(super) struct Lineage<'a> {
    /// The release.
    pub tag: &'a ReleaseTag,
    /// Where its commit stands in the graph; nothing if it leads to no commit there.
    pub place: Option<usize>,
    /// The highest release among the ancestors of its commit.
    pub before: Option<&'a ReleaseTag>,
    /// The commits since then.
    pub since: Since<'a>,
}

/// The commits of a release, as far as they are known.
#[derive(Debug, PartialEq)]
pub(super) enum Since<'a> {
    /// Their places, children before their parents.
    Commits(Vec<usize>),
    /// They do not matter: there is no release before, or a higher one, or this is a pre-release.
    Nothing,
    /// None: this release stands on the commit already.
    SameCommit(&'a ReleaseTag),
    /// The ranges together are too large.
    TooMany,
}

/// Finds the lineage of every release, highest version first. Takes time linear in the graph and the ranges together.
pub(super) fn lineages<'a>(graph: &Graph, tags: &'a Tags) -> Vec<Lineage<'a>> {
    let candidates: Vec<&ReleaseTag> = tags.candidates().collect();
    let places = places(graph, tags);
    let mut at: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (rank, tag) in candidates.iter().enumerate() {
        if let Some(place) = places.get(tag.commit.as_str()) {
            at.entry(*place).or_default().push(rank);
        }
    }
    let before = ranks_before(graph, &at);
    let mut ranges = ranges(graph, &at, &before, &places, &candidates);
    tags.releases
        .iter()
        .map(|tag| {
            let place = places.get(tag.commit.as_str()).copied();
            let rank = place.and_then(|place| before[place]);
            let previous = rank.map(|rank| candidates[rank]);
            let since = match place.and_then(|place| Some((place, at.get(&place)?))) {
                Some((place, ranks)) if tag.version.pre.is_empty() => {
                    let first = candidates[first_release(ranks, previous, &candidates)];
                    if first.name == tag.name {
                        ranges.remove(&place).unwrap_or(Since::Nothing)
                    } else {
                        Since::SameCommit(first)
                    }
                }
                _ => Since::Nothing,
            };
            Lineage { tag, place, before: previous, since }
        })
        .collect()
}

/// Of several releases on one commit, the one that was made first: the lowest above the release before.
fn first_release(ranks: &[usize], before: Option<&ReleaseTag>, candidates: &[&ReleaseTag]) -> usize {
    let is_above =
        |rank: &&usize| before.is_none_or(|before| candidates[**rank].version.cmp_precedence(&before.version).is_gt());
    ranks.iter().filter(is_above).max().or_else(|| ranks.iter().max()).copied().unwrap_or_default()
}

/// The places of the commits that releases lead to.
fn places<'a>(graph: &Graph, tags: &'a Tags) -> HashMap<&'a str, usize> {
    let mut wanted: HashMap<&str, Option<usize>> =
        tags.releases.iter().map(|tag| (tag.commit.as_str(), None)).collect();
    for (place, node) in graph.nodes.iter().enumerate() {
        if let Some(found) = wanted.get_mut(node.commit.id.as_str()) {
            *found = Some(place);
        }
    }
    wanted.into_iter().filter_map(|(id, place)| Some((id, place?))).collect()
}

/// For every commit the rank of the highest release among its ancestors, without itself.
fn ranks_before(graph: &Graph, at: &BTreeMap<usize, Vec<usize>>) -> Vec<Option<usize>> {
    let mut before: Vec<Option<usize>> = vec![None; graph.nodes.len()];
    let own = |place: usize| at.get(&place).and_then(|ranks| ranks.iter().min()).copied();
    for place in (0..graph.nodes.len()).rev() {
        let parents = graph.nodes[place].parents.iter();
        before[place] = parents.filter_map(|parent| before[*parent].into_iter().chain(own(*parent)).min()).min();
    }
    before
}

/// The commits since the release before, for every commit with a release that is higher than the one before it.
///
/// Releases form a tree in which each stands below the one before it. On the way down, what the releases above have is marked, so
/// that a walk stops where they begin, and every range costs as much as it is long.
fn ranges<'a>(
    graph: &Graph,
    at: &BTreeMap<usize, Vec<usize>>,
    before: &[Option<usize>],
    places: &HashMap<&str, usize>,
    candidates: &[&'a ReleaseTag],
) -> HashMap<usize, Since<'a>> {
    let mut below: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for (place, ranks) in at {
        let above = before[*place];
        // What is lower than the release before it is before nothing.
        if above.is_none_or(|above| ranks.iter().any(|rank| *rank < above)) {
            let above = above.and_then(|rank| places.get(candidates[rank].commit.as_str()).copied());
            below.entry(above).or_default().push(*place);
        }
    }
    enum Step {
        Enter(usize),
        Leave(usize),
    }
    let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut marked = vec![false; graph.nodes.len()];
    let mut total = 0;
    let mut steps: Vec<Step> = below.get(&None).into_iter().flatten().map(|place| Step::Enter(*place)).collect();
    while let Some(step) = steps.pop() {
        match step {
            // With no release before it there is nothing to compare with, so its commits count only for those after it.
            Step::Enter(place) if before[place].is_none() && !below.contains_key(&Some(place)) => {}
            Step::Enter(_) if total > LIMIT => {}
            Step::Enter(place) => {
                let range = walk(graph, place, &mut marked);
                total += range.len();
                found.insert(place, range);
                steps.push(Step::Leave(place));
                steps.extend(below.get(&Some(place)).into_iter().flatten().map(|place| Step::Enter(*place)));
            }
            Step::Leave(place) => found.get(&place).into_iter().flatten().for_each(|place| marked[*place] = false),
        }
    }
    let all = below.into_iter().filter(|(above, _)| above.is_some()).flat_map(|(_, places)| places);
    all.map(|place| (place, found.remove(&place).map_or(Since::TooMany, Since::Commits))).collect()
}

/// Marks what a commit leads to, as far as it is not marked yet, and gives it in the order of the graph.
fn walk(graph: &Graph, from: usize, marked: &mut [bool]) -> Vec<usize> {
    let mut found = Vec::new();
    let mut open = vec![from];
    while let Some(place) = open.pop() {
        if !std::mem::replace(&mut marked[place], true) {
            found.push(place);
            open.extend(&graph.nodes[place].parents);
        }
    }
    found.sort_unstable();
    found
}
