//! `push`: a commit of our own, pushed; where jobs meet, through the queue.

use serde_json::Value;
use slipway_core::git::CommitId;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, FileChange, Order};

use super::{Outcome, changes, check_unmoved};
use crate::covered;
use crate::edit::{self, EditedFile};
use crate::plan::{Plan, PlannedCommit};
use crate::request::Request;

pub(super) async fn push<H: Host>(context: &Context<H>, plan: &Plan, planned: &PlannedCommit) -> Result<Outcome> {
    let location = planned.place();
    ConfigRepository::visit(context, &location, async |repository| {
        let lost = match push_alone(context, repository, plan, planned).await {
            Err(error) if error.kind() == ErrorKind::LostRace => error,
            pushed => return pushed,
        };
        let (Some(key), Some(release)) = (location.access().queue_key(context), &plan.release) else {
            return Err(lost);
        };
        let order = Order {
            parent: &planned.parent,
            release,
            verdicts: planned.verdicts.as_ref(),
            message: &planned.message,
            edits: planned.edits.clone(),
        };
        let edit = async |commit: &_, edits: &_| edited(repository, commit, edits).await;
        let queued = repository.publish_queued(context, &key, &order, edit).await?;
        Ok(Outcome { changed: true, commit: Some(queued.commit), told: queued.told, ..Outcome::default() })
    })
    .await
}

/// Pushes if nobody else waits for the branch.
async fn push_alone<H: Host>(
    context: &Context<H>,
    repository: &ConfigRepository<'_, H>,
    plan: &Plan,
    planned: &PlannedCommit,
) -> Result<Outcome> {
    check_unmoved(repository, planned)?;
    if repository.is_contended(context).await? {
        return Err(Error::new(ErrorKind::LostRace, format!("other jobs wait for `{}`", planned.branch)));
    }
    let commit = repository.commit(&planned.parent, &changes(plan), &planned.message).await?;
    if let Some(commit) = &commit {
        repository.publish(commit).await?;
    }
    Ok(Outcome { changed: commit.is_some(), commit, ..Outcome::default() })
}

/// The files that edits change in a commit, which can be those of another job.
async fn edited<H: Host>(
    repository: &ConfigRepository<'_, H>,
    commit: &CommitId,
    edits: &Value,
) -> Result<Vec<FileChange>> {
    let request = Request::of_edits(edits)?;
    let changes = request.requested();
    let files = covered::read(repository, commit, &request.patterns(), &changes).await?;
    let edits = edit::edit(&files, &changes)?;
    let change = |file: EditedFile| FileChange { path: file.path, content: file.after.into() };
    Ok(edits.files.into_iter().map(change).collect())
}
