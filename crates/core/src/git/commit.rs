//! Building commits by plumbing: the working tree and the index of the user are not touched.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::{Argv, CommitId, Extent, Git, TreeEntry};
use crate::host::Host;
use crate::{Error, ErrorKind, Result, WorkspacePath};

/// A file and what it is to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Where it is.
    pub path: WorkspacePath,
    /// All of its new content.
    pub content: Vec<u8>,
}

impl<H: Host> Git<'_, H> {
    /// Makes a commit on top of `parent` that changes these files and keeps their modes, and moves no ref. It is signed if there is
    /// a key. Nothing if the files are as they should be already: an empty commit is never made.
    ///
    /// # Errors
    /// `ForbiddenPath` if a path is a workflow, a link or a submodule, `InvalidInput` if the key does not sign, `Git`.
    pub async fn commit(&self, parent: &CommitId, changes: &[FileChange], message: &str) -> Result<Option<CommitId>> {
        self.commit_without(parent, changes, &[], message).await
    }

    /// As [`Git::commit`], and takes the `removed` files away.
    ///
    /// # Errors
    /// As [`Git::commit`].
    pub async fn commit_without(
        &self,
        parent: &CommitId,
        changes: &[FileChange],
        removed: &[WorkspacePath],
        message: &str,
    ) -> Result<Option<CommitId>> {
        let directory = self.context.host.temporary_directory().await?;
        let git = Self { index: Some(format!("{directory}/index")), ..self.clone() };
        let made = git.commit_by_index(parent, changes, removed, message).await;
        self.context.discard(&directory).await;
        made
    }

    async fn commit_by_index(
        &self,
        parent: &CommitId,
        changes: &[FileChange],
        removed: &[WorkspacePath],
        message: &str,
    ) -> Result<Option<CommitId>> {
        self.bytes(Argv::new("read-tree").commit(parent)).await?;
        let paths: Vec<WorkspacePath> = changes.iter().map(|change| &change.path).chain(removed).cloned().collect();
        let mut entries: BTreeMap<WorkspacePath, TreeEntry> = BTreeMap::new();
        let keep = |path: WorkspacePath, entry: TreeEntry| {
            entries.insert(path, entry);
            ControlFlow::Continue(())
        };
        self.tree(parent, Extent::Paths(&paths), keep).await?;
        let mut lines = Vec::new();
        for FileChange { path, content } in changes {
            let mode = match entries.get(path) {
                _ if path.is_workflow() => None,
                Some(entry) => entry.is_file().then_some(entry.mode.as_str()),
                None => Some("100644"),
            };
            let mode = mode.ok_or_else(|| forbidden(path))?;
            let id = self.store(content.clone()).await?;
            lines.extend_from_slice(format!("{mode} {id}\t{path}\0").as_bytes());
        }
        for path in removed {
            match entries.get(path) {
                Some(entry) if entry.is_file() && !path.is_workflow() => {
                    // The mode 0 takes an entry away, whatever its id.
                    lines.extend_from_slice(format!("0 {}\t{path}\0", entry.id).as_bytes());
                }
                Some(_) => return Err(forbidden(path)),
                None => {}
            }
        }
        self.feed(Argv::new("update-index").flag("-z").flag("--index-info"), lines).await?;
        // In a partial clone the files that are not changed were never fetched.
        let tree = self.text(Argv::new("write-tree").flag("--missing-ok")).await?;
        let before = Argv::new("rev-parse").flag("--verify").end_of_options().revision(&format!("{parent}^{{tree}}"));
        if tree == self.text(before).await? {
            return Ok(None);
        }
        self.commit_tree(&tree, Some(parent), message).await.map(Some)
    }

    /// Writes an object with a file's content.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn store(&self, content: Vec<u8>) -> Result<String> {
        let id = self.feed(Argv::new("hash-object").flag("-w").flag("--stdin"), content).await?;
        Ok(String::from_utf8_lossy(&id).trim().into())
    }

    /// Makes a commit of a tree, and moves no ref. It is signed if there is a key.
    ///
    /// # Errors
    /// `InvalidInput` if the key does not sign, `Git` if git fails.
    pub async fn commit_tree(&self, tree: &str, parent: Option<&CommitId>, message: &str) -> Result<CommitId> {
        let mut argv = Argv::new("commit-tree");
        if let Some(parent) = parent {
            argv = argv.flag("-p").commit(parent);
        }
        if self.signing_key.is_some() {
            argv = argv.flag("-S");
        }
        let argv = argv.flag("-F").flag("-").end_of_options().revision(tree);
        let id = self.feed(argv, message.into()).await.map_err(|error| self.unsigned(error))?;
        String::from_utf8_lossy(&id).trim().parse()
    }
}

fn forbidden(path: &WorkspacePath) -> Error {
    Error::new(ErrorKind::ForbiddenPath, format!("`{path}` is a workflow, a link or a submodule"))
}
