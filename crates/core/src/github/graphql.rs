//! GitHub's GraphQL API, for the few things that REST cannot do.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Method;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::client::parse;
use super::refusal::{misanswered, refused_query};
use super::{Client, RepositoryName};
use crate::Result;
use crate::git::{BranchName, CommitId, FileChange};

const COMMIT: &str =
    "mutation($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }";
const AUTO_MERGE: &str = "mutation($input: EnablePullRequestAutoMergeInput!) { enablePullRequestAutoMerge(input: $input) \
                          { pullRequest { number } } }";
const NO_AUTO_MERGE: &str = "mutation($input: DisablePullRequestAutoMergeInput!) { disablePullRequestAutoMerge(input: $input) \
                             { pullRequest { number } } }";

/// Why GitHub refuses an auto-merge where it could merge at once.
const NOTHING_TO_WAIT_FOR: [&str; 2] = ["clean status", "unstable status"];

/// With errors, what was asked for is `null` in the data.
#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Value,
    #[serde(default)]
    errors: Vec<QueryError>,
}

/// One of the errors that GraphQL answers with, under a good status.
#[derive(Deserialize)]
pub(super) struct QueryError {
    #[serde(default, rename = "type")]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) message: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Committed {
    create_commit_on_branch: Created,
}

#[derive(Deserialize)]
struct Created {
    commit: Object,
}

#[derive(Deserialize)]
struct Object {
    oid: CommitId,
}

/// How a pull request is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeMethod {
    /// With a merge commit.
    Merge,
    /// As one commit.
    Squash,
    /// By new commits on top.
    Rebase,
}

impl MergeMethod {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Merge => "MERGE",
            Self::Squash => "SQUASH",
            Self::Rebase => "REBASE",
        }
    }
}

impl Client {
    /// Commits files to a branch that is still where it was seen. GitHub makes the commit and signs it; modes of files cannot be given.
    ///
    /// # Errors
    /// `LostRace` if the branch has moved; `PushRejected` if a rule forbids it; as every method of [`Client`].
    pub async fn commit_on_branch(
        &self,
        repository: &RepositoryName,
        branch: &BranchName,
        expected: &CommitId,
        message: &str,
        changes: &[FileChange],
    ) -> Result<CommitId> {
        let (headline, body) = headline_and_body(message);
        let addition =
            |change: &FileChange| json!({ "path": change.path, "contents": BASE64_STANDARD.encode(&change.content) });
        let input = json!({
            "branch": { "repositoryNameWithOwner": repository.to_string(), "branchName": branch },
            "message": { "headline": headline, "body": body },
            "fileChanges": { "additions": changes.iter().map(addition).collect::<Vec<_>>() },
            "expectedHeadOid": expected,
        });
        let made: Committed = self.query("createCommitOnBranch", COMMIT, input, "contents: write").await?;
        Ok(made.create_commit_on_branch.commit.oid)
    }

    /// Has GitHub merge a pull request whose head is where it was seen, as soon as its rules allow it; `false` if nothing has to be
    /// waited for, where GitHub refuses to be asked. `id` is the node id of the pull request, `message` that of a squashed commit.
    ///
    /// # Errors
    /// `Unprocessable` if the repository does not allow it, or the head has moved; as every method of [`Client`].
    pub async fn merge_when_ready(
        &self,
        id: &str,
        head: &CommitId,
        method: MergeMethod,
        message: &str,
    ) -> Result<bool> {
        let mut input = json!({ "pullRequestId": id, "mergeMethod": method.name(), "expectedHeadOid": head });
        if method == MergeMethod::Squash {
            let (headline, body) = headline_and_body(message);
            input["commitHeadline"] = headline.into();
            input["commitBody"] = body.into();
        }
        let asked = self.query("enablePullRequestAutoMerge", AUTO_MERGE, input, "pull-requests: write").await;
        match asked.map(|_: Value| true) {
            Err(error) if NOTHING_TO_WAIT_FOR.iter().any(|status| error.message().contains(status)) => Ok(false),
            asked => asked,
        }
    }

    /// Leaves the merge of a pull request to people again.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn merge_by_hand(&self, id: &str) -> Result<()> {
        let input = json!({ "pullRequestId": id });
        let _: Value = self.query("disablePullRequestAutoMerge", NO_AUTO_MERGE, input, "pull-requests: write").await?;
        Ok(())
    }

    async fn query<T: DeserializeOwned>(
        &self,
        name: &str,
        query: &str,
        input: Value,
        permission: &'static str,
    ) -> Result<T> {
        let mut call = self.call(Method::POST, graphql_url(self.api()), permission);
        call.name = name.into();
        let call = call.json(&json!({ "query": query, "variables": { "input": input } }));
        let answer: Answer = parse(&call, &self.ask(&call).await?.1)?;
        if !answer.errors.is_empty() {
            return Err(refused_query(&call, &answer.errors));
        }
        serde_json::from_value(answer.data).map_err(|error| misanswered(&call, &error.to_string()))
    }
}

/// The first line of a message, and the rest.
pub(super) fn headline_and_body(message: &str) -> (&str, &str) {
    let (headline, body) = message.split_once('\n').unwrap_or((message, ""));
    (headline, body.trim())
}

/// Beside the REST API: `/graphql` of api.github.com, `/api/graphql` of an Enterprise Server.
fn graphql_url(api: &Url) -> Url {
    let mut url = api.clone();
    let path = api.path().trim_end_matches('/');
    let base = path.strip_suffix("/v3").unwrap_or(path);
    url.set_path(&format!("{base}/graphql"));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graphql_stands_beside_the_rest_api() {
        for (api, expected) in [
            ("https://api.github.com", "https://api.github.com/graphql"),
            ("https://ghes.test/api/v3", "https://ghes.test/api/graphql"),
            ("https://ghes.test:8443/api/v3/", "https://ghes.test:8443/api/graphql"),
        ] {
            assert_eq!(graphql_url(&Url::parse(api).unwrap()).as_str(), expected);
        }
    }
}
