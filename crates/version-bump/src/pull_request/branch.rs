//! The branch of the release pull request, and whose its commit is.

use serde::Serialize;
use slipway_core::git::{BranchName, CommitId, CommitObject, Git, Identity, Trailers};
use slipway_core::{ComponentName, Context, Host, Result};

use crate::release::above::RELEASE_VERSION;

/// Where the branch is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Tip {
    /// The commit.
    pub commit: CommitId,
    /// The directory that it stores.
    #[serde(skip)]
    pub tree: String,
    /// What it stands on.
    pub parents: Vec<CommitId>,
    /// The version that it releases.
    pub version: Option<String>,
    /// Whether this action made it, by its trailer and its committer: somebody who changes it becomes the committer.
    pub is_ours: bool,
}

/// The name of the branch.
pub(super) fn name(component: Option<&ComponentName>) -> Result<BranchName> {
    // A component's branch cannot lie below the other one's name.
    match component {
        Some(component) => format!("slipway/release-{component}").parse(),
        None => "slipway/release".parse(),
    }
}

/// Looks where the branch is on the remote; nothing if it is not there.
///
/// # Errors
/// `Network`, `Permission` or `Git` if it cannot be read.
pub(super) async fn tip<H: Host>(
    context: &Context<H>,
    git: &Git<'_, H>,
    url: &str,
    branch: &BranchName,
) -> Result<Option<Tip>> {
    let name = branch.qualified();
    let Some(commit) = git.remote_refs(url, std::slice::from_ref(&name)).await?.remove(&name) else { return Ok(None) };
    let object = Git::remote_commit(context, url, &commit).await?;
    Ok(Some(Tip::of(commit, object)))
}

impl Tip {
    fn of(commit: CommitId, object: CommitObject) -> Self {
        let version = Trailers::parse(&object.message).one(RELEASE_VERSION).map(str::to_owned);
        let is_bot = object.is_committed_by(&Identity::workflow());
        let CommitObject { tree, parents, .. } = object;
        Self { commit, tree, is_ours: is_bot && version.is_some() && parents.len() == 1, parents, version }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_release_commit_of_the_bot_is_ours() {
        let id: CommitId = "a".repeat(40).parse().unwrap();
        let parent = format!("parent {id}\n");
        let bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>";
        let release = "chore(release): 1.5.0\n\nRelease-Version: 1.5.0\n";
        for (parents, committer, message, expected) in [
            (parent.as_str(), bot, release, true),
            (&parent, "Ada <ada@example.com>", release, false),
            (&parent, bot, "fix: typo\n", false),
            (&parent.repeat(2), bot, release, false),
            ("", bot, release, false),
        ] {
            let object =
                format!("tree {id}\n{parents}author {bot} 1 +0000\ncommitter {committer} 1 +0000\n\n{message}");
            assert_eq!(Tip::of(id.clone(), CommitObject::parse(&object)).is_ours, expected, "{object}");
        }
        assert!(!Tip::of(id, CommitObject::default()).is_ours);
    }
}
