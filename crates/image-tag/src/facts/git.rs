//! `context: git`: the ref, the commit and its date as the checkout has them.

use slipway_core::git::{Argv, Git};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::checkout::commit;

/// What is checked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Head {
    /// The ref, in full.
    pub git_ref: String,
    /// The commit.
    pub sha: String,
    /// When it was committed, in milliseconds since the Unix epoch.
    pub commit_date: i64,
}

/// Reads what is checked out.
///
/// # Errors
/// `NotARepository` outside one, `NotFound` without a commit, `InvalidInput` for a detached HEAD that no ref tells the meaning of.
pub(crate) async fn read<H: Host>(context: &Context<H>) -> Result<Head> {
    let git = Git::open(context).await?;
    let sha = commit(&git).await?;
    let date = git.text(Argv::new("show").flag("-s").flag("--format=%ct").flag("HEAD").flag("--")).await?;
    let seconds: i64 = date.trim().parse().unwrap_or_default();
    let branch = git.text(Argv::new("branch").flag("--show-current")).await?;
    let git_ref = if branch.is_empty() { detached(&git).await? } else { format!("refs/heads/{branch}") };
    Ok(Head { git_ref, sha: sha.to_string(), commit_date: seconds.saturating_mul(1000) })
}

/// What a detached HEAD stands for: the refs at its commit tell, or else one that contains it.
async fn detached<H: Host>(git: &Git<'_, H>) -> Result<String> {
    let at_head = list(git, Argv::new("for-each-ref").flag("--points-at=HEAD")).await?;
    if !at_head.is_empty() {
        return meaning(&at_head).ok_or_else(|| {
            let names = at_head.join("`, `");
            let message = format!("HEAD is detached, and `{names}` does not tell what was checked out");
            Error::new(ErrorKind::InvalidInput, message)
                .hint("check out the branch by its name, or set `context: workflow`")
        });
    }
    let containing = Argv::new("for-each-ref").flag("--contains=HEAD").flag("--sort=-committerdate");
    inferred(list(git, containing).await?).ok_or_else(|| {
        let message = "HEAD is detached, and no branch or tag contains its commit";
        Error::new(ErrorKind::InvalidInput, message).hint("check out a branch or a tag, or set `context: workflow`")
    })
}

/// Branches, branches of remotes and tags, in the order in which git lists them.
async fn list<H: Host>(git: &Git<'_, H>, argv: Argv) -> Result<Vec<String>> {
    let scopes = argv.flag("--format=%(refname)").flag("refs/heads").flag("refs/remotes").flag("refs/tags");
    let names = git.text(scopes).await?;
    // A remote's HEAD is another name of one of its branches.
    let is_own = |name: &&str| !(name.starts_with("refs/remotes/") && name.ends_with("/HEAD"));
    Ok(names.lines().filter(is_own).map(Into::into).collect())
}

/// The ref that was checked out, by those at its commit in the order of their names. git decorates commits with the last name first,
/// and the first decoration counts: a tag, then a pull request or the branch of a remote. A local branch alone tells nothing.
fn meaning(names: &[String]) -> Option<String> {
    let last = names.last()?;
    if last.starts_with("refs/tags/") {
        return Some(last.clone());
    }
    let of_remote = last.strip_prefix("refs/remotes/")?;
    if is_pull_request(of_remote) {
        return Some(format!("refs/{of_remote}"));
    }
    let branch = without_remote(last)?;
    let mut local = names.iter().rev().filter(|name| name.starts_with("refs/heads/"));
    if names.contains(&branch) { Some(branch) } else { Some(local.next().cloned().unwrap_or(branch)) }
}

/// The ref of those that contain the commit: a branch before one of a remote, and that before a tag.
fn inferred(names: Vec<String>) -> Option<String> {
    let first = |scope: &str| names.iter().find(|name| name.starts_with(scope));
    if let Some(branch) = first("refs/heads/") {
        return Some(branch.clone());
    }
    if let Some(branch) = first("refs/remotes/") {
        return without_remote(branch);
    }
    names.into_iter().filter(|name| name.starts_with("refs/tags/")).min()
}

/// `pull/7/merge`: where actions/checkout puts a pull request among the branches of remotes.
fn is_pull_request(name: &str) -> bool {
    let mut parts = name.split('/');
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.next() == Some("pull")
        && parts.next().is_some_and(number)
        && matches!(parts.next(), Some("head" | "merge"))
        && parts.next().is_none()
}

/// `refs/heads/main` of `refs/remotes/origin/main`.
fn without_remote(name: &str) -> Option<String> {
    let (_, branch) = name.strip_prefix("refs/remotes/")?.split_once('/')?;
    Some(format!("refs/heads/{branch}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn refs_at_a_detached_head_tell_what_was_checked_out() {
        for (names, expected) in [
            (&["refs/tags/v1.0.0"][..], Some("refs/tags/v1.0.0")),
            (&["refs/tags/a", "refs/tags/v1.0.0"], Some("refs/tags/v1.0.0")),
            (&["refs/heads/main", "refs/remotes/origin/main", "refs/tags/v1"], Some("refs/tags/v1")),
            (&["refs/remotes/pull/7/merge"], Some("refs/pull/7/merge")),
            (&["refs/heads/main", "refs/remotes/pull/7/head"], Some("refs/pull/7/head")),
            (&["refs/remotes/pull/7/other"], Some("refs/heads/7/other")),
            (&["refs/remotes/origin/main"], Some("refs/heads/main")),
            (&["refs/remotes/origin/feature/x"], Some("refs/heads/feature/x")),
            (&["refs/heads/main", "refs/remotes/origin/main"], Some("refs/heads/main")),
            (
                &["refs/heads/feature/x", "refs/heads/main", "refs/remotes/origin/feature/x"],
                Some("refs/heads/feature/x"),
            ),
            (&["refs/heads/topic", "refs/remotes/origin/main"], Some("refs/heads/topic")),
            (&["refs/remotes/origin/dev", "refs/remotes/origin/main"], Some("refs/heads/main")),
            (&["refs/heads/main"], None),
            (&["refs/heads/feature/x", "refs/heads/main"], None),
        ] {
            assert_eq!(meaning(&owned(names)).as_deref(), expected, "{names:?}");
        }
    }

    #[test]
    fn otherwise_a_ref_that_contains_the_commit_does() {
        for (names, expected) in [
            (&["refs/tags/v2", "refs/remotes/origin/main", "refs/heads/b", "refs/heads/a"][..], Some("refs/heads/b")),
            (&["refs/tags/v2", "refs/remotes/origin/feature/x"], Some("refs/heads/feature/x")),
            (&["refs/tags/v2", "refs/tags/v1"], Some("refs/tags/v1")),
            (&[], None),
        ] {
            assert_eq!(inferred(owned(names)).as_deref(), expected, "{names:?}");
        }
    }
}
