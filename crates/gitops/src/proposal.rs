//! The branch of a pull request that proposes a deployment: one commit on top of the branch that is deployed from.

use slipway_core::git::{BranchName, CommitId, CommitObject, Expected, Identity, RefUpdate, Trailers};
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::configuration::{REMOTE, fetch_commits};
use crate::{ConfigRepository, Target};

impl Target {
    /// The branch of the pull request that deploys to this target: there is never a second one.
    ///
    /// # Errors
    /// Never for names that were validated; the type of a branch checks again.
    pub fn proposal(&self) -> Result<BranchName> {
        format!("slipway/deploy/{}/{}", self.environment, self.component).parse()
    }
}

impl<H: Host> ConfigRepository<'_, H> {
    /// Puts a commit on the branch of a pull request, in the place of an earlier one of ours, once `before` is done. Gives what is there
    /// then, and whether it was put there now: one that is the same stays.
    ///
    /// # Errors
    /// `PushRejected` if somebody else has committed there, or the remote refuses it; `LostRace` if it moves at the same time;
    /// `Permission`, `Network`, `Git`; as `before`.
    pub async fn push_proposal(
        &self,
        branch: &BranchName,
        commit: &CommitId,
        before: impl Future<Output = Result<()>>,
    ) -> Result<(CommitId, bool)> {
        let name = branch.qualified();
        let tip = self.remote_tip(&name).await?;
        if let Some(tip) = &tip {
            self.git.bytes(fetch_commits(&name)).await?;
            let (ours, theirs) = (self.git.commit_object(commit).await?, self.git.commit_object(tip).await?);
            if ours.is_same_content(&theirs) {
                return Ok((tip.clone(), false));
            }
            if !is_ours(&theirs) {
                let short = tip.short();
                let message =
                    format!("`{branch}` has a commit that is not this action's, `{short}`, which is not thrown away");
                return Err(Error::new(ErrorKind::PushRejected, message)
                    .hint("merge or close the pull request, and delete its branch to have it made anew"));
            }
        }
        let expected = tip.map_or(Expected::Absent, Expected::At);
        let update = RefUpdate { object: Some(commit.clone()), target: name, expected };
        before.await?;
        self.git.push(REMOTE, &[update]).await?;
        Ok((commit.clone(), true))
    }
}

/// Whether this action made a commit, by its trailer and its committer.
fn is_ours(commit: &CommitObject) -> bool {
    commit.is_committed_by(&Identity::workflow())
        && Trailers::parse(&commit.message).one("Release-Environment").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_deployment_of_the_bot_is_ours() {
        let bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>";
        let deploy = "Deploy\n\nRelease-Environment: production\n";
        for (committer, message, expected) in
            [(bot, deploy, true), ("Ada <ada@example.com>", deploy, false), (bot, "fix: typo\n", false)]
        {
            let object = format!("tree a\nparent b\nauthor {bot} 1 +0000\ncommitter {committer} 1 +0000\n\n{message}");
            assert_eq!(is_ours(&CommitObject::parse(&object)), expected, "{object}");
        }
    }
}
