//! The last release and the commits since then.

mod api;
mod commits;
mod complete;
mod shallow;

use serde::Serialize;
use slipway_core::git::{CommitId, Git};
use slipway_core::github::{Client, RepositoryName};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::component::Scope;
use crate::tags::{ReleaseTag, Tags};

pub(crate) use commits::{Commit, Fields};

/// What lies between a commit and the release before it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct History {
    /// The last release; nothing before the first.
    pub last: Option<ReleaseTag>,
    /// The commits since then, children before their parents.
    pub commits: Vec<Commit>,
}

/// Whose history is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query<'a> {
    /// The commit.
    pub head: &'a CommitId,
    /// The release tags.
    pub tags: &'a Tags,
    /// What counts; everything without one.
    pub scope: Option<&'a Scope>,
}

/// Reads what changed something in a scope, of all that the tips lead to.
///
/// # Errors
/// `Git` if git fails, as it does where the clone has left out trees.
pub(crate) async fn touched<H: Host>(git: &Git<'_, H>, tips: &[CommitId], scope: &Scope) -> Result<Vec<Commit>> {
    commits::read(git, commits::Range { tips, without: &[] }, Some(scope)).await
}

/// Where a history is read.
pub(crate) enum Origin<'a, H> {
    /// In the clone; what that does not have, from its remote.
    Git {
        /// The clone.
        git: Git<'a, H>,
        /// Whether its history is cut off.
        is_shallow: bool,
        /// The address of the remote, or why there is none that answers.
        remote: Result<String>,
    },
    /// Over GitHub's API.
    Api(Client, RepositoryName),
}

impl<H: Host> Origin<'_, H> {
    /// Reads the history of a commit.
    ///
    /// # Errors
    /// Those of [`read`]; over the API `ShallowHistory` if GitHub cuts it short.
    pub(crate) async fn read(&self, context: &Context<H>, query: Query<'_>) -> Result<History> {
        match self {
            Self::Git { git, is_shallow, remote } => read(context, git, *is_shallow, query, remote).await,
            Self::Api(client, repository) => api::read(client, repository, query).await,
        }
    }
}

/// Reads the history of a commit in a clone. Where the clone cuts it off, or has left out the trees that tell which paths a commit
/// changed, the rest is fetched, but never into the clone.
///
/// # Errors
/// `ShallowHistory` if the history is cut off and the remote does not have the rest, `Network`, `TimedOut` or `Permission` if it does
/// not answer, `Git` if git fails.
pub(crate) async fn read<H: Host>(
    context: &Context<H>,
    git: &Git<'_, H>,
    is_shallow: bool,
    query: Query<'_>,
    remote: &Result<String>,
) -> Result<History> {
    let why = if is_shallow {
        "the history is cut off before the last release"
    } else {
        match complete::read(git, query).await {
            Err(error) if query.scope.is_some() && error.kind() == ErrorKind::Git => {
                "the clone lacks directories of the history"
            }
            done => return done,
        }
    };
    let fetched = match remote {
        Ok(url) => shallow::read(context, url, query).await,
        Err(error) => Err(error.clone()),
    };
    fetched.map_err(|error| {
        let why = format!("{why}, and the rest cannot be fetched: {error}");
        let kind = match error.kind() {
            world @ (ErrorKind::Network | ErrorKind::TimedOut | ErrorKind::Permission) => world,
            _ => ErrorKind::ShallowHistory,
        };
        Error::new(kind, why).hint("add `fetch-depth: 0` to the actions/checkout step, and no `filter`")
    })
}
