//! Release commits that stand on HEAD.
//!
//! A job that is run again checks out the commit that it was started for, which is the parent of the release commit that its first
//! run made. And of two components that are released from one commit, the second finds the first one's release commit on the branch.

use std::collections::BTreeSet;

use slipway_core::git::{Argv, CommitId, Git, RefName, Trailers};
use slipway_core::{Context, Host, Result};

use crate::tags::{ReleaseTag, Tags};

/// So many commits may stand between HEAD and what is looked for.
const HEIGHT: usize = 16;
/// So many release tags are looked at: those next after the last release.
const LOOKED_AT: usize = 16;

/// The trailer that makes a commit a release commit.
pub(crate) const RELEASE_VERSION: &str = "Release-Version";
/// What there is to say of a release commit, which is never a change.
pub(crate) const RELEASE_COMMIT: &str = "release commit";

/// Whether a message is that of a release commit: a first line and trailers, and nothing that others have squashed into it.
pub(crate) fn is_release_commit(message: &str) -> bool {
    message.contains(RELEASE_VERSION)
        && message.lines().skip(1).all(|line| line.trim().is_empty() || line.contains(": "))
        && Trailers::parse(message).one(RELEASE_VERSION).is_some()
}

/// The release that is tagged on a release commit which stands on `head`, if there is one.
///
/// # Errors
/// `Network`, `Permission` or `Git` if the tagged commits cannot be fetched.
pub(crate) async fn release<'a, H: Host>(
    context: &Context<H>,
    url: &str,
    head: &CommitId,
    tags: &'a Tags,
    last: Option<&ReleaseTag>,
) -> Result<Option<&'a ReleaseTag>> {
    let is_higher = |tag: &&ReleaseTag| last.is_none_or(|last| tag.version.cmp_precedence(&last.version).is_gt());
    let higher: Vec<&ReleaseTag> = tags.candidates().filter(|tag| tag.published).filter(is_higher).collect();
    let candidates = &higher[higher.len().saturating_sub(LOOKED_AT)..];
    let names: Vec<RefName> = candidates.iter().map(|tag| tag.name.qualified()).collect();
    let commits: Vec<&CommitId> = candidates.iter().map(|tag| &tag.commit).collect();
    let standing = standing_on(context, url, head, &names, &commits).await?;
    Ok(candidates.iter().copied().find(|tag| standing.contains(&tag.commit)))
}

/// Whether a commit of a branch of the remote stands on `head`, with nothing but release commits between.
///
/// # Errors
/// `Network`, `Permission` or `Git` if the branch cannot be fetched.
pub(crate) async fn is_on<H: Host>(
    context: &Context<H>,
    url: &str,
    head: &CommitId,
    branch: &RefName,
    commit: &CommitId,
) -> Result<bool> {
    Ok(!standing_on(context, url, head, std::slice::from_ref(branch), &[commit]).await?.is_empty())
}

/// Those of the commits that lead to `head` through release commits alone, themselves included. The refs are where they are found.
async fn standing_on<H: Host>(
    context: &Context<H>,
    url: &str,
    head: &CommitId,
    refs: &[RefName],
    commits: &[&CommitId],
) -> Result<BTreeSet<CommitId>> {
    let mut standing = BTreeSet::new();
    if refs.is_empty() {
        return Ok(standing);
    }
    let git = Git::scratch(context).await?.without_lazy_fetch();
    let looked = async {
        let fetch = Argv::new("fetch").flag("--quiet").flag("--no-tags").flag("--filter=tree:0");
        let fetch = fetch.option("--depth", &HEIGHT.to_string()).end_of_options().remote(url);
        git.bytes(refs.iter().fold(fetch, Argv::reference)).await?;
        for commit in commits {
            let log = Argv::new("log")
                .flag("-z")
                .flag("--format=tformat:%H%x00%P%x00%B")
                .option("--max-count", &HEIGHT.to_string());
            // The tag may have moved since it was listed, or lead to something else than a commit.
            let Ok(log) = git.text(log.end_of_options().commit(commit)).await else { continue };
            if leads_to(head, &log) {
                standing.insert((*commit).clone());
            }
        }
        Ok(())
    };
    let looked = looked.await;
    context.discard(git.directory()).await;
    looked.map(|()| standing)
}

/// Whether the first commit of a log leads to `head` through release commits alone.
fn leads_to(head: &CommitId, log: &str) -> bool {
    let fields: Vec<&str> = log.split('\0').collect();
    let mut next = None;
    for commit in fields.chunks_exact(3) {
        if next.is_some_and(|next| next != commit[0]) {
            return false;
        }
        if commit[0] == head.as_str() {
            return next.is_some();
        }
        if !is_release_commit(commit[2]) || commit[1].contains(' ') {
            return false;
        }
        if commit[1] == head.as_str() {
            return true;
        }
        next = Some(commit[1]);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_release_commits_may_stand_between() {
        let id = |digit: &str| digit.repeat(40);
        let head: CommitId = id("a").parse().unwrap();
        let release = "chore(release): 1.5.0\n\nRelease-Version: 1.5.0\n";
        let commit = |own: &str, parents: &[&str], message: &str| {
            let parents: Vec<String> = parents.iter().map(|parent| id(parent)).collect();
            format!("{}\0{}\0{message}\0", id(own), parents.join(" "))
        };
        for (log, expected) in [
            (commit("b", &["a"], release), true),
            (commit("c", &["b"], release) + &commit("b", &["a"], release), true),
            (commit("b", &["a"], "chore(release): 1.5.0"), false),
            (commit("c", &["b"], release) + &commit("b", &["a"], "fix: x"), false),
            (commit("b", &["a", "d"], release), false),
            (commit("b", &["d"], release), false),
            (commit("a", &["d"], "fix: x"), false),
            (String::new(), false),
        ] {
            assert_eq!(leads_to(&head, &log), expected, "{log:?}");
        }
    }
}
