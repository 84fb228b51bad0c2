//! Release tags that are spelled in another way than `tag-prefix` says.

use std::collections::BTreeMap;

use semver::Version;
use serde::Serialize;
use slipway_core::git::FoundTag;
use slipway_core::{ComponentName, order};

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
pub(crate) fn others(prefix: &TagPrefix, tags: &[FoundTag]) -> Vec<Spelling> {
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

/// A release tag that a prefix leaves out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LeftOut {
    /// The whole name.
    pub name: String,
    /// What stands before the version.
    pub prefix: String,
    /// The version.
    pub version: Version,
}

/// The highest release of the same thing whose tag is spelled in another way: `1.4.2` beside `v`, `api-v1.4.2` beside `api/v`.
pub(crate) fn left_out(prefix: &TagPrefix, component: Option<&ComponentName>, tags: &[FoundTag]) -> Option<LeftOut> {
    if !is_of(component, prefix.as_str()) {
        // Whoever names something else means something else.
        return None;
    }
    let names = tags.iter().map(|tag| tag.name.as_str()).filter(|name| !prefix.covers(name));
    let same = names.filter_map(|name| Some((name, stem(name)?))).filter(|(_, stem)| is_of(component, stem));
    let versions = same.filter_map(|(name, stem)| {
        let version = Version::parse(&name[stem.len()..]).ok()?;
        Some(LeftOut { name: name.into(), prefix: stem.into(), version })
    });
    versions.max_by(|one, other| one.version.cmp_precedence(&other.version))
}

/// Whether tags with this stem are of the component, or of the whole repository.
fn is_of(component: Option<&ComponentName>, stem: &str) -> bool {
    let stem = stem.strip_suffix(['v', 'V']).unwrap_or(stem).trim_end_matches(['-', '_', '/', '.', '@']);
    match component {
        Some(component) => stem.rsplit('/').next() == Some(component.as_str()),
        None => ["", "version", "ver", "release", "rel"].iter().any(|word| stem.eq_ignore_ascii_case(word)),
    }
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

    fn found(names: &[&str]) -> Vec<FoundTag> {
        let id = || "a".repeat(40).parse().unwrap();
        names.iter().map(|name| FoundTag { name: (*name).into(), object: id(), target: id() }).collect()
    }

    #[test]
    fn releases_that_a_prefix_leaves_out_are_found() {
        let api: ComponentName = "api".parse().unwrap();
        let names = [
            "v1.0.0",
            "1.9.0",
            "1.10.0",
            "release-1.2.0",
            "api-v2.0.0",
            "@acme/api@3.0.0",
            "web/v9.0.0",
            "jq-9.0.0",
            "v2",
        ];
        let left_out = |prefix: &str, component: Option<&ComponentName>| {
            left_out(&TagPrefix::new(prefix).unwrap(), component, &found(&names)).map(|left_out| left_out.name)
        };
        assert_eq!(left_out("v", None).as_deref(), Some("1.10.0"));
        assert_eq!(left_out("", None).as_deref(), Some("release-1.2.0"));
        assert_eq!(left_out("api/v", Some(&api)).as_deref(), Some("@acme/api@3.0.0"));
        assert_eq!(left_out("web/v", Some(&"web".parse().unwrap())), None);
        assert_eq!(left_out("api/v", None), None);
        assert_eq!(left_out("x-", Some(&api)), None);
        assert_eq!(left_out("docs/v", Some(&"docs".parse().unwrap())), None);
    }

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
        let others = others(&TagPrefix::new("v").unwrap(), &found(&names));
        let seen: Vec<(&str, usize)> = others.iter().map(|other| (other.prefix.as_str(), other.count)).collect();
        assert_eq!(seen, [("", 2), ("api-v", 1), ("release-", 1), ("é", 1)]);
    }
}
