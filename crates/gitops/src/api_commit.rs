//! Commits that GitHub makes and signs: verified without a key of ours.

use std::ops::ControlFlow;

use slipway_core::git::{CommitId, FileChange};
use slipway_core::github::{Client, RepositoryName};
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::ConfigRepository;
use crate::configuration::fetch_branch;
use crate::history::{Commit, history};

/// The most that one commit's files hold, in bytes: GitHub takes requests of 45 MB, and base64 makes of three bytes four.
const SIZE_LIMIT: usize = 30 * 1024 * 1024;

/// How often GitHub is asked in all where no answer comes.
const ATTEMPTS: u32 = 3;

impl<H: Host> ConfigRepository<'_, H> {
    /// Has GitHub commit these files on top of the head that was fetched. Nothing if they are as they should be already.
    ///
    /// # Errors
    /// `InvalidInput` for what the API cannot do: a file that is executable, or too much at once. `LostRace` if the branch has moved;
    /// `PushRejected`, `Permission`, `Network`.
    pub async fn commit_by_api(
        &self,
        client: &Client,
        name: &RepositoryName,
        changes: &[FileChange],
        message: &str,
    ) -> Result<Option<CommitId>> {
        let refuse = |message: String| Err(Error::new(ErrorKind::InvalidInput, message).hint("use `mode: push`"));
        if changes.iter().map(|change| change.content.len()).sum::<usize>() > SIZE_LIMIT {
            return refuse(format!(
                "the files of the commit have more than {SIZE_LIMIT} bytes, which GitHub's API does not take"
            ));
        }
        let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
        let entries = self.entries_of(self.head(), &paths).await?;
        if let Some((path, _)) = entries.iter().find(|(_, entry)| entry.mode == "100755") {
            return refuse(format!("`{path}` is executable, and would not be after a commit by GitHub's API"));
        }
        // The same commit of our own tells whether there is something to change, and that nothing forbidden is changed.
        if self.commit(self.head(), changes, message).await?.is_none() {
            return Ok(None);
        }
        let mut attempt = 1;
        loop {
            let error = match client.commit_on_branch(name, self.branch(), self.head(), message, changes).await {
                Ok(commit) => return Ok(Some(commit)),
                Err(error) => error,
            };
            let is_lost = matches!(error.kind(), ErrorKind::Network | ErrorKind::TimedOut);
            if !is_lost && error.kind() != ErrorKind::LostRace {
                return Err(error);
            }
            // The answer can be lost after the commit was made. Asking again is safe: the branch must be where it was seen.
            match self.committed(message).await {
                Ok(Some(commit)) => return Ok(Some(commit)),
                Ok(None) if is_lost && attempt < ATTEMPTS => attempt += 1,
                Ok(None) => return Err(error),
                Err(second) => {
                    return Err(error.context(format!("it is not known whether the commit was made ({second})")));
                }
            }
        }
    }

    /// The commit that follows the head directly and has this message, if the branch has one by now.
    async fn committed(&self, message: &str) -> Result<Option<CommitId>> {
        self.git.bytes(fetch_branch(self.branch())).await?;
        let Some(tip) = self.git.resolve(&self.branch().qualified()).await? else { return Ok(None) };
        let mut oldest = None;
        let log = history().end_of_options().range(self.head(), &tip);
        let read = |commit: Commit| {
            oldest = Some(commit);
            ControlFlow::Continue(())
        };
        self.commits(log, read).await?;
        Ok(oldest.filter(|commit| commit.message.trim_end() == message.trim_end()).map(|commit| commit.id))
    }
}
