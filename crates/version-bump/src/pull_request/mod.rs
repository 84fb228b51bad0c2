//! The release pull request: kept up to date until it is merged, which releases what it says.
//!
//! It lives on a branch of its own, with one commit on top of the branch that is released. That branch is pushed anew whenever there
//! is more to release, but only from the state that was seen, and never over somebody else's commit.

mod branch;
mod landed;
mod publish;
mod text;

use serde::Serialize;
use slipway_core::git::{BranchName, Git};
use slipway_core::github::{Client, OpenProposal};
use slipway_core::{ComponentName, Context, Error, ErrorKind, Host, Result};

use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::release::commit::{self, NewCommit};
use crate::release::template::Values;
use crate::version::Bump;
use branch::Tip;

pub(crate) use landed::{Landed, Settled, settle};
pub(crate) use publish::publish;

/// What there is of the release pull request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Standing {
    /// The branch that it is made of.
    pub branch: BranchName,
    /// Where that branch is on the remote.
    pub tip: Option<Tip>,
    /// The one that is open.
    pub open: Option<OpenProposal>,
    /// The newest one that was merged since the last release.
    pub landed: Option<Landed>,
}

/// What becomes of the release pull request.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Proposal {
    /// It is opened, or brought up to date.
    Keep(Box<Kept>),
    /// It is closed: there is nothing left to release.
    Close(Closed),
    /// It is left alone, and this is why.
    Hold(String),
    /// There is none, and none is needed.
    Nothing,
}

/// A release pull request as it is to be; preconditions are that its branch and the branch that it is merged into are where they
/// were.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Kept {
    /// `owner/name`.
    pub repository: String,
    /// Its branch.
    pub branch: BranchName,
    /// Where the branch was seen.
    pub tip: Option<Tip>,
    /// The commit that it is made of. Its `branch` is the one that it is merged into.
    pub commit: NewCommit,
    /// The one that is open.
    pub open: Option<OpenProposal>,
    /// The title.
    pub title: String,
    /// The text.
    #[serde(skip)]
    pub body: String,
}

/// A release pull request that is to be closed.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Closed {
    /// `owner/name`.
    pub repository: String,
    /// The pull request.
    pub open: OpenProposal,
    /// What it says from then on.
    #[serde(skip)]
    pub body: String,
}

/// Looks at what there is.
///
/// # Errors
/// `InvalidInput` where there is no GitHub to open a pull request on, or HEAD is not pushed; as every method of [`Client`]; `Git`.
pub(crate) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    git: &Git<'_, H>,
    url: Option<&str>,
    facts: &Facts,
) -> Result<Standing> {
    let (Some(url), Some(repository)) = (url, &facts.standing.repository) else {
        return Err(Error::new(
            ErrorKind::InvalidInput,
            "a release pull request needs a repository on GitHub as `origin`",
        )
        .hint("use `mode: release`, which needs none"));
    };
    if let Some(ground) = &facts.standing.ground {
        ground.check(&facts.head)?;
    }
    let branch = branch::name(inputs.component())?;
    let tip = branch::tip(context, git, url, &branch).await?;
    let client = Client::new(context)?;
    let open = match &facts.standing.ground {
        Some(ground) => client.open_proposal(repository, &branch, &ground.branch).await?,
        None => None,
    };
    let landed = landed::find(&client, inputs, facts, repository, &branch).await?;
    if let Some(landed) = landed.as_ref().filter(|landed| landed.commit != facts.head)
        && !git.has_commit(&landed.commit).await?
    {
        let message = format!(
            "the release of {} was merged as {}, which is not in this clone",
            landed.version,
            landed.commit.short()
        );
        return Err(Error::new(ErrorKind::ShallowHistory, message)
            .hint("add `fetch-depth: 0` to the actions/checkout step, or run the job of that commit again"));
    }
    Ok(Standing { branch, tip, open, landed })
}

/// Plans what becomes of the pull request.
pub(crate) fn plan(inputs: &Inputs, facts: &Facts, plan: &Plan) -> Result<Proposal> {
    let (Some(standing), Some(repository)) = (&facts.pull_request, &facts.standing.repository) else {
        return Ok(Proposal::Nothing);
    };
    let repository = repository.to_string();
    let (Some(version), Some(tag), false) = (&plan.version, &plan.tag, plan.bump == Bump::None) else {
        let close =
            |open: &OpenProposal| Proposal::Close(Closed { repository, open: open.clone(), body: text::closed(open) });
        return Ok(standing.open.as_ref().map_or(Proposal::Nothing, close));
    };
    let ground = facts.standing.ground.as_ref().ok_or_else(|| {
        Error::new(ErrorKind::InvalidInput, "a release pull request needs a branch of the remote to be merged into")
            .hint("check out a branch that the remote has, or set `branch`")
    })?;
    if !ground.is_own || ground.tip != facts.head {
        return Ok(Proposal::Hold(format!(
            "`{}` is at {} on the remote and not at this commit, {}: the release pull request is left to the run of that commit",
            ground.branch,
            ground.tip.short(),
            facts.head.short()
        )));
    }
    if let Some(tip) = standing.tip.as_ref().filter(|tip| !tip.is_ours) {
        return Ok(Proposal::Hold(format!(
            "`{}` has a commit that is not this action's, {}, which is not thrown away: merge the release pull request as it is, or \
             delete the branch to have it made anew",
            standing.branch,
            tip.commit.short()
        )));
    }
    let text = version.to_string();
    let component = inputs.component().map_or("", ComponentName::as_str);
    let values = Values { version: &text, tag: tag.as_str(), component };
    let commit = commit::plan(inputs, facts, ground, &values);
    Ok(Proposal::Keep(Box::new(Kept {
        repository,
        branch: standing.branch.clone(),
        tip: standing.tip.clone(),
        title: commit.message.lines().next().unwrap_or_default().to_owned(),
        body: text::body(inputs, plan, version, tag, &standing.branch),
        commit,
        open: standing.open.clone(),
    })))
}
