//! An artifact of this run as the witness of reports that do not tell of which commit they are and how old.
//!
//! GitHub says for which commit the run is that uploaded the artifact, and when. That the report came out of it is the word of the
//! line's author: GitHub's digest is of what was uploaded, as a rule a zip archive, which `actions/download-artifact` checks and does
//! not leave behind.

use slipway_core::github::Client;
use slipway_core::{Context, Host};

use super::report::instant;

/// What an artifact tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Witness {
    /// Commits that the run is for: on a pull request its head, and the merge of it that jobs check out.
    pub(super) commits: Vec<String>,
    /// When it was uploaded, in milliseconds since the Unix epoch.
    pub(super) made: Option<i64>,
}

/// Asks GitHub for the newest artifact of this run that has a name.
///
/// # Errors
/// Why it tells nothing, for people.
pub(super) async fn ask<H: Host>(context: &Context<H>, name: &str) -> Result<Witness, String> {
    let run = &context.environment.run_id;
    let Some(repository) = context.environment.repository.as_ref().filter(|_| !run.is_empty()) else {
        return Err(format!("no run of GitHub Actions is there whose artifact `{name}` could tell its commit"));
    };
    let found = async { Client::new(context)?.artifacts(repository, run, name).await };
    let found = found.await.map_err(|error| format!("GitHub does not tell of the artifact `{name}`: {error}"))?;
    if found.is_empty() {
        return Err(format!("this run has no artifact `{name}`"));
    }
    let made = |text: &Option<String>| instant(text.as_deref()?);
    let kept = found.into_iter().filter(|artifact| !artifact.expired);
    let newest = kept.max_by_key(|artifact| made(&artifact.created_at));
    let newest = newest.ok_or_else(|| format!("the artifact `{name}` has expired"))?;
    let head = newest.workflow_run.and_then(|run| run.head_sha);
    let job = Some(context.environment.sha.clone()).filter(|sha| !sha.is_empty());
    Ok(Witness { made: made(&newest.created_at), commits: head.into_iter().chain(job).collect() })
}
