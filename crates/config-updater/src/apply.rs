//! Carrying the plan out.

use serde::Serialize;
use slipway_core::git::CommitId;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, FileChange};

use crate::edit::EditedFile;
use crate::inputs::{Inputs, Mode};
use crate::plan::{Plan, PlannedCommit};
use crate::workspace;

/// What was done.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// Whether files were changed.
    pub(crate) changed: bool,
    /// The commit that was published.
    pub(crate) commit: Option<CommitId>,
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    if !plan.refusals.is_empty() || plan.files.is_empty() {
        return Ok(Outcome::default());
    }
    match &plan.commit {
        Some(commit) if inputs.mode == Mode::Push => push(context, plan, commit).await,
        _ => {
            workspace::write(context, &plan.files).await?;
            Ok(Outcome { changed: true, commit: None })
        }
    }
}

async fn push<H: Host>(context: &Context<H>, plan: &Plan, planned: &PlannedCommit) -> Result<Outcome> {
    let location = planned.location.on_branch(planned.branch.clone());
    ConfigRepository::visit(context, &location, async |repository| {
        if *repository.head() != planned.parent {
            let moved = format!("somebody else moved `{}` first", planned.branch);
            return Err(Error::new(ErrorKind::LostRace, moved));
        }
        let change = |file: &EditedFile| FileChange { path: file.path.clone(), content: file.after.clone().into() };
        let changes: Vec<FileChange> = plan.files.iter().map(change).collect();
        let commit = repository.commit(&planned.parent, &changes, &planned.message).await?;
        if let Some(commit) = &commit {
            repository.publish(commit).await?;
        }
        Ok(Outcome { changed: commit.is_some(), commit })
    })
    .await
}
