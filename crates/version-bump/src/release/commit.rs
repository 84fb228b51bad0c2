//! The release commit: where it goes, and what it says.

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId, Git, Trailers};
use slipway_core::{Context, Host, Result};

use super::above::{self, RELEASE_VERSION};
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
    Ok(Some(Ground { branch, tip, is_own }))
}

/// Plans the commit.
pub(super) fn plan(inputs: &Inputs, facts: &Facts, ground: &Ground, values: &Values<'_>) -> NewCommit {
    let trailers = Trailers::default()
        .with(RELEASE_VERSION, values.version)
        .with_some("Release-Component", Some(values.component))
        .with_some("Requested-By", Some(&facts.actor))
        .with_some("Workflow-Run", Some(&facts.run_url));
    NewCommit {
        branch: ground.branch.clone(),
        parent: ground.tip.clone(),
        message: trailers.message(&inputs.commit_message.fill(values)),
    }
}
