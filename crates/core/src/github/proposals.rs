//! Pull requests that an action keeps: opened once, brought up to date while they are open, closed when there is nothing left.

use serde::Serialize;

use super::body::is_same;
use super::{
    Client, NewPullRequest, PullRequest, PullRequestChange, PullRequestQuery, PullRequestState, RepositoryName,
};
use crate::git::BranchName;
use crate::{Error, ErrorKind, Result};

/// A pull request that is open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct OpenProposal {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Its text.
    #[serde(skip)]
    pub body: String,
    /// The names of its labels.
    #[serde(skip)]
    pub labels: Vec<String>,
    /// Its id for GraphQL.
    #[serde(skip)]
    pub node_id: String,
    /// Whether GitHub is to merge it once its rules allow it.
    #[serde(skip)]
    pub is_auto_merged: bool,
}

/// What became of a pull request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct KeptProposal {
    /// Its number.
    pub number: u64,
    /// Its page.
    pub url: String,
    /// What was done.
    pub done: Done,
    /// The names of its labels.
    #[serde(skip)]
    pub labels: Vec<String>,
    /// Its id for GraphQL.
    #[serde(skip)]
    pub node_id: String,
}

impl KeptProposal {
    /// Its number, if it is open.
    pub fn open(&self) -> Option<u64> {
        (!matches!(self.done, Done::Closed | Done::Merged)).then_some(self.number)
    }

    fn new(proposal: OpenProposal, done: Done) -> Self {
        let OpenProposal { number, url, labels, node_id, .. } = proposal;
        Self { number, url, done, labels, node_id }
    }
}

/// What was done with a pull request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Done {
    /// It was opened.
    Opened,
    /// It was brought up to date.
    Updated,
    /// It was up to date.
    Unchanged,
    /// It was closed.
    Closed,
    /// It was merged.
    Merged,
}

impl Done {
    /// What was done, for people.
    pub fn told(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Updated => "brought up to date",
            Self::Unchanged => "up to date",
            Self::Closed => "closed",
            Self::Merged => "merged",
        }
    }
}

impl From<PullRequest> for OpenProposal {
    fn from(request: PullRequest) -> Self {
        let PullRequest { number, html_url, title, body, labels, node_id, is_auto_merged, .. } = request;
        let body = body.unwrap_or_default();
        Self { number, url: html_url, title, body, labels, node_id, is_auto_merged }
    }
}

impl Client {
    /// The open pull request from one branch into another, if there is one.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn open_proposal(
        &self,
        repository: &RepositoryName,
        head: &BranchName,
        base: &BranchName,
    ) -> Result<Option<OpenProposal>> {
        let query = PullRequestQuery { state: Some(PullRequestState::Open), head: Some(head), base: Some(base) };
        Ok(self.pull_requests(repository, query).await?.into_iter().next().map(OpenProposal::from))
    }

    /// Opens a pull request, or gives the open one this title and text. `pushed` tells whether its branch has moved.
    ///
    /// # Errors
    /// `LostRace` if another run opens it at the same time; `Permission` if the job may not open any; as every method of [`Client`].
    pub async fn keep_proposal(
        &self,
        repository: &RepositoryName,
        open: Option<&OpenProposal>,
        wanted: NewPullRequest<'_>,
        pushed: bool,
    ) -> Result<KeptProposal> {
        let Some(open) = open else {
            return match self.create_pull_request(repository, wanted).await {
                Ok(opened) => Ok(KeptProposal::new(opened.into(), Done::Opened)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                    let message = format!("another run has opened the pull request of `{}`", wanted.head);
                    Err(Error::new(ErrorKind::LostRace, message))
                }
                Err(error) => Err(not_permitted(error)),
            };
        };
        let title = Some(wanted.title).filter(|title| *title != open.title);
        let body = Some(wanted.body).filter(|body| !is_same(body, &open.body));
        let changed = title.is_some() || body.is_some();
        if changed {
            let change = PullRequestChange { title, body, state: None };
            self.update_pull_request(repository, open.number, change).await?;
        }
        let done = if pushed || changed { Done::Updated } else { Done::Unchanged };
        Ok(KeptProposal::new(open.clone(), done))
    }

    /// Closes an open pull request; `body` is what it says from then on.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn close_proposal(
        &self,
        repository: &RepositoryName,
        open: &OpenProposal,
        body: &str,
    ) -> Result<KeptProposal> {
        let change = PullRequestChange { title: None, body: Some(body), state: Some(PullRequestState::Closed) };
        self.update_pull_request(repository, open.number, change).await?;
        Ok(KeptProposal::new(open.clone(), Done::Closed))
    }
}

/// GitHub says in the same words that a token lacks a right and that nobody allowed workflows to open pull requests.
fn not_permitted(error: Error) -> Error {
    let is_forbidden = error.kind() == ErrorKind::Permission || error.message().contains("not permitted to create");
    if !is_forbidden {
        return error;
    }
    error.hint(
        "give the job `permissions: pull-requests: write`, and allow GitHub Actions to create pull requests in the settings of the \
         repository (Actions, General) or of its organisation; or pass the token of an app as `github-token`",
    )
}
