//! Comments on issues and pull requests.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Client, RepositoryName, login};
use crate::Result;

const READ: &str = "pull-requests: read";
const WRITE: &str = "pull-requests: write";

/// A comment.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Comment {
    /// Its number.
    pub id: u64,
    /// Its text, in Markdown.
    #[serde(default)]
    pub body: Option<String>,
    /// The account that wrote it.
    #[serde(default, rename = "user", deserialize_with = "login")]
    pub author: Option<String>,
    /// Where it is.
    pub html_url: String,
}

impl Client {
    /// Every comment on an issue or a pull request, oldest first.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn comments(&self, repository: &RepositoryName, issue: u64) -> Result<Vec<Comment>> {
        self.all(self.url(repository, &["issues", &issue.to_string(), "comments"]), READ).await
    }

    /// Adds a comment.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn create_comment(&self, repository: &RepositoryName, issue: u64, body: &str) -> Result<Comment> {
        let url = self.url(repository, &["issues", &issue.to_string(), "comments"]);
        self.write(Method::POST, url, WRITE, &json!({ "body": body })).await
    }

    /// Replaces the text of a comment.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn update_comment(&self, repository: &RepositoryName, id: u64, body: &str) -> Result<Comment> {
        let url = self.url(repository, &["issues", "comments", &id.to_string()]);
        self.write(Method::PATCH, url, WRITE, &json!({ "body": body })).await
    }
}
