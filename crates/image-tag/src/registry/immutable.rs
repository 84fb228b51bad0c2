//! Which tags never get another image.

use slipway_core::image::ImageTag;
use slipway_core::{Error, ErrorKind, PathPattern, Result};

/// The word for whole versions.
const VERSIONS: &str = "versions";
/// The word for no tag.
const NONE: &str = "none";

/// The tags that never get another image.
#[derive(Debug, Default)]
pub(crate) struct ImmutableTags {
    versions: bool,
    patterns: Vec<PathPattern>,
}

impl ImmutableTags {
    /// Reads the patterns.
    ///
    /// # Errors
    /// `InvalidInput` for a pattern that no tag can match.
    pub(crate) fn parse(lines: &[String]) -> Result<Self> {
        let mut tags = Self::default();
        for line in lines {
            let is_tag = |c: char| c.is_ascii_alphanumeric() || "._-*?".contains(c);
            match line.as_str() {
                VERSIONS => tags.versions = true,
                NONE if lines.len() == 1 => {}
                NONE => {
                    return Err(Error::new(ErrorKind::InvalidInput, "`none` stands beside others")
                        .hint("remove `none`, or the other lines"));
                }
                pattern if pattern.chars().all(is_tag) => tags.patterns.push(pattern.parse()?),
                pattern => {
                    let message = format!("`{pattern}` cannot match a tag");
                    return Err(Error::new(ErrorKind::InvalidInput, message)
                        .hint("write letters, digits, `.`, `_` and `-`, with `*` and `?` for others, or `versions`"));
                }
            }
        }
        Ok(tags)
    }

    /// Whether the tag is one of them.
    pub(crate) fn contains(&self, tag: &ImageTag) -> bool {
        self.versions && is_whole_version(tag.as_str())
            || self.patterns.iter().any(|pattern| pattern.matches(tag.as_str()))
    }
}

/// Whether a tag begins with three numbers, `v` before them or not, and goes on after a hyphen if at all: `1.5.0`, `v1.5.0-rc.1`.
fn is_whole_version(tag: &str) -> bool {
    let version = tag.strip_prefix('v').unwrap_or(tag);
    let numbers = version.split_once('-').map_or(version, |(numbers, _)| numbers);
    let parts: Vec<&str> = numbers.split('.').collect();
    parts.len() == 3 && parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(lines: &[&str], tag: &str) -> bool {
        let lines: Vec<String> = lines.iter().map(|line| (*line).into()).collect();
        ImmutableTags::parse(&lines).unwrap().contains(&tag.parse().unwrap())
    }

    #[test]
    fn whole_versions_are_immutable_and_the_rest_floats() {
        for (tag, expected) in [
            ("1.5.0", true),
            ("v1.5.0", true),
            ("1.5.0-rc.1", true),
            ("1.5.0-alpine", true),
            ("2026.03.04", true),
            ("1.5", false),
            ("1", false),
            ("v1", false),
            ("latest", false),
            ("main", false),
            ("release-1.5.0", false),
            ("1.5.x", false),
            ("1.5.0.1", false),
            ("sha-0f1e2d3", false),
        ] {
            assert_eq!(matches(&["versions"], tag), expected, "{tag}");
            assert!(!matches(&["none"], tag));
        }
        assert!(matches(&["versions", "sha-*"], "sha-0f1e2d3"));
        assert!(matches(&["api-?.*"], "api-1.5.0"));
    }

    #[test]
    fn patterns_that_match_no_tag_are_refused() {
        for lines in [&["a/b"][..], &["é"], &["none", "v*"], &[".."]] {
            let lines: Vec<String> = lines.iter().map(|line| (*line).into()).collect();
            assert!(ImmutableTags::parse(&lines).is_err(), "{lines:?}");
        }
    }
}
