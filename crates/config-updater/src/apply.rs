//! Carrying the plan out.

mod by_api;
mod proposal;
mod push;

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId};
use slipway_core::github::{Commented, KeptProposal};
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, FileChange};

use crate::edit::EditedFile;
use crate::inputs::{Inputs, Mode};
use crate::plan::{Plan, PlannedCommit};
use crate::workspace;

/// What was done.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// Whether files were changed.
    pub(crate) changed: bool,
    /// The commit that was published, in `pull-request` the one that is proposed.
    pub(crate) commit: Option<CommitId>,
    /// The branch of the pull request.
    pub(crate) branch: Option<BranchName>,
    /// The pull request.
    pub(crate) pull_request: Option<KeptProposal>,
    /// What people should know of it: what was published for other jobs, and what could not be done.
    pub(crate) told: Vec<String>,
    /// What became of the comment on the pull request.
    pub(crate) comment: Option<Commented>,
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    if let Some(comment) = &plan.comment {
        return Ok(Outcome { comment: Some(comment.write(context).await?), ..Outcome::default() });
    }
    if !plan.refusals.is_empty() {
        return Ok(Outcome::default());
    }
    match (&plan.commit, inputs.mode) {
        (Some(commit), Mode::PullRequest) => proposal::propose(context, inputs, plan, commit).await,
        _ if plan.files.is_empty() => Ok(Outcome::default()),
        (Some(commit), Mode::Push) => push::push(context, plan, commit).await,
        (Some(commit), Mode::ApiCommit) => by_api::commit(context, plan, commit).await,
        _ => {
            workspace::write(context, &plan.files).await?;
            Ok(Outcome { changed: true, ..Outcome::default() })
        }
    }
}

/// The files that the plan changes.
fn changes(plan: &Plan) -> Vec<FileChange> {
    let change = |file: &EditedFile| FileChange { path: file.path.clone(), content: file.after.clone().into() };
    plan.files.iter().map(change).collect()
}

/// The branch is where it was when the plan was made.
fn check_unmoved<H: Host>(repository: &ConfigRepository<'_, H>, planned: &PlannedCommit) -> Result<()> {
    if *repository.head() == planned.parent {
        return Ok(());
    }
    Err(Error::new(ErrorKind::LostRace, format!("somebody else moved `{}` first", planned.branch)))
}
