//! `api-commit`: GitHub makes the commit and signs it.

use slipway_core::github::Client;
use slipway_core::{Context, Host, Result};
use slipway_gitops::ConfigRepository;

use super::{Outcome, changes, check_unmoved};
use crate::plan::{Plan, PlannedCommit};

pub(super) async fn commit<H: Host>(context: &Context<H>, plan: &Plan, planned: &PlannedCommit) -> Result<Outcome> {
    let location = planned.place();
    let name = location.on_server(context).await?;
    let client = Client::new(context)?;
    ConfigRepository::visit(context, &location, async |repository| {
        check_unmoved(repository, planned)?;
        let commit = repository.commit_by_api(&client, &name, &changes(plan), &planned.message).await?;
        Ok(Outcome { changed: commit.is_some(), commit, ..Outcome::default() })
    })
    .await
}
