//! Which branch a run is about.

use slipway_core::git::{BranchName, Git};
use slipway_core::{Context, Host, Result};

/// The branches that a run knows of.
#[derive(Debug, Default)]
pub(crate) struct Branches {
    /// The one that is released, or that a pull request would be merged into.
    pub target: Option<String>,
    /// The one that the changes are on: the head of a pull request, else the same.
    pub source: Option<String>,
    /// The one that is checked out, where it is another than the one that started the run.
    pub checked_out: Option<String>,
}

/// Finds the branches: the input `branch`, else what GitHub says of the event, else what is checked out, if anything is.
///
/// # Errors
/// `Git` if git fails.
pub(crate) async fn find<H: Host>(
    context: &Context<H>,
    git: Option<&Git<'_, H>>,
    given: Option<&BranchName>,
) -> Result<Branches> {
    let given = given.map(|branch| branch.as_str().to_owned());
    let environment = &context.environment;
    let variable = |name: &str| context.host.variable(name).filter(|text| !text.is_empty());
    if environment.event_name.starts_with("pull_request") {
        let event = |side: &str| environment.event_text(&["pull_request", side, "ref"]).map(str::to_owned);
        let target = given.or_else(|| variable("GITHUB_BASE_REF")).or_else(|| event("base"));
        let source = variable("GITHUB_HEAD_REF").or_else(|| event("head"));
        return Ok(Branches { target, source, checked_out: None });
    }
    if environment.event_name == "merge_group" {
        let base =
            environment.event_text(&["merge_group", "base_ref"]).and_then(|base| base.strip_prefix("refs/heads/"));
        return Ok(Branches { target: given.or_else(|| base.map(Into::into)), ..Branches::default() });
    }
    if given.is_some() {
        return Ok(Branches { target: given.clone(), source: given, checked_out: None });
    }
    let here = match git {
        Some(git) => git.checked_out().await?,
        None => None,
    };
    let here = here.as_ref().and_then(|name| name.as_str().strip_prefix("refs/heads/")).map(str::to_owned);
    let started = environment.branch().map(str::to_owned);
    let checked_out = here.clone().filter(|here| started.as_ref().is_some_and(|started| started != here));
    let target = started.or(here);
    Ok(Branches { source: target.clone(), target, checked_out })
}
