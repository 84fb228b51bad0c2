//! GitHub: what the runner tells, and the API.
//!
//! One module per subject of the API; each adds its methods to [`Client`].

mod artifacts;
mod body;
mod client;
mod comments;
mod commits;
mod deployments;
mod dispatches;
mod environment;
mod graphql;
mod pages;
mod proposals;
mod pulls;
mod refs;
mod refusal;
mod releases;
mod repositories;
mod sticky;
mod tags;
mod uploads;
mod users;

pub use artifacts::{Artifact, ArtifactRun};
pub use client::Client;
pub use comments::Comment;
pub use commits::{Commit, Comparison, ComparisonStatus, Signature};
pub use deployments::{DeploymentState, DeploymentStatus};
pub use dispatches::{EventType, WorkflowFile};
#[cfg(not(target_arch = "wasm32"))]
pub(crate) use environment::EVENT;
pub use environment::{Environment, RepositoryName};
pub use graphql::MergeMethod;
pub use proposals::{Done, KeptProposal, OpenProposal};
pub use pulls::{NewPullRequest, PullRequest, PullRequestChange, PullRequestEnd, PullRequestQuery, PullRequestState};
pub use refs::{GitObject, ObjectKind};
pub use releases::{Latest, NewRelease, Release, ReleaseAsset, ReleaseChange};
pub use repositories::{License, RepositoryFacts};
pub use sticky::{
    COMMENT_LIMIT, CommentPlace, CommentStanding, Commented, NewComment, WrittenComment, comment_refused,
};

use serde::Deserialize;

/// An account, of which other objects tell the name; deleted ones have none.
#[derive(Clone, Debug, Default, Deserialize)]
struct Account {
    #[serde(default)]
    login: Option<String>,
}

/// The name of the account in a field that can be an account, `{}` or `null`.
fn login<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Account>::deserialize(deserializer)?.and_then(|account| account.login))
}
