//! A history that is all there.

use std::collections::HashMap;
use std::ops::ControlFlow;

use slipway_core::git::{Argv, CommitId, Git};
use slipway_core::{Host, Result};

use super::commits::{self, Range};
use super::{History, Query};
use crate::tags::ReleaseTag;

/// So many tags are tested one by one; each costs a process, but none of them a walk over all the history.
const TESTED_ALONE: usize = 8;

/// Reads the history of a commit in a repository that has all of it.
pub(super) async fn read<H: Host>(git: &Git<'_, H>, query: Query<'_>) -> Result<History> {
    let candidates: Vec<&ReleaseTag> = query.tags.candidates().collect();
    let (mut alone, rest) = candidates.split_at(candidates.len().min(TESTED_ALONE));
    // The highest is nearly always the one: one process both proves it and reads the commits, unless only some of them count.
    if let (Some((first, others)), None) = (alone.split_first(), query.scope) {
        match commits::since(git, &first.commit, query.head).await {
            Ok(Some(commits)) => return Ok(History { last: Some((*first).clone()), commits }),
            Ok(None) => alone = others,
            Err(error) if are_commits(git, &[*first]).await? == [true] => return Err(error),
            Err(_) => alone = others,
        }
    }
    let last = match first_ancestor(git, query.head, alone).await? {
        Some(tag) => Some(tag),
        None => walk(git, query.head, rest).await?,
    };
    let without = last.map(|tag| tag.commit.clone());
    let range = Range { tips: std::slice::from_ref(query.head), without: without.as_slice() };
    Ok(History { last: last.cloned(), commits: commits::read(git, range, query.scope).await? })
}

/// The first of the tags that the commit descends from.
async fn first_ancestor<'a, H: Host>(
    git: &Git<'_, H>,
    head: &CommitId,
    tags: &[&'a ReleaseTag],
) -> Result<Option<&'a ReleaseTag>> {
    let are_commits = are_commits(git, tags).await?;
    for (tag, is_commit) in tags.iter().zip(are_commits) {
        let test = Argv::new("merge-base").flag("--is-ancestor").end_of_options().commit(&tag.commit).commit(head);
        if is_commit && git.holds(test).await? {
            return Ok(Some(tag));
        }
    }
    Ok(None)
}

/// Whether each tag leads to a commit of this repository: others can be on a branch that is not here, or on a tree or a blob.
async fn are_commits<H: Host>(git: &Git<'_, H>, tags: &[&ReleaseTag]) -> Result<Vec<bool>> {
    if tags.is_empty() {
        return Ok(Vec::new());
    }
    let ids: String = tags.iter().map(|tag| format!("{}\n", tag.commit)).collect();
    let types = git.feed(Argv::new("cat-file").flag("--batch-check=%(objecttype)"), ids.into_bytes()).await?;
    Ok(types.split(|byte| *byte == b'\n').take(tags.len()).map(|kind| kind == b"commit").collect())
}

/// Looks for many tags in one walk over the history.
async fn walk<'a, H: Host>(
    git: &Git<'_, H>,
    head: &CommitId,
    tags: &[&'a ReleaseTag],
) -> Result<Option<&'a ReleaseTag>> {
    if tags.is_empty() {
        return Ok(None);
    }
    let mut places = HashMap::with_capacity(tags.len());
    for (place, tag) in tags.iter().enumerate() {
        places.entry(tag.commit.as_str().as_bytes()).or_insert(place);
    }
    let (mut found, mut rest) = (usize::MAX, Vec::new());
    let mut on_output = |chunk: &[u8]| {
        rest.extend_from_slice(chunk);
        let whole = rest.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        for line in rest[..whole].split(|byte| *byte == b'\n') {
            found = places.get(line).map_or(found, |place| found.min(*place));
        }
        rest.drain(..whole);
        if found == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    git.stream(Argv::new("rev-list").end_of_options().commit(head), &mut on_output).await?;
    Ok(tags.get(found).copied())
}
