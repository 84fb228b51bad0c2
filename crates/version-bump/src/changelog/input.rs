//! The input `changelog`, and the file that it means.

use slipway_core::{Error, ErrorKind, Result, WorkspacePath};

use super::{Release, update};
use crate::file_change::FileChange;
use crate::version_files::Files;

/// The changelog to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Changelog {
    /// The file of the usual name, if it is there.
    Auto([WorkspacePath; 1]),
    /// None.
    None,
    /// This one, there or not.
    Path([WorkspacePath; 1]),
}

impl Changelog {
    /// Reads `auto`, `none` or a path.
    ///
    /// # Errors
    /// `ForbiddenPath` for a path that leads out of the workspace, or to a workflow.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto(["CHANGELOG.md".parse()?])),
            "none" | "" => Ok(Self::None),
            path => {
                let path: WorkspacePath = path.parse()?;
                if path.is_workflow() {
                    return Err(
                        Error::new(ErrorKind::ForbiddenPath, "a workflow is never edited").hint("name another file")
                    );
                }
                Ok(Self::Path([path]))
            }
        }
    }

    /// The file that has to be read, from the working directory.
    pub(crate) fn path(&self) -> &[WorkspacePath] {
        match self {
            Self::Auto(path) | Self::Path(path) => path,
            Self::None => &[],
        }
    }
}

/// What a release makes of the changelog; nothing if there is none, or if it has the release already.
///
/// # Errors
/// `ForbiddenPath` or `UnreadableFile` if the file cannot be edited.
pub(crate) fn change(changelog: &Changelog, files: &Files, release: &Release<'_>) -> Result<Option<FileChange>> {
    let Some(path) = changelog.path().first() else { return Ok(None) };
    let path = files.below(path)?;
    let entry = files.entry(&path);
    if entry.is_none() && matches!(changelog, Changelog::Auto(_)) {
        return Ok(None);
    }
    let old = entry.map(|_| files.text(&path)).transpose()?;
    Ok(update(old, release).map(|new| FileChange {
        mode: entry.map_or("100644".into(), |entry| entry.mode.clone()),
        old: entry.map(|entry| entry.id.clone()),
        content: new.into_bytes(),
        path,
        values: Vec::new(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_in_the_workspace() {
        assert_eq!(Changelog::parse("none").unwrap().path(), []);
        assert_eq!(Changelog::parse("docs/./changes.md").unwrap().path()[0].as_str(), "docs/changes.md");
        for text in ["../x", "/x", ".github/workflows/x.yml", ".git/x"] {
            assert_eq!(Changelog::parse(text).unwrap_err().kind(), ErrorKind::ForbiddenPath, "{text}");
        }
    }
}
