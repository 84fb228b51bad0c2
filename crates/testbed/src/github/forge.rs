//! What a repository has besides git: releases, pull requests, comments, artifacts, deployments, and what was started.

use serde_json::Value;

/// The state of one repository.
#[derive(Default)]
pub(super) struct Forge {
    pub(super) releases: Vec<Release>,
    pub(super) pulls: Vec<Pull>,
    pub(super) comments: Vec<Comment>,
    pub(super) dispatches: Vec<Dispatch>,
    pub(super) artifacts: Vec<Artifact>,
    pub(super) deployments: Vec<Deployment>,
    pub(super) reviews: Vec<Review>,
    /// Whether a release that is published cannot be changed any more.
    pub(super) immutable_releases: bool,
    /// Tags of immutable releases, which nobody gets again.
    pub(super) burned_tags: Vec<String>,
    /// Refs that a rule protects; one that ends with `*` stands for all that start so.
    pub(super) protected: Vec<String>,
    /// Whether pull requests may be merged by GitHub once their rules allow it.
    pub(super) auto_merge: bool,
    /// Why nothing has to be waited for before a merge: `clean`, or `unstable` while checks run that no rule requires.
    pub(super) merge_status: Option<String>,
    ids: u64,
    minutes: u64,
}

pub(super) struct Release {
    pub(super) id: u64,
    pub(super) tag: String,
    pub(super) target: String,
    pub(super) name: Option<String>,
    pub(super) body: Option<String>,
    pub(super) draft: bool,
    pub(super) prerelease: bool,
    pub(super) immutable: bool,
    pub(super) latest: Option<String>,
    pub(super) created: String,
    pub(super) published: Option<String>,
    pub(super) assets: Vec<Asset>,
}

pub(super) struct Asset {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) content: Vec<u8>,
    pub(super) created: String,
}

pub(super) struct Pull {
    pub(super) id: u64,
    pub(super) number: u64,
    pub(super) title: String,
    pub(super) body: Option<String>,
    pub(super) open: bool,
    pub(super) head: String,
    pub(super) base: String,
    /// The commits of the branches when it was closed.
    pub(super) ends: Option<(String, String)>,
    pub(super) labels: Vec<String>,
    pub(super) created: String,
    pub(super) merged: Option<Merged>,
    /// How it is to be merged once the rules allow it.
    pub(super) auto_merge: Option<AutoMerge>,
}

/// A merge that GitHub was asked for.
pub(super) struct AutoMerge {
    pub(super) method: String,
    /// The first line of the commit, and what follows.
    pub(super) title: Option<String>,
    pub(super) text: Option<String>,
}

pub(super) struct Merged {
    pub(super) commit: String,
    pub(super) at: String,
    /// Every commit that it brought or that came of it.
    pub(super) commits: Vec<String>,
}

pub(super) struct Comment {
    pub(super) id: u64,
    pub(super) issue: u64,
    /// The person who wrote it; nothing for the bot that every request is made by.
    pub(super) person: Option<String>,
    pub(super) body: String,
    pub(super) created: String,
    pub(super) updated: String,
}

pub(super) struct Artifact {
    pub(super) id: u64,
    pub(super) run: u64,
    pub(super) name: String,
    pub(super) head_sha: String,
    pub(super) created: String,
    pub(super) expired: bool,
}

/// A person's word on a run that waits for an environment.
pub(super) struct Review {
    pub(super) id: u64,
    pub(super) run: u64,
    pub(super) environment: String,
    pub(super) person: String,
    pub(super) approved: bool,
    pub(super) comment: String,
    pub(super) created: String,
}

pub(super) struct Deployment {
    pub(super) id: u64,
    pub(super) sha: String,
    pub(super) environment: String,
    pub(super) created: String,
    pub(super) statuses: Vec<DeploymentStatus>,
}

/// What was told of a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeploymentStatus {
    /// `success`, `failure` and so on.
    pub state: String,
    /// Why.
    pub description: String,
    /// Where to read more.
    pub log_url: String,
    /// Where it is deployed.
    pub environment_url: String,
}

/// A workflow or an event that was started over the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispatch {
    /// The file of the workflow, or the type of the event.
    pub name: String,
    /// The ref that the workflow runs on; nothing for an event.
    pub git_ref: Option<String>,
    /// The inputs or the payload.
    pub payload: Value,
}

impl Forge {
    /// A number that was not used yet.
    pub(super) fn id(&mut self) -> u64 {
        self.ids += 1;
        1000 + self.ids
    }

    /// The number of the next issue or pull request.
    pub(super) fn number(&self) -> u64 {
        self.pulls.len() as u64 + 1
    }

    /// The time, which goes on by a minute.
    pub(super) fn now(&mut self) -> String {
        self.minutes += 1;
        let (hours, minutes) = (self.minutes / 60, self.minutes % 60);
        format!("2026-02-{:02}T{:02}:{minutes:02}:00Z", 1 + hours / 24, hours % 24)
    }

    /// Whether a rule protects a ref.
    pub(super) fn protects(&self, name: &str) -> bool {
        self.protected.iter().any(|rule| match rule.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == rule,
        })
    }
}
