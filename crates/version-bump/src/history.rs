//! The last release and the commits since then.

mod commits;
mod complete;
mod shallow;

use serde::Serialize;
use slipway_core::git::{CommitId, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::tags::{ReleaseTag, Tags};

pub(crate) use commits::{Commit, Fields};

/// What lies between a commit and the release before it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct History {
    /// The last release; nothing before the first.
    pub last: Option<ReleaseTag>,
    /// The commits since then, children before their parents.
    pub commits: Vec<Commit>,
}

/// Reads the history of a commit. Where the clone cuts it off, the rest is fetched, but never into the clone.
///
/// # Errors
/// `ShallowHistory` if the history is cut off and the remote does not have the rest, `Network`, `TimedOut` or `Permission` if it does
/// not answer, `Git` if git fails.
pub(crate) async fn read<H: Host>(
    context: &Context<H>,
    git: &Git<'_, H>,
    head: &CommitId,
    tags: &Tags,
    remote: &Result<String>,
) -> Result<History> {
    if !git.is_shallow().await? {
        return complete::read(git, head, tags).await;
    }
    let fetched = match remote {
        Ok(url) => shallow::read(context, url, head, tags).await,
        Err(error) => Err(error.clone()),
    };
    fetched.map_err(|error| {
        let why = format!("the history is cut off before the last release, and the rest cannot be fetched: {error}");
        let kind = match error.kind() {
            world @ (ErrorKind::Network | ErrorKind::TimedOut | ErrorKind::Permission) => world,
            _ => ErrorKind::ShallowHistory,
        };
        Error::new(kind, why).hint("add `fetch-depth: 0` to the actions/checkout step")
    })
}
