//! Planning: what the looks mean, and what is to be done about it.

use serde::{Serialize, Serializer};
use slipway_core::git::CommitId;
use slipway_core::{Error, ErrorKind, Result};
use slipway_gitops::{Release, Verdict, VerdictRecord};

use crate::analysis::{Analysis, Replay};
use crate::canary::{Calibration, Ledger, Outlook};
use crate::check::Test;
use crate::engine::{Decision, Engine, Look, Tally};
use crate::evidence::{self, Seen};
use crate::facts::Facts;
use crate::inputs::{Inputs, Mode, OnFailure};
use crate::state::State;
use crate::weigh::weigh;

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
    /// What was learned of the canary, in this run and before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ledger: Option<Ledger>,
    /// What the comparison would have done; only in `mode: calibrate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// A check and what it does.
#[derive(Clone, Debug, Serialize)]
pub struct Rule {
    /// The check as it is shown.
    pub check: String,
    /// What it reads and when it is good.
    pub rule: String,
}

/// What is to be done about a verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Steps {
    /// The effects, in their order.
    pub effects: Vec<Effect>,
    /// Why a rollback that was asked for is not made.
    pub obstacle: Option<Obstacle>,
}

/// One thing to do, with what must hold for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Effect {
    /// Take the deployment back by a commit on the config branch.
    Restore {
        /// The deployment that fails; nothing newer may be deployed.
        failing: CommitId,
        /// What to go back to.
        verified: Box<VerdictRecord>,
        /// The commit that the branch must lead to.
        head: CommitId,
    },
    /// Watch until what was restored is healthy.
    Watch {
        /// What was restored.
        release: Box<Release>,
    },
    /// Append the verdict to the record.
    Record {
        /// The verdict.
        verdict: Verdict,
        /// The commit that the record must lead to.
        after: Option<CommitId>,
    },
}

/// Why a rollback that was asked for is not made: an error that did not keep the verdict from being recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Obstacle(pub(crate) Error);

impl Obstacle {
    fn nothing_verified(state: &State) -> Self {
        let Release { component, environment, .. } = &state.judged.release;
        let message = format!(
            "no other release of `{component}` was ever verified in `{environment}`, so there is nothing to go back to"
        );
        Self(Error::new(ErrorKind::NothingVerified, message).hint(
            "the failing release is still deployed: deploy a good one with config-updater, or stop the traffic by hand",
        ))
    }

    fn rolled_back_before(state: &State, earlier: &CommitId) -> Self {
        let message = format!(
            "`{}` was rolled back before, by `{}`, and deployed again; it is not rolled back a second time",
            state.version(),
            earlier.short()
        );
        Self(
            Error::new(ErrorKind::RolledBack, message)
                .hint("the failing release is still deployed: deploy another one"),
        )
    }
}

impl Serialize for Obstacle {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.to_json().serialize(serializer)
    }
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let mut engine = Engine::new(&inputs.checks, inputs.terms);
    let early = facts.looks.iter().map(|look| engine.look(look)).last().flatten();
    let replayed = facts.replay.as_ref().and_then(|replay| replay.analysis.as_ref());
    let restored = facts.state.as_ref().and_then(|state| state.restored.as_ref());
    let decision = match (restored, inputs.mode) {
        (Some(restored), _) => Some(Decision {
            verdict: Verdict::Rollback,
            reason: restored.rollback.as_ref().map(|rollback| rollback.reason.clone()).unwrap_or_default(),
        }),
        (None, Mode::Plan | Mode::Calibrate) => None,
        (None, Mode::Replay) => replayed.map(Analysis::decide),
        (None, Mode::Gate) => {
            let looks = inputs.has_looks() && !facts.looks.is_empty();
            let looked = looks.then(|| early.unwrap_or_else(|| engine.end()));
            let measured = facts.analysis.as_ref().map(Analysis::decide);
            weigh(looked.into_iter().chain(measured).chain(evidence::decide(&facts.evidence)))
        }
    };
    let steps = match (&facts.state, &decision) {
        (Some(state), Some(decision)) => steps(inputs.on_failure, decision.verdict, state, facts.ledger.is_some()),
        _ => Steps::default(),
    };
    let compared = facts.looks.last().and_then(|look| look.canary.as_ref()).zip(inputs.canary.as_ref());
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
    Ok(Plan {
        state: facts.state.clone(),
        rules: rules.collect(),
        decision,
        steps,
        checks: engine.into_tallies(),
        looks: facts.looks.clone(),
        evidence: facts.evidence.clone(),
        analysis: facts.analysis.clone(),
        replay: facts.replay.clone(),
        outlook: outlook.filter(|_| inputs.mode == Mode::Plan),
        ledger: facts.ledger.clone(),
        calibration,
    })
}

/// What a verdict leads to where git stands now. What git has already is not done again: a run that was ended in the middle is
/// continued, and one that was finished leads to nothing. But a hold is recorded again if the canary was compared for longer: the next run
/// goes on from there.
pub(crate) fn steps(on_failure: OnFailure, verdict: Verdict, state: &State, has_learned: bool) -> Steps {
    let mut steps = Steps::default();
    let mut watch = None;
    if let Some(restored) = state.restored.as_ref().filter(|_| verdict == Verdict::Rollback) {
        watch = Some(&restored.release);
    } else if verdict == Verdict::Rollback && on_failure == OnFailure::Rollback {
        match (&state.verified, &state.rolled_back_before) {
            (_, Some(earlier)) => steps.obstacle = Some(Obstacle::rolled_back_before(state, earlier)),
            (None, None) => steps.obstacle = Some(Obstacle::nothing_verified(state)),
            (Some(verified), None) => {
                steps.effects.push(Effect::Restore {
                    failing: state.judged.commit.clone(),
                    verified: Box::new(verified.clone()),
                    head: state.head.clone(),
                });
                watch = Some(&verified.release);
            }
        }
    }
    let is_recorded = state.record_of(verdict).is_some() && !(has_learned && verdict == Verdict::Hold);
    if let Some(release) = watch.filter(|_| !is_recorded || !steps.effects.is_empty()) {
        steps.effects.push(Effect::Watch { release: Box::new(release.clone()) });
    }
    if !is_recorded {
        steps.effects.push(Effect::Record { verdict, after: state.record.clone() });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::state;

    /// The steps as words.
    fn told(on_failure: OnFailure, verdict: Verdict, deployments: &[&str], verdicts: &[&str]) -> String {
        let steps = steps(on_failure, verdict, &state(deployments, verdicts).unwrap(), false);
        let effects = steps.effects.iter().map(|effect| match effect {
            Effect::Restore { failing, verified, .. } => {
                format!("{}→{}", &failing.as_str()[..1], verified.release.version)
            }
            Effect::Watch { release } => format!("watch {}", release.version),
            Effect::Record { verdict, .. } => format!("record {}", verdict.as_str()),
        });
        let obstacle = steps.obstacle.iter().map(|obstacle| format!("but {}", obstacle.0.kind().name()));
        effects.chain(obstacle).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn git_says_what_is_left_to_do() {
        use Verdict::{Hold, Promote, Rollback};
        const BOTH: &[&str] = &["a 1.0.0", "b 1.1.0"];
        const BACK: &[&str] = &["a 1.0.0", "b 1.1.0", "c 1.0.0 b"];
        const AGAIN: &[&str] = &["a 1.0.0", "b 1.1.0", "c 1.0.0 b", "d 1.1.0"];
        const FIRST: &[&str] = &["promote 1.0.0 a"];
        const DONE: &[&str] = &["promote 1.0.0 a", "rollback 1.1.0 b"];
        let act = OnFailure::Rollback;
        for (on_failure, verdict, deployments, verdicts, expected) in [
            (act, Promote, BOTH, FIRST, "record promote"),
            (act, Hold, BOTH, FIRST, "record hold"),
            (act, Hold, BOTH, &["promote 1.0.0 a", "hold 1.1.0 b"], ""),
            (act, Promote, BOTH, &["promote 1.0.0 a", "hold 1.1.0 b"], "record promote"),
            (act, Rollback, BOTH, FIRST, "b→1.0.0, watch 1.0.0, record rollback"),
            (OnFailure::Report, Rollback, BOTH, FIRST, "record rollback"),
            // What a run before only reported can still be carried out.
            (act, Rollback, BOTH, DONE, "b→1.0.0, watch 1.0.0"),
            (OnFailure::Report, Rollback, BOTH, DONE, ""),
            // A run that was ended in the middle, and one that was not.
            (act, Rollback, BACK, FIRST, "watch 1.0.0, record rollback"),
            (OnFailure::Report, Rollback, BACK, FIRST, "watch 1.0.0, record rollback"),
            (act, Rollback, BACK, DONE, ""),
            (act, Hold, BACK, FIRST, "record hold"),
            (act, Rollback, BOTH, &[], "record rollback, but nothing-verified"),
            (act, Rollback, AGAIN, DONE, "record rollback, but rolled-back"),
        ] {
            assert_eq!(
                told(on_failure, verdict, deployments, verdicts),
                expected,
                "{verdict:?} {deployments:?} {verdicts:?}"
            );
        }
    }
}
