//! Which of two versions is the later one.

use std::cmp::Ordering;

use semver::Version;

use crate::ReleaseVersion;

impl ReleaseVersion {
    /// How this version stands to another one: by the precedence of SemVer 2.0, a leading `v` left out, where both are of it; by
    /// their numbers where both are as many numbers between dots, as calendar versions are. Others cannot be compared.
    pub fn precedence(&self, other: &Self) -> Option<Ordering> {
        if let (Some(own), Some(other)) = (semantic(self), semantic(other)) {
            return Some(own.cmp_precedence(&other));
        }
        let (own, other) = (numbers(self)?, numbers(other)?);
        (own.len() == other.len()).then(|| own.cmp(&other))
    }
}

fn semantic(version: &ReleaseVersion) -> Option<Version> {
    let text = version.as_str();
    Version::parse(text.strip_prefix('v').unwrap_or(text)).ok()
}

fn numbers(version: &ReleaseVersion) -> Option<Vec<u64>> {
    let text = version.as_str();
    let numbers: Option<Vec<u64>> =
        text.strip_prefix('v').unwrap_or(text).split('.').map(|part| part.parse().ok()).collect();
    // One number alone may be the start of a commit's id.
    numbers.filter(|numbers| numbers.len() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_where_they_can_be() {
        use Ordering::{Equal, Greater, Less};
        for (one, other, expected) in [
            ("1.10.0", "1.9.0", Some(Greater)),
            ("v1.5.0", "1.5.0", Some(Equal)),
            ("1.5.0-rc.1", "1.5.0", Some(Less)),
            ("1.5.0-rc.10", "1.5.0-rc.9", Some(Greater)),
            ("1.5.0+a", "1.5.0+b", Some(Equal)),
            ("2026.01.03", "2025.12.31", Some(Greater)),
            ("2026.1", "2026.01", Some(Equal)),
            ("1.2.3.4", "1.2.3.10", Some(Less)),
            ("2026.01.03", "2026.1", None),
            ("1.5.0", "0f1e2d3", None),
            ("1234567", "7654321", None),
            ("main", "main", None),
        ] {
            let parse = |text: &str| text.parse::<ReleaseVersion>().unwrap();
            assert_eq!(parse(one).precedence(&parse(other)), expected, "{one} {other}");
        }
    }
}
