//! What merging a pull request would release.
//!
//! The pull request is taken from the event, its commits from git: those of the merge that GitHub tries out. What becomes of them
//! depends on how it is merged, so there can be more than one answer.

mod answer;
mod comment;
mod event;
mod landing;
mod subject;
mod summary;

use std::collections::BTreeSet;

use serde::Serialize;
use slipway_core::git::CommitId;
use slipway_core::github::CommentStanding;

pub(crate) use answer::{Preview, answer};
pub(crate) use comment::plan as plan_comment;
pub(crate) use event::Method;
use subject::Subject;
pub(crate) use subject::{Place, gather, is_preview};
pub(crate) use summary::summary;

/// What was read of a pull request or of a group of the merge queue.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Change {
    /// Where its commits come from.
    pub subject: Subject,
    /// Whether the clone does not have its tip.
    #[serde(skip)]
    pub is_remote: bool,
    /// Its own commits, which the base does not have, also those that do not count.
    pub own: BTreeSet<CommitId>,
    /// Their messages, oldest first.
    #[serde(skip)]
    pub messages: Vec<String>,
    /// What there is of the comment on it.
    pub comment: CommentStanding,
}
