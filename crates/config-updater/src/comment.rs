//! The comment on a pull request that tells what the summary does.

use slipway_core::github::CommentStanding;
use slipway_core::{Context, EnvironmentName, Host, Result};

use crate::inputs::{Inputs, Mode};

/// Looks for the comment, where one is asked for and a pull request started the run. Each mode, environment and component has its own.
///
/// # Errors
/// As [`CommentStanding::look`].
pub(crate) async fn look<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<CommentStanding> {
    let mode = match inputs.mode {
        Mode::Plan => "plan",
        Mode::Status => "status",
        _ => return Ok(CommentStanding::NotAsked),
    };
    let number = context.environment.pull_request().filter(|_| inputs.comment);
    let Some(number) = number else { return Ok(CommentStanding::NotAsked) };
    // What is no name of ours could end the marker early.
    let environment = inputs.environment.as_ref().filter(|name| name.parse::<EnvironmentName>().is_ok());
    let component = inputs.component.as_ref().map(ToString::to_string);
    let parts = [Some(mode.to_owned()), environment.cloned(), component];
    let name = parts.into_iter().flatten().collect::<Vec<_>>().join(":");
    CommentStanding::look(context, &format!("config-updater:{name}"), number).await
}
