//! Taking the steps.

use std::time::Duration;

use slipway_core::{Context, Error, ErrorKind, Host, Result};
use slipway_gitops::Verdict;

use super::inputs::{RETIRE_COMMAND, Rollout};
use super::step::Step;
use crate::analysis::{self, AnalysisFiles, Metric, Selection};
use crate::apply::{Job, Outcome, in_rounds};
use crate::engine::{Decision, Engine};
use crate::gate::{self, Background, Watched};
use crate::inputs::Inputs;
use crate::look::Subject;
use crate::plan::Plan;
use crate::recovery;
use crate::state::State;
use crate::weigh::weigh;

impl Rollout {
    /// Checks what the steps say of templates, whose usual duration is given.
    ///
    /// # Errors
    /// `InvalidInput` if a template is not there; what cannot be right in them, or would measure too often in their time.
    pub(crate) fn check_templates(&self, files: &AnalysisFiles, usual: Duration) -> Result<()> {
        for step in &self.steps {
            analysis::check_times(&self.metrics(step, files)?, step.duration(usual).unwrap_or_default())?;
        }
        let before = self.background.as_ref().map_or(0, |(_, before)| *before);
        let left = self.steps.iter().skip(before).filter_map(|step| step.duration(usual)).sum();
        analysis::check_times(&self.background_metrics(files)?, left)
    }

    /// What a step measures.
    fn metrics(&self, step: &Step, files: &AnalysisFiles) -> Result<Vec<Metric>> {
        match step {
            Step::Analysis { template: Some(template), .. } => files.metrics(Selection::Only(template)),
            Step::Analysis { template: None, .. } => {
                files.metrics(Selection::Without(self.background.as_ref().map(|(template, _)| template.as_str())))
            }
            _ => Ok(Vec::new()),
        }
    }

    fn background_metrics(&self, files: &AnalysisFiles) -> Result<Vec<Metric>> {
        match &self.background {
            Some((template, _)) => files.metrics(Selection::Only(template)),
            None => Ok(Vec::new()),
        }
    }
}

/// Takes the steps that are left, one after the other, until one of them ends with a hold or a rollback. Gives the plan with what was
/// concluded.
///
/// # Errors
/// Those of git and of the user's commands, and what a person has to change.
pub(crate) async fn walk<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    rollout: &Rollout,
    plan: &Plan,
    outcome: &mut Outcome,
) -> Result<Plan> {
    let Some(state) = &plan.state else { return Err(Error::new(ErrorKind::Internal, "a rollout without a release")) };
    let files = inputs.analysis.files(context).await?;
    let metrics = rollout.background_metrics(&files)?;
    let watched = rollout.steps.iter().rposition(|step| step.duration(inputs.terms.duration).is_some());
    let reached = outcome.progress.as_ref().map_or(0, |progress| progress.reached(&rollout.steps));
    // What is measured in the background needs a time in which it is.
    let first = reached.min(watched.filter(|_| rollout.background.is_some()).unwrap_or(reached));
    let mut walk = Walk { context, inputs, rollout, files: &files, state, plan: plan.clone(), reason: String::new() };
    walk.plan.ledger.clone_from(&state.ledger);
    if reached == 0 && outcome.progress.as_ref().is_some_and(|progress| !progress.taken.is_empty()) {
        context.log("the steps are others now than those that were taken, so they begin anew");
        outcome.progress.get_or_insert_default().taken.clear();
    }
    let mut background = None;
    for (index, step) in rollout.steps.iter().enumerate().skip(first) {
        if background.is_none() && rollout.background.as_ref().is_some_and(|(_, before)| *before <= index) {
            let left = rollout.steps[index..].iter().filter_map(|step| step.duration(inputs.terms.duration));
            background = Some(Background::new(context, &metrics, left.sum()));
        }
        context.log(&format!("step {} of {}: {step}", index + 1, rollout.steps.len()));
        let watched = match step.duration(inputs.terms.duration) {
            Some(duration) => walk.watch(step, duration, background.as_mut()).await?,
            None => None,
        };
        let stopped = match watched {
            None if step.weight().is_some() || matches!(step, Step::Keep(_)) => {
                in_rounds(context, inputs, &walk.plan, Job::Take(&rollout.steps[..=index]), outcome).await?
            }
            watched => watched,
        };
        if let Some(Decision { verdict, reason }) = stopped {
            let reason = format!("step {} of {}, `{step}`: {reason}", index + 1, rollout.steps.len());
            return Ok(walk.end(Decision { verdict, reason }));
        }
    }
    if let Some(background) = background {
        let (analysis, decision) = background.finish(context);
        walk.plan.analysis = Some(analysis);
        if decision.verdict != Verdict::Promote {
            return Ok(walk.end(decision));
        }
    }
    if let Some(retire) = &rollout.retire {
        // A command can be ended in the middle: the record says before it that there may be nothing to send users back to.
        outcome.progress.get_or_insert_default().retired = true;
        if let Some(held) = in_rounds(context, inputs, &walk.plan, Job::Take(&rollout.steps), outcome).await? {
            return Ok(walk.end(held));
        }
        let release = &state.judged.release;
        recovery::shell(context, RETIRE_COMMAND.name, retire, release, &[], inputs.restore_time).await?;
    }
    let mut reason = format!("all {} steps were taken", rollout.steps.len());
    if !walk.reason.is_empty() {
        reason += &format!("; {}", walk.reason);
    }
    Ok(walk.end(Decision { verdict: Verdict::Promote, reason }))
}

struct Walk<'a, H> {
    context: &'a Context<H>,
    inputs: &'a Inputs,
    rollout: &'a Rollout,
    files: &'a AnalysisFiles,
    state: &'a State,
    /// What was planned, with what was seen last.
    plan: Plan,
    /// Why the release was good when it was judged last.
    reason: String,
}

impl<H: Host> Walk<'_, H> {
    /// Watches for a while; gives a decision that ends the rollout.
    async fn watch(
        &mut self,
        step: &Step,
        duration: Duration,
        mut background: Option<&mut Background<'_>>,
    ) -> Result<Option<Decision>> {
        let metrics = self.rollout.metrics(step, self.files)?;
        let is_preview = matches!(step, Step::Preview(_));
        let subject = match is_preview {
            true => Subject { checks: &self.rollout.preview, targets: &[], canary: None },
            false => Subject::of(self.inputs),
        };
        let terms = self.inputs.terms_for(&subject, duration);
        let watched = Watched { subject, metrics: &metrics, terms, deployment: Some(&self.state.judged) };
        let ledger = self.plan.ledger.clone().unwrap_or_default();
        let (surroundings, running) = (&self.files.sources.surroundings, background.as_deref_mut());
        let seen = gate::watch(self.context, self.inputs, surroundings, watched, running, ledger).await?;

        let judged = Engine::judge(subject.checks, terms, &seen.looks);
        let has_ended = !seen.looks.is_empty();
        // A step that does not judge ends the rollout only by a rollback, such as of a release that was never good.
        let ends = |end: &Decision| step.judges() || end.verdict == Verdict::Rollback;
        let looked = judged.certain.or_else(|| has_ended.then_some(judged.at_end).filter(ends));
        let measured = seen.analysis.as_ref().map(analysis::Analysis::decide);
        let failed = background.and_then(|background| background.failed());
        let decision = weigh(looked.into_iter().chain(measured).chain(failed));
        self.plan.checks = judged.tallies;
        // The looks of a preview are at other checks than the tables show.
        self.plan.looks = if is_preview { Vec::new() } else { seen.looks };
        self.plan.analysis = seen.analysis.or_else(|| self.plan.analysis.take());
        self.plan.moved = seen.moved.or_else(|| self.plan.moved.take());
        self.plan.ledger = seen.ledger.or_else(|| self.plan.ledger.take());
        Ok(match decision {
            Some(Decision { verdict: Verdict::Promote, reason }) => {
                self.reason = reason;
                None
            }
            decision => decision,
        })
    }

    fn end(self, decision: Decision) -> Plan {
        let moved = self.plan.moved.filter(|_| decision.verdict != Verdict::Promote);
        Plan { decision: Some(decision), moved, ..self.plan }
    }
}
