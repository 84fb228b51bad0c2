//! What the repository is described by, and when the commit was made: from the event, else from the API.

use serde_json::Value;
use slipway_core::github::{Client, License, RepositoryFacts, RepositoryName};
use slipway_core::{Context, Host, Result};

use super::{Facts, event};
use crate::rare::rare;
use crate::time;

/// The event's own description of the repository, if it is whole; else one request. Without an answer, labels stay empty.
pub(super) async fn read<H: Host>(context: &Context<H>, facts: &mut Facts) -> Result<()> {
    let told = &context.environment.event["repository"];
    facts.repository = from_event(told);
    let is_whole =
        ["name", "html_url", "description", "license", "default_branch"].iter().all(|key| told.get(key).is_some());
    let Some(repository) = context.environment.repository.as_ref().filter(|_| !is_whole) else { return Ok(()) };
    match rare(ask(context, repository)).await? {
        Ok(asked) => {
            let default_branch = asked.default_branch.clone().or_else(|| facts.repository.default_branch.take());
            facts.repository = RepositoryFacts { default_branch, ..asked };
        }
        Err(error) => facts.warnings.push(format!("labels about the repository stay empty: {error}")),
    }
    if facts.repository.name.is_empty() {
        facts.repository.name.clone_from(&repository.name);
    }
    Ok(())
}

/// What the API answers. That it cannot be asked at all is the author's mistake.
async fn ask<H: Host>(context: &Context<H>, repository: &RepositoryName) -> Result<Result<RepositoryFacts>> {
    Ok(Client::new(context)?.repository(repository).await)
}

fn from_event(told: &Value) -> RepositoryFacts {
    let text = |value: &Value| value.as_str().map(Into::into);
    RepositoryFacts {
        name: text(&told["name"]).unwrap_or_default(),
        description: text(&told["description"]),
        html_url: text(&told["html_url"]).unwrap_or_default(),
        license: told["license"]["spdx_id"].as_str().map(|id| License { spdx_id: Some(id.into()) }),
        default_branch: text(&told["default_branch"]),
    }
}

/// The event's own date of the commit, else one request. Without an answer it is the time of the run.
pub(super) async fn read_commit_date<H: Host>(context: &Context<H>, facts: &mut Facts) {
    if let Some(told) = event::commit_time(&context.environment.event, &facts.sha) {
        facts.commit_date = time::parse(told);
        if facts.commit_date.is_none() {
            facts.warnings.push(format!("the event says that the commit was made at `{told}`, which is no time"));
        }
        return;
    }
    let asked = match (&context.environment.repository, facts.sha.parse()) {
        (Some(repository), Ok(sha)) => match Client::new(context) {
            Ok(client) => client.commit_time(repository, &sha).await,
            Err(error) => Err(error),
        },
        _ => return,
    };
    match asked {
        Ok(told) => facts.commit_date = time::parse(&told),
        Err(error) => {
            facts.warnings.push(format!(
                "`commit_date` is the time of the run, because that of the commit is not known: {error}"
            ));
        }
    }
}
