//! The one comment on a pull request that tells what merging would release: the only thing that a preview writes.

use slipway_core::github::{COMMENT_LIMIT, CommentStanding, NewComment};
use slipway_core::{ComponentName, Context, Host, Result};

use super::answer::Preview;
use super::summary::body;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::report::notes;
use crate::version::Bump;

/// So many rows each table in a comment has.
const ROWS: usize = 20;

/// Looks for the comment on a pull request.
///
/// # Errors
/// As [`CommentStanding::look`].
pub(super) async fn look<H: Host>(context: &Context<H>, inputs: &Inputs, number: u64) -> Result<CommentStanding> {
    if !inputs.comment {
        return Ok(CommentStanding::NotAsked);
    }
    let component = inputs.component().map(ComponentName::as_str);
    let name = format!("version-bump{}", component.map(|name| format!(":{name}")).unwrap_or_default());
    CommentStanding::look(context, &name, number).await
}

/// Plans the comment: there is none where nothing would be released, but one that is there is kept right.
pub(crate) fn plan(plan: &Plan, preview: &Preview, standing: &CommentStanding) -> Option<NewComment> {
    let releases = preview.answers.iter().any(|answer| answer.bump != Bump::None);
    let mut text = body(plan, preview, ROWS);
    let notes = notes(plan);
    if text.chars().count() + notes.chars().count() < COMMENT_LIMIT {
        text += &notes;
    }
    standing.update(&text, releases)
}
