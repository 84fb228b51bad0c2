//! What config-updater is going to do. Pure.

use serde::{Serialize, Serializer};
use serde_json::Value;
use slipway_core::git::{BranchName, CommitId};
use slipway_core::github::{COMMENT_LIMIT, NewComment};
use slipway_core::{Error, Result};
use slipway_gitops::{ConfigLocation, Deployment, Release};

use crate::diff;
use crate::edit::{self, Change, EditedFile};
use crate::facts::{Base, Facts};
use crate::inputs::{Inputs, Mode};
use crate::refusals::refusals;
use crate::render::Rendered;
use crate::report::report;
use crate::request::Request;

/// The edits, and the commit that holds them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The release, if one is to be recorded.
    pub(crate) release: Option<Release>,
    pub(crate) changes: Vec<Change>,
    pub(crate) previous: Vec<String>,
    pub(crate) diff: String,
    /// The unified diff of what the cluster gets.
    pub(crate) rendered_diff: String,
    /// Where the commit goes; none in `write`.
    pub(crate) commit: Option<PlannedCommit>,
    /// The deployment that made the files what they should be, if there is nothing to change.
    pub(crate) deployed_by: Option<CommitId>,
    /// The comment on the pull request, if it is to be written.
    pub(crate) comment: Option<NewComment>,
    #[serde(skip)]
    pub(crate) files: Vec<EditedFile>,
    /// Why nothing is deployed, the gravest reason first.
    #[serde(serialize_with = "as_json")]
    pub(crate) refusals: Vec<Error>,
}

/// A commit to be made.
#[derive(Debug, Serialize)]
pub(crate) struct PlannedCommit {
    pub(crate) remote: String,
    #[serde(skip)]
    pub(crate) location: ConfigLocation,
    pub(crate) branch: BranchName,
    /// What the branch must still lead to.
    pub(crate) parent: CommitId,
    /// The newest verdict about the target.
    pub(crate) verdicts: Option<CommitId>,
    pub(crate) message: String,
    /// What is edited, in words that other jobs understand.
    #[serde(skip)]
    pub(crate) edits: Value,
}

impl PlannedCommit {
    /// The branch that it goes to.
    pub(crate) fn place(&self) -> ConfigLocation {
        self.location.on_branch(self.branch.clone())
    }
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let mut plan = deployment(inputs, facts)?;
    let begins = facts.overview.is_some() || !plan.files.is_empty() || !plan.refusals.is_empty();
    if facts.comment.can_be_written() {
        let summary = report(inputs, facts, &plan, None).summary;
        plan.comment = facts.comment.update(&shorten_lines(&summary), begins);
    }
    Ok(plan)
}

fn deployment(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let Some(request) = &facts.request else { return Ok(nothing_offered(inputs, facts)) };
    let edits = edit::edit(&facts.files, &request.requested())?;
    let mut plan = Plan {
        changes: edits.changes,
        previous: edits.previous.into_iter().collect(),
        diff: diff::unified(&edits.files),
        rendered_diff: facts.rendered.as_ref().map(Rendered::diff).transpose()?.unwrap_or_default(),
        files: edits.files,
        ..Plan::default()
    };
    if let Some((release, base)) = facts.base.as_ref().and_then(|base| Some((release(request, base, facts)?, base))) {
        let deployed = base.deployed.as_ref().filter(|deployed| deployed.release.is_same(&release));
        if plan.files.is_empty() {
            plan.deployed_by = deployed.map(|deployed| deployed.commit.clone());
        }
        plan.refusals = refusals(inputs, facts, base, &release, !plan.files.is_empty());
        if inputs.mode != Mode::Write {
            plan.commit = Some(PlannedCommit {
                remote: base.remote.clone(),
                location: base.location.clone(),
                branch: base.branch.clone(),
                parent: base.head.clone(),
                verdicts: base.verdicts.tip.clone(),
                edits: request.edits(),
                message: Deployment::message(&subject(inputs, facts, &release), &release, None),
            });
        }
        plan.release = Some(release);
    }
    Ok(plan)
}

/// As many lines as a comment can hold.
fn shorten_lines(summary: &str) -> String {
    let mut left = COMMENT_LIMIT;
    let fits = |line: &&str| {
        left = left.saturating_sub(line.chars().count());
        left > 0
    };
    let kept: usize = summary.split_inclusive('\n').take_while(fits).map(str::len).sum();
    if kept == summary.len() {
        return summary.into();
    }
    let kept = &summary[..kept];
    let is_open = kept.lines().filter(|line| line.starts_with("```")).count() % 2 == 1;
    format!("{kept}{}\n… the rest is in the summary of the run\n", if is_open { "```\n" } else { "" })
}

/// A promotion from an environment that has nothing verified.
fn nothing_offered(inputs: &Inputs, facts: &Facts) -> Plan {
    let missing = facts.source.as_ref().and_then(|source| source.offered(inputs.version.as_ref()).err());
    Plan { refusals: missing.into_iter().collect(), ..Plan::default() }
}

fn release(request: &Request, base: &Base, facts: &Facts) -> Option<Release> {
    Some(Release {
        component: base.target.component.clone(),
        version: request.version.clone()?,
        images: request.images.clone(),
        environment: base.target.environment.clone(),
        source_commit: request.source_commit.clone(),
        workflow_run: facts.workflow_run.clone(),
    })
}

/// The first line of the commit; empty for the usual one.
fn subject(inputs: &Inputs, facts: &Facts, release: &Release) -> String {
    let promoted = facts.request.as_ref().is_some_and(|request| request.is_promotion);
    match &facts.source {
        Some(source) if promoted && inputs.message.is_empty() => {
            let Release { component, version, environment, .. } = release;
            format!("Promote {component} {version} from {} to {environment}", source.target().environment)
        }
        _ => inputs.message.clone(),
    }
}

fn as_json<S: Serializer>(refusals: &[Error], serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.collect_seq(refusals.iter().map(Error::to_json))
}
