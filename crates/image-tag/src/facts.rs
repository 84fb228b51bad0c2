//! What image-tag reads: the event, the repository's facts, the clock.

#[allow(dead_code, reason = "the input `context` is on its way")]
pub(crate) mod git;

use serde::Serialize;
use serde_json::Value;
use slipway_core::git::Git;
use slipway_core::github::{Client, Environment, RepositoryFacts};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::inputs::Inputs;

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// Name of the event; empty outside GitHub.
    pub(crate) event: String,
    /// The ref that the tags are made from.
    pub(crate) git_ref: String,
    /// The commit.
    pub(crate) sha: String,
    /// How many digits a short commit id has.
    pub(crate) short_sha_length: usize,
    /// The branch that a pull request is to be merged into, or that a tag was pushed from.
    pub(crate) base_ref: String,
    /// The repository.
    pub(crate) repository: RepositoryFacts,
    /// When the labels say that the image was made, in milliseconds since the Unix epoch.
    pub(crate) created: i64,
    /// What could not be read, and what that means.
    pub(crate) warnings: Vec<String>,
}

impl Facts {
    /// The branch that the run is on.
    pub(crate) fn branch(&self) -> Option<&str> {
        self.git_ref.strip_prefix("refs/heads/")
    }

    /// The tag that the run is on.
    pub(crate) fn tag(&self) -> Option<&str> {
        self.git_ref.strip_prefix("refs/tags/")
    }

    /// The commit, shortened.
    pub(crate) fn short_sha(&self) -> &str {
        self.sha.get(..self.short_sha_length).unwrap_or(&self.sha)
    }

    /// Whether the run is for the default branch: it is on it, or its event belongs to no branch of its own.
    pub(crate) fn is_default_branch(&self) -> bool {
        let Some(branch) = self.branch() else { return false };
        self.repository.default_branch.as_deref() == Some(branch)
            || ["create", "discussion", "issues", "schedule"].iter().any(|event| self.event.contains(event))
    }
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, _: &Inputs) -> Result<Facts> {
    let environment = &context.environment;
    let mut facts = Facts {
        event: environment.event_name.clone(),
        git_ref: environment.git_ref.clone(),
        sha: environment.sha.clone(),
        short_sha_length: short_sha_length(context.host.variable("DOCKER_METADATA_SHORT_SHA_LENGTH"))?,
        created: context.creation_time(),
        ..Facts::default()
    };
    if environment.event_name.is_empty() && environment.git_ref.is_empty() {
        read_from_git(context, &mut facts).await?;
    }
    if environment.event_name.contains("pull_request_target")
        && let Some(number) = environment.event["number"].as_u64()
    {
        facts.git_ref = format!("refs/pull/{number}/merge");
    }
    facts.base_ref = base_ref(environment, &facts.git_ref);
    read_repository(context, &mut facts).await?;
    Ok(facts)
}

/// Outside GitHub, the checkout says which branch and commit it is.
async fn read_from_git<H: Host>(context: &Context<H>, facts: &mut Facts) -> Result<()> {
    let git = Git::open(context).await?;
    let head = git.head().await?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, "the repository has no commit yet").hint("commit something first")
    })?;
    facts.sha = head.to_string();
    facts.git_ref = git.checked_out().await?.map(|name| name.to_string()).unwrap_or_default();
    if facts.git_ref.is_empty() {
        facts.warnings.push("no branch or tag is checked out, so only rules on the commit can fire".into());
    }
    Ok(())
}

fn base_ref(environment: &Environment, git_ref: &str) -> String {
    let text = if git_ref.starts_with("refs/tags/") {
        environment.event_text(&["base_ref"]).map(|name| name.strip_prefix("refs/heads/").unwrap_or(name))
    } else if git_ref.starts_with("refs/pull/") {
        environment.event_text(&["pull_request", "base", "ref"])
    } else {
        None
    };
    text.unwrap_or_default().into()
}

/// The event's own description of the repository, if it is whole; else one request. Without an answer, labels stay empty.
async fn read_repository<H: Host>(context: &Context<H>, facts: &mut Facts) -> Result<()> {
    let told = &context.environment.event["repository"];
    facts.repository = from_event(told);
    let is_whole =
        ["name", "html_url", "description", "license", "default_branch"].iter().all(|key| told.get(key).is_some());
    let Some(repository) = context.environment.repository.as_ref().filter(|_| !is_whole) else { return Ok(()) };
    match Client::new(context)?.repository(repository).await {
        Ok(asked) => {
            let default_branch = facts.repository.default_branch.take().or_else(|| asked.default_branch.clone());
            facts.repository = RepositoryFacts { default_branch, ..asked };
        }
        Err(error) => facts.warnings.push(format!("labels about the repository stay empty: {error}")),
    }
    if facts.repository.name.is_empty() {
        facts.repository.name.clone_from(&repository.name);
    }
    Ok(())
}

fn from_event(told: &Value) -> RepositoryFacts {
    let text = |value: &Value| value.as_str().map(Into::into);
    RepositoryFacts {
        name: text(&told["name"]).unwrap_or_default(),
        description: text(&told["description"]),
        html_url: text(&told["html_url"]).unwrap_or_default(),
        license: told["license"]["spdx_id"]
            .as_str()
            .map(|id| slipway_core::github::License { spdx_id: Some(id.into()) }),
        default_branch: text(&told["default_branch"]),
    }
}

/// How many digits of the commit are shown: a number, of which a fraction is cut off; nothing is left of one below zero.
fn short_sha_length(variable: Option<String>) -> Result<usize> {
    let Some(text) = variable.filter(|text| !text.trim().is_empty()) else { return Ok(7) };
    match text.trim().parse::<f64>() {
        Ok(length) if length.is_finite() => Ok(length.clamp(0.0, 64.0) as usize),
        _ => Err(Error::new(
            ErrorKind::InvalidInput,
            format!("`DOCKER_METADATA_SHORT_SHA_LENGTH` is `{text}`, which is no number"),
        )
        .hint("set it to a number such as `7`, or remove it")),
    }
}
