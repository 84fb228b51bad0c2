//! The numbers of pre-releases.

use semver::{Prerelease, Version};
use slipway_core::{Error, ErrorKind, Result};

use crate::channels::counter;
use crate::tags::Tags;

/// The next pre-release of a version in a channel. It counts on from the highest number that any tag has, on whatever branch, and is
/// joined to the name as the others are: `rc.1` is lower than `rc1`, so that one cannot follow the other.
///
/// # Errors
/// `InvalidInput` if the identifier cannot stand in a version.
pub(crate) fn next(core: &Version, identifier: &str, tags: &Tags) -> Result<Version> {
    let same =
        |version: &Version| (version.major, version.minor, version.patch) == (core.major, core.minor, core.patch);
    let used: Vec<(&str, &str)> = tags
        .releases
        .iter()
        .filter(|tag| same(&tag.version))
        .filter_map(|tag| counter(tag.version.pre.as_str(), identifier))
        .filter(|(_, digits)| !digits.is_empty())
        .collect();
    let joint = if used.iter().any(|(joint, _)| joint.is_empty()) { "" } else { "." };
    let last = used.iter().filter(|(other, _)| *other == joint).map(|(_, digits)| digits.trim_start_matches('0'));
    let last = last.max_by_key(|digits| (digits.len(), *digits)).unwrap_or_default();
    let pre = format!("{identifier}{joint}{}", increment(last));
    let pre = Prerelease::new(&pre)
        .map_err(|error| Error::new(ErrorKind::InvalidInput, format!("`{pre}` is no pre-release: {error}")))?;
    Ok(Version { pre, ..Version::new(core.major, core.minor, core.patch) })
}

/// One more than a number of any length; SemVer sets no limit.
fn increment(digits: &str) -> String {
    let kept = digits.trim_end_matches('9');
    let zeros = "0".repeat(digits.len() - kept.len());
    match kept.char_indices().next_back().and_then(|(at, digit)| Some((at, digit.to_digit(10)?))) {
        Some((at, digit)) => format!("{}{}{zeros}", &kept[..at], digit + 1),
        None => format!("1{zeros}"),
    }
}

#[cfg(test)]
mod tests {
    use slipway_core::git::FoundTag;

    use super::*;
    use crate::tags::TagPrefix;

    #[test]
    fn counters_go_on() {
        for (tags, identifier, expected) in [
            (&[][..], "rc", "1.3.0-rc.1"),
            (&["1.3.0-rc.9"], "rc", "1.3.0-rc.10"),
            (&["1.3.0-rc.9", "1.3.0-rc.10"], "rc", "1.3.0-rc.11"),
            (&["1.3.0-rc1"], "rc", "1.3.0-rc2"),
            (&["1.3.0-rc1", "1.3.0-rc.7"], "rc", "1.3.0-rc2"),
            (&["1.3.0-rc"], "rc", "1.3.0-rc.1"),
            (&["1.3.0-beta.4", "1.2.0-rc.8"], "rc", "1.3.0-rc.1"),
            (&["1.3.0-feature.login.3"], "feature.login", "1.3.0-feature.login.4"),
            (&["1.3.0-rc.9007199254740993"], "rc", "1.3.0-rc.9007199254740994"),
            (&["1.3.0-rc.99999999999999999999999"], "rc", "1.3.0-rc.100000000000000000000000"),
            (&["1.3.0-rc.1+sha.abc"], "rc", "1.3.0-rc.2"),
            (&["1.3.0-rc.0"], "rc", "1.3.0-rc.1"),
        ] {
            let target = "a".repeat(40).parse().unwrap();
            let found = |name: &&str| FoundTag {
                name: (*name).into(),
                object: Clone::clone(&target),
                target: Clone::clone(&target),
            };
            let tags = Tags::sort_out(&TagPrefix::new("").unwrap(), tags.iter().map(found).collect(), None);
            let core = Version::new(1, 3, 0);
            assert_eq!(next(&core, identifier, &tags).unwrap().to_string(), expected, "{:?}", tags.releases);
        }
    }
}
