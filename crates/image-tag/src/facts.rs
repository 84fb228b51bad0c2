//! What image-tag reads: the event, the checkout, the repository's facts, the clock.

mod checkout;
mod event;
pub(crate) mod git;
mod instants;
mod namesakes;
mod releases;
mod repository;
mod settings;

use serde::Serialize;
use slipway_core::github::RepositoryFacts;
use slipway_core::{Context, Error, Host, Result};

use crate::forward::Releases;
use crate::inputs::{Inputs, Mode, Source};
use crate::plan;
use crate::rare::rare;
use crate::registry::{self, RegistryFacts};
use crate::template::Clock;
use crate::time::ZonedInstant;
use instants::Zone;

/// What was read.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// Name of the event; empty outside GitHub.
    pub(crate) event: String,
    /// The ref that the tags are made from.
    pub(crate) git_ref: String,
    /// The commit.
    pub(crate) sha: String,
    /// Why there is neither, if the checkout could not be read.
    #[serde(skip)]
    pub(crate) unread: Option<Error>,
    /// How many digits a short commit id has.
    pub(crate) short_sha_length: usize,
    /// The branch that a pull request is to be merged into, or that a tag was pushed from.
    pub(crate) base_ref: String,
    /// The branch that a pull request comes from.
    pub(crate) head_ref: String,
    /// The pull request that the event is about, or that an entry of a merge queue is made of.
    pub(crate) pull_request_number: Option<u64>,
    /// How often the workflow has run.
    pub(crate) run_number: String,
    /// The default branch by the event's own description of the repository.
    pub(crate) event_default_branch: Option<String>,
    /// The repository.
    pub(crate) repository: RepositoryFacts,
    /// When the run started, in milliseconds since the Unix epoch.
    pub(crate) now: i64,
    /// When the labels say that the image was made, in milliseconds since the Unix epoch.
    pub(crate) created: i64,
    /// When the commit was made, in milliseconds since the Unix epoch; nothing if that cannot be read as a time.
    pub(crate) commit_date: Option<i64>,
    /// What the clocks of the time zones show that templates name.
    pub(crate) zones: Vec<Zone>,
    /// Where annotations are put: at the manifest, the index and so on.
    pub(crate) annotation_levels: Vec<String>,
    /// Whether the outputs become variables of the steps that follow.
    pub(crate) sets_environment: bool,
    /// Whether there is a runner, which removes the files that are made for other steps.
    pub(crate) has_runner: bool,
    /// Other branches, or other tags, whose names become the same image tag.
    pub(crate) namesakes: Vec<String>,
    /// What the registry says, if it was asked.
    pub(crate) registry: Option<RegistryFacts>,
    /// The releases that there are, if tags only move forward.
    pub(crate) releases: Releases,
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
        self.event_default_branch.as_deref() == Some(branch)
            || ["create", "discussion", "issues", "schedule"].iter().any(|event| self.event.contains(event))
    }

    /// What a clock shows in a time zone; in UTC if there is no such zone. Nothing for a commit without a time.
    pub(crate) fn instant(&self, clock: Clock, zone: &str) -> Option<ZonedInstant> {
        let milliseconds = match clock {
            Clock::Now => self.now,
            Clock::Commit => self.commit_date?,
        };
        Some(instants::zoned(&self.zones, clock, zone, milliseconds))
    }
}

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Facts> {
    let environment = &context.environment;
    let variable = |name: &str| context.host.variable(name).unwrap_or_default();
    let mut facts = Facts {
        event: environment.event_name.clone(),
        git_ref: environment.git_ref.clone(),
        sha: environment.sha.clone(),
        short_sha_length: settings::short_sha_length(&variable("DOCKER_METADATA_SHORT_SHA_LENGTH"))?,
        annotation_levels: settings::annotation_levels(&variable("DOCKER_METADATA_ANNOTATIONS_LEVELS")),
        sets_environment: settings::boolean(
            "DOCKER_METADATA_SET_OUTPUT_ENV",
            &variable("DOCKER_METADATA_SET_OUTPUT_ENV"),
        )?,
        has_runner: !variable("RUNNER_TEMP").is_empty(),
        run_number: variable("GITHUB_RUN_NUMBER"),
        now: context.now(),
        commit_date: Some(context.now()),
        created: context.creation_time(),
        ..Facts::default()
    };
    match inputs.context {
        Source::Git => {
            let head = rare(git::read(context)).await?;
            (facts.git_ref, facts.sha, facts.commit_date) = (head.git_ref, head.sha, Some(head.commit_date));
        }
        Source::Workflow => {
            if environment.event_name.is_empty() && environment.git_ref.is_empty() {
                rare(checkout::read(context, &mut facts)).await;
            }
            let wants_head = variable("DOCKER_METADATA_PR_HEAD_SHA").to_ascii_lowercase().contains("true");
            event::follow_pull_request(environment, wants_head, &mut facts);
        }
    }
    event::describe(environment, &mut facts);
    namesakes::read(context, &mut facts).await;
    repository::read(context, &mut facts).await?;
    let dates: Vec<_> = inputs.templates().into_iter().flat_map(|template| template.dates()).collect();
    if inputs.context == Source::Workflow && dates.iter().any(|(clock, _)| *clock == Clock::Commit) {
        rare(repository::read_commit_date(context, &mut facts)).await;
    }
    releases::read(context, inputs, &mut facts).await?;
    instants::read(context, &dates, &mut facts)?;
    if inputs.mode != Mode::Tags {
        let tags = plan::tag_names(inputs, &facts)?;
        facts.registry = Some(rare(registry::gather(context, inputs, &facts.sha, &tags)).await?);
    }
    Ok(facts)
}
