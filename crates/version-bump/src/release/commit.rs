//! The release commit: where it goes, and what it says.

use serde::Serialize;
use slipway_core::git::{Argv, BranchName, CommitId, Git, Trailers};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::above::{self, RELEASE_VERSION};
use super::asked;
use super::template::Values;
use crate::facts::Facts;
use crate::inputs::Inputs;

/// Where a release commit can go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Ground {
    /// The branch.
    pub branch: BranchName,
    /// Where the remote has it.
    pub tip: CommitId,
    /// Whether that is HEAD, or stands on it with nothing but release commits between. A release commit on anything else would
    /// release what was not checked out here.
    pub is_own: bool,
    /// Whether that is before HEAD: HEAD was committed here, and is not pushed.
    pub is_behind: bool,
}

impl Ground {
    /// Refuses a commit that no run will ever be started for.
    ///
    /// # Errors
    /// `InvalidInput` if HEAD is not pushed.
    pub(crate) fn check(&self, head: &CommitId) -> Result<()> {
        if !self.is_behind {
            return Ok(());
        }
        let (branch, tip) = (&self.branch, self.tip.short());
        let message = format!("this commit, {}, is not on `{branch}` of the remote, which is at {tip}", head.short());
        Err(Error::new(ErrorKind::InvalidInput, message).hint("push what this job has committed before this step"))
    }
}

/// A release commit to be made; precondition is that the branch is at its parent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewCommit {
    /// The branch that it goes on.
    pub branch: BranchName,
    /// Its parent.
    pub parent: CommitId,
    /// Its message.
    pub message: String,
}

/// Finds out where a release commit can go; nothing if the remote does not have the branch.
///
/// # Errors
/// `Network`, `Permission` or `Git`.
pub(crate) async fn ground<H: Host>(
    context: &Context<H>,
    git: &Git<'_, H>,
    url: &str,
    head: &CommitId,
    branch: BranchName,
) -> Result<Option<Ground>> {
    let name = branch.qualified();
    let Some(tip) = git.remote_refs(url, std::slice::from_ref(&name)).await?.remove(&name) else { return Ok(None) };
    let is_own = tip == *head || above::is_on(context, url, head, &name, &tip).await?;
    if is_own && tip != *head {
        git.fetch_objects(url, &name).await?;
    }
    let descends = Argv::new("merge-base").flag("--is-ancestor").end_of_options().commit(&tip).commit(head);
    let is_behind = !is_own && git.has_commit(&tip).await? && git.holds(descends).await?;
    Ok(Some(Ground { branch, tip, is_own, is_behind }))
}

/// Plans the commit.
pub(crate) fn plan(inputs: &Inputs, facts: &Facts, ground: &Ground, values: &Values<'_>) -> NewCommit {
    let trailers = Trailers::default()
        .with(RELEASE_VERSION, values.version)
        .with_some("Release-Component", Some(values.component));
    NewCommit {
        branch: ground.branch.clone(),
        parent: ground.tip.clone(),
        message: asked::trailers(inputs, facts, trailers).message(&inputs.commit_message.fill(values)),
    }
}
