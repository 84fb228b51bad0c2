//! Which commits of a release cancel each other.

use slipway_core::order;
use std::collections::HashMap;

use crate::conventional::Reverted;
use crate::history::Commit;

/// So many commits are walked over for merges that are taken back; beyond that a merge stands for itself alone.
const WALK_LIMIT: usize = 5_000_000;

/// What reverts do to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing.
    Stands,
    /// The commit at this place takes it back, and nothing takes that back.
    TakenBack(usize),
    /// It takes back the commit at this place.
    TakesBack(usize),
}

/// What the reverts among some commits do.
#[derive(Debug, Default)]
pub(crate) struct Weighed {
    /// What they do to each commit.
    pub standing: Vec<Standing>,
    /// The merges that are named by reverts, but with more behind them than is looked at.
    pub unread: Vec<usize>,
}

/// Weighs the reverts among the commits, whatever their order. A revert that is itself taken back does nothing; with a merge, all
/// that it brought in is taken back.
pub(crate) fn weigh(commits: &[Commit]) -> Weighed {
    let mut standing = vec![Standing::Stands; commits.len()];
    if commits.iter().all(|commit| commit.reverts.is_empty()) {
        return Weighed { standing, unread: Vec::new() };
    }
    let targets = targets(commits);
    let (behind, unread) = behind(commits, &targets, WALK_LIMIT);

    // A commit is decided once all that would take it back are; what names itself in a circle, which no hash allows, stands.
    let mut undecided = vec![0_usize; commits.len()];
    targets.iter().flatten().chain(behind.values().flatten()).for_each(|place| undecided[*place] += 1);
    let mut decided: Vec<usize> = (0..commits.len()).filter(|place| undecided[*place] == 0).collect();
    while let Some(place) = decided.pop() {
        let by = if let Standing::TakenBack(by) = standing[place] { Some(by) } else { None };
        for target in &targets[place] {
            if by.is_none() {
                standing[place] = Standing::TakesBack(*target);
                standing[*target] = Standing::TakenBack(place);
            }
        }
        let brought = behind.get(&place).map(Vec::as_slice).unwrap_or_default();
        for member in brought {
            if let Some(by) = by {
                standing[*member] = Standing::TakenBack(by);
            }
        }
        for next in targets[place].iter().chain(brought) {
            undecided[*next] -= 1;
            if undecided[*next] == 0 {
                decided.push(*next);
            }
        }
    }
    Weighed { standing, unread }
}

/// The places of the commits that each commit takes back.
fn targets(commits: &[Commit]) -> Vec<Vec<usize>> {
    let mut ids: Vec<(&str, usize)> =
        commits.iter().enumerate().map(|(place, commit)| (commit.id.as_str(), place)).collect();
    order::sort(&mut ids);
    let mut merged_by: HashMap<u64, usize> = HashMap::new();
    // The newest comes first: a number that occurs twice belongs to the one that was merged last.
    for (place, commit) in commits.iter().enumerate() {
        if let Some(number) = commit.pull_request {
            merged_by.entry(number).or_insert(place);
        }
    }
    let find = |reverted: &Reverted| match reverted {
        Reverted::PullRequest(number) => merged_by.get(number).copied(),
        Reverted::Commit(beginning) => {
            let at = ids.partition_point(|(id, _)| *id < beginning.as_str());
            let mut matching = ids[at..].iter().take(2).filter(|(id, _)| id.starts_with(beginning.as_str()));
            let (_, place) = matching.next()?;
            matching.next().is_none().then_some(*place)
        }
    };
    commits
        .iter()
        .enumerate()
        .map(|(place, commit)| {
            let mut found: Vec<usize> = commit.reverts.iter().filter_map(find).filter(|at| *at != place).collect();
            order::sort(&mut found);
            found.dedup();
            found
        })
        .collect()
}

/// What each merge that is taken back brought in: the commits that lead to it, but not to its first parent. The merges for which
/// that takes too long come second.
fn behind(commits: &[Commit], targets: &[Vec<usize>], limit: usize) -> (HashMap<usize, Vec<usize>>, Vec<usize>) {
    let mut merges: Vec<usize> =
        targets.iter().flatten().copied().filter(|place| commits[*place].parents.len() > 1).collect();
    order::sort(&mut merges);
    merges.dedup();
    let (mut behind, mut unread) = (HashMap::new(), Vec::new());
    if merges.is_empty() {
        return (behind, unread);
    }
    let places: HashMap<&str, usize> =
        commits.iter().enumerate().map(|(place, commit)| (commit.id.as_str(), place)).collect();
    let parents: Vec<Vec<usize>> = commits
        .iter()
        .map(|commit| commit.parents.iter().filter_map(|id| places.get(id.as_str()).copied()).collect())
        .collect();
    let (mut seen, mut steps) = (vec![0_usize; commits.len()], 0);
    for (round, merge) in merges.into_iter().enumerate() {
        if steps > limit {
            unread.push(merge);
            continue;
        }
        let first = commits[merge].parents.first().and_then(|id| places.get(id.as_str()).copied());
        let mut brought = Vec::new();
        let mut open: Vec<usize> = first.into_iter().collect();
        for is_first in [true, false] {
            if !is_first {
                open.extend(parents[merge].iter().filter(|place| Some(**place) != first));
            }
            while let Some(place) = open.pop() {
                if seen[place] > round {
                    continue;
                }
                seen[place] = round + 1;
                steps += 1;
                if !is_first {
                    brought.push(place);
                }
                open.extend(&parents[place]);
            }
        }
        behind.insert(merge, brought);
    }
    (behind, unread)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits by what each reverts, oldest first.
    fn weighed(reverts: &[Option<usize>]) -> Vec<Standing> {
        let id = |place: usize| format!("{place:040x}");
        let commit = |(place, target): (usize, &Option<usize>)| Commit {
            reverts: target.map(|target| Reverted::Commit(id(target))).into_iter().collect(),
            ..Commit::alone(id(place).parse().unwrap(), b"")
        };
        let mut commits: Vec<Commit> = reverts.iter().enumerate().map(commit).collect();
        let result = weigh(&commits).standing;
        commits.reverse();
        let last = commits.len() - 1;
        let mirrored: Vec<Standing> = weigh(&commits)
            .standing
            .into_iter()
            .rev()
            .map(|standing| match standing {
                Standing::TakenBack(place) => Standing::TakenBack(last - place),
                Standing::TakesBack(place) => Standing::TakesBack(last - place),
                Standing::Stands => Standing::Stands,
            })
            .collect();
        assert_eq!(result, mirrored, "the order does not matter");
        result
    }

    #[test]
    fn pairs_cancel_and_reverted_reverts_do_nothing() {
        use Standing::{Stands, TakenBack, TakesBack};
        assert_eq!(weighed(&[None, Some(0)]), [TakenBack(1), TakesBack(0)]);
        assert_eq!(weighed(&[None, Some(0), Some(1)]), [Stands, TakenBack(2), TakesBack(1)]);
        assert_eq!(
            weighed(&[None, Some(0), Some(1), Some(2)]),
            [TakenBack(1), TakesBack(0), TakenBack(3), TakesBack(2)]
        );
        assert_eq!(weighed(&[None, Some(7)]), [Stands, Stands]);
    }

    #[test]
    fn long_chains_and_circles_end() {
        let chain: Vec<Option<usize>> = (0..100_000).map(|place: usize| place.checked_sub(1)).collect();
        assert_eq!(weighed(&chain)[0], Standing::TakenBack(1));
        assert_eq!(weighed(&[Some(1), Some(0)]), [Standing::Stands, Standing::Stands]);
        assert_eq!(weighed(&[Some(0)]), [Standing::Stands]);
    }

    #[test]
    fn a_beginning_of_an_id_must_name_one_commit() {
        let ids = ["abcdef0aa", "abcdef0bb", "1234567cc"].map(|id| format!("{id}{}", "0".repeat(31)));
        for (beginning, expected) in [("1234567", Some(2)), ("abcdef0", None), ("abcdef0b", Some(1)), ("fffffff", None)]
        {
            let mut commits: Vec<Commit> =
                ids.iter().map(|id| Commit::alone(id.parse().unwrap(), b"feat: a")).collect();
            let message = format!("Revert \"feat: a\"\n\nThis reverts commit {beginning}.");
            commits.push(Commit::alone("9".repeat(40).parse().unwrap(), message.as_bytes()));
            let taken = weigh(&commits).standing.iter().position(|standing| *standing == Standing::TakenBack(3));
            assert_eq!(taken, expected, "{beginning}");
        }
    }

    #[test]
    fn a_merge_goes_with_all_that_it_brought() {
        let id = |place: usize| format!("{place:040x}");
        // 0 base, 1 on main, 2 and 3 on a branch from 0, 4 merges 3 into 1, 5 on main, 6 reverts 4, 7 reapplies.
        let parents: [&[usize]; 8] = [&[], &[0], &[0], &[2], &[1, 3], &[4], &[5], &[6]];
        let message = |place: usize| match place {
            6 => format!("Revert \"x\"\n\nThis reverts commit {}, reversing\nchanges made to {}.", id(4), id(1)),
            7 => format!("Reapply \"x\"\n\nThis reverts commit {}.", id(6)),
            _ => format!("feat: {place}"),
        };
        let commits: Vec<Commit> = parents
            .iter()
            .enumerate()
            .map(|(place, parents)| {
                let parents = parents.iter().map(|parent| id(*parent).parse().unwrap()).collect();
                Commit::read(id(place).parse().unwrap(), parents, message(place).as_bytes())
            })
            .collect();
        let gone = |commits: &[Commit]| -> Vec<usize> {
            let weighed = weigh(commits).standing.into_iter().enumerate();
            weighed.filter(|(_, standing)| matches!(standing, Standing::TakenBack(_))).map(|(place, _)| place).collect()
        };
        assert_eq!(gone(&commits[..7]), [2, 3, 4]);
        assert_eq!(gone(&commits), [6]);
        let targets = targets(&commits);
        assert_eq!(behind(&commits, &targets, 100).1, [] as [usize; 0]);
        assert_eq!(behind(&commits, &[vec![4], vec![4]], 0).0.len(), 1, "the first one is always walked");
    }
}
