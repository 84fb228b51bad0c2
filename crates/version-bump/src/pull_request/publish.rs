//! Carrying it out: the branch first, then the pull request.

use serde::Serialize;
use slipway_core::git::{Argv, Expected, Git, RefUpdate};
use slipway_core::github::{Client, NewPullRequest, PullRequestChange, PullRequestState, RepositoryName};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::{Closed, Kept, Open, Proposal};
use crate::file_change::FileChange;
use crate::plan::Plan;
use crate::release::signing::{Keys, signing};

/// What became of the release pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Published {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// What was done.
    pub done: Done,
}

/// What was done with a release pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Done {
    /// It was opened.
    Opened,
    /// It was brought up to date.
    Updated,
    /// It was up to date.
    Unchanged,
    /// It was closed.
    Closed,
}

impl Published {
    /// Its number, if it is open.
    pub(crate) fn open(&self) -> Option<u64> {
        (self.done != Done::Closed).then_some(self.number)
    }

    /// What was done, in Markdown.
    pub(crate) fn told(&self) -> String {
        let done = match self.done {
            Done::Opened => "opened",
            Done::Updated => "brought up to date",
            Done::Unchanged => "up to date",
            Done::Closed => "closed",
        };
        format!("The release pull request #{} is {done}", self.number)
    }
}

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
) -> Result<Option<Published>> {
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
) -> Result<Published> {
    let pushed = push(context, key, git, plan, kept).await?;
    let client = Client::new(context)?;
    let repository: RepositoryName = kept.repository.parse()?;
    let Some(open) = &kept.open else {
        let new =
            NewPullRequest { title: &kept.title, body: &kept.body, head: &kept.branch, base: &kept.commit.branch };
        return match client.create_pull_request(&repository, new).await {
            Ok(opened) => {
                let Open { number, url, .. } = opened.into();
                Ok(Published { number, url, done: Done::Opened })
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Err(Error::new(ErrorKind::LostRace, "another run has opened the release pull request"))
            }
            Err(error) => Err(not_permitted(error)),
        };
    };
    let title = Some(kept.title.as_str()).filter(|title| *title != open.title);
    let body = Some(kept.body.as_str()).filter(|body| !is_same(body, &open.body));
    if title.is_some() || body.is_some() {
        let change = PullRequestChange { title, body, state: None };
        client.update_pull_request(&repository, open.number, change).await?;
    }
    let done = if pushed || title.is_some() || body.is_some() { Done::Updated } else { Done::Unchanged };
    Ok(Published { number: open.number, url: open.url.clone(), done })
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
    let update = RefUpdate { object: made, target: kept.branch.qualified(), expected };
    git.push(&git.remote_url().await?, &[update]).await?;
    Ok(true)
}

async fn tree<H: Host>(git: &Git<'_, H>, commit: &str) -> Result<String> {
    git.text(Argv::new("rev-parse").flag("--verify").end_of_options().revision(&format!("{commit}^{{tree}}"))).await
}

async fn close<H: Host>(context: &Context<H>, closed: &Closed) -> Result<Published> {
    let repository: RepositoryName = closed.repository.parse()?;
    let change = PullRequestChange { title: None, body: Some(&closed.body), state: Some(PullRequestState::Closed) };
    Client::new(context)?.update_pull_request(&repository, closed.open.number, change).await?;
    Ok(Published { number: closed.open.number, url: closed.open.url.clone(), done: Done::Closed })
}

/// GitHub says in the same words that a token lacks a right and that nobody allowed workflows to open pull requests.
fn not_permitted(error: Error) -> Error {
    let is_forbidden = error.kind() == ErrorKind::Permission || error.message().contains("not permitted to create");
    if !is_forbidden {
        return error;
    }
    error.hint(
        "give the job `permissions: pull-requests: write`, and allow GitHub Actions to create pull requests in the settings of the \
         repository (Actions, General) or of its organisation; or pass the token of an app as `github-token`",
    )
}

/// Whether two texts are the same but for what GitHub makes of line breaks and of the end.
fn is_same(left: &str, right: &str) -> bool {
    left.replace("\r\n", "\n").trim_end() == right.replace("\r\n", "\n").trim_end()
}
