//! The one comment on a pull request that tells what merging would release: the only thing that a preview writes.

use serde::Serialize;
use slipway_core::git::Identity;
use slipway_core::github::{Client, Comment, RepositoryName};
use slipway_core::{ComponentName, Context, Error, ErrorKind, Host, Result};

use super::answer::Preview;
use super::summary::body;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::report::notes;
use crate::version::Bump;

/// So many rows each table in a comment has.
const ROWS: usize = 20;
/// GitHub takes 65,536 characters.
const LIMIT: usize = 60_000;

/// What there is of the comment.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// Nobody asked for one.
    NotAsked,
    /// It cannot be read, and so not be written either; this is why.
    Unknown(String),
    /// There is none.
    Missing(Place),
    /// It is there.
    Written(Place, Written),
}

/// Where the comment belongs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Place {
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
pub(crate) struct Written {
    /// Its number.
    pub id: u64,
    /// Its text.
    #[serde(skip)]
    pub body: String,
}

/// A comment to be written; precondition is that nobody has written or changed it since.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewComment {
    /// Where it belongs.
    #[serde(flatten)]
    pub place: Place,
    /// The comment that it replaces.
    pub replaces: Option<Written>,
    /// Its text.
    #[serde(skip)]
    pub body: String,
}

/// What became of a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Commented {
    /// It was written, and is at this address.
    Written(String),
    /// It could not be written; this is why.
    Refused(String),
}

/// Looks for the comment on a pull request.
///
/// # Errors
/// `InvalidInput` if the token or the API's address cannot be used.
pub(super) async fn look<H: Host>(context: &Context<H>, inputs: &Inputs, number: u64) -> Result<Standing> {
    let unknown = |why: &str| Ok(Standing::Unknown(why.into()));
    if !inputs.comment {
        return Ok(Standing::NotAsked);
    }
    let Some(repository) = &context.environment.repository else {
        return unknown("`GITHUB_REPOSITORY` does not name the repository");
    };
    if context.token.is_none() {
        return unknown("there is no `github-token`");
    }
    let component = inputs.component().map(ComponentName::as_str);
    let marker =
        format!("<!-- slipway:version-bump{} -->", component.map(|name| format!(":{name}")).unwrap_or_default());
    let place = Place { repository: repository.to_string(), number, marker };
    match find(&Client::new(context)?, repository, &place).await {
        Ok(Some(written)) => Ok(Standing::Written(place, written)),
        Ok(None) => Ok(Standing::Missing(place)),
        Err(error) => Ok(Standing::Unknown(error.to_string())),
    }
}

/// Finds the comment. One that only quotes the marker does not begin with it; one that a person wrote is not ours, unless the token
/// is that person's.
async fn find(client: &Client, repository: &RepositoryName, place: &Place) -> Result<Option<Written>> {
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
        return Ok(Some(Written { id, body }));
    }
    Ok(None)
}

/// Plans the comment: there is none where nothing would be released, but one that is there is kept right.
pub(crate) fn plan(plan: &Plan, preview: &Preview, standing: &Standing) -> Option<NewComment> {
    let (place, replaces) = match standing {
        Standing::NotAsked | Standing::Unknown(_) => return None,
        Standing::Missing(place) => (place, None),
        Standing::Written(place, written) => (place, Some(written)),
    };
    let releases = preview.answers.iter().any(|answer| answer.bump != Bump::None);
    if replaces.is_none() && !releases {
        return None;
    }
    let mut text = format!("{}\n{}", place.marker, body(plan, preview, ROWS));
    let notes = notes(plan);
    if text.chars().count() + notes.chars().count() <= LIMIT {
        text += &notes;
    }
    if replaces.is_some_and(|written| is_same(&written.body, &text)) {
        return None;
    }
    Some(NewComment { place: place.clone(), replaces: replaces.cloned(), body: text })
}

/// Whether two texts are the same but for what GitHub makes of line breaks and of the end.
fn is_same(written: &str, text: &str) -> bool {
    written.replace("\r\n", "\n").trim_end() == text.trim_end()
}

/// Writes the comment. Whatever keeps it from being written, what it tells is in the summary too.
///
/// # Errors
/// `LostRace` if somebody else has written or changed it.
pub(crate) async fn write<H: Host>(context: &Context<H>, new: &NewComment) -> Result<Commented> {
    match put(context, new).await {
        Ok(url) => Ok(Commented::Written(url)),
        Err(lost) if lost.kind() == ErrorKind::LostRace => Err(lost),
        Err(error) => Ok(Commented::Refused(error.to_string())),
    }
}

async fn put<H: Host>(context: &Context<H>, new: &NewComment) -> Result<String> {
    let client = Client::new(context)?;
    let repository: RepositoryName = new.place.repository.parse()?;
    let found = find(&client, &repository, &new.place).await?;
    if found != new.replaces {
        return Err(Error::new(ErrorKind::LostRace, "somebody else has changed the comment"));
    }
    let written = match &found {
        Some(written) => client.update_comment(&repository, written.id, &new.body).await?,
        None => client.create_comment(&repository, new.place.number, &new.body).await?,
    };
    Ok(written.html_url)
}

/// What to do where it cannot be written.
pub(crate) fn refused(why: &str) -> String {
    format!(
        "the comment is not written, and the summary has all of it: {why}. it needs `permissions: pull-requests: write`, which pull \
         requests from forks never get"
    )
}
