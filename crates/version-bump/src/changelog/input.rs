//! The input `changelog`, and the file that it means.

use slipway_core::{Error, ErrorKind, Result, WorkspacePath};

use super::{Release, update};
use crate::file_change::FileChange;
use crate::version_files::Files;

/// The changelog to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Changelog {
    /// The file of the usual name, if it is there.
    Auto,
    /// None.
    None,
    /// This one, from the working directory, there or not.
    Path(WorkspacePath),
}

impl Changelog {
    /// Reads `auto`, `none` or a path.
    ///
    /// # Errors
    /// `ForbiddenPath` for a path that leads out of the workspace, or to a workflow.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" | "" => Ok(Self::None),
            path => {
                let path: WorkspacePath = path.parse()?;
                if path.is_workflow() {
                    return Err(
                        Error::new(ErrorKind::ForbiddenPath, "a workflow is never edited").hint("name another file")
                    );
                }
                Ok(Self::Path(path))
            }
        }
    }

    /// The path of the file from the top of the repository.
    pub(crate) fn path(&self, files: &Files) -> Result<Option<WorkspacePath>> {
        match self {
            Self::Auto => format!("{}CHANGELOG.md", files.directory()).parse().map(Some),
            Self::None => Ok(None),
            Self::Path(path) => files.below(path).map(Some),
        }
    }
}

/// What a release makes of the changelog; nothing if there is none, or if it has the release already.
///
/// # Errors
/// `ForbiddenPath` or `UnreadableFile` if the file cannot be edited.
pub(crate) fn change(changelog: &Changelog, files: &Files, release: &Release<'_>) -> Result<Option<FileChange>> {
    let Some(path) = changelog.path(files)? else { return Ok(None) };
    let entry = files.entry(&path);
    if entry.is_none() && *changelog == Changelog::Auto {
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
        let path = |text: &str| {
            let path = Changelog::parse(text).unwrap().path(&Files::default()).unwrap();
            path.map(|path| path.to_string()).unwrap_or_default()
        };
        assert_eq!([path("none"), path("auto"), path("docs/./changes.md")], ["", "CHANGELOG.md", "docs/changes.md"]);
        for text in ["../x", "/x", ".github/workflows/x.yml", ".git/x"] {
            assert_eq!(Changelog::parse(text).unwrap_err().kind(), ErrorKind::ForbiddenPath, "{text}");
        }
    }
}
