//! Releases: drafts first, published once everything is there.

use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Client, RepositoryName, login};
use crate::git::{CommitId, TagName};
use crate::{Error, ErrorKind, Result};

const READ: &str = "contents: read";
const WRITE: &str = "contents: write";

/// A release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Release {
    /// Its number.
    pub id: u64,
    /// The tag that it is for; a draft's need not exist yet.
    pub tag_name: String,
    /// The branch or commit that the tag is made at when a draft is published, if the tag is not there yet.
    pub target_commitish: String,
    /// Its title.
    #[serde(default)]
    pub name: Option<String>,
    /// Its text, in Markdown.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether it is seen only by those who may write.
    pub draft: bool,
    /// Whether it is marked as not ready for production.
    pub prerelease: bool,
    /// Whether nobody can change it or its tag any more.
    #[serde(default)]
    pub immutable: bool,
    /// Its page.
    pub html_url: String,
    /// Where its files go.
    pub upload_url: String,
    /// Its files.
    #[serde(default)]
    pub assets: Vec<ReleaseAsset>,
    /// Who made it.
    #[serde(default, deserialize_with = "login")]
    pub author: Option<String>,
}

/// A file of a release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ReleaseAsset {
    /// Its number.
    pub id: u64,
    /// Its name, as GitHub changed it: what is neither letter, digit, `.`, `-` nor `_` becomes a dot.
    pub name: String,
    /// `uploaded`; anything else is what a failed upload left behind.
    pub state: String,
    /// Bytes.
    pub size: u64,
    /// `sha256:…`, where the server tells it.
    #[serde(default)]
    pub digest: Option<String>,
    /// Where it is downloaded.
    pub browser_download_url: String,
}

/// A release to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NewRelease<'a> {
    /// The tag that it is for.
    pub tag_name: &'a TagName,
    /// The commit that the tag is made at, if the tag is not there when it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_commitish: Option<&'a CommitId>,
    /// Its title.
    pub name: &'a str,
    /// Its text, in Markdown.
    pub body: &'a str,
    /// Whether it is marked as not ready for production.
    pub prerelease: bool,
}

/// What becomes of a release; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ReleaseChange<'a> {
    /// Its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    /// Its text, in Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<&'a str>,
    /// `false` publishes a draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draft: Option<bool>,
    /// Whether it is marked as not ready for production.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prerelease: Option<bool>,
    /// Whether it is shown as the latest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub make_latest: Option<Latest>,
}

/// Whether a release is shown as the latest one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Latest {
    /// It is.
    True,
    /// It is not.
    False,
    /// GitHub decides by date and version.
    Legacy,
}

impl Client {
    /// The published release of a tag, if there is one. A draft is found by [`Client::releases`] only.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn release_by_tag(&self, repository: &RepositoryName, tag: &TagName) -> Result<Option<Release>> {
        self.find(self.url(repository, &["releases", "tags", tag.as_str()]), READ).await
    }

    /// Every release, newest first. Drafts are among them if the token may write.
    ///
    /// # Errors
    /// As every method of [`Client`].
    pub async fn releases(&self, repository: &RepositoryName) -> Result<Vec<Release>> {
        self.all(self.url(repository, &["releases"]), READ).await
    }

    /// Makes a draft. GitHub takes several drafts for one tag: look first with [`Client::releases`].
    ///
    /// # Errors
    /// `AlreadyExists` if the tag has a published release; as every method of [`Client`].
    pub async fn create_draft(&self, repository: &RepositoryName, release: &NewRelease<'_>) -> Result<Release> {
        let mut body = json!(release);
        body["draft"] = true.into();
        self.write(Method::POST, self.url(repository, &["releases"]), WRITE, &body).await
    }

    /// Changes or publishes a release.
    ///
    /// # Errors
    /// `PushRejected` if it is immutable; as every method of [`Client`].
    pub async fn update_release(
        &self,
        repository: &RepositoryName,
        id: u64,
        change: &ReleaseChange<'_>,
    ) -> Result<Release> {
        let url = self.url(repository, &["releases", &id.to_string()]);
        self.write(Method::PATCH, url, WRITE, &json!(change)).await
    }

    /// Removes a draft. One that is not there any more is success.
    ///
    /// # Errors
    /// `LostRace` if it was published in the meantime; as every method of [`Client`].
    pub async fn delete_draft(&self, repository: &RepositoryName, id: u64) -> Result<()> {
        let url = self.url(repository, &["releases", &id.to_string()]);
        let Some(release) = self.find::<Release>(url.clone(), READ).await? else { return Ok(()) };
        if !release.draft {
            let message = format!("the release of `{}` is published, so it is not removed", release.tag_name);
            return Err(Error::new(ErrorKind::LostRace, message));
        }
        self.delete(url).await
    }

    /// Removes a file of a release, such as what a failed upload left behind. One that is not there any more is success.
    ///
    /// # Errors
    /// `PushRejected` if the release is immutable; as every method of [`Client`].
    pub async fn delete_asset(&self, repository: &RepositoryName, id: u64) -> Result<()> {
        self.delete(self.url(repository, &["releases", "assets", &id.to_string()])).await
    }

    async fn delete(&self, url: url::Url) -> Result<()> {
        match self.ask(&self.call(Method::DELETE, url, WRITE)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
