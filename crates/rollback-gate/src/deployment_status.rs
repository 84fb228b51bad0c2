//! How a release stands, told to GitHub for its pages of deployments and environments.

use slipway_core::github::{Client, DeploymentState, DeploymentStatus};
use slipway_core::input::{InputKind, InputSpec};
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Release, Verdict};
use url::Url;

use crate::apply::Outcome;
use crate::inputs::Config;
use crate::plan::Plan;

pub(crate) const DEPLOYMENT_STATUS: InputSpec = InputSpec::new(
    "deployment-status",
    InputKind::Boolean,
    "Whether GitHub is told how the deployment of the release's commit to the environment stands; without one, it is made. Needs \
     `deployments: write`. A failure is a warning.",
)
.default("false");
pub(crate) const ENVIRONMENT_URL: InputSpec =
    InputSpec::new("environment-url", InputKind::Text, "Address of what is deployed, for the deployment status.");

/// What is to be told: of which release, how it stands, and why. What failed is not done, so that nothing is a success.
fn standings<'a>(
    plan: &'a Plan,
    outcome: &'a Outcome,
    has_failed: bool,
) -> Vec<(&'a Release, DeploymentState, String)> {
    let (Some(state), Some(decision)) = (&plan.state, &outcome.decision) else { return Vec::new() };
    let is_overtaken = decision.verdict == Verdict::Hold
        && plan.decision.as_ref().is_some_and(|planned| planned.reason != decision.reason);
    let standing = match decision.verdict {
        Verdict::Promote => DeploymentState::Success,
        Verdict::Hold if is_overtaken => DeploymentState::Inactive,
        Verdict::Hold => DeploymentState::InProgress,
        Verdict::Rollback => DeploymentState::Failure,
    };
    let mut standings = vec![(&state.judged.release, standing, decision.reason.clone())];
    if let Some(restored) = outcome.restored.as_ref().filter(|_| decision.verdict == Verdict::Rollback) {
        let (standing, health) = match outcome.watch.as_ref().and_then(|watch| watch.healthy) {
            Some(true) => (DeploymentState::Success, "it is healthy"),
            Some(false) => (DeploymentState::Failure, "it is not healthy"),
            None => (DeploymentState::InProgress, "whether it is healthy is not known"),
        };
        let why = format!("restored instead of {}: {health}", state.version());
        standings.push((restored, standing, why));
    }
    for (_, standing, _) in standings.iter_mut().filter(|_| has_failed) {
        if *standing == DeploymentState::Success {
            *standing = DeploymentState::InProgress;
        }
    }
    standings
}

/// Tells GitHub how the release stands, and the one that was restored.
///
/// # Errors
/// Those of the API and of git; `NotFound` if the record does not say what the release was built from.
pub(crate) async fn tell<H: Host>(
    context: &Context<H>,
    config: &Config,
    environment_url: Option<&Url>,
    plan: &Plan,
    outcome: &Outcome,
    has_failed: bool,
) -> Result<()> {
    let Some(repository) = &context.environment.repository else {
        return Err(Error::new(ErrorKind::NotFound, "nobody says in which repository: `GITHUB_REPOSITORY` is not set"));
    };
    let environment = &config.target.environment;
    let named = ConfigRepository::visit(context, &config.location, async |home| {
        Ok(home.settings().await?.environment(environment.as_str())?.1.github_environment)
    });
    let environment = named.await?.unwrap_or_else(|| environment.to_string());
    let client = Client::new(context)?;
    for (release, state, description) in standings(plan, outcome, has_failed) {
        let Some(commit) = &release.source_commit else {
            let untold = format!("the record does not say which commit `{}` was built from", release.version);
            return Err(Error::new(ErrorKind::NotFound, untold));
        };
        let status = DeploymentStatus {
            state,
            description: &description,
            log_url: &context.environment.run_url,
            environment_url: environment_url.map_or("", Url::as_str),
        };
        client.tell_deployment(repository, &environment, commit.as_str(), &status).await?;
    }
    Ok(())
}
