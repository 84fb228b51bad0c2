//! Commits as git stores them.

use super::{Argv, CommitId, Git, Identity};
use crate::host::Host;
use crate::{Context, Result};

/// What a commit stores and says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommitObject {
    /// The id of the directory that it stores; empty if the text is no commit.
    pub tree: String,
    /// What it stands on.
    pub parents: Vec<CommitId>,
    /// Its message.
    pub message: String,
    /// Name and address.
    committer: String,
}

impl CommitObject {
    /// Reads what `git cat-file commit` gives.
    pub fn parse(object: &str) -> Self {
        let (header, message) = object.split_once("\n\n").unwrap_or((object, ""));
        let mut commit = Self { message: message.into(), ..Self::default() };
        for line in header.lines() {
            match line.split_once(' ') {
                Some(("tree", id)) => commit.tree = id.into(),
                Some(("parent", id)) => commit.parents.extend(id.parse().ok()),
                Some(("committer", who)) => {
                    commit.committer = who.rsplit_once("> ").map(|(who, _)| format!("{who}>")).unwrap_or_default();
                }
                _ => {}
            }
        }
        commit
    }

    /// Whether this identity made it as it is: somebody who changes a commit becomes its committer.
    pub fn is_committed_by(&self, identity: &Identity) -> bool {
        identity.is(&self.committer)
    }

    /// Whether both store and say the same, whoever made them when.
    pub fn is_same_content(&self, other: &Self) -> bool {
        (&self.tree, &self.parents, &self.message) == (&other.tree, &other.parents, &other.message)
    }
}

impl<H: Host> Git<'_, H> {
    /// Reads a commit.
    ///
    /// # Errors
    /// `Git` if it is not here.
    pub async fn commit_object(&self, id: &CommitId) -> Result<CommitObject> {
        let object = self.bytes(Argv::new("cat-file").flag("commit").commit(id)).await?;
        Ok(CommitObject::parse(&String::from_utf8_lossy(&object)))
    }

    /// Reads a commit of the remote at `url`, of which nothing is kept here.
    ///
    /// # Errors
    /// `Network`, `Permission` or `Git` if it cannot be read.
    pub async fn remote_commit(context: &Context<H>, url: &str, id: &CommitId) -> Result<CommitObject> {
        let scratch = Git::scratch(context).await?.without_lazy_fetch();
        let fetch = Argv::new("fetch").flag("--quiet").flag("--no-tags").flag("--depth=1").option("--filter", "tree:0");
        let read = async {
            scratch.bytes(fetch.end_of_options().remote(url).commit(id)).await?;
            scratch.commit_object(id).await
        };
        let object = read.await;
        context.discard(scratch.directory()).await;
        object
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_known_by_its_committer_and_its_content() {
        let (tree, parent) = ("a".repeat(40), "b".repeat(40));
        let bot = "github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>";
        let object = |committer: &str, time: u8| {
            format!(
                "tree {tree}\nparent {parent}\nauthor x <x@y> {time} +0000\ncommitter {committer} {time} +0000\n\nm\n\ntree z\n"
            )
        };
        let [ours, later, theirs] =
            [(bot, 1), (bot, 2), ("A > <a@b>", 1)].map(|(who, time)| CommitObject::parse(&object(who, time)));
        assert_eq!((&ours.tree, ours.parents.len(), ours.message.as_str()), (&tree, 1, "m\n\ntree z\n"));
        assert!(ours.is_committed_by(&Identity::workflow()) && !theirs.is_committed_by(&Identity::workflow()));
        assert!(ours.is_same_content(&later) && ours.is_same_content(&theirs));
        assert!(!ours.is_same_content(&CommitObject::parse(&object(bot, 1).replace("m\n", "n\n"))));
        assert_eq!(CommitObject::parse(""), CommitObject::default());
    }
}
