//! Pushing the tag.

use serde::Serialize;
use slipway_core::git::{CommitId, Expected, Git, Identity, RefUpdate, TagName};
use slipway_core::{Context, Host, Result};

use crate::plan::Plan;

/// What was done.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The tag that was pushed; nothing if there was nothing to push.
    pub(crate) created: Option<CreatedTag>,
}

/// A tag that was pushed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct CreatedTag {
    /// Its name.
    pub name: TagName,
    /// The id of the tag object.
    pub object: CommitId,
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, plan: &Plan) -> Result<Outcome> {
    let Some(new) = &plan.create else { return Ok(Outcome { created: None }) };
    let git = Git::open(context).await?.writing_as(Identity::workflow(), context.creation_time());
    let url = git.remote_url().await?;
    let object = git.annotated_tag(&new.name, &plan.head, &new.message).await?;
    let update = RefUpdate { object: object.clone(), target: new.name.qualified(), expected: Expected::Absent };
    git.push(&url, &[update]).await?;
    Ok(Outcome { created: Some(CreatedTag { name: new.name.clone(), object }) })
}
