//! Which paths of the repository belong to something.

use serde::{Serialize, Serializer};
use slipway_core::git::Argv;
use slipway_core::{PathPattern, Result};

/// Paths and patterns, and among them those that are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Paths {
    include: Vec<PathPattern>,
    exclude: Vec<PathPattern>,
}

impl Paths {
    /// Reads a list of paths and globs; `!` before one leaves out what it covers. With nothing but exclusions, all the rest belongs.
    ///
    /// # Errors
    /// `ForbiddenPath` for what is no path below the top of the repository.
    pub(crate) fn read<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut paths = Self { include: Vec::new(), exclude: Vec::new() };
        for entry in entries {
            match entry.strip_prefix('!') {
                Some(left_out) => paths.exclude.push(left_out.parse()?),
                None if is_top(entry) => paths.include.push("**".parse()?),
                None => paths.include.push(entry.parse()?),
            }
        }
        if paths.include.is_empty() {
            paths.include.push("**".parse()?);
        }
        Ok(paths)
    }

    /// A directory, empty for the top, without those below it that are something of their own.
    ///
    /// # Errors
    /// `ForbiddenPath` if one of them is no such path.
    pub(crate) fn directory<'a>(directory: &str, without: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut paths = Self::read([if directory.is_empty() { "." } else { directory }])?;
        for left_out in without {
            paths.exclude.push(left_out.parse()?);
        }
        Ok(paths)
    }

    /// The entry that a path belongs by.
    pub(crate) fn entry(&self, path: &str) -> Option<&str> {
        let is_left_out = || self.exclude.iter().any(|pattern| pattern.covers(path));
        let entry = self.include.iter().find(|pattern| pattern.covers(path))?;
        (!is_left_out()).then_some(entry.as_str())
    }

    /// Restricts a git command to these paths.
    pub(crate) fn restrict(&self, argv: Argv) -> Argv {
        argv.patterns(&self.include, &self.exclude)
    }

    /// The directories that these paths name, or that their patterns are in, with their slashes; empty for the top.
    pub(crate) fn directories(&self) -> Vec<String> {
        let of = |pattern: &PathPattern| match pattern.is_literal() {
            true => format!("{pattern}/"),
            false if pattern.directory().is_empty() => String::new(),
            false => format!("{}/", pattern.directory()),
        };
        let mut directories: Vec<String> = Vec::new();
        for directory in self.include.iter().map(of) {
            if !directories.contains(&directory) {
                directories.push(directory);
            }
        }
        directories
    }

    /// These paths alone, what is left out of them included.
    pub(crate) fn included(&self) -> &[PathPattern] {
        &self.include
    }
}

fn is_top(entry: &str) -> bool {
    matches!(entry, "." | "./")
}

impl Serialize for Paths {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let exclude = self.exclude.iter().map(|pattern| format!("!{pattern}"));
        serializer.collect_seq(self.include.iter().map(ToString::to_string).chain(exclude))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_belong_unless_they_are_left_out() {
        for (entries, path, entry) in [
            (&["api", "libs/*"][..], "api/src/a.rs", Some("api")),
            (&["api", "libs/*"], "libs/x/a", Some("libs/*")),
            (&["api", "libs/*"], "apis/a", None),
            (&["api", "!api/docs", "!**/*.md"], "api/docs/a", None),
            (&["api", "!api/docs", "!**/*.md"], "api/x/README.md", None),
            (&["api", "!api/docs", "!**/*.md"], "api/x/README", Some("api")),
            (&["!docs"], "src/a", Some("**")),
            (&["!docs"], "docs/a", None),
            (&[".", "!docs"], "a", Some("**")),
        ] {
            assert_eq!(Paths::read(entries.iter().copied()).unwrap().entry(path), entry, "{entries:?} {path}");
        }
        for hostile in ["../x", "/etc", "!../x", "a\nb", ".git", ""] {
            assert!(Paths::read([hostile]).is_err(), "{hostile:?}");
        }
    }
}
