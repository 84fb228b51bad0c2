//! Pull requests.

use http::Method;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::graphql::headline_and_body;
use super::{Client, MergeMethod, RepositoryName, login};
use crate::Result;
use crate::git::{BranchName, CommitId};

const READ: &str = "pull-requests: read";
const WRITE: &str = "pull-requests: write";
const MERGE: &str = "contents: write";

/// A pull request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PullRequest {
    /// Its number.
    pub number: u64,
    /// Its title.
    pub title: String,
    /// Its text, in Markdown.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether it is open.
    pub state: PullRequestState,
    /// Whether it is a draft.
    #[serde(default)]
    pub draft: bool,
    /// When it was merged (RFC 3339), if it was.
    #[serde(default)]
    pub merged_at: Option<String>,
    /// The commit that merging it made; before that, a commit of GitHub's that tries it.
    #[serde(default)]
    pub merge_commit_sha: Option<CommitId>,
    /// Whether it can be merged, where GitHub knows already; lists do not tell.
    #[serde(default)]
    pub mergeable: Option<bool>,
    /// What is to be merged.
    pub head: PullRequestEnd,
    /// What it is merged into.
    pub base: PullRequestEnd,
    /// The names of its labels.
    #[serde(default, deserialize_with = "names")]
    pub labels: Vec<String>,
    /// The account that opened it.
    #[serde(default, rename = "user", deserialize_with = "login")]
    pub author: Option<String>,
    /// Whether GitHub is to merge it once its rules allow it.
    #[serde(default, rename = "auto_merge", deserialize_with = "is_given")]
    pub is_auto_merged: bool,
    /// Its page.
    pub html_url: String,
    /// Its id for GraphQL.
    #[serde(default)]
    pub node_id: String,
}

/// One of the two ends of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PullRequestEnd {
    /// The branch, without `refs/heads/`.
    #[serde(rename = "ref")]
    pub branch: String,
    /// The commit at its end.
    #[serde(rename = "sha")]
    pub id: CommitId,
    /// `owner/name` of the repository; nothing if it was removed.
    #[serde(default, rename = "repo", deserialize_with = "full_name")]
    pub repository: Option<String>,
}

/// Whether a pull request is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PullRequestState {
    /// It is.
    Open,
    /// It was merged or closed.
    Closed,
}

/// Which pull requests to list; what is `None` does not matter.
#[derive(Clone, Copy, Debug, Default)]
pub struct PullRequestQuery<'a> {
    /// Open or closed ones.
    pub state: Option<PullRequestState>,
    /// Those from this branch of the repository itself.
    pub head: Option<&'a BranchName>,
    /// Those into this branch.
    pub base: Option<&'a BranchName>,
}

/// A pull request to be opened, from a branch of the same repository.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct NewPullRequest<'a> {
    /// Its title.
    pub title: &'a str,
    /// Its text, in Markdown.
    pub body: &'a str,
    /// The branch with what is new.
    pub head: &'a BranchName,
    /// The branch that it is to be merged into.
    pub base: &'a BranchName,
}

/// What becomes of a pull request; what is `None` stays.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct PullRequestChange<'a> {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<&'a str>,
    /// Its text, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    /// Whether it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<PullRequestState>,
}

impl PullRequest {
    /// Whether it was merged.
    pub fn is_merged(&self) -> bool {
        self.merged_at.is_some()
    }
}

impl Client {
    /// Pull requests, newest first.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn pull_requests(
        &self,
        repository: &RepositoryName,
        query: PullRequestQuery<'_>,
    ) -> Result<Vec<PullRequest>> {
        let mut url = self.url(repository, &["pulls"]);
        let state = match query.state {
            Some(PullRequestState::Open) => "open",
            Some(PullRequestState::Closed) => "closed",
            None => "all",
        };
        url.query_pairs_mut().append_pair("state", state);
        if let Some(head) = query.head {
            url.query_pairs_mut().append_pair("head", &format!("{}:{head}", repository.owner));
        }
        if let Some(base) = query.base {
            url.query_pairs_mut().append_pair("base", base.as_str());
        }
        self.all(url, READ).await
    }

    /// One pull request.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn pull_request(&self, repository: &RepositoryName, number: u64) -> Result<PullRequest> {
        self.get(self.url(repository, &["pulls", &number.to_string()]), READ).await
    }

    /// The pull requests that a commit belongs to or came from.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn pull_requests_of(&self, repository: &RepositoryName, commit: &CommitId) -> Result<Vec<PullRequest>> {
        self.all(self.url(repository, &["commits", commit.as_str(), "pulls"]), READ).await
    }

    /// Opens a pull request.
    ///
    /// # Errors
    /// `AlreadyExists` if there is an open one between these branches; `Unprocessable` if there is nothing to merge or no such branch;
    /// as every method of [`Client`].
    pub async fn create_pull_request(
        &self,
        repository: &RepositoryName,
        request: NewPullRequest<'_>,
    ) -> Result<PullRequest> {
        self.write(Method::POST, self.url(repository, &["pulls"]), WRITE, &json!(request)).await
    }

    /// Adds labels to a pull request; those that the repository does not have are made.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn add_labels(&self, repository: &RepositoryName, number: u64, labels: &[String]) -> Result<()> {
        let url = self.url(repository, &["issues", &number.to_string(), "labels"]);
        let _: Vec<Label> = self.write(Method::POST, url, WRITE, &json!({ "labels": labels })).await?;
        Ok(())
    }

    /// Merges a pull request whose head is where it was seen, and gives the newest commit that this brought. `message` is that of a
    /// squashed commit.
    ///
    /// # Errors
    /// `Conflict` or `Unprocessable` if it cannot be merged, or its head has moved; as every method of [`Client`].
    pub async fn merge_pull_request(
        &self,
        repository: &RepositoryName,
        number: u64,
        head: &CommitId,
        method: MergeMethod,
        message: &str,
    ) -> Result<CommitId> {
        let url = self.url(repository, &["pulls", &number.to_string(), "merge"]);
        let mut body = json!({ "sha": head, "merge_method": method.name().to_ascii_lowercase() });
        if method == MergeMethod::Squash {
            let (title, text) = headline_and_body(message);
            body["commit_title"] = title.into();
            body["commit_message"] = text.into();
        }
        let merged: MergeCommit = self.write(Method::PUT, url, MERGE, &body).await?;
        Ok(merged.sha)
    }

    /// Changes a pull request's title or text, or closes it.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn update_pull_request(
        &self,
        repository: &RepositoryName,
        number: u64,
        change: PullRequestChange<'_>,
    ) -> Result<PullRequest> {
        let url = self.url(repository, &["pulls", &number.to_string()]);
        self.write(Method::PATCH, url, WRITE, &json!(change)).await
    }
}

#[derive(Deserialize)]
struct MergeCommit {
    sha: CommitId,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    name: Option<String>,
}

fn names<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Vec<String>, D::Error> {
    Ok(Vec::<Label>::deserialize(deserializer)?.into_iter().filter_map(|label| label.name).collect())
}

fn is_given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<bool, D::Error> {
    Ok(Option::<IgnoredAny>::deserialize(deserializer)?.is_some())
}

#[derive(Deserialize)]
struct Named {
    full_name: String,
}

fn full_name<'de, D: serde::Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<String>, D::Error> {
    Ok(Option::<Named>::deserialize(deserializer)?.map(|repository| repository.full_name))
}
