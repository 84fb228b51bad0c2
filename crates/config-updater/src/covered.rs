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
    let wanted = WantedFiles { patterns, is_wanted: &|file| edit::may_concern(changes, file) };
    let files = repository.files_where(commit, wanted).await?;
    if edit::may_succeed(changes, &files) {
        return Ok(files);
    }
    // For the error: what the files name instead is worth reading them once more.
    repository.files(commit, patterns).await
}
