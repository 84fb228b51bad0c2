//! Paths inside the workspace.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::{Error, ErrorKind, Result};

/// A path below the workspace, with `/` between its parts: the only way to name a file of the user.
///
/// It has no `..`, is not absolute, holds no control characters, and never leads into git's own directory, whatever spelling a
/// case-insensitive or 8.3 file system would accept for that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct WorkspacePath(String);

impl WorkspacePath {
    /// The path as text, without a leading or trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// Every directory above the path, outermost first, then the path itself.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        self.0.match_indices('/').map(|(end, _)| &self.0[..end]).chain([self.0.as_str()])
    }

    /// Whether the path is a workflow, which would let an edit run code.
    pub fn is_workflow(&self) -> bool {
        self.0.to_ascii_lowercase().starts_with(".github/workflows/")
    }
}

impl FromStr for WorkspacePath {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let refuse = |why: &str| {
            Err(Error::new(ErrorKind::ForbiddenPath, format!("`{text}` {why}"))
                .hint("use a path relative to the workspace, such as `deploy/values.yaml`"))
        };
        if text.chars().any(char::is_control) {
            return refuse("holds a control character");
        }
        if text.contains('\\') {
            return refuse("holds a backslash");
        }
        if text.starts_with('/') || text.as_bytes().get(1) == Some(&b':') {
            return refuse("is absolute");
        }
        let mut parts = Vec::new();
        for part in text.split('/').filter(|part| !matches!(*part, "" | ".")) {
            if part == ".." {
                return refuse("leads out of the workspace");
            }
            if is_git_directory(part) {
                return refuse("leads into git's own directory");
            }
            parts.push(part);
        }
        if parts.is_empty() { refuse("names no file") } else { Ok(Self(parts.join("/"))) }
    }
}

/// Whether some file system takes the name for `.git`: NTFS drops trailing dots and spaces and knows `git~1`, HFS+ ignores case and
/// zero-width characters.
fn is_git_directory(part: &str) -> bool {
    let visible: String =
        part.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')).collect();
    let name = visible.split(':').next().unwrap_or_default().trim_end_matches(['.', ' ']);
    name.eq_ignore_ascii_case(".git") || name.eq_ignore_ascii_case("git~1")
}

impl fmt::Display for WorkspacePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths_are_normalised() {
        for (given, kept) in [("a/b.yaml", "a/b.yaml"), ("./a//b/", "a/b"), ("-rf", "-rf"), (".github/x", ".github/x")]
        {
            assert_eq!(given.parse::<WorkspacePath>().unwrap().as_str(), kept);
        }
    }

    #[test]
    fn hostile_paths_are_refused() {
        for hostile in [
            "",
            ".",
            "/",
            "../x",
            "a/../../x",
            "/etc/passwd",
            "C:\\x",
            "C:x",
            "\\\\srv\\x",
            "a\0b",
            "a\nb",
            ".git/hooks/x",
            "a/.GIT/config",
            "git~1/x",
            ".git /x",
            ".git./x",
            ".g\u{200c}it/x",
            ".git::$INDEX_ALLOCATION/x",
        ] {
            let error = hostile.parse::<WorkspacePath>().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ForbiddenPath, "{hostile:?}");
        }
    }

    #[test]
    fn ancestors_end_with_the_path() {
        let path: WorkspacePath = "a/b/c".parse().unwrap();
        assert_eq!(path.ancestors().collect::<Vec<_>>(), ["a", "a/b", "a/b/c"]);
        assert_eq!(path.file_name(), "c");
    }
}
