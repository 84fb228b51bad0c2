//! Carrying the plan out, in the order of the plan; the first failure ends it, and the next run does the rest.

use serde::Serialize;
use serde_json::json;
use slipway_core::git::{CommitId, Expected, Git, Identity, RefName, RefUpdate, TagName};
use slipway_core::github::{Commented, KeptProposal};
use slipway_core::{Context, Error, ErrorKind, ExitCode, Host, Result};

use crate::file_change::FileChange;
use crate::inputs::Inputs;
use crate::plan::{NewTag, Plan};
use crate::pull_request;
use crate::release::dispatch;
use crate::release::page;
use crate::release::signing::{Keys, signing};

/// What was done.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The tag that was pushed; nothing if there was nothing to push.
    pub(crate) created: Option<CreatedTag>,
    /// The release commit that was pushed with it.
    pub(crate) commit: Option<CommitId>,
    /// Address of the release on GitHub that was published.
    pub(crate) release_url: Option<String>,
    /// The floating tags that were made or moved.
    pub(crate) floating_tags: Vec<TagName>,
    /// What was started.
    pub(crate) dispatched: Vec<String>,
    /// The comment on the pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comment: Option<Commented>,
    /// What became of the release pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pull_request: Option<KeptProposal>,
}

impl Outcome {
    fn is_empty(&self) -> bool {
        self.created.is_none()
            && self.release_url.is_none()
            && self.floating_tags.is_empty()
            && self.dispatched.is_empty()
    }
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

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    if let Some(comment) = &plan.comment {
        outcome.comment = Some(comment.write(context).await?);
        return Ok(outcome);
    }
    match carry_out(context, inputs, plan, &mut outcome).await {
        Ok(()) => Ok(outcome),
        Err(error) => Err(interrupted(error, plan, &outcome)),
    }
}

/// Says what was done before it failed.
fn interrupted(error: Error, plan: &Plan, outcome: &Outcome) -> Error {
    if outcome.is_empty() && !plan.is_released {
        return error;
    }
    let tag = plan.tag.as_ref().map(ToString::to_string).unwrap_or_default();
    let hint = error.hint_text().unwrap_or("run the job again: it does what is missing").to_owned();
    // What stands for a wrong input promises that nothing was written.
    let kind = if error.kind().exit_code() == ExitCode::Failed { error.kind() } else { ErrorKind::Unprocessable };
    Error::new(kind, error.message())
        .context(format!("`{tag}` is released, but not everything that belongs to it is done"))
        .hint(hint)
        .detail(json!({ "outcome": outcome }))
}

async fn carry_out<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan, outcome: &mut Outcome) -> Result<()> {
    let git = Git::open(context).await?.writing_as(Identity::workflow(), context.creation_time());
    if let Some(proposal) = &plan.proposal {
        let key = inputs.signing_key.as_ref();
        outcome.pull_request = pull_request::publish(context, key, &git, plan, proposal).await?;
        return Ok(());
    }
    // A run that writes nothing to the remote needs none.
    let remote = git.remote_url().await;
    let url = || remote.as_ref().map_err(Error::clone);
    let mut commit = plan.carried.clone().unwrap_or_else(|| plan.head.clone());
    if let Some(new) = &plan.create {
        let made = make(context, inputs, &git, plan, new).await?;
        let tag =
            RefUpdate { object: Some(made.tag.clone()), target: new.name.qualified(), expected: Expected::Absent };
        let branch = plan.effects.commit.as_ref().zip(made.commit.clone()).map(|(planned, commit)| RefUpdate {
            object: Some(commit),
            target: planned.branch.qualified(),
            expected: Expected::At(planned.parent.clone()),
        });
        let pending = pending(&git, url()?, plan, &made.tag).await?;
        let updates: Vec<RefUpdate> = branch.into_iter().chain([tag]).chain(pending).collect();
        git.push(url()?, &updates).await?;
        outcome.created = Some(CreatedTag { name: new.name.clone(), object: made.tag });
        outcome.commit.clone_from(&made.commit);
        commit = made.commit.unwrap_or(commit);
    }
    let effects = &plan.effects;
    if let Some(new) = &effects.page {
        let published = page::publish(context, &new.repository.parse()?, new).await;
        outcome.release_url = Some(published.map_err(|error| error.context("the release on GitHub"))?);
    }
    if let (false, Some(tag)) = (effects.floating_tags.is_empty(), &plan.tag) {
        // A release commit of an earlier run need not be here.
        if !git.has_commit(&commit).await? {
            git.fetch_objects(url()?, &tag.qualified()).await?;
        }
        let moved = effects.floating_tags.iter().map(|moved| RefUpdate {
            object: Some(commit.clone()),
            target: moved.name.qualified(),
            expected: moved.from.clone().map_or(Expected::Absent, Expected::At),
        });
        git.push(url()?, &moved.collect::<Vec<_>>()).await?;
        outcome.floating_tags = effects.floating_tags.iter().map(|moved| moved.name.clone()).collect();
    }
    for new in &effects.dispatches {
        let (Some(version), Some(tag)) = (&plan.version, &plan.tag) else { break };
        dispatch::send(context, new, &version.to_string(), tag, &commit).await?;
        outcome.dispatched.push(new.name());
        if let Some(old) = git.remote_refs(url()?, std::slice::from_ref(&new.pending)).await?.get(&new.pending) {
            let expected = Expected::At(old.clone());
            git.push(url()?, &[RefUpdate { object: None, target: new.pending.clone(), expected }]).await?;
        }
    }
    Ok(())
}

/// The refs that come with the tag and say what is to be started after it. What a tag that was deleted left behind is taken over.
async fn pending<H: Host>(git: &Git<'_, H>, url: &str, plan: &Plan, tag: &CommitId) -> Result<Vec<RefUpdate>> {
    let names: Vec<RefName> = plan.effects.dispatches.iter().map(|new| new.pending.clone()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut left = git.remote_refs(url, &names).await?;
    let update = |name: RefName| RefUpdate {
        object: Some(tag.clone()),
        expected: left.remove(&name).map_or(Expected::Absent, Expected::At),
        target: name,
    };
    Ok(names.into_iter().map(update).collect())
}

/// The objects of a release, which nobody sees until they are pushed.
struct Made {
    commit: Option<CommitId>,
    tag: CommitId,
}

async fn make<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    git: &Git<'_, H>,
    plan: &Plan,
    new: &NewTag,
) -> Result<Made> {
    let keys = Keys::find(context, git, inputs.signing_key.as_ref()).await?;
    let made = async {
        let commit = match &plan.effects.commit {
            Some(planned) => {
                let changes: Vec<_> = plan.changes.iter().map(FileChange::for_git).collect();
                signing(git, keys.commit.as_ref()).commit(&planned.parent, &changes, &planned.message).await?
            }
            None => None,
        };
        let target = commit.as_ref().unwrap_or(&plan.head);
        let tag = signing(git, keys.tag.as_ref()).annotated_tag(&new.name, target, &new.message).await?;
        Ok(Made { commit, tag })
    };
    let made = made.await;
    keys.remove(context).await?;
    made
}
