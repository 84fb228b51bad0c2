//! What config-updater is going to do. Pure.

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId};
use slipway_core::{Error, ErrorKind, Result};
use slipway_gitops::{Deployment, Release};

use crate::diff;
use crate::edit::{self, Change, EditedFile};
use crate::facts::Facts;
use crate::inputs::{Inputs, Mode};

/// The edits, and the commit that holds them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The release, if one is to be recorded.
    pub(crate) release: Option<Release>,
    pub(crate) changes: Vec<Change>,
    pub(crate) previous: Vec<String>,
    pub(crate) diff: String,
    /// Where the commit goes; none in `write`.
    pub(crate) commit: Option<PlannedCommit>,
    /// The deployment that made the files what they should be, if there is nothing to change.
    pub(crate) deployed_by: Option<CommitId>,
    #[serde(skip)]
    pub(crate) files: Vec<EditedFile>,
    #[serde(skip)]
    pub(crate) refusal: Option<Error>,
}

/// A commit to be made.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedCommit {
    pub(crate) remote: String,
    pub(crate) branch: BranchName,
    /// What the branch must still lead to.
    pub(crate) parent: CommitId,
    pub(crate) message: String,
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let edits = edit::edit(&facts.files, &inputs.requested())?;
    let release = release(inputs, facts);
    let mut plan = Plan {
        changes: edits.changes,
        previous: edits.previous.into_iter().collect(),
        diff: diff::unified(&edits.files),
        commit: None,
        deployed_by: None,
        files: edits.files,
        refusal: None,
        release,
    };
    if let (Some(release), Some(base)) = (&plan.release, &facts.base) {
        let deployed = base.deployed.as_ref().filter(|deployed| deployed.release.is_same(release));
        if plan.files.is_empty() {
            plan.deployed_by = deployed.map(|deployed| deployed.commit.clone());
        }
        if let Some(verdict) = base.verdicts.was_rolled_back(release).filter(|_| !inputs.force) {
            let message = format!(
                "{} {} was rolled back in {} (deployed by `{}`, decided by {})",
                release.component,
                release.version,
                release.environment,
                verdict.config_commit.short(),
                verdict.decided_by
            );
            plan.refusal = Some(
                Error::new(ErrorKind::RolledBack, message)
                    .hint("release a new version, or set `force: true` to deploy this one again"),
            );
        }
        if inputs.mode != Mode::Write {
            plan.commit = Some(PlannedCommit {
                remote: base.remote.clone(),
                branch: base.branch.clone(),
                parent: base.head.clone(),
                message: Deployment::message(&inputs.message, release, None),
            });
        }
    }
    Ok(plan)
}

fn release(inputs: &Inputs, facts: &Facts) -> Option<Release> {
    let target = inputs.target.as_ref()?;
    Some(Release {
        component: target.component.clone(),
        version: inputs.version.clone()?,
        images: inputs.images.clone(),
        environment: target.environment.clone(),
        source_commit: facts.source_commit.clone(),
        workflow_run: facts.workflow_run.clone(),
    })
}
