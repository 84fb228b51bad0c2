//! Carrying a plan out.
//!
//! A lost race is settled here and not by the driver: the driver would gather again and so watch the release all over, although a
//! push by somebody else says nothing about what was seen. Only what git says is read again, and the steps follow from that.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use slipway_core::git::CommitId;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Release, Verdict, VerdictRecord};

use crate::engine::Decision;
use crate::inputs::{Config, Inputs};
use crate::plan::{Effect, Obstacle, Plan, steps};
use crate::shown;
use crate::state::{LEDGER, State};
use crate::watch::{Watch, watch};

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
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome { decision: plan.decision.clone(), ..Outcome::default() };
    let (Some(config), Some(state)) = (&inputs.config, &plan.state) else { return Ok(outcome) };
    let mut round = 1;
    loop {
        let done = ConfigRepository::visit_environment(
            context,
            &config.location,
            &config.target.environment,
            async |repository| carry_out(context, inputs, config, plan, state, repository, &mut outcome).await,
        )
        .await;
        match done {
            Ok(()) => return Ok(outcome),
            Err(lost) if lost.kind() == ErrorKind::LostRace && round < ROUNDS => {
                context.log(&format!("{lost}; reading the config repository again (round {} of {ROUNDS})", round + 1));
                let share = 0.5 + f64::from(context.host.random()[0]) / 256.0;
                context.host.sleep((PAUSE * round).mul_f64(share)).await;
                round += 1;
            }
            Err(error) => return Err(with_what_was_done(error, &outcome)),
        }
    }
}

/// Does what git, as it is now, leaves to do.
async fn carry_out<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    config: &Config,
    plan: &Plan,
    planned: &State,
    repository: &ConfigRepository<'_, H>,
    outcome: &mut Outcome,
) -> Result<()> {
    let Some(decision) = &plan.decision else { return Ok(()) };
    let now = State::read(repository, &config.target).await?;
    let (decision, state) = match overtaken(decision, planned, &now) {
        // The verdict is about the release that was watched.
        Some(held) => (held, State { head: now.head, record: now.record, ..planned.clone() }),
        None => (decision.clone(), now),
    };
    outcome.decision = Some(decision.clone());
    let steps = steps(inputs.on_failure, decision.verdict, &state, plan.ledger.is_some());
    outcome.obstacle = steps.obstacle;
    outcome.record_commit = state.record_of(decision.verdict).cloned();
    if let Some(restored) = &state.restored {
        outcome.restored = Some(restored.release.clone());
        outcome.rollback_commit = Some(restored.commit.clone());
    }
    let mut failure = None;
    for effect in &steps.effects {
        match effect {
            Effect::Restore { failing, verified, head } => {
                let reason = with_note(&decision.reason, inputs);
                match restore(context, repository, failing, verified, head, &reason, outcome).await {
                    Ok(()) => outcome.restored = Some(verified.release.clone()),
                    Err(lost) if lost.kind() == ErrorKind::LostRace => return Err(lost),
                    Err(error) => match error.kind() {
                        ErrorKind::UnexpectedCurrentValue | ErrorKind::NothingVerified => {
                            outcome.obstacle = Some(Obstacle(error));
                        }
                        // The verdict is recorded all the same: nobody is to deploy this release again.
                        _ => failure = Some(error.context("the rollback could not be published")),
                    },
                }
            }
            Effect::Watch { release } => {
                if outcome.restored.is_some() && outcome.watch.is_none() {
                    outcome.watch = Some(watch(context, inputs, release.version.as_str()).await?);
                }
            }
            Effect::Record { verdict, .. } => {
                let log = repository.verdicts(&config.target).await?;
                let record = VerdictRecord {
                    verdict: *verdict,
                    release: state.judged.release.clone(),
                    config_commit: state.judged.commit.clone(),
                    decided_by: "rollback-gate".into(),
                    detail: detail(inputs, plan, &decision, outcome),
                };
                outcome.record_commit = Some(repository.record(&log, &record).await?);
            }
        }
    }
    failure.map_or(Ok(()), Err)
}

/// A verdict that no longer fits, because something else happened to the deployment while it was watched.
fn overtaken(decision: &Decision, planned: &State, now: &State) -> Option<Decision> {
    let hold = |reason| Some(Decision { verdict: Verdict::Hold, reason });
    if now.judged.commit != planned.judged.commit {
        // Nobody knows whose doing it was that was seen.
        return hold(format!("`{}` was deployed while `{}` was watched", now.version(), planned.version()));
    }
    match &now.restored {
        Some(restored) if decision.verdict != Verdict::Rollback => hold(format!(
            "`{}` was rolled back by `{}` while it was watched",
            planned.version(),
            restored.commit.short()
        )),
        _ => None,
    }
}

async fn restore<H: Host>(
    context: &Context<H>,
    repository: &ConfigRepository<'_, H>,
    failing: &CommitId,
    verified: &VerdictRecord,
    head: &CommitId,
    reason: &str,
    outcome: &mut Outcome,
) -> Result<()> {
    // Nothing to write: somebody took the deployment back by hand already.
    let Some(restoration) = repository.restoration(failing, verified, reason).await? else { return Ok(()) };
    let commit = repository.commit(head, &restoration.changes, &restoration.message()).await?;
    let Some(commit) = commit else { return Ok(()) };
    repository.publish(&commit).await?;
    let version = &restoration.release.version;
    context.log(&format!("`{version}` is restored by `{}` on `{}`", commit.short(), repository.branch()));
    outcome.rollback_commit = Some(commit);
    Ok(())
}

/// What the verdict rests on, for `verdict.json`.
fn detail(inputs: &Inputs, plan: &Plan, decision: &Decision, outcome: &Outcome) -> Value {
    json!({
        "reason": decision.reason,
        "note": inputs.reason,
        "checks": plan.checks,
        "rules": plan.rules,
        "looks": plan.looks.len(),
        "analysis": plan.analysis,
        LEDGER: plan.ledger,
        "evidence": plan.evidence,
        "watched": plan.looks.last().map(|look| shown::duration(Duration::from_millis(look.at))),
        "interval": shown::duration(inputs.interval),
        "failure-limit": inputs.terms.failure_limit,
        "rollback-commit": outcome.rollback_commit,
        "restored": outcome.restored.as_ref().map(|release| &release.version),
        "watch": outcome.watch,
    })
}

fn with_note(reason: &str, inputs: &Inputs) -> String {
    inputs.reason.as_ref().map_or(reason.to_owned(), |note| format!("{reason} ({note})"))
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
