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
use crate::facts::GATE;
use crate::inputs::{Config, Inputs, OnFailure};
use crate::plan::{Effect, Obstacle, Plan, steps};
use crate::state::{LEDGER, RESTORING, State};
use crate::watch::{Watch, watch};
use crate::{recovery, shown, telling};

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
}

pub(crate) async fn apply<H: Host>(context: &Context<H>, inputs: &Inputs, plan: &Plan) -> Result<Outcome> {
    let mut outcome = Outcome { decision: plan.decision.clone(), ..Outcome::default() };
    let (Some(config), Some(state)) = (&inputs.config, &plan.state) else {
        outcome.is_first = true;
        telling::tell(context, inputs, plan, &mut outcome, None).await;
        return Ok(outcome);
    };
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
            Ok(()) => {
                telling::tell(context, inputs, plan, &mut outcome, None).await;
                return Ok(outcome);
            }
            Err(lost) if lost.kind() == ErrorKind::LostRace && round < ROUNDS => {
                context.log(&format!("{lost}; reading the config repository again (round {} of {ROUNDS})", round + 1));
                let share = 0.5 + f64::from(context.host.random()[0]) / 256.0;
                context.host.sleep((PAUSE * round).mul_f64(share)).await;
                round += 1;
            }
            Err(error) => {
                telling::tell(context, inputs, plan, &mut outcome, Some(&error)).await;
                return Err(with_what_was_done(error, &outcome));
            }
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
    let now = State::read(repository, &config.target, inputs.wanted()).await?;
    let (decision, state) = match (&inputs.request, overtaken(decision, planned, &now)) {
        (Some(request), None) => {
            request.check(&now)?;
            (decision.clone(), now)
        }
        // Nobody asked about what is deployed now.
        (Some(_), Some(held)) => {
            return Err(Error::new(ErrorKind::VerdictNegative, format!("nothing was done: {}", held.reason))
                .hint("look at what is deployed now, and ask again"));
        }
        // The verdict is about the release that was watched.
        (None, Some(held)) => (held, State { head: now.head, record: now.record, ..planned.clone() }),
        (None, None) => (decision.clone(), now),
    };
    outcome.decision = Some(decision.clone());
    let steps = steps(inputs.recourse(), decision.verdict, &state, plan.ledger.is_some());
    outcome.obstacle = steps.obstacle;
    if let Some(commit) = state.record_of(decision.verdict) {
        outcome.record_commit = Some(commit.clone());
    }
    if let Some(restored) = &state.restored {
        outcome.restored = Some(restored.release.clone());
        outcome.rollback_commit = Some(restored.commit.clone());
    } else if let Some(verified) = state.verified.as_ref().filter(|_| state.settled.is_some()) {
        outcome.restored = Some(verified.release.clone());
    }
    let run = Run { context, inputs, plan, decision: &decision, state: &state, repository };
    let mut failure = None;
    for effect in &steps.effects {
        match effect {
            Effect::Restore { failing, verified, with_verdict, .. } => {
                match run.restore(failing, verified, *with_verdict, outcome).await {
                    Ok(()) => outcome.restored = Some(verified.release.clone()),
                    Err(error) => match error.kind() {
                        ErrorKind::LostRace => return Err(error),
                        ErrorKind::UnexpectedCurrentValue | ErrorKind::NothingVerified => {
                            outcome.obstacle = Some(Obstacle(error));
                        }
                        _ => failure = Some(error.context("the rollback could not be published")),
                    },
                }
                // The verdict is recorded in any case: nobody is to deploy this release again.
                if *with_verdict && !outcome.is_first {
                    run.record(decision.verdict, outcome).await?;
                }
            }
            Effect::Command { verified } => {
                let command = inputs.recovery.command.as_deref().unwrap_or_default();
                let reason = with_note(&decision.reason, inputs);
                recovery::run(context, command, &state, verified, &reason, inputs.restore_time).await?;
                outcome.restored = Some(verified.release.clone());
            }
            Effect::Watch { release, commit } => {
                if outcome.restored.is_some() {
                    run.watch(release, commit.as_ref(), outcome).await?;
                }
            }
            Effect::Record { verdict, .. } => run.record(*verdict, outcome).await?,
        }
    }
    failure.map_or(Ok(()), Err)
}

/// One round: what is done, with what git says at its start.
struct Run<'a, 'b, H> {
    context: &'a Context<H>,
    inputs: &'a Inputs,
    plan: &'a Plan,
    decision: &'a Decision,
    state: &'a State,
    repository: &'a ConfigRepository<'b, H>,
}

impl<H: Host> Run<'_, '_, H> {
    /// Restores a release by a commit. The verdict goes with it, so that a run that is ended here leaves both or neither; a remote
    /// that does not take both gets the commit, which matters more.
    async fn restore(
        &self,
        failing: &CommitId,
        verified: &VerdictRecord,
        with_verdict: bool,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let Self { repository, .. } = self;
        let reason = with_note(&self.decision.reason, self.inputs);
        let restoration = repository.restoration(failing, verified, &reason).await?;
        let commit = match &restoration {
            Some(restoration) => repository.commit_restoration(restoration).await?,
            None => None,
        };
        // Without a commit, somebody took the deployment back by hand already.
        let Some(commit) = commit else { return Ok(()) };
        outcome.rollback_commit = Some(commit.clone());
        let published = self.publish(&commit, with_verdict, outcome).await;
        match &published {
            Ok(()) => {
                let version = &verified.release.version;
                self.context.log(&format!(
                    "`{version}` is restored by `{}` on `{}`",
                    commit.short(),
                    repository.branch()
                ));
            }
            Err(_) => outcome.rollback_commit = None,
        }
        published
    }

    async fn publish(&self, commit: &CommitId, with_verdict: bool, outcome: &mut Outcome) -> Result<()> {
        let Self { repository, state, .. } = self;
        if with_verdict {
            let log = repository.verdicts(&state.judged.release.target()).await?;
            let record = self.verdict(self.decision.verdict, outcome);
            match repository.publish_with_verdict(commit, &log, &record).await {
                Ok(recorded) => {
                    outcome.record_commit = Some(recorded);
                    outcome.is_first = true;
                    return Ok(());
                }
                Err(refused) if refused.kind() == ErrorKind::PushRejected => {}
                Err(error) => return Err(error),
            }
        }
        repository.publish(commit).await
    }

    async fn record(&self, verdict: Verdict, outcome: &mut Outcome) -> Result<()> {
        let log = self.repository.verdicts(&self.state.judged.release.target()).await?;
        let record = self.verdict(verdict, outcome);
        outcome.record_commit = Some(self.repository.record(&log, &record).await?);
        outcome.is_first = true;
        Ok(())
    }

    fn verdict(&self, verdict: Verdict, outcome: &Outcome) -> VerdictRecord {
        VerdictRecord {
            verdict,
            release: self.state.judged.release.clone(),
            config_commit: self.state.judged.commit.clone(),
            decided_by: self.plan.decided_by.clone(),
            detail: self.detail(outcome),
        }
    }

    /// Watches what was restored, and records how that ended: a promote if it is healthy, a hold if it is not.
    async fn watch(&self, release: &Release, commit: Option<&CommitId>, outcome: &mut Outcome) -> Result<()> {
        let Self { context, inputs, state, repository, .. } = self;
        if outcome.watch.is_none() {
            outcome.watch = Some(watch(context, inputs, release.version.as_str()).await?);
        }
        let verdict = match outcome.watch.as_ref().and_then(|watch| watch.healthy) {
            Some(true) => Verdict::Promote,
            Some(false) => Verdict::Hold,
            None => return Ok(()),
        };
        let deployed = commit.or(outcome.rollback_commit.as_ref());
        let deployed = deployed.or_else(|| state.verified.as_ref().map(|verified| &verified.config_commit));
        let Some(deployed) = deployed.filter(|_| state.settled != Some(verdict)) else { return Ok(()) };
        let log = repository.verdicts(&release.target()).await?;
        let record = VerdictRecord {
            verdict,
            release: release.clone(),
            config_commit: deployed.clone(),
            decided_by: GATE.into(),
            detail: json!({ "restored-after": state.judged.commit, "watch": outcome.watch }),
        };
        repository.record(&log, &record).await.map(drop)
    }

    /// What the verdict rests on, for `verdict.json`.
    fn detail(&self, outcome: &Outcome) -> Value {
        let Self { inputs, plan, state, .. } = self;
        let mut detail = json!({
            "reason": self.decision.reason,
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
        });
        let is_carried_out = inputs.recourse().on_failure == OnFailure::Rollback && outcome.obstacle.is_none();
        if self.decision.verdict == Verdict::Rollback && inputs.recovery.command.is_some() && is_carried_out {
            detail[RESTORING] = json!(state.verified.as_ref().map(|verified| &verified.release.version));
        }
        detail
    }
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
