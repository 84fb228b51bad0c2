//! What a verdict leads to, where git stands now.

use serde::{Serialize, Serializer};
use slipway_core::git::CommitId;
use slipway_core::{Error, ErrorKind};
use slipway_gitops::{Release, Verdict, VerdictRecord};

use crate::inputs::OnFailure;
use crate::state::State;

/// What is to be done about a verdict.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Steps {
    /// The effects, in their order.
    pub effects: Vec<Effect>,
    /// Why a rollback that was asked for is not made.
    pub obstacle: Option<Obstacle>,
    /// Why a rollback leaves the users of a rollout where they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmoved: Option<&'static str>,
}

/// One thing to do, with what must hold for it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Effect {
    /// Move the users of a rollout.
    Weight {
        /// The percentage that gets the release.
        weight: u8,
    },
    /// Take the deployment back by a commit on the config branch.
    Restore {
        /// The deployment that fails; nothing newer may be deployed.
        failing: CommitId,
        /// What to go back to.
        verified: Box<VerdictRecord>,
        /// The commit that the branch must lead to.
        head: CommitId,
        /// Whether the verdict is recorded by the same push, so that there is never one without the other.
        with_verdict: bool,
    },
    /// Let the user's command restore what is verified.
    Command {
        /// What to go back to.
        verified: Box<VerdictRecord>,
    },
    /// Watch until what was restored is healthy, and record how that ended.
    Watch {
        /// What was restored.
        release: Box<Release>,
        /// The deployment of it.
        commit: Option<CommitId>,
    },
    /// Append the verdict to the record.
    Record {
        /// The verdict.
        verdict: Verdict,
        /// The commit that the record must lead to.
        after: Option<CommitId>,
    },
}

/// What a verdict of rollback leads to, and who says so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recourse {
    /// Whether it is carried out.
    pub(crate) on_failure: OnFailure,
    /// Whether the user's command carries it out, and not a commit.
    pub(crate) by_command: bool,
    /// Whether nothing can be taken back.
    pub(crate) is_irreversible: bool,
    /// Whether a person asks, who may do it twice.
    pub(crate) by_person: bool,
    /// Whether the gate owns the weight of a rollout.
    pub(crate) owns_weight: bool,
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

    fn irreversible(state: &State) -> Self {
        let message =
            format!("`{}` is marked as irreversible, so that the version before could not run", state.version());
        Self(
            Error::new(ErrorKind::VerdictNegative, message)
                .hint("the failing release is still deployed: mend it forward with a new version"),
        )
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
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.to_json().serialize(serializer)
    }
}

/// What a verdict leads to where git stands now. What git has already is not done again: a run that was ended in the middle is
/// continued, and one that was finished leads to nothing. But a hold is recorded again if the canary was compared for longer: the next
/// run goes on from there.
pub(crate) fn steps(recourse: Recourse, verdict: Verdict, state: &State, has_learned: bool) -> Steps {
    let mut steps = Steps::default();
    let record = || Effect::Record { verdict, after: state.record.clone() };
    let is_recorded = state.record_of(verdict).is_some() && !(has_learned && verdict == Verdict::Hold);
    let mut watch = None;
    if verdict == Verdict::Rollback && recourse.owns_weight {
        steps.unmoved = unmoved(recourse, state);
    }
    let weight = state.weight_for(verdict).filter(|_| recourse.owns_weight && steps.unmoved.is_none());
    steps.effects.extend(weight.map(|weight| Effect::Weight { weight }));
    let moves = steps.effects.len();
    if verdict == Verdict::Rollback && state.restored.is_some() {
        watch = state.restored.as_ref().map(|restored| (&restored.release, Some(restored.commit.clone())));
    } else if verdict == Verdict::Rollback && state.settled.is_some() {
        watch = state.verified.as_ref().map(|verified| (&verified.release, None));
    } else if verdict == Verdict::Rollback && recourse.on_failure == OnFailure::Rollback {
        steps.obstacle = obstacle(recourse, state);
        if let Some(verified) = state.verified.as_ref().filter(|_| steps.obstacle.is_none()) {
            let (failing, head) = (state.judged.commit.clone(), state.head.clone());
            let boxed = Box::new(verified.clone());
            if recourse.by_command {
                // A command can be ended in the middle: the release is marked first.
                steps.effects.extend((!is_recorded).then(record));
                steps.effects.push(Effect::Command { verified: boxed });
            } else {
                steps.effects.push(Effect::Restore { failing, verified: boxed, head, with_verdict: !is_recorded });
            }
            watch = Some((&verified.release, None));
        }
    }
    let is_begun = steps.effects.len() > moves;
    if !is_recorded && !is_begun {
        steps.effects.push(record());
    }
    if let Some((release, commit)) = watch.filter(|_| is_begun || state.settled != Some(Verdict::Promote)) {
        steps.effects.push(Effect::Watch { release: Box::new(release.clone()), commit });
    }
    steps
}

/// What stands against sending users back, where some have the release.
fn unmoved(recourse: Recourse, state: &State) -> Option<&'static str> {
    state.progress.as_ref().filter(|progress| progress.moving || progress.weight > 0)?;
    if recourse.is_irreversible {
        Some("it is marked as irreversible, so that the version before could not run")
    } else if state.is_retired() {
        Some("`retire-command` ended the old version")
    } else {
        None
    }
}

/// What stands against a rollback.
fn obstacle(recourse: Recourse, state: &State) -> Option<Obstacle> {
    if recourse.is_irreversible {
        return Some(Obstacle::irreversible(state));
    }
    match (&state.verified, &state.rolled_back_before) {
        (_, Some(earlier)) if !recourse.by_person => Some(Obstacle::rolled_back_before(state, earlier)),
        (None, _) => Some(Obstacle::nothing_verified(state)),
        (Some(_), _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::tests::state;

    /// The steps as words.
    fn told(recourse: Recourse, verdict: Verdict, deployments: &[&str], verdicts: &[&str]) -> String {
        let steps = steps(recourse, verdict, &state(deployments, verdicts).unwrap(), false);
        let effects = steps.effects.iter().map(|effect| match effect {
            Effect::Restore { failing, verified, with_verdict, .. } => {
                let with = if *with_verdict { " with record rollback" } else { "" };
                format!("{}→{}{with}", &failing.as_str()[..1], verified.release.version)
            }
            Effect::Weight { weight } => format!("weight {weight}"),
            Effect::Command { verified } => format!("command {}", verified.release.version),
            Effect::Watch { release, .. } => format!("watch {}", release.version),
            Effect::Record { verdict, .. } => format!("record {}", verdict.as_str()),
        });
        let obstacle = steps.obstacle.iter().map(|obstacle| format!("but {}", obstacle.0.kind().name()));
        let unmoved = steps.unmoved.iter().map(|_| "users stay".to_owned());
        effects.chain(obstacle).chain(unmoved).collect::<Vec<_>>().join(", ")
    }

    const ACT: Recourse = Recourse {
        on_failure: OnFailure::Rollback,
        by_command: false,
        is_irreversible: false,
        by_person: false,
        owns_weight: false,
    };
    const REPORT: Recourse = Recourse { on_failure: OnFailure::Report, ..ACT };
    const BOTH: &[&str] = &["a 1.0.0", "b 1.1.0"];
    const BACK: &[&str] = &["a 1.0.0", "b 1.1.0", "c 1.0.0 b"];
    const AGAIN: &[&str] = &["a 1.0.0", "b 1.1.0", "c 1.0.0 b", "d 1.1.0"];
    const FIRST: &[&str] = &["promote 1.0.0 a"];
    const DONE: &[&str] = &["promote 1.0.0 a", "rollback 1.1.0 b"];

    #[test]
    fn git_says_what_is_left_to_do() {
        use Verdict::{Hold, Promote, Rollback};
        const HEALTHY: &[&str] = &["promote 1.0.0 a", "rollback 1.1.0 b", "promote 1.0.0 c"];
        const ILL: &[&str] = &["promote 1.0.0 a", "rollback 1.1.0 b", "hold 1.0.0 c"];
        for (recourse, verdict, deployments, verdicts, expected) in [
            (ACT, Promote, BOTH, FIRST, "record promote"),
            (ACT, Hold, BOTH, FIRST, "record hold"),
            (ACT, Hold, BOTH, &["promote 1.0.0 a", "hold 1.1.0 b"], ""),
            (ACT, Promote, BOTH, &["promote 1.0.0 a", "hold 1.1.0 b"], "record promote"),
            (ACT, Rollback, BOTH, FIRST, "b→1.0.0 with record rollback, watch 1.0.0"),
            (REPORT, Rollback, BOTH, FIRST, "record rollback"),
            // What a run before only reported can still be carried out.
            (ACT, Rollback, BOTH, DONE, "b→1.0.0, watch 1.0.0"),
            (REPORT, Rollback, BOTH, DONE, ""),
            // A run that was ended in the middle, and one that was not.
            (ACT, Rollback, BACK, FIRST, "record rollback, watch 1.0.0"),
            (REPORT, Rollback, BACK, FIRST, "record rollback, watch 1.0.0"),
            (ACT, Rollback, BACK, DONE, "watch 1.0.0"),
            (ACT, Rollback, BACK, ILL, "watch 1.0.0"),
            (ACT, Rollback, BACK, HEALTHY, ""),
            (ACT, Hold, BACK, FIRST, "record hold"),
            (ACT, Rollback, BOTH, &[], "record rollback, but nothing-verified"),
            (ACT, Rollback, AGAIN, DONE, "record rollback, but rolled-back"),
            (Recourse { by_person: true, ..ACT }, Rollback, AGAIN, DONE, "d→1.0.0 with record rollback, watch 1.0.0"),
            (Recourse { by_person: true, ..ACT }, Rollback, BOTH, &[], "record rollback, but nothing-verified"),
            (Recourse { is_irreversible: true, ..ACT }, Rollback, BOTH, FIRST, "record rollback, but verdict-negative"),
            (Recourse { is_irreversible: true, ..ACT }, Promote, BOTH, FIRST, "record promote"),
        ] {
            assert_eq!(
                told(recourse, verdict, deployments, verdicts),
                expected,
                "{verdict:?} {deployments:?} {verdicts:?}"
            );
        }
    }

    #[test]
    fn users_are_moved_before_anything_else() {
        use Verdict::{Hold, Promote, Rollback};
        const OWNER: Recourse = Recourse { owns_weight: true, ..ACT };
        const TEN: &[&str] = &["promote 1.0.0 a", "hold 1.1.0 b at-10"];
        for (recourse, verdict, verdicts, expected) in [
            (OWNER, Rollback, TEN, "weight 0, b→1.0.0 with record rollback, watch 1.0.0"),
            (
                Recourse { by_command: true, ..OWNER },
                Rollback,
                TEN,
                "weight 0, record rollback, command 1.0.0, watch 1.0.0",
            ),
            (Recourse { on_failure: OnFailure::Report, ..OWNER }, Rollback, TEN, "weight 0, record rollback"),
            (
                Recourse { is_irreversible: true, ..OWNER },
                Rollback,
                TEN,
                "record rollback, but verdict-negative, users stay",
            ),
            (OWNER, Promote, TEN, "weight 100, record promote"),
            (OWNER, Hold, TEN, ""),
            (
                Recourse { is_irreversible: true, on_failure: OnFailure::Report, ..OWNER },
                Rollback,
                TEN,
                "record rollback, users stay",
            ),
            // There is nothing left to send them back to.
            (
                OWNER,
                Rollback,
                &["promote 1.0.0 a", "promote 1.1.0 b retired-100"],
                "b→1.0.0 with record rollback, watch 1.0.0, users stay",
            ),
            // A command that moves them may have been ended in the middle.
            (
                OWNER,
                Rollback,
                &["promote 1.0.0 a", "hold 1.1.0 b moving-0"],
                "weight 0, b→1.0.0 with record rollback, watch 1.0.0",
            ),
            (OWNER, Promote, &["hold 1.1.0 b moving-100"], "weight 100, record promote"),
            (OWNER, Hold, &["hold 1.1.0 b moving-0"], ""),
            (ACT, Rollback, TEN, "b→1.0.0 with record rollback, watch 1.0.0"),
            (OWNER, Rollback, FIRST, "b→1.0.0 with record rollback, watch 1.0.0"),
            (OWNER, Rollback, &["promote 1.0.0 a", "hold 1.1.0 b at-0"], "b→1.0.0 with record rollback, watch 1.0.0"),
            (OWNER, Promote, &["promote 1.0.0 a", "promote 1.1.0 b at-100"], ""),
        ] {
            assert_eq!(told(recourse, verdict, BOTH, verdicts), expected, "{recourse:?} {verdict:?} {verdicts:?}");
        }
    }

    #[test]
    fn a_command_that_was_begun_is_seen_to_its_end() {
        let by_command = Recourse { by_command: true, ..ACT };
        for (verdicts, expected) in [
            (FIRST, "record rollback, command 1.0.0, watch 1.0.0"),
            (DONE, "command 1.0.0, watch 1.0.0"),
            (&["promote 1.0.0 a", "rollback 1.1.0 b begun"], "command 1.0.0, watch 1.0.0"),
            (&["promote 1.0.0 a", "rollback 1.1.0 b begun", "hold 1.0.0 a"], "watch 1.0.0"),
            (&["promote 1.0.0 a", "rollback 1.1.0 b begun", "promote 1.0.0 a"], ""),
        ] {
            assert_eq!(told(by_command, Verdict::Rollback, BOTH, verdicts), expected, "{verdicts:?}");
        }
    }
}
