//! Publishing commits: a plain push is the compare-and-swap.

use slipway_core::git::{CommitId, Expected, RefName, RefUpdate};
use slipway_core::{Host, Result};

use crate::ConfigRepository;
use crate::configuration::{REMOTE, fetch_commits};

impl<H: Host> ConfigRepository<'_, H> {
    /// Publishes a commit on the branch. It never forces and never rebases.
    ///
    /// # Errors
    /// `LostRace` if the branch has moved since: read, plan and commit again. `PushRejected`, `Permission`, `Network`, `TimedOut`,
    /// `Git`: nothing was published.
    pub async fn publish(&self, commit: &CommitId) -> Result<()> {
        self.update(commit, &self.branch().qualified(), Expected::FastForward).await
    }

    pub(crate) async fn update(&self, commit: &CommitId, target: &RefName, expected: Expected) -> Result<()> {
        let update = RefUpdate { object: Some(commit.clone()), target: target.clone(), expected };
        let Err(error) = self.git.push(REMOTE, &[update]).await else { return Ok(()) };
        // The connection can break after the remote took the push, and git may then repeat it and lose a race against itself.
        match self.has_landed(commit, target).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(error),
            Err(second) => Err(error.context(format!("it is not known whether `{target}` was moved ({second})"))),
        }
    }

    async fn has_landed(&self, commit: &CommitId, target: &RefName) -> Result<bool> {
        match self.remote_tip(target).await? {
            None => Ok(false),
            Some(tip) if tip == *commit => Ok(true),
            Some(tip) => {
                self.git.bytes(fetch_commits(target)).await?;
                self.is_ancestor(commit, &tip).await
            }
        }
    }
}
