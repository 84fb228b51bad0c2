//! Tags that only move forward: `latest`, `1` and `1.2` are given to a release only if it is the highest of its line.
//!
//! A line is what gets the same tag: the releases of which a rule makes `1.2` are the line of `1.2`, and all are that of `latest`.
//! Only final releases count.

use serde::Serialize;

use crate::rule::{Answer, Evaluate};
use crate::run::{Judged, Run};

/// Whether a rule's tags only move forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forward {
    /// They move to every release.
    No,
    /// They do, and none stands for all releases of major 0, which promise nothing to each other (SemVer 2.0, item 4).
    Yes,
    /// They do, and `0` is a line too.
    WithZero,
}

/// The words of the attribute `forward`.
pub(crate) const WORDS: &[(&str, Forward)] =
    &[("true", Forward::Yes), ("false", Forward::No), ("zero", Forward::WithZero)];

/// The numbers of a final release: its epoch, its major version and so on. Zeros at the end make no difference.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(Vec<u64>);

impl Release {
    pub(crate) fn new(epoch: u64, numbers: impl IntoIterator<Item = u64>) -> Self {
        let mut all = vec![epoch];
        all.extend(numbers);
        while all.pop_if(|number| *number == 0).is_some() {}
        Self(all)
    }

    fn is_of_major_zero(&self) -> bool {
        self.0.iter().take(2).all(|number| *number == 0)
    }
}

/// The releases that there are.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Releases {
    /// The tags of the git repository.
    pub git_tags: Vec<String>,
    /// The tags of the images in their registries.
    pub image_tags: Vec<String>,
    /// Why there may be more, and what to change.
    pub unknown: Option<String>,
}

/// How a release stands among those of its line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// None is higher.
    Highest,
    /// A higher one, as it is written.
    Below(String),
    /// Why that is not known.
    Unknown(String),
}

/// How the release that a rule makes a tag of stands; `affixes` are what the rule puts around it, and `is_in_line` tells of another
/// run whether it is of the same line.
pub(crate) fn standing(
    rule: &dyn Evaluate,
    run: &Run,
    affixes: (&str, &str),
    is_in_line: impl Fn(&Run) -> bool,
) -> Standing {
    let Some(own) = rule.release(run) else {
        return Standing::Unknown("it is made of nothing that has a place among the releases".into());
    };
    let releases = &run.facts.releases;
    let git_tags = releases.git_tags.iter().map(|tag| (tag, Judged::Tag(tag)));
    let image_tags = releases.image_tags.iter().filter_map(|tag| {
        let inner = tag.strip_prefix(affixes.0)?.strip_suffix(affixes.1)?;
        Some((tag, Judged::Version(inner)))
    });
    let highest = git_tags
        .chain(image_tags)
        .filter_map(|(tag, judged)| {
            let other = run.judging(judged);
            let release = rule.release(&other).filter(|release| *release > own)?;
            is_in_line(&other).then_some((release, tag))
        })
        .max();
    match (highest, &releases.unknown) {
        (Some((_, tag)), _) => Standing::Below(tag.clone()),
        (None, Some(why)) => Standing::Unknown(why.clone()),
        (None, None) => Standing::Highest,
    }
}

/// Takes back what a rule made of a release that is not the highest of its line.
pub(crate) fn hold(forward: Forward, rule: &dyn Evaluate, run: &Run, affixes: (&str, &str), answer: Answer) -> Answer {
    let (Answer::Fires { value, .. }, Some(own)) = (&answer, rule.release(run)) else { return answer };
    let makes_it = |other: &Run| matches!(rule.evaluate(other), Answer::Fires { value: made, .. } if made == *value);
    let is_of = |version: &str| makes_it(&run.judging(Judged::Version(version)));
    let why =
        if forward == Forward::Yes && own.is_of_major_zero() && is_of("0.4294967295.0") && !is_of("4294967295.0.0") {
            "releases of major 0 promise nothing to each other; `forward=zero` gives it all the same".into()
        } else {
            match standing(rule, run, affixes, makes_it) {
                Standing::Highest => return answer,
                Standing::Below(other) => format!("`{other}` is higher"),
                Standing::Unknown(why) => return Answer::Fails(format!("`{value}` is not given, because {why}")),
            }
        };
    Answer::Rests(format!("`{value}` is not given, because {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_ordered_by_their_numbers() {
        let release = |numbers: &[u64]| Release::new(0, numbers.iter().copied());
        assert_eq!(release(&[1, 2]), release(&[1, 2, 0]));
        assert!(release(&[1, 10]) > release(&[1, 9, 9]));
        assert!(Release::new(1, [0, 1]) > release(&[9]));
        for (numbers, is_zero) in [(&[0, 3][..], true), (&[0], true), (&[1, 0, 0], false), (&[2026], false)] {
            assert_eq!(release(numbers).is_of_major_zero(), is_zero, "{numbers:?}");
        }
    }
}
