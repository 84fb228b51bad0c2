//! Which commits a preview is about, whatever is checked out.

use std::collections::BTreeSet;

use serde::Serialize;
use slipway_core::git::{Argv, BranchName, CommitId, Git, RefName};
use slipway_core::github::{CommentStanding, comment_refused};
use slipway_core::order;
use slipway_core::{Context, Host, Result};

use super::event::PullRequest;
use super::{Change, comment};
use crate::component::Scope;
use crate::history::{self, Commit, History, Query};
use crate::inputs::Inputs;
use crate::tags::Tags;

/// The commits that are to be merged, and what they are merged into.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Subject {
    /// The commit that has all that there will be.
    pub tip: CommitId,
    /// The merge that GitHub tries out, if `tip` is one: it never ends up on the base.
    pub trial: Option<CommitId>,
    /// The commit that they are merged into, if it is known.
    pub base: Option<CommitId>,
    /// The branch that they are merged into.
    pub branch: String,
    /// The pull request; nothing for a group of the merge queue.
    pub request: Option<PullRequest>,
    /// Whether something else is checked out, such as the base on `pull_request_target`.
    pub is_elsewhere: bool,
}

/// What is read of one repository.
#[derive(Debug)]
pub(crate) struct Place<'a, H> {
    pub context: &'a Context<H>,
    pub inputs: &'a Inputs,
    pub git: &'a Git<'a, H>,
    pub is_shallow: bool,
    pub remote: &'a Result<String>,
    pub tags: &'a Tags,
    pub scope: Option<&'a Scope>,
}

/// Whether the event asks what merging would release.
pub(crate) fn is_preview(event: &str) -> bool {
    event == "merge_group" || event.starts_with("pull_request")
}

/// Reads what merging brings, with the commits since the last release; nothing if the event tells of no open pull request.
///
/// # Errors
/// As [`history::read`].
pub(crate) async fn gather<H: Host>(
    place: &Place<'_, H>,
    head: &CommitId,
    warnings: &mut Vec<String>,
) -> Result<Option<(Change, History)>> {
    let Some(subject) = subject(place, head, warnings).await? else { return Ok(None) };
    let everything = place.history(&subject.tip, None).await?;
    let waiting = match &subject.base {
        Some(base) if place.tags.at(base, None).is_some() => Ok(BTreeSet::new()),
        Some(base) => place.history(base, None).await.map(|history| ids(&history.commits)),
        None => Ok(BTreeSet::new()),
    };
    let waiting = waiting.unwrap_or_else(|error| {
        let branch = &subject.branch;
        warnings.push(format!("what waits on `{branch}` cannot be told from what this adds: {error}"));
        BTreeSet::new()
    });
    let is_own = |commit: &&Commit| !waiting.contains(&commit.id) && subject.trial.as_ref() != Some(&commit.id);
    let own: Vec<&Commit> = everything.commits.iter().filter(is_own).collect();
    let messages = own.iter().rev().map(|commit| commit.message().to_owned()).collect();
    let own = own.into_iter().map(|commit| commit.id.clone()).collect();
    let history = match place.scope {
        Some(scope) => place.history(&subject.tip, Some(scope)).await?,
        None => everything,
    };
    let comment = match &subject.request {
        Some(request) => comment::look(place.context, place.inputs, request.number).await?,
        None => CommentStanding::NotAsked,
    };
    if let CommentStanding::Unknown(why) = &comment {
        warnings.push(comment_refused(why));
    }
    let is_remote = !place.has(&subject.tip).await?;
    Ok(Some((Change { subject, is_remote, own, messages, comment }, history)))
}

fn ids(commits: &[Commit]) -> BTreeSet<CommitId> {
    order::set(commits.iter().map(|commit| commit.id.clone()))
}

impl<H: Host> Place<'_, H> {
    /// Whether the clone has a commit, which need not be checked out.
    async fn has(&self, commit: &CommitId) -> Result<bool> {
        self.git.holds(Argv::new("cat-file").flag("-e").commit(commit)).await
    }

    async fn history(&self, commit: &CommitId, scope: Option<&Scope>) -> Result<History> {
        let is_here = self.has(commit).await?;
        let query = Query { head: commit, tags: self.tags, scope };
        history::read(self.context, self.git, self.is_shallow || !is_here, query, self.remote).await
    }

    /// The parents of a commit of the remote.
    async fn remote_parents(&self, commit: &CommitId) -> Result<Vec<CommitId>> {
        let url = self.remote.as_ref().map_err(Clone::clone)?;
        Ok(Git::remote_commit(self.context, url, commit).await?.parents)
    }
}

async fn subject<H: Host>(
    place: &Place<'_, H>,
    head: &CommitId,
    warnings: &mut Vec<String>,
) -> Result<Option<Subject>> {
    let environment = &place.context.environment;
    if environment.event_name == "merge_group" {
        let text = |key: &str| environment.event_text(&["merge_group", key]);
        let id = |key: &str| text(key).and_then(|id| id.parse::<CommitId>().ok());
        let Some(tip) = id("head_sha") else { return Ok(None) };
        let branch = text("base_ref").unwrap_or_default();
        return Ok(Some(Subject {
            is_elsewhere: tip != *head,
            tip,
            trial: None,
            base: id("base_sha"),
            branch: branch.strip_prefix("refs/heads/").unwrap_or(branch).into(),
            request: None,
        }));
    }
    if environment.event_text(&["pull_request", "state"]) == Some("closed") {
        return Ok(None);
    }
    let Some(request) = PullRequest::read(&environment.event) else { return Ok(None) };
    let branch = request.base.clone();
    if let [base, merged] = place.git.commit_object(head).await?.parents.as_slice()
        && *merged == request.head
    {
        let (tip, trial, base) = (head.clone(), Some(head.clone()), Some(base.clone()));
        return Ok(Some(Subject { tip, trial, base, branch, request: Some(request), is_elsewhere: false }));
    }
    let trial_name: RefName = format!("refs/pull/{}/merge", request.number).parse()?;
    let base_name = branch.parse::<BranchName>().ok().map(|name| name.qualified());
    let names: Vec<RefName> = [trial_name.clone()].into_iter().chain(base_name.clone()).collect();
    let mut refs = match place.remote {
        Ok(url) => place.git.remote_refs(url, &names).await?,
        Err(_) => Default::default(),
    };
    let tip = base_name.and_then(|name| refs.remove(&name));
    let (trial, base) = match refs.remove(&trial_name) {
        Some(trial) => match place.remote_parents(&trial).await?.as_slice() {
            [base, merged] if *merged == request.head => (Some(trial), Some(base.clone())),
            // GitHub makes it anew some time after a push, and none while there are conflicts.
            _ => (None, tip),
        },
        None => (None, tip),
    };
    if trial.is_none() {
        warnings.push(format!(
            "GitHub has no merge of this pull request, perhaps because of conflicts: what `{branch}` has got since it left is not counted"
        ));
    }
    Ok(Some(Subject {
        tip: trial.clone().unwrap_or_else(|| request.head.clone()),
        trial,
        base,
        branch,
        is_elsewhere: request.head != *head,
        request: Some(request),
    }))
}
