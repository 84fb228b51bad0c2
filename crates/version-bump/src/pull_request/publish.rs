//! Carrying it out: the branch first, then the pull request.

use slipway_core::git::{Argv, Expected, Git, RefUpdate};
use slipway_core::github::{Client, KeptProposal, NewPullRequest, RepositoryName};
use slipway_core::{Context, Host, Result};

use super::{Closed, Kept, Proposal};
use crate::file_change::FileChange;
use crate::plan::Plan;
use crate::release::signing::{Keys, signing};

/// Carries a proposal out.
///
/// # Errors
/// `LostRace` if somebody else was faster, `PushRejected`, `Permission`, `Git`; as every method of [`Client`].
pub(crate) async fn publish<H: Host>(
    context: &Context<H>,
    key: Option<&slipway_core::Secret<String>>,
    git: &Git<'_, H>,
    plan: &Plan,
    proposal: &Proposal,
) -> Result<Option<KeptProposal>> {
    match proposal {
        Proposal::Keep(kept) => keep(context, key, git, plan, kept).await.map(Some),
        Proposal::Close(closed) => close(context, closed).await.map(Some),
        Proposal::Hold(_) | Proposal::Nothing => Ok(None),
    }
}

async fn keep<H: Host>(
    context: &Context<H>,
    key: Option<&slipway_core::Secret<String>>,
    git: &Git<'_, H>,
    plan: &Plan,
    kept: &Kept,
) -> Result<KeptProposal> {
    let pushed = push(context, key, git, plan, kept).await?;
    let repository: RepositoryName = kept.repository.parse()?;
    let wanted = NewPullRequest { title: &kept.title, body: &kept.body, head: &kept.branch, base: &kept.commit.branch };
    Client::new(context)?.keep_proposal(&repository, kept.open.as_ref(), wanted, pushed).await
}

/// Pushes the branch if it is not as it should be already.
async fn push<H: Host>(
    context: &Context<H>,
    key: Option<&slipway_core::Secret<String>>,
    git: &Git<'_, H>,
    plan: &Plan,
    kept: &Kept,
) -> Result<bool> {
    let keys = Keys::find(context, git, key).await?;
    let made = async {
        let changes: Vec<_> = plan.changes.iter().map(FileChange::for_git).collect();
        let signing = signing(git, keys.commit.as_ref());
        let (parent, message) = (&kept.commit.parent, &kept.commit.message);
        match signing.commit(parent, &changes, message).await? {
            Some(commit) => Ok(commit),
            // A pull request needs a commit, though no file says the version.
            None => signing.commit_tree(&tree(git, parent.as_str()).await?, Some(parent), message).await,
        }
    };
    let made = made.await;
    keys.remove(context).await?;
    let made = made?;
    let version = plan.version.as_ref().map(ToString::to_string);
    if let Some(tip) = &kept.tip
        && tip.parents.as_slice() == std::slice::from_ref(&kept.commit.parent)
        && tip.version == version
        && tip.tree == tree(git, made.as_str()).await?
    {
        return Ok(false);
    }
    let expected = kept.tip.as_ref().map_or(Expected::Absent, |tip| Expected::At(tip.commit.clone()));
    let update = RefUpdate { object: Some(made), target: kept.branch.qualified(), expected };
    git.push(&git.remote_url().await?, &[update]).await?;
    Ok(true)
}

async fn tree<H: Host>(git: &Git<'_, H>, commit: &str) -> Result<String> {
    git.text(Argv::new("rev-parse").flag("--verify").end_of_options().revision(&format!("{commit}^{{tree}}"))).await
}

async fn close<H: Host>(context: &Context<H>, closed: &Closed) -> Result<KeptProposal> {
    let repository: RepositoryName = closed.repository.parse()?;
    Client::new(context)?.close_proposal(&repository, &closed.open, &closed.body).await
}
