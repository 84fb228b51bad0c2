//! History over the API: what one commit has that another has not, and all that leads to a commit.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::pages::PAGE;
use super::{Client, RepositoryName, login};
use crate::git::CommitId;
use crate::path::WorkspacePath;
use crate::{Error, ErrorKind, Result};

const READ: &str = "contents: read";
/// The largest comparison that is read, in commits.
const LARGEST: usize = 10_000;

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: CommitId,
    /// The whole message.
    pub message: String,
    /// Its parents, the first one first.
    pub parents: Vec<CommitId>,
    /// The account of its author, if the author's address belongs to one.
    pub author: Option<String>,
    /// Who it says its author is.
    pub signature: Signature,
}

/// The author of a commit, in the commit's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Signature {
    /// The name.
    #[serde(default)]
    pub name: String,
    /// The mail address.
    #[serde(default, rename = "email")]
    pub address: String,
}

/// How a commit lies to another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ComparisonStatus {
    /// It descends from the other one.
    Ahead,
    /// The other one descends from it.
    Behind,
    /// Each has commits that the other one has not.
    Diverged,
    /// They are the same.
    Identical,
}

/// What the commit `head` has that `base` has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// How `head` lies to `base`.
    pub status: ComparisonStatus,
    /// The newest commit that both have.
    pub merge_base: CommitId,
    /// All commits that `head` has and `base` has not, parents before their children.
    pub commits: Vec<Commit>,
}

#[derive(Deserialize)]
struct Page {
    status: ComparisonStatus,
    total_commits: usize,
    merge_base_commit: Parent,
    commits: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    sha: CommitId,
    commit: Content,
    parents: Vec<Parent>,
    #[serde(default, deserialize_with = "login")]
    author: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    message: String,
    #[serde(default)]
    author: Option<Signature>,
}

#[derive(Deserialize)]
struct Committed {
    commit: CommittedBy,
}

#[derive(Deserialize)]
struct CommittedBy {
    committer: Stamp,
}

#[derive(Deserialize)]
struct Stamp {
    date: String,
}

#[derive(Deserialize)]
struct Parent {
    sha: CommitId,
}

impl From<Listed> for Commit {
    fn from(listed: Listed) -> Self {
        let parents = listed.parents.into_iter().map(|parent| parent.sha).collect();
        let Content { message, author } = listed.commit;
        Self { id: listed.sha, message, parents, author: listed.author, signature: author.unwrap_or_default() }
    }
}

impl Client {
    /// Compares two commits, and reads every commit between them.
    ///
    /// # Errors
    /// `ShallowHistory` if there are more than 10,000 or GitHub does not give all that it counts; `NotFound` if one of the commits is
    /// not there or they have no ancestor in common; as every method of [`Client`].
    pub async fn compare(&self, repository: &RepositoryName, base: &CommitId, head: &CommitId) -> Result<Comparison> {
        self.compared(repository, base, head, |_| true).await
    }

    /// All commits that `head` has and `base` has not, parents before their children; nothing if `head` does not descend from `base`,
    /// which the first page tells.
    ///
    /// # Errors
    /// As [`Client::compare`].
    pub async fn commits_since(
        &self,
        repository: &RepositoryName,
        base: &CommitId,
        head: &CommitId,
    ) -> Result<Option<Vec<Commit>>> {
        let descends = |status| matches!(status, ComparisonStatus::Ahead | ComparisonStatus::Identical);
        let comparison = self.compared(repository, base, head, descends).await?;
        Ok(descends(comparison.status).then_some(comparison.commits))
    }

    /// Compares two commits; where the status is not wanted, the commits are not read.
    async fn compared(
        &self,
        repository: &RepositoryName,
        base: &CommitId,
        head: &CommitId,
        is_wanted: impl Fn(ComparisonStatus) -> bool,
    ) -> Result<Comparison> {
        let range = format!("{base}...{head}");
        let cut_off = |read: usize, total: usize| {
            let message = format!("GitHub compares `{range}` and gives {read} of {total} commits");
            Error::new(ErrorKind::ShallowHistory, message).hint("read the history with git: `fetch-depth: 0`")
        };
        let mut commits: Vec<Commit> = Vec::new();
        let mut known = BTreeSet::new();
        for page in 1.. {
            let mut url = self.url(repository, &["compare", &range]);
            url.query_pairs_mut().append_pair("per_page", PAGE).append_pair("page", &page.to_string());
            let Page { status, total_commits, merge_base_commit, commits: more } = self.get(url, READ).await?;
            if !is_wanted(status) {
                return Ok(Comparison { status, merge_base: merge_base_commit.sha, commits });
            }
            let before = commits.len();
            commits.extend(more.into_iter().map(Commit::from).filter(|commit| known.insert(commit.id.clone())));
            if commits.len() == total_commits {
                return Ok(Comparison { status, merge_base: merge_base_commit.sha, commits });
            }
            // Two commits never change, so neither does what lies between them: a page with nothing new is the last one.
            if commits.len() == before || commits.len() > total_commits || total_commits > LARGEST {
                return Err(cut_off(commits.len(), total_commits));
            }
        }
        Err(cut_off(commits.len(), commits.len()))
    }

    /// When a commit was committed, in the words of `GET /repos/{owner}/{repo}/commits/{sha}`: RFC 3339.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn commit_time(&self, repository: &RepositoryName, commit: &CommitId) -> Result<String> {
        let found: Committed = self.get(self.url(repository, &["commits", commit.as_str()]), READ).await?;
        Ok(found.commit.committer.date)
    }

    /// Every commit that leads to `head`, itself included, newest first; with a path, those that changed something there.
    ///
    /// # Errors
    /// `Unprocessable` if there are more than 20,000; as every method of [`Client`].
    pub async fn commits(
        &self,
        repository: &RepositoryName,
        head: &CommitId,
        path: Option<&WorkspacePath>,
    ) -> Result<Vec<Commit>> {
        let mut url = self.url(repository, &["commits"]);
        url.query_pairs_mut().append_pair("sha", head.as_str());
        if let Some(path) = path {
            url.query_pairs_mut().append_pair("path", path.as_str());
        }
        let listed: Vec<Listed> = self.all(url, READ).await?;
        Ok(listed.into_iter().map(Commit::from).collect())
    }
}
