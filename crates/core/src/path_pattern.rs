//! Patterns for the paths of files.

use std::fmt;
use std::str::FromStr;

use crate::{Error, Result, WorkspacePath};
use serde::{Serialize, Serializer};

/// A path, or a simple glob: `*` and `?` stand for characters of one part, `**` as a whole part for any number of parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPattern(WorkspacePath);

impl PathPattern {
    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether only the path itself can match.
    pub fn is_literal(&self) -> bool {
        !self.as_str().contains(['*', '?'])
    }

    /// The directory that everything the pattern covers is in: what stands before the first part with a wildcard.
    pub fn directory(&self) -> &str {
        let text = self.as_str();
        let wild = text.find(['*', '?']).unwrap_or(text.len());
        &text[..text[..wild].rfind('/').unwrap_or(0)]
    }

    /// Whether the pattern names workflows, which no edit may touch.
    pub fn is_workflow(&self) -> bool {
        self.0.is_workflow()
    }

    /// Whether the pattern matches the path, or a directory above it: `libs/*` covers all that is in `libs/a`.
    pub fn covers(&self, path: &str) -> bool {
        if self.is_literal() {
            return path.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        }
        let above = path.match_indices('/').map(|(end, _)| &path[..end]);
        above.chain([path]).any(|path| self.matches(path))
    }

    /// Whether the pattern matches the path as a whole.
    pub fn matches(&self, path: &str) -> bool {
        let pattern: Vec<&str> = self.as_str().split('/').collect();
        let path: Vec<&str> = path.split('/').collect();
        covers(
            &pattern,
            &path,
            |part| *part == "**",
            |pattern, part| {
                let (pattern, part): (Vec<char>, Vec<char>) = (pattern.chars().collect(), part.chars().collect());
                covers(&pattern, &part, |c| *c == '*', |pattern, c| *pattern == '?' || pattern == c)
            },
        )
    }
}

/// Matches a sequence against one with wildcards that stand for any number of elements, in time proportional to the product of the
/// lengths: only the last wildcard that was met is ever tried again.
fn covers<P, T>(pattern: &[P], text: &[T], is_wildcard: impl Fn(&P) -> bool, is_one: impl Fn(&P, &T) -> bool) -> bool {
    let (mut at, mut read) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while read < text.len() {
        if at < pattern.len() && is_wildcard(&pattern[at]) {
            retry = Some((at + 1, read));
            at += 1;
        } else if at < pattern.len() && is_one(&pattern[at], &text[read]) {
            at += 1;
            read += 1;
        } else if let Some((after, start)) = retry {
            retry = Some((after, start + 1));
            at = after;
            read = start + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(is_wildcard)
}

impl FromStr for PathPattern {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        text.parse().map(Self)
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PathPattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_cover_parts() {
        for (pattern, path, covered) in [
            ("a/b.yaml", "a/b.yaml", true),
            ("a/b.yaml", "a/B.yaml", false),
            ("a/*.yaml", "a/b.yaml", true),
            ("a/*.yaml", "a/b/c.yaml", false),
            ("a/*.yaml", "a/.yaml", true),
            ("a/**/c.yaml", "a/c.yaml", true),
            ("a/**/c.yaml", "a/b/b/c.yaml", true),
            ("a/**", "a/b/c", true),
            ("a/**", "ab/c", false),
            ("**/*.yml", "x.yml", true),
            ("**/x/**/y", "x/x/z/y", true),
            ("**/x/**/y", "x/x/z", false),
            ("?.yaml", "é.yaml", true),
            ("?.yaml", ".yaml", false),
            ("a*b*c", "aXbXbXc", true),
            ("a*b*c", "aXbXbX", false),
            ("[a].yaml", "[a].yaml", true),
            ("[a].yaml", "a.yaml", false),
        ] {
            assert_eq!(pattern.parse::<PathPattern>().unwrap().matches(path), covered, "{pattern} {path}");
        }
    }

    #[test]
    fn directories_are_covered_with_all_that_is_in_them() {
        for (pattern, path, covered) in [
            ("libs/a", "libs/a", true),
            ("libs/a", "libs/a/b/c", true),
            ("libs/a", "libs/ab", false),
            ("libs/*", "libs/a/b/c", true),
            ("libs/*", "libs", false),
            ("**/src", "a/b/src/c", true),
            ("**/src", "a/b/srcs/c", false),
            ("**", "a", true),
        ] {
            assert_eq!(pattern.parse::<PathPattern>().unwrap().covers(path), covered, "{pattern} {path}");
        }
    }

    #[test]
    fn the_directory_is_what_stands_before_the_first_wildcard() {
        for (pattern, directory) in
            [("a/b/*.yaml", "a/b"), ("a/b?/c", "a"), ("*.yaml", ""), ("**/a", ""), ("a/b.yaml", "a"), ("a", "")]
        {
            assert_eq!(pattern.parse::<PathPattern>().unwrap().directory(), directory);
        }
    }

    #[test]
    fn hostile_globs_end_soon_and_stay_inside() {
        let pattern: PathPattern = "*a".repeat(500).parse().unwrap();
        assert!(!pattern.matches(&format!("{}b", "a".repeat(5000))));
        for hostile in ["../*", "/etc/*", "**/../x", ".git/*", "a\n*"] {
            assert!(hostile.parse::<PathPattern>().is_err(), "{hostile:?}");
        }
    }
}
