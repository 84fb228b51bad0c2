//! Building commits by plumbing, without a working tree.

use slipway_core::git::{Argv, CommitId};
use slipway_core::{Error, ErrorKind, Host, Result, WorkspacePath};

use crate::ConfigRepository;

/// A file and what it is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Where it is.
    pub path: WorkspacePath,
    /// All of its new content.
    pub content: Vec<u8>,
}

impl<H: Host> ConfigRepository<'_, H> {
    /// Makes a commit on top of `parent` that changes these files and keeps their modes. It is not published yet. Nothing if the
    /// files are as they should be already: an empty commit is never made.
    ///
    /// # Errors
    /// `ForbiddenPath` if a path is a workflow, a link or a submodule, `Git`.
    pub async fn commit(&self, parent: &CommitId, changes: &[FileChange], message: &str) -> Result<Option<CommitId>> {
        let paths: Vec<WorkspacePath> = changes.iter().map(|change| change.path.clone()).collect();
        let entries = self.entries_of(parent, &paths).await?;
        let mut lines = Vec::new();
        for change in changes {
            let path = &change.path;
            let mode = match entries.get(path) {
                _ if path.is_workflow() => None,
                Some(entry) => entry.is_file().then_some(entry.mode.as_str()),
                None => Some("100644"),
            };
            let mode = mode.ok_or_else(|| {
                Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a workflow, a link or a submodule"))
            })?;
            let id = self.store(change.content.clone()).await?;
            lines.extend_from_slice(format!("{mode} {id}\t{path}\0").as_bytes());
        }
        self.git.bytes(Argv::new("read-tree").commit(parent)).await?;
        self.git.feed(Argv::new("update-index").flag("-z").flag("--index-info"), lines).await?;
        // The files that are not changed were never fetched.
        let tree = self.git.text(Argv::new("write-tree").flag("--missing-ok")).await?;
        let before = Argv::new("rev-parse").flag("--verify").end_of_options().revision(&format!("{parent}^{{tree}}"));
        if tree == self.git.text(before).await? {
            return Ok(None);
        }
        self.commit_tree(&tree, Some(parent), message).await.map(Some)
    }

    /// Makes a commit whose tree holds one file.
    pub(crate) async fn commit_file(
        &self,
        parent: Option<&CommitId>,
        name: &'static str,
        content: Vec<u8>,
        message: &str,
    ) -> Result<CommitId> {
        let id = self.store(content).await?;
        let tree = self.git.feed(Argv::new("mktree").flag("-z"), format!("100644 blob {id}\t{name}\0").into()).await?;
        self.commit_tree(String::from_utf8_lossy(&tree).trim(), parent, message).await
    }

    async fn store(&self, content: Vec<u8>) -> Result<String> {
        let id = self.git.feed(Argv::new("hash-object").flag("-w").flag("--stdin"), content).await?;
        Ok(String::from_utf8_lossy(&id).trim().into())
    }

    async fn commit_tree(&self, tree: &str, parent: Option<&CommitId>, message: &str) -> Result<CommitId> {
        let mut argv = Argv::new("commit-tree");
        if let Some(parent) = parent {
            argv = argv.flag("-p").commit(parent);
        }
        let argv = argv.flag("-F").flag("-").end_of_options().revision(tree);
        let id = self.git.feed(argv, message.into()).await?;
        String::from_utf8_lossy(&id).trim().parse()
    }
}
