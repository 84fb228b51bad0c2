//! One round: what is done, with what git says at its start.

use std::time::Duration;

use serde_json::{Value, json};
use slipway_core::git::CommitId;
use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Release, Verdict, VerdictRecord};

use super::Outcome;
use crate::engine::Decision;
use crate::facts::GATE;
use crate::inputs::{Inputs, OnFailure};
use crate::plan::{Effect, Obstacle, Plan, steps};
use crate::rollout::{Progress, Step, set_weight};
use crate::state::{LEDGER, PROGRESS, RESTORING, State};
use crate::watch::watch;
use crate::{recovery, shown};

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Job<'a> {
    /// What a verdict leads to.
    Settle(&'a Decision),
    /// The last of these steps of a rollout; the others were taken.
    Take(&'a [Step]),
}

/// How a round ended.
#[derive(Debug)]
pub(super) enum Next {
    /// All is done.
    Done,
    /// The branch was moved by this round itself, so that git has to be read again.
    Again,
    /// The step was not taken.
    Held(Decision),
}

/// Does what git, as it is now, leaves to do.
pub(super) async fn carry_out<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    plan: &Plan,
    job: Job<'_>,
    repository: &ConfigRepository<'_, H>,
    outcome: &mut Outcome,
) -> Result<Next> {
    let (Some(config), Some(planned)) = (&inputs.config, &plan.state) else { return Ok(Next::Done) };
    let now = State::read(repository, &config.target, inputs.wanted()).await?;
    let decision = match job {
        Job::Settle(decision) => decision.clone(),
        Job::Take(steps) => {
            let reason = steps.last().map(|step| format!("the step `{step}` was taken"));
            Decision { verdict: Verdict::Hold, reason: reason.unwrap_or_default() }
        }
    };
    let held = overtaken(&decision, planned, &now);
    if let Job::Take(steps) = job {
        if let Some(held) = held {
            return Ok(Next::Held(held));
        }
        let round = Round { context, inputs, plan, decision: &decision, state: &now, repository };
        return round.take(steps, outcome).await;
    }
    let (decision, state) = match (&inputs.request, held) {
        (Some(request), None) => {
            request.check(&now)?;
            (decision, now)
        }
        // Nobody asked about what is deployed now.
        (Some(_), Some(held)) => {
            return Err(Error::new(ErrorKind::VerdictNegative, format!("nothing was done: {}", held.reason))
                .hint("look at what is deployed now, and ask again"));
        }
        // The verdict is about the release that was watched.
        (None, Some(held)) => (held, State { head: now.head, record: now.record, ..planned.clone() }),
        (None, None) => (decision, now),
    };
    outcome.decision = Some(decision.clone());
    let steps = steps(inputs.recourse(), decision.verdict, &state, plan.has_more());
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
    let round = Round { context, inputs, plan, decision: &decision, state: &state, repository };
    if let Some(why) = steps.unmoved {
        let warning = format!("the users stay with `{}`: {why}", state.version());
        if !outcome.warnings.contains(&warning) {
            context.log(&warning);
            outcome.warnings.push(warning);
        }
        // The next run takes no further step.
        let progress = outcome.progress.get_or_insert_with(|| state.progress.clone().unwrap_or_default());
        progress.aborted.get_or_insert_with(|| decision.reason.clone());
    }
    let mut failure = None;
    for effect in &steps.effects {
        match effect {
            Effect::Weight { weight } => match round.move_weight(*weight, outcome).await {
                Ok(true) => return Ok(Next::Again),
                Ok(false) => {}
                Err(lost) if lost.kind() == ErrorKind::LostRace => return Err(lost),
                Err(error) if decision.verdict != Verdict::Rollback => return Err(error),
                // Whoever cannot be sent back is better off with what was verified.
                Err(error) => failure = Some(error.context("the weight could not be moved")),
            },
            Effect::Restore { failing, verified, with_verdict, .. } => {
                let mut is_recorded = false;
                match round.restore(failing, verified, *with_verdict, outcome).await {
                    Ok(recorded) => {
                        is_recorded = recorded;
                        outcome.restored = Some(verified.release.clone());
                    }
                    Err(error) => match error.kind() {
                        ErrorKind::LostRace => return Err(error),
                        ErrorKind::UnexpectedCurrentValue | ErrorKind::NothingVerified => {
                            outcome.obstacle = Some(Obstacle(error));
                        }
                        _ => failure = Some(error.context("the rollback could not be published")),
                    },
                }
                // The verdict is recorded in any case: nobody is to deploy this release again.
                if *with_verdict && !is_recorded {
                    round.record(decision.verdict, outcome).await?;
                }
                outcome.is_first |= *with_verdict;
            }
            Effect::Command { verified } => {
                let command = inputs.recovery.command.as_deref().unwrap_or_default();
                let reason = with_note(&decision.reason, inputs);
                recovery::run(context, command, &state, verified, &reason, inputs.restore_time).await?;
                outcome.restored = Some(verified.release.clone());
            }
            Effect::Watch { release, commit } => {
                if outcome.restored.is_some() {
                    round.watch(release, commit.as_ref(), outcome).await?;
                }
            }
            Effect::Record { verdict, .. } => {
                round.record(*verdict, outcome).await?;
                outcome.is_first = true;
            }
        }
    }
    failure.map_or(Ok(Next::Done), Err)
}

/// What a round works with.
struct Round<'a, 'b, H> {
    context: &'a Context<H>,
    inputs: &'a Inputs,
    plan: &'a Plan,
    decision: &'a Decision,
    state: &'a State,
    repository: &'a ConfigRepository<'b, H>,
}

impl<H: Host> Round<'_, '_, H> {
    /// Takes the last of the steps, and records that it was taken; by one push, if it is a commit.
    async fn take(&self, steps: &[Step], outcome: &mut Outcome) -> Result<Next> {
        let mut progress = outcome.progress.clone().unwrap_or_default();
        let moved = match steps.last().and_then(Step::weight) {
            Some(weight) => self.set_weight(&mut progress, weight, outcome).await,
            None => Ok(None),
        };
        let commit = match moved {
            Err(error) if error.kind() == ErrorKind::UnexpectedCurrentValue => {
                return Ok(Next::Held(Decision { verdict: Verdict::Hold, reason: error.to_string() }));
            }
            moved => moved?,
        };
        progress.taken = steps.iter().map(ToString::to_string).collect();
        let before = outcome.progress.replace(progress);
        let done = match &commit {
            Some(commit) => self.publish_and_record(commit, outcome).await,
            None => self.record(Verdict::Hold, outcome).await,
        };
        if let Err(error) = done {
            outcome.progress = before;
            return Err(error);
        }
        Ok(Next::Done)
    }

    /// Moves the weight as a verdict asks for; tells whether the branch was moved.
    async fn move_weight(&self, weight: u8, outcome: &mut Outcome) -> Result<bool> {
        let mut progress = self.state.progress.clone().unwrap_or_default();
        if self.decision.verdict == Verdict::Rollback && progress.aborted.is_none() {
            progress.aborted = Some(self.decision.reason.clone());
        }
        let commit = self.set_weight(&mut progress, weight, outcome).await?;
        outcome.progress = Some(progress);
        match &commit {
            Some(commit) => self.publish_and_record(commit, outcome).await.map(|()| true),
            None => Ok(false),
        }
    }

    /// Moves the weight. A command can be ended in the middle: the record says before it that users are being moved, and if they are
    /// moved back, why.
    async fn set_weight(&self, progress: &mut Progress, weight: u8, outcome: &mut Outcome) -> Result<Option<CommitId>> {
        let Self { context, inputs, state, repository, .. } = self;
        let is_noted = outcome.progress.as_ref().is_some_and(|noted| noted.moving && noted.aborted == progress.aborted);
        if inputs.moves_by_command() && !is_noted {
            outcome.progress = Some(Progress { moving: true, ..progress.clone() });
            self.record(Verdict::Hold, outcome).await?;
        }
        let commit = set_weight(context, inputs, repository, &state.judged, progress, weight).await?;
        progress.moving = false;
        Ok(commit)
    }

    /// Publishes a commit together with a hold, which says how far the rollout came.
    async fn publish_and_record(&self, commit: &CommitId, outcome: &mut Outcome) -> Result<()> {
        match self.publish(commit, Some(Verdict::Hold), outcome).await? {
            true => Ok(()),
            false => self.record(Verdict::Hold, outcome).await,
        }
    }

    /// Restores a release by a commit. The verdict goes with it, so that a run that is ended here leaves both or neither; a remote
    /// that does not take both gets the commit, which matters more. Tells whether the verdict is recorded.
    async fn restore(
        &self,
        failing: &CommitId,
        verified: &VerdictRecord,
        with_verdict: bool,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        let Self { repository, .. } = self;
        let reason = with_note(&self.decision.reason, self.inputs);
        let restoration = repository.restoration(failing, verified, &reason).await?;
        let commit = match &restoration {
            Some(restoration) => repository.commit_restoration(restoration).await?,
            None => None,
        };
        // Without a commit, somebody took the deployment back by hand already.
        let Some(commit) = commit else { return Ok(false) };
        outcome.rollback_commit = Some(commit.clone());
        let published = self.publish(&commit, with_verdict.then_some(self.decision.verdict), outcome).await;
        match &published {
            Ok(_) => {
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

    /// Publishes a commit, with a verdict if the remote takes both; tells whether it did.
    async fn publish(&self, commit: &CommitId, verdict: Option<Verdict>, outcome: &mut Outcome) -> Result<bool> {
        let Self { repository, state, .. } = self;
        if let Some(verdict) = verdict {
            let log = repository.verdicts(&state.judged.release.target()).await?;
            let record = self.verdict(verdict, outcome);
            match repository.publish_with_verdict(commit, &log, &record).await {
                Ok(recorded) => {
                    outcome.record_commit = Some(recorded);
                    return Ok(true);
                }
                // Without the record the next run would not know what stood there before the first step.
                Err(refused) if refused.kind() == ErrorKind::PushRejected && self.is_going_back() => {}
                Err(error) => return Err(error),
            }
        }
        repository.publish(commit).await.map(|()| false)
    }

    fn is_going_back(&self) -> bool {
        self.decision.verdict == Verdict::Rollback
    }

    async fn record(&self, verdict: Verdict, outcome: &mut Outcome) -> Result<()> {
        let log = self.repository.verdicts(&self.state.judged.release.target()).await?;
        let record = self.verdict(verdict, outcome);
        outcome.record_commit = Some(self.repository.record(&log, &record).await?);
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
        if let Some(progress) = outcome.progress.as_ref().or(state.progress.as_ref()) {
            detail[PROGRESS] = json!(progress);
        }
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
