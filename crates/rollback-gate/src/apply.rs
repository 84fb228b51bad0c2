//! Carrying a plan out.
//!
//! A lost race is settled here and not by the driver: the driver would gather again and so watch the release all over, although a
//! push by somebody else says nothing about what was seen. Only what git says is read again, and the steps follow from that.

mod round;

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use slipway_core::git::CommitId;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Release, Verdict};

pub(crate) use round::Job;
use round::{Next, carry_out};

use crate::bake::bake as watch_longer;
use crate::engine::Decision;
use crate::inputs::{Inputs, Mode};
use crate::plan::{Obstacle, Plan};
use crate::rollout::{Progress, walk};
use crate::telling;
use crate::watch::Watch;

/// How often the steps are worked out anew after a lost race.
const ROUNDS: u32 = 20;
/// The pause before the first new round; each is longer than the one before.
const PAUSE: Duration = Duration::from_millis(100);

/// What was done.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// The verdict in the end: a release that another one replaced while it was watched is on hold.
    pub decision: Option<Decision>,
    /// The release that was restored, by this run or by one that was ended in the middle.
    pub restored: Option<Release>,
    /// The commit that restored it.
    pub rollback_commit: Option<CommitId>,
    /// Whether it became healthy.
    pub watch: Option<Watch>,
    /// The commit of the record that holds the verdict, by this run or by one before it.
    pub record_commit: Option<CommitId>,
    /// Why a rollback that was asked for was not made.
    pub obstacle: Option<Obstacle>,
    /// Whether this run recorded the verdict, and not one before it.
    pub is_first: bool,
    /// What could not be told to others.
    pub warnings: Vec<String>,
    /// How far the rollout came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Progress>,
    /// What was concluded while users got the release, in place of what was planned before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub judged: Option<Box<Plan>>,
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    let progress = plan.state.as_ref().and_then(|state| state.progress.clone());
    let mut outcome = Outcome { decision: plan.decision.clone(), progress, ..Outcome::default() };
    let walked = match &inputs.rollout {
        Some(rollout) if plan.decision.is_none() => match walk(context, inputs, rollout, plan, &mut outcome).await {
            Ok(walked) => Some(walked),
            Err(error) => {
                telling::tell(context, inputs, plan, &mut outcome, Some(&error)).await;
                return Err(with_what_was_done(error, &outcome));
            }
        },
        _ => None,
    };
    let plan = walked.as_ref().unwrap_or(plan);
    settle(context, inputs, plan, &mut outcome).await?;
    let is_promoted = outcome.decision.as_ref().is_some_and(|decision| decision.verdict == Verdict::Promote);
    let faulty = match inputs.bake.as_ref().filter(|_| is_promoted && inputs.mode == Mode::Gate) {
        Some(bake) => {
            let (faulty, warning) = watch_longer(context, inputs, bake, plan).await?;
            outcome.warnings.extend(warning);
            faulty
        }
        None => None,
    };
    if let Some(faulty) = &faulty {
        settle(context, inputs, faulty, &mut outcome).await?;
    }
    outcome.judged = faulty.or(walked).map(Box::new);
    Ok(outcome)
}

/// Does what a verdict leads to, and tells others.
async fn settle<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan, outcome: &mut Outcome) -> Result<()> {
    outcome.decision.clone_from(&plan.decision);
    outcome.is_first = plan.state.is_none();
    let done = match &plan.decision {
        Some(decision) => in_rounds(context, inputs, plan, Job::Settle(decision), outcome).await,
        None => Ok(None),
    };
    telling::tell(context, inputs, plan, outcome, done.as_ref().err()).await;
    done.map(drop).map_err(|error| with_what_was_done(error, outcome))
}

/// Does a job, on what git says; after a lost race it is read again. Gives the reason why a step was not taken.
///
/// # Errors
/// Those of git and of the user's commands.
pub(crate) async fn in_rounds<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    plan: &Plan,
    job: Job<'_>,
    outcome: &mut Outcome,
) -> Result<Option<Decision>> {
    let Some(config) = &inputs.config else { return Ok(None) };
    let mut round = 1;
    loop {
        let done = ConfigRepository::visit_environment(
            context,
            &config.location,
            &config.target.environment,
            async |repository| carry_out(context, inputs, plan, job, repository, &mut *outcome).await,
        )
        .await;
        match done {
            Ok(Next::Done) => return Ok(None),
            Ok(Next::Held(held)) => return Ok(Some(held)),
            Ok(Next::Again) => {}
            Err(lost) if lost.kind() == ErrorKind::LostRace && round < ROUNDS => {
                context.log(&format!("{lost}; reading the config repository again (round {} of {ROUNDS})", round + 1));
                let share = 0.5 + f64::from(context.host.random()[0]) / 256.0;
                context.host.sleep((PAUSE * round).mul_f64(share)).await;
                round += 1;
            }
            Err(error) => return Err(error),
        }
    }
}

/// Says what was done before the failure, so that nobody thinks that nothing was.
fn with_what_was_done(error: Error, outcome: &Outcome) -> Error {
    let error = match &outcome.rollback_commit {
        Some(commit) => error.context(format!("after the rollback by `{}` was published", commit.short())),
        None => error,
    };
    match serde_json::to_value(outcome) {
        Ok(done) => error.detail(json!({ "done": done })),
        Err(_) => error,
    }
}
