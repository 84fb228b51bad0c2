//! Planning: what the looks mean, and what is to be done about it.

mod steps;

use serde::Serialize;
use slipway_core::{Error, ErrorKind, Result};
use slipway_gitops::{Shipped, Verdict};

use crate::analysis::{Analysis, Replay};
use crate::canary::{Calibration, Ledger, Outlook};
use crate::check::Test;
use crate::engine::{Decision, Engine, Look};
use crate::evidence::{self, Seen};
use crate::facts::Facts;
use crate::inputs::{Inputs, Mode};
use crate::request::Request;
use crate::rollout::Foreseen;
use crate::state::State;
use crate::tally::Tally;
use crate::weigh::weigh;

pub(crate) use steps::{Effect, Obstacle, Recourse, Steps, steps};

/// What is concluded and what is to be done.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The deployment under judgement and what git says about it.
    pub state: Option<State>,
    /// What each check reads and when it is good, in the order of the checks.
    pub rules: Vec<Rule>,
    /// The verdict; none in `mode: plan`.
    pub decision: Option<Decision>,
    /// Who decides: the gate, or the person who asks.
    pub decided_by: String,
    /// What the release brought that was not there when all was well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipped: Option<Shipped>,
    /// The labels whose share of bad requests moved most, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved: Option<String>,
    /// What is to be done, in this order.
    pub steps: Steps,
    /// How the checks fared.
    pub checks: Vec<Tally>,
    /// Every look.
    pub looks: Vec<Look>,
    /// What the reports of the pipeline say.
    pub(crate) evidence: Vec<Seen>,
    /// How the analysis of the templates went; none without templates.
    pub analysis: Option<Analysis>,
    /// What a replay gave.
    pub replay: Option<Replay>,
    /// What the comparison of a canary will see; only in `mode: plan`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outlook: Option<Outlook>,
    /// The steps in which users get the release; none without a rollout.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rollout: Option<Foreseen>,
    /// What was learned of the canary, in this run and before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
    /// What the comparison would have done; only in `mode: calibrate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

impl Plan {
    /// Whether a hold has more to record than one before it had.
    pub(crate) fn has_more(&self) -> bool {
        self.ledger.is_some() || self.rollout.is_some()
    }
}

/// A check and what it does.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// The check as it is shown.
    pub check: String,
    /// What it reads and when it is good.
    pub rule: String,
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let looked = Engine::judge(&inputs.checks, inputs.terms, &facts.looks);
    if let (Some(request), Some(state)) = (&inputs.request, &facts.state) {
        request.check(state)?;
        check_weight(inputs, request, state)?;
    }
    let decided = facts.state.as_ref().filter(|state| state.is_decided());
    let decision = match (&inputs.request, decided) {
        (Some(request), _) => {
            Some(Decision { verdict: request.answer, reason: format!("{} asks for it", facts.decided_by) })
        }
        (None, Some(state)) => Some(Decision { verdict: Verdict::Rollback, reason: state.rollback_reason() }),
        (None, None) => judged(inputs, facts, looked.decision()),
    };
    let steps = match (&facts.state, &decision) {
        (Some(state), Some(decision)) => {
            steps(inputs.recourse(), decision.verdict, state, facts.ledger.is_some() || inputs.rollout.is_some())
        }
        _ => Steps::default(),
    };
    let planned = facts.looks.last().filter(|_| inputs.mode == Mode::Plan);
    let compared = planned.and_then(|look| look.canary.as_ref()).zip(inputs.canary.as_ref());
    let outlook =
        compared.map(|(compared, canary)| Outlook::new(compared, canary, inputs.interval, inputs.terms.duration));
    let calibration = match inputs.calibrate.as_ref().zip(facts.history.as_ref()) {
        Some((calibrate, history)) => {
            let calibration = Calibration::of(history, &inputs.names, inputs.terms.duration, calibrate.limits);
            Some(calibration.map_err(|error| error.context(format!("`{}`", calibrate.file)))?)
        }
        None => None,
    };
    let rules = inputs.checks.iter().map(|check| Rule {
        check: check.text.clone(),
        rule: match &check.test {
            Test::Probe(probe) => probe.rule(),
            Test::Inquiry(inquiry) => inquiry.rule(),
            Test::Measurement(measurement) => measurement.rule(&facts.found, inputs.minimum_requests),
        },
    });
    // What is good needs no place to look at.
    let is_doubtful = decision.as_ref().is_some_and(|decision| decision.verdict != Verdict::Promote);
    Ok(Plan {
        state: facts.state.clone(),
        rules: rules.collect(),
        decision,
        steps,
        decided_by: facts.decided_by.clone(),
        shipped: facts.shipped.clone(),
        moved: facts.moved.clone().filter(|_| is_doubtful),
        checks: looked.tallies,
        looks: facts.looks.clone(),
        evidence: facts.evidence.clone(),
        analysis: facts.analysis.clone(),
        replay: facts.replay.clone(),
        outlook,
        rollout: facts.ownership.as_ref().and_then(|ownership| {
            let progress = facts.state.as_ref().and_then(|state| state.progress.clone()).unwrap_or_default();
            Foreseen::new(inputs, ownership, &progress)
        }),
        ledger: facts.ledger.clone(),
        calibration,
    })
}

/// Refuses an answer that leaves users between two versions.
fn check_weight(inputs: &Inputs, request: &Request, state: &State) -> Result<()> {
    match state.progress.as_ref().filter(|_| inputs.rollout.is_none() && state.weight_for(request.answer).is_some()) {
        None => Ok(()),
        Some(progress) => {
            let (version, weight) = (state.version(), progress.weight);
            let message = format!("a rollout gave `{version}` to {weight} % of the users, who have to be moved too");
            let hint = "give `steps` with `weight` or `weight-command`, as the gate has them";
            Err(Error::new(ErrorKind::InvalidInput, message).hint(hint))
        }
    }
}

/// What the looks mean.
fn judged(inputs: &Inputs, facts: &Facts, looked: &Decision) -> Option<Decision> {
    match inputs.mode {
        Mode::Plan | Mode::Await | Mode::Calibrate | Mode::Rollback | Mode::Decide => None,
        Mode::Replay => facts.replay.as_ref().and_then(|replay| replay.analysis.as_ref()).map(Analysis::decide),
        // Users get the release only now; before that, reports alone can speak against it.
        Mode::Gate if inputs.rollout.is_some() => {
            let promoted = facts.state.as_ref().and_then(|state| state.record_of(Verdict::Promote));
            let before = promoted.map(|_| "all steps were taken by a run before this one".into());
            let before = before.map(|reason| Decision { verdict: Verdict::Promote, reason });
            before.or_else(|| evidence::decide(&facts.evidence).filter(|said| said.verdict != Verdict::Promote))
        }
        Mode::Gate => {
            let measured = facts.analysis.as_ref().map(Analysis::decide);
            let looked = (inputs.has_looks() && !facts.looks.is_empty()).then(|| looked.clone());
            weigh(looked.into_iter().chain(measured).chain(evidence::decide(&facts.evidence)))
        }
    }
}
