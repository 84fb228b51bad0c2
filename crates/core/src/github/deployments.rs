//! Deployments, as GitHub shows them beside a repository and a commit.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Client, RepositoryName};
use crate::Result;
use crate::text::shorten;

/// The longest description, in characters.
const DESCRIPTION: usize = 139;
/// The line under `permissions:`.
const PERMISSION: &str = "deployments: write";

/// How a deployment stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentState {
    /// It is being judged, or waits for a person.
    InProgress,
    /// It is deployed and good.
    Success,
    /// It is bad.
    Failure,
    /// Another one took its place.
    Inactive,
}

impl DeploymentState {
    /// GitHub's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Success => "success",
            Self::Failure => "failure",
            Self::Inactive => "inactive",
        }
    }
}

/// What is told of a deployment.
#[derive(Clone, Debug)]
pub struct DeploymentStatus<'a> {
    /// How it stands.
    pub state: DeploymentState,
    /// Why.
    pub description: &'a str,
    /// Where to read more; empty for none.
    pub log_url: &'a str,
    /// Where it is deployed; empty for none.
    pub environment_url: &'a str,
}

#[derive(Deserialize)]
struct Numbered {
    id: u64,
}

impl Client {
    /// Tells how the newest deployment of a commit to an environment stands. Where GitHub knows of none, one is made. A success makes
    /// the others of the environment inactive.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn tell_deployment(
        &self,
        repository: &RepositoryName,
        environment: &str,
        commit: &str,
        status: &DeploymentStatus<'_>,
    ) -> Result<()> {
        let deployments = self.url(repository, &["deployments"]);
        let mut of_commit = deployments.clone();
        let query = [("sha", commit), ("environment", environment), ("per_page", "1")];
        of_commit.query_pairs_mut().extend_pairs(query);
        let found: Vec<Numbered> = self.get(of_commit, PERMISSION).await?;
        let Numbered { id } = match found.into_iter().next() {
            Some(deployment) => deployment,
            None => {
                // What is deployed is not to be merged or checked by GitHub.
                let wanted = json!({
                    "ref": commit,
                    "environment": environment,
                    "auto_merge": false,
                    "required_contexts": [],
                });
                self.write(Method::POST, deployments, PERMISSION, &wanted).await?
            }
        };
        let url = self.url(repository, &["deployments", &id.to_string(), "statuses"]);
        let told = json!({
            "state": status.state.as_str(),
            "description": shorten(status.description, DESCRIPTION),
            "log_url": status.log_url,
            "environment_url": status.environment_url,
            "auto_inactive": true,
        });
        self.write::<Numbered>(Method::POST, url, PERMISSION, &told).await.map(drop)
    }
}
