//! The one comment of a program on a pull request, which is kept up to date instead of being followed by others.

use serde::Serialize;

use super::body::is_same;
use super::{Client, Comment, RepositoryName};
use crate::context::Context;
use crate::git::Identity;
use crate::host::Host;
use crate::{Error, ErrorKind, Result};

/// The longest text of ours, in characters; GitHub takes 65,536.
pub const COMMENT_LIMIT: usize = 60_000;

/// What there is of the comment.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CommentStanding {
    /// Nobody asked for one.
    #[default]
    NotAsked,
    /// It cannot be read, and so not be written either; this is why.
    Unknown(String),
    /// There is none.
    Missing(CommentPlace),
    /// It is there.
    Written(CommentPlace, WrittenComment),
}

/// Where the comment belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct CommentPlace {
    /// `owner/name`.
    pub repository: String,
    /// The number of the pull request.
    pub number: u64,
    /// What the comment begins with; nobody sees it.
    pub marker: String,
}

/// A comment that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct WrittenComment {
    /// Its number.
    pub id: u64,
    /// Its text.
    #[serde(skip)]
    pub body: String,
}

/// A comment to be written; precondition is that nobody has written or changed it since.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct NewComment {
    /// Where it belongs.
    #[serde(flatten)]
    pub place: CommentPlace,
    /// The comment that it replaces.
    pub replaces: Option<WrittenComment>,
    /// Its text.
    #[serde(skip)]
    pub body: String,
}

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Commented {
    /// It was written, and is at this address.
    Written(String),
    /// It could not be written; this is why.
    Refused(String),
}

impl CommentStanding {
    /// Looks for the comment of that name on a pull request.
    ///
    /// # Errors
    /// `InvalidInput` if the token or the API's address cannot be used.
    pub async fn look<H: Host>(context: &Context<H>, name: &str, number: u64) -> Result<Self> {
        let unknown = |why: &str| Ok(Self::Unknown(why.into()));
        let Some(repository) = &context.environment.repository else {
            return unknown("`GITHUB_REPOSITORY` does not name the repository");
        };
        if context.token.is_none() {
            return unknown("there is no `github-token`");
        }
        let marker = format!("<!-- slipway:{name} -->");
        let place = CommentPlace { repository: repository.to_string(), number, marker };
        match find(&Client::new(context)?, repository, &place).await {
            Ok(Some(written)) => Ok(Self::Written(place, written)),
            Ok(None) => Ok(Self::Missing(place)),
            Err(error) => Ok(Self::Unknown(error.to_string())),
        }
    }

    /// Whether one is asked for, and its place is known.
    pub fn can_be_written(&self) -> bool {
        matches!(self, Self::Missing(_) | Self::Written(..))
    }

    /// The comment that is to be written: none if it says all this already, or if there is none and `begins` is false.
    pub fn update(&self, text: &str, begins: bool) -> Option<NewComment> {
        let (place, replaces) = match self {
            Self::NotAsked | Self::Unknown(_) => return None,
            Self::Missing(place) => (place, None),
            Self::Written(place, written) => (place, Some(written)),
        };
        let body = format!("{}\n{text}", place.marker);
        let is_told = replaces.is_some_and(|written| is_same(&written.body, &body));
        let is_due = !is_told && (replaces.is_some() || begins);
        is_due.then(|| NewComment { place: place.clone(), replaces: replaces.cloned(), body })
    }
}

impl NewComment {
    /// Writes the comment. Whatever keeps it from being written, what it tells is in the summary too.
    ///
    /// # Errors
    /// `LostRace` if somebody else has written or changed it.
    pub async fn write<H: Host>(&self, context: &Context<H>) -> Result<Commented> {
        match self.put(context).await {
            Ok(url) => Ok(Commented::Written(url)),
            Err(lost) if lost.kind() == ErrorKind::LostRace => Err(lost),
            Err(error) => Ok(Commented::Refused(error.to_string())),
        }
    }

    async fn put<H: Host>(&self, context: &Context<H>) -> Result<String> {
        let client = Client::new(context)?;
        let repository: RepositoryName = self.place.repository.parse()?;
        let found = find(&client, &repository, &self.place).await?;
        if found != self.replaces {
            return Err(Error::new(ErrorKind::LostRace, "somebody else has changed the comment"));
        }
        let written = match &found {
            Some(written) => client.update_comment(&repository, written.id, &self.body).await?,
            None => client.create_comment(&repository, self.place.number, &self.body).await?,
        };
        Ok(written.html_url)
    }
}

/// What to do where a comment cannot be written.
pub fn comment_refused(why: &str) -> String {
    format!(
        "the comment is not written, and the summary has all of it: {why}. it needs `permissions: pull-requests: write`, which pull \
         requests from forks never get"
    )
}

/// Finds the comment. One that only quotes the marker does not begin with it; one that a person wrote is not ours, unless the token
/// is that person's.
async fn find(client: &Client, repository: &RepositoryName, place: &CommentPlace) -> Result<Option<WrittenComment>> {
    let mut owner = None;
    for Comment { id, body, author, .. } in client.comments(repository, place.number).await? {
        let (Some(body), Some(author)) = (body, author) else { continue };
        if !body.starts_with(&place.marker) {
            continue;
        }
        if !author.ends_with(Identity::BOT) {
            if owner.is_none() {
                owner = Some(client.login().await?);
            }
            if owner.as_ref().and_then(Option::as_ref) != Some(&author) {
                continue;
            }
        }
        return Ok(Some(WrittenComment { id, body }));
    }
    Ok(None)
}
