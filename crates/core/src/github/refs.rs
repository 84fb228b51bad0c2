//! Refs: read one, make one that is not there, move one forward.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::{Client, RepositoryName};
use crate::Result;
use crate::git::{CommitId, RefName};

const READ: &str = "contents: read";
const WRITE: &str = "contents: write";

/// The object that a ref or an annotated tag leads to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct GitObject {
    /// What it is.
    #[serde(rename = "type")]
    pub kind: ObjectKind,
    /// Its id.
    #[serde(rename = "sha")]
    pub id: CommitId,
}

/// The kinds of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
    /// A directory.
    Tree,
    /// A file.
    Blob,
}

#[derive(Deserialize)]
pub(super) struct Reference {
    #[serde(rename = "ref")]
    pub(super) name: String,
    pub(super) object: GitObject,
}

impl Client {
    /// What a ref leads to, if there is such a ref.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn reference(&self, repository: &RepositoryName, name: &RefName) -> Result<Option<GitObject>> {
        let url = self.url(repository, &ref_path("ref", name));
        let found: Option<Reference> = self.find(url, READ).await?;
        Ok(found.map(|reference| reference.object))
    }

    /// Makes a ref. If two runs make the same one, one of them gets an error.
    ///
    /// # Errors
    /// `AlreadyExists` if there is one of that name, wherever it leads; `PushRejected` if a rule forbids it; as every method of
    /// [`Client`].
    pub async fn create_reference(&self, repository: &RepositoryName, name: &RefName, id: &CommitId) -> Result<()> {
        let body = json!({ "ref": name, "sha": id });
        let _: Reference = self.write(Method::POST, self.url(repository, &["git", "refs"]), WRITE, &body).await?;
        Ok(())
    }

    /// Moves a ref forward, never back or aside.
    ///
    /// # Errors
    /// `LostRace` if the new commit does not descend from where the ref is; `NotFound` if there is no such ref; `PushRejected` if a
    /// rule forbids it; as every method of [`Client`].
    pub async fn advance_reference(&self, repository: &RepositoryName, name: &RefName, id: &CommitId) -> Result<()> {
        let url = self.url(repository, &ref_path("refs", name));
        let _: Reference = self.write(Method::PATCH, url, WRITE, &json!({ "sha": id, "force": false })).await?;
        Ok(())
    }
}

/// `git/ref/heads/main` for `refs/heads/main`.
fn ref_path<'a>(route: &'a str, name: &'a RefName) -> Vec<&'a str> {
    let short = name.as_str().strip_prefix("refs/").unwrap_or(name.as_str());
    ["git", route].into_iter().chain(short.split('/')).collect()
}
