//! Building commits by plumbing, without a working tree.

use slipway_core::git::{Argv, CommitId, FileChange};
use slipway_core::{Host, Result};

use crate::ConfigRepository;

impl<H: Host> ConfigRepository<'_, H> {
    /// Makes a commit on top of `parent` that changes these files and keeps their modes. It is not published yet. Nothing if the
    /// files are as they should be already: an empty commit is never made.
    ///
    /// # Errors
    /// `ForbiddenPath` if a path is a workflow, a link or a submodule, `Git`.
    pub async fn commit(&self, parent: &CommitId, changes: &[FileChange], message: &str) -> Result<Option<CommitId>> {
        self.git.commit(parent, changes, message).await
    }

    /// Makes a commit whose tree holds one file.
    pub(crate) async fn commit_file(
        &self,
        parent: Option<&CommitId>,
        name: &'static str,
        content: Vec<u8>,
        message: &str,
    ) -> Result<CommitId> {
        let id = self.git.store(content).await?;
        let tree = self.git.feed(Argv::new("mktree").flag("-z"), format!("100644 blob {id}\t{name}\0").into()).await?;
        self.git.commit_tree(String::from_utf8_lossy(&tree).trim(), parent, message).await
    }
}
