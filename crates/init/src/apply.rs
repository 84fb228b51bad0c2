//! Writes the proposals, one file after the other, and none over another.

use serde::Serialize;
use slipway_core::text::log_safe_lines;
use slipway_core::text::markdown::plain;
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::ask;
use crate::facts::standing_at;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::report;

/// What was done.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The files that were written.
    pub(crate) written: Vec<String>,
    /// The files that the person did not want.
    pub(crate) declined: Vec<String>,
}

/// Writes the files that are new. Without `yes`, shows the proposal and asks for each of them.
///
/// # Errors
/// `Io` if a file cannot be written, `LostRace` if something was put in its place meanwhile.
pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    if !inputs.yes {
        log_safe_lines(&plain(&report::proposal(plan))).for_each(|line| context.host.print(&line));
    }
    for file in plan.writes() {
        if !inputs.yes && !ask::yes(&format!("Write `{}`?", file.path)) {
            outcome.declined.push(file.path.clone());
            continue;
        }
        if standing_at(context, &plan.top, &file.path).await?.is_some() {
            let message = format!("something was put at `{}` meanwhile", file.path);
            return Err(Error::new(ErrorKind::AlreadyExists, message).hint("run it again"));
        }
        let path = format!("{}/{}", plan.top, file.path);
        if let Some((directory, _)) = path.rsplit_once('/') {
            context.host.create_directory(directory).await?;
        }
        context.host.write(&path, file.text.as_bytes()).await?;
        outcome.written.push(file.path.clone());
    }
    Ok(outcome)
}
