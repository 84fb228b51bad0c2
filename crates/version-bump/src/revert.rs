//! Which commits of a release cancel each other.

use std::collections::HashMap;

use crate::history::Commit;

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

/// Weighs the reverts among the commits, whatever their order. A revert that is itself taken back does nothing.
pub(crate) fn weigh(commits: &[Commit]) -> Vec<Standing> {
    let places: HashMap<&str, usize> =
        commits.iter().enumerate().map(|(place, commit)| (commit.id.as_str(), place)).collect();
    let target = |commit: &Commit| commit.reverts.as_ref().and_then(|id| places.get(id.as_str()).copied());
    let targets: Vec<Option<usize>> = commits.iter().map(target).collect();
    let mut undecided = vec![0_usize; commits.len()];
    for place in targets.iter().flatten() {
        undecided[*place] += 1;
    }

    // A commit is decided once all that would take it back are; what names itself in a circle, which no hash allows, stands.
    let mut standing = vec![Standing::Stands; commits.len()];
    let mut decided: Vec<usize> = (0..commits.len()).filter(|place| undecided[*place] == 0).collect();
    while let Some(place) = decided.pop() {
        let Some(target) = targets[place] else { continue };
        if !matches!(standing[place], Standing::TakenBack(_)) {
            standing[place] = Standing::TakesBack(target);
            standing[target] = Standing::TakenBack(place);
        }
        undecided[target] -= 1;
        if undecided[target] == 0 {
            decided.push(target);
        }
    }
    standing
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits by what each reverts, oldest first.
    fn weighed(reverts: &[Option<usize>]) -> Vec<Standing> {
        let id = |place: usize| format!("{place:040x}").parse().unwrap();
        let commit =
            |(place, target): (usize, &Option<usize>)| Commit { reverts: target.map(id), ..Commit::plain(id(place)) };
        let mut commits: Vec<Commit> = reverts.iter().enumerate().map(commit).collect();
        let result = weigh(&commits);
        commits.reverse();
        let last = commits.len() - 1;
        let mirrored: Vec<Standing> = weigh(&commits)
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
    }
}
