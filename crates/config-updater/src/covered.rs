//! The files of a commit that a request can concern.

use slipway_core::git::CommitId;
use slipway_core::{Host, Result};
use slipway_gitops::{ConfigFile, ConfigRepository, PathPattern, WantedFiles};

use crate::changes::RequestedChange;
use crate::edit;

/// The files that the patterns cover and that the changes can have to do with, sorted by path.
///
/// # Errors
/// As [`ConfigRepository::files`].
pub(crate) async fn read<H: Host>(
    repository: &ConfigRepository<'_, H>,
    commit: &CommitId,
    patterns: &[PathPattern],
    changes: &[RequestedChange],
) -> Result<Vec<ConfigFile>> {
    concerned(changes, async |is_wanted| repository.files_where(commit, WantedFiles { patterns, is_wanted }).await)
        .await
}

/// The files that the changes can have to do with. `read` gives those of the files that are wanted.
pub(crate) async fn concerned(
    changes: &[RequestedChange],
    read: impl AsyncFn(&dyn Fn(&ConfigFile) -> bool) -> Result<Vec<ConfigFile>>,
) -> Result<Vec<ConfigFile>> {
    let files = read(&|file| edit::may_concern(changes, file)).await?;
    if edit::may_succeed(changes, &files) {
        return Ok(files);
    }
    // For the error: what the files name instead is worth reading them once more.
    read(&|_| true).await
}
