//! A history that is read over GitHub's API: every page of it, or none.

use std::collections::HashSet;

use slipway_core::git::CommitId;
use slipway_core::github::{self, Client, RepositoryName};
use slipway_core::{ErrorKind, Result};

use super::commits::Commit;
use super::{History, Query};
use crate::notes::authors;
use crate::tags::ReleaseTag;

/// So many tags are compared with the commit, a request each, before all of its history is listed.
const COMPARED: usize = 10;

/// Reads the history of a commit.
///
/// # Errors
/// `NotFound` if GitHub does not have the commit, `ShallowHistory` or `Unprocessable` if it does not give all of it, `Network`,
/// `TimedOut` or `Permission` if it does not answer.
pub(super) async fn read(client: &Client, repository: &RepositoryName, query: Query<'_>) -> Result<History> {
    let candidates: Vec<&ReleaseTag> = query.tags.candidates().collect();
    let (compared, listed) = candidates.split_at(candidates.len().min(COMPARED));
    for tag in compared {
        if let Some(history) = since(client, repository, tag, query.head).await? {
            return Ok(history);
        }
    }
    let all = client.commits(repository, query.head, None).await?;
    let ids: HashSet<&CommitId> = all.iter().map(|commit| &commit.id).collect();
    for tag in listed.iter().filter(|tag| ids.contains(&tag.commit)) {
        if let Some(history) = since(client, repository, tag, query.head).await? {
            return Ok(history);
        }
    }
    Ok(History { last: None, commits: all.into_iter().map(commit).collect() })
}

/// The history since a release, or nothing if the commit does not descend from it.
async fn since(
    client: &Client,
    repository: &RepositoryName,
    tag: &ReleaseTag,
    head: &CommitId,
) -> Result<Option<History>> {
    match client.commits_since(repository, &tag.commit, head).await {
        Ok(Some(commits)) => {
            Ok(Some(History { last: Some(tag.clone()), commits: commits.into_iter().rev().map(commit).collect() }))
        }
        Ok(None) => Ok(None),
        // They have nothing in common. If it is the commit that GitHub does not have, listing what leads to it says so.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn commit(listed: github::Commit) -> Commit {
    let authors = authors(&listed.signature.name, &listed.signature.address, &listed.message);
    Commit { authors, ..Commit::read(listed.id, listed.parents, listed.message.as_bytes()) }
}
