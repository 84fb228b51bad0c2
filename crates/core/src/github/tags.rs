//! Tags with the commits that they lead to.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::refs::{GitObject, ObjectKind, Reference};
use super::{Client, RepositoryName};
use crate::git::{CommitId, FoundTag};
use crate::order;
use crate::{Error, ErrorKind, Result};

const READ: &str = "contents: read";
/// Up to this number, annotated tags are asked about one by one; from then on the list of all tags, 100 a request, is cheaper.
const ONE_BY_ONE: usize = 10;
/// How many annotated tags lead to one another at most.
const CHAIN: usize = 10;

/// An entry of `GET /repos/{owner}/{repo}/tags`.
#[derive(Deserialize)]
struct Listed {
    name: String,
    commit: Target,
}

#[derive(Deserialize)]
struct Target {
    sha: CommitId,
}

/// An annotated tag.
#[derive(Deserialize)]
struct Annotated {
    object: GitObject,
}

impl Client {
    /// Every tag whose name starts with `prefix`, with the commit that it leads to, sorted by name. Tags of trees and files are left
    /// out.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn tags(&self, repository: &RepositoryName, prefix: &str) -> Result<Vec<FoundTag>> {
        let path = ["git", "matching-refs", "tags"].into_iter().chain(prefix.split('/'));
        let url = self.url(repository, &path.collect::<Vec<_>>());
        let references: Vec<Reference> = self.all_linked(url, READ).await?;
        let annotated = references.iter().filter(|reference| reference.object.kind == ObjectKind::Tag).count();
        let listed = if annotated > ONE_BY_ONE { self.listed_tags(repository).await? } else { BTreeMap::new() };
        let mut tags = Vec::new();
        for reference in references {
            let Some(name) = reference.name.strip_prefix("refs/tags/").filter(|name| name.starts_with(prefix)) else {
                continue;
            };
            let object = reference.object.id.clone();
            let target = match listed.get(name) {
                // The list was read after the refs: one that was moved in between leads to where it leads now.
                Some(commit) => Some(commit.clone()),
                None => self.commit_of(repository, reference.object).await?,
            };
            tags.extend(target.map(|target| FoundTag { name: name.to_owned(), object, target }));
        }
        order::sort_by(&mut tags, |left, right| left.name.cmp(&right.name));
        Ok(tags)
    }

    async fn listed_tags(&self, repository: &RepositoryName) -> Result<BTreeMap<String, CommitId>> {
        let listed: Vec<Listed> = self.all(self.url(repository, &["tags"]), READ).await?;
        Ok(order::map(listed.into_iter().map(|tag| (tag.name, tag.commit.sha))))
    }

    /// The commit that an object is, or that an annotated tag leads to; nothing for trees and files.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn commit_of(&self, repository: &RepositoryName, mut object: GitObject) -> Result<Option<CommitId>> {
        for _ in 0..CHAIN {
            match object.kind {
                ObjectKind::Commit => return Ok(Some(object.id)),
                ObjectKind::Tree | ObjectKind::Blob => return Ok(None),
                ObjectKind::Tag => {
                    let url = self.url(repository, &["git", "tags", object.id.as_str()]);
                    object = self.get::<Annotated>(url, READ).await?.object;
                }
            }
        }
        let message = format!("`{}` is a tag of a tag, more than {CHAIN} times over", object.id);
        Err(Error::new(ErrorKind::Unprocessable, message))
    }
}
