//! Release tags that are spelled in another way than `tag-prefix` says.

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;
use slipway_core::git::FoundTag;
use slipway_core::order;

use crate::tags::TagPrefix;

/// So many spellings are told.
const LISTED: usize = 20;

/// A prefix that other release tags have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Spelling {
    /// What stands before the version.
    pub prefix: String,
    /// How many tags have it.
    pub count: usize,
}

/// The prefixes of tags that name versions, but not with this prefix; most frequent first.
pub(super) fn others(prefix: &TagPrefix, tags: &[FoundTag]) -> Vec<Spelling> {
    // A tag that the clone and its remote have is found twice.
    let names = order::set(tags.iter().map(|tag| tag.name.as_str()));
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for stem in names.into_iter().filter(|name| !prefix.covers(name)).filter_map(stem) {
        *counts.entry(stem).or_default() += 1;
    }
    let mut others: Vec<Spelling> =
        counts.into_iter().map(|(prefix, count)| Spelling { prefix: prefix.into(), count }).collect();
    order::sort_by_key(&mut others, |other| std::cmp::Reverse(other.count));
    others.truncate(LISTED);
    others
}

/// What stands before the first version in a name: the version begins at a digit that no digit stands before, and goes to the end.
fn stem(name: &str) -> Option<&str> {
    let dot = name.find('.')?;
    let digits = name[..dot].bytes().rev().take_while(u8::is_ascii_digit).count();
    let (stem, rest) = name.split_at(dot - digits);
    Version::parse(rest).ok().map(|_| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_counted() {
        let names = [
            "v1.0.0",
            "1.0.0",
            "1.1.0",
            "1.1.0",
            "api-v2.0.0",
            "é1.0.0-rc.1",
            "v2",
            "latest",
            "x.1.0.0",
            "release-2024.1.1",
        ];
        let found: Vec<FoundTag> = names
            .iter()
            .map(|name| FoundTag {
                name: (*name).into(),
                object: "a".repeat(40).parse().unwrap(),
                target: "a".repeat(40).parse().unwrap(),
            })
            .collect();
        let others = others(&TagPrefix::new("v").unwrap(), &found);
        let seen: Vec<(&str, usize)> = others.iter().map(|other| (other.prefix.as_str(), other.count)).collect();
        assert_eq!(seen, [("", 2), ("api-v", 1), ("release-", 1), ("é", 1)]);
    }
}
