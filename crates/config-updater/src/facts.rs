//! What config-updater reads from the world.

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId};
use slipway_core::{Context, Host, Result};
use slipway_gitops::{ConfigFile, ConfigRepository, Deployment, VerdictLog};

use crate::edit;
use crate::inputs::{Inputs, Mode};
use crate::workspace;

/// Everything that the plan rests on.
#[derive(Debug, Serialize)]
pub struct Facts {
    #[serde(skip)]
    pub(crate) files: Vec<ConfigFile>,
    /// Nothing if only the working tree counts.
    pub(crate) base: Option<Base>,
    /// The commit that the images were built from, as far as that is known.
    pub(crate) source_commit: Option<CommitId>,
    /// The page of this run; none outside GitHub.
    pub(crate) workflow_run: Option<String>,
}

/// The config repository when it was read.
#[derive(Debug, Serialize)]
pub(crate) struct Base {
    pub(crate) remote: String,
    pub(crate) branch: BranchName,
    pub(crate) head: CommitId,
    /// The newest deployment of the component in the environment.
    pub(crate) deployed: Option<Deployment>,
    pub(crate) verdicts: VerdictLog,
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
    let patterns = inputs.patterns();
    let mut files = Vec::new();
    if inputs.mode == Mode::Write {
        let requested = inputs.requested();
        files = workspace::read(context, &patterns, |file| edit::may_concern(&requested, file)).await?;
        if !edit::may_succeed(&requested, &files) {
            // What the files name instead is worth reading them once more.
            files = workspace::read(context, &patterns, |_| true).await?;
        }
    }
    let mut base = None;
    if let Some(target) = &inputs.target {
        let visited = ConfigRepository::visit(context, &inputs.location, async |repository| {
            if inputs.mode != Mode::Write {
                files = repository.files(repository.head(), &patterns).await?;
            }
            Ok(Base {
                remote: repository.remote().to_string(),
                branch: repository.branch().clone(),
                head: repository.head().clone(),
                deployed: repository.deployments(target, None, 1).await?.pop(),
                verdicts: repository.verdicts(target).await?,
            })
        });
        base = Some(visited.await?);
    }
    let environment = &context.environment;
    let run = Some(environment.run_url.clone()).filter(|url| !url.is_empty());
    let source_commit = inputs.source_commit.clone().or_else(|| environment.sha.parse().ok());
    Ok(Facts { files, base, source_commit, workflow_run: run })
}
