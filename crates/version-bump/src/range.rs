//! The versions that a maintenance branch may release.

use std::fmt;

use semver::Version;
use serde::{Serialize, Serializer};

/// All versions with these first numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    major: u64,
    minor: Option<u64>,
}

impl Range {
    /// Reads `1.x`, `1.x.x` or `1.2.x`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix(".x")?;
        let text = text.strip_suffix(".x").unwrap_or(text);
        Self::from_numbers(text)
    }

    /// The range in the name of a branch: what its last part ends with, such as `1.x`, `release/1.2`, `maint-v1.2.x`.
    pub(crate) fn of_branch(name: &str) -> Option<Self> {
        let start = name.rfind(|c: char| !c.is_ascii_digit() && c != '.' && c != 'x').map_or(0, |at| at + 1);
        let (before, numbers) = name.split_at_checked(start)?;
        let before = before.strip_suffix('v').unwrap_or(before);
        if before.ends_with(char::is_alphanumeric) {
            return None;
        }
        Self::parse(numbers).or_else(|| Self::from_numbers(numbers))
    }

    fn from_numbers(text: &str) -> Option<Self> {
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        match text.split_once('.') {
            None => Some(Self { major: number(text)?, minor: None }),
            Some((major, minor)) => Some(Self { major: number(major)?, minor: Some(number(minor)?) }),
        }
    }

    /// Whether a version is one of them.
    pub(crate) fn contains(self, version: &Version) -> bool {
        version.major == self.major && self.minor.is_none_or(|minor| version.minor == minor)
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.minor {
            Some(minor) => write!(f, "{}.{minor}.x", self.major),
            None => write!(f, "{}.x", self.major),
        }
    }
}

impl Serialize for Range {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_branches_hold_ranges() {
        for (name, expected) in [
            ("1.x", Some("1.x")),
            ("1.x.x", Some("1.x")),
            ("1.2.x", Some("1.2.x")),
            ("v1.x", Some("1.x")),
            ("release/1.2", Some("1.2.x")),
            ("release/v1.2.x", Some("1.2.x")),
            ("release-1.2", Some("1.2.x")),
            ("support/12", Some("12.x")),
            ("maint_1.x", Some("1.x")),
            ("legacy", None),
            ("release/1.2.3", None),
            ("abc1", None),
            ("dev1.x", None),
            ("x", None),
            ("", None),
            ("release/1.2-x", None),
            ("größe1.x", None),
            ("99999999999999999999.x", None),
        ] {
            assert_eq!(Range::of_branch(name).map(|range| range.to_string()).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn ranges_contain_what_begins_like_them() {
        for (range, version, inside) in [
            ("1.x", "1.0.0", true),
            ("1.x", "1.9.3-rc.1", true),
            ("1.x", "2.0.0", false),
            ("1.2.x", "1.2.9", true),
            ("1.2.x", "1.3.0", false),
        ] {
            assert_eq!(Range::parse(range).unwrap().contains(&version.parse().unwrap()), inside, "{range} {version}");
        }
        assert_eq!(Range::parse("1.2"), None);
    }
}
