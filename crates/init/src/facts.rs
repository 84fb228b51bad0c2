//! What is read: the repository, what its files tell, and what stands where something could be written.

use std::collections::BTreeMap;

use serde::Serialize;
use slipway_core::git::Git;
use slipway_core::host::EntryKind;
use slipway_core::{Context, Host, Result};

use crate::findings::Findings;
use crate::plan::places;
use crate::repository::Repository;
use crate::snapshot::{Snapshot, is_reached};
use crate::{ask, detect};

/// The largest file that a proposal is compared with, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// What was read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Facts {
    /// The top directory of the working tree.
    pub(crate) top: String,
    /// The name of that directory.
    pub(crate) folder: String,
    pub(crate) repository: Repository,
    pub(crate) findings: Findings,
    /// What could not be looked at.
    pub(crate) passed_over: Vec<String>,
    /// What stands where something could be written.
    pub(crate) standing: BTreeMap<String, Standing>,
    /// Whether somebody can be asked.
    pub(crate) asks: bool,
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// A file with this text.
    Text(String),
    /// Something that nobody should write to or through: a link, a directory, a file that is no text.
    Other,
}

/// Looks at the repository that holds the working directory.
///
/// # Errors
/// `NotARepository` if there is none, else what git or the operating system says.
pub(crate) async fn gather<H: Host>(context: &Context<H>) -> Result<Facts> {
    let (_, checkout) = Git::survey(context).await.map_err(|error| {
        if error.kind() == slipway_core::ErrorKind::NotARepository { not_here(error) } else { error }
    })?;
    // From the top, git names every file.
    let git = Git::at(context, checkout.top.clone()).without_lazy_fetch();
    let snapshot = Snapshot::read(context, &git, &checkout.top, detect::wants).await?;
    let mut standing = BTreeMap::new();
    for place in places() {
        if let Some(found) = standing_at(context, &checkout.top, &place).await? {
            standing.insert(place, found);
        }
    }
    Ok(Facts {
        repository: Repository::read(&git).await?,
        findings: detect::findings(&snapshot),
        passed_over: snapshot.passed_over,
        folder: folder(&checkout.top),
        top: checkout.top,
        standing,
        asks: ask::is_possible(),
    })
}

/// The name of a directory that can be written as one below it: `/srv/shop/src/..`.
fn folder(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        if part == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts.pop().unwrap_or_default().into()
}

fn not_here(error: slipway_core::Error) -> slipway_core::Error {
    slipway_core::Error::new(error.kind(), error.message())
        .hint("change to the repository, or make one with `git init`")
}

/// What stands at a path, and whether it is reached through directories alone.
pub(crate) async fn standing_at<H: Host>(context: &Context<H>, top: &str, place: &str) -> Result<Option<Standing>> {
    for (end, _) in place.match_indices('/') {
        match context.host.entry_kind(&format!("{top}/{}", &place[..end])).await? {
            None => return Ok(None),
            Some(EntryKind::Directory) => {}
            Some(_) => return Ok(Some(Standing::Other)),
        }
    }
    let path = format!("{top}/{place}");
    if context.host.entry_kind(&path).await?.is_none() {
        return Ok(None);
    }
    if !is_reached(context, top, place).await? {
        return Ok(Some(Standing::Other));
    }
    let text = context.host.read(&path, LARGEST).await.ok().and_then(|content| String::from_utf8(content).ok());
    Ok(Some(text.map_or(Standing::Other, Standing::Text)))
}
