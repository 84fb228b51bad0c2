//! What the config repository says of the component: what is deployed, what is verified, what was rolled back.

use serde::{Deserialize, Serialize};
use slipway_core::git::CommitId;
use slipway_core::{Error, ErrorKind, Host, Result};
use slipway_gitops::{
    ConfigRepository, Deployment, Release, ReleaseVersion, Target, Verdict, VerdictEntry, VerdictLog, VerdictRecord,
};

use crate::canary::Ledger;
use crate::rollout::Progress;

/// The key of a verdict's evidence that holds how far a rollout came.
pub(crate) const PROGRESS: &str = "rollout";
/// The key of a verdict's evidence that holds what was learned of the canary.
pub(crate) const LEDGER: &str = "canary";
/// How many deployments are read at most.
const LIMIT: usize = 1000;

/// The component as git has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct State {
    /// The newest commit of the config branch.
    pub head: CommitId,
    /// The newest commit of the record, which the next verdict follows.
    pub record: Option<CommitId>,
    /// The deployment under judgement: the newest one, or the one that the newest one took back.
    pub judged: Deployment,
    /// The rollback of it, if there was one and nothing was deployed since.
    pub restored: Option<Deployment>,
    /// The release to go back to: the newest one that is verified, other than the one under judgement.
    pub verified: Option<VerdictRecord>,
    /// The newest verdict about this very deployment, and the commit of the record that holds it.
    pub recorded: Option<(Verdict, CommitId)>,
    /// An earlier rollback of the same release, which was deployed again since.
    pub rolled_back_before: Option<CommitId>,
    /// The newest verdict on what was restored after this deployment was found bad: how the watch over it ended.
    pub settled: Option<Verdict>,
    /// Whether a rollback by command was begun, and not seen to its end.
    pub begun: bool,
    /// Why the newest verdict about this deployment was given.
    pub reason: Option<String>,
    /// The releases that could be restored, the newest promote first.
    pub candidates: Vec<ReleaseVersion>,
    /// How far the rollout of this deployment came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) progress: Option<Progress>,
    /// What runs before learned of this release's canary.
    #[serde(skip)]
    pub ledger: Option<Ledger>,
}

/// The key of a verdict's evidence that names the version which a command was to restore.
pub(crate) const RESTORING: &str = "restoring";
/// How many candidates are listed.
const CANDIDATES: usize = 10;

impl State {
    /// Reads the deployments and the record. The release to go back to is the one of a version, if a person named one.
    ///
    /// # Errors
    /// `NotFound` if the component was never deployed; those of git.
    pub(crate) async fn read<H: Host>(
        repository: &ConfigRepository<'_, H>,
        target: &Target,
        to: Option<&ReleaseVersion>,
    ) -> Result<Self> {
        let deployments = repository.deployments(target, None, LIMIT).await?;
        let log = repository.verdicts(target).await?;
        Self::of(repository.head().clone(), deployments, &log, to).ok_or_else(|| {
            let none = format!(
                "the branch `{}` of `{}` has no deployment of {target}",
                repository.branch(),
                repository.remote()
            );
            Error::new(ErrorKind::NotFound, none)
                .hint("deploy with config-updater first, and check `environment` and `component`")
        })
    }

    /// From deployments and verdicts, newest first.
    fn of(head: CommitId, deployments: Vec<Deployment>, log: &VerdictLog, to: Option<&ReleaseVersion>) -> Option<Self> {
        let is_wanted = |release: &Release| to.is_none_or(|version| release.version == *version);
        let newest = deployments.first()?;
        let by_commit = |commit: &CommitId| deployments.iter().find(|deployment| deployment.commit == *commit);
        // Whoever wants to go back further does not ask for what was restored already.
        let rollback = newest.rollback.as_ref().filter(|_| is_wanted(&newest.release));
        let taken_back = rollback.and_then(|rollback| by_commit(&rollback.of));
        let judged = taken_back.unwrap_or(newest).clone();
        let restored = taken_back.map(|_| newest.clone());

        let earlier = deployments.iter().skip(usize::from(restored.is_some())).find(|deployment| {
            let of = deployment.rollback.as_ref().and_then(|rollback| by_commit(&rollback.of));
            of.is_some_and(|of| of.release.is_same(&judged.release))
        });
        // A promote of the very release that fails now is no release to go back to.
        let mut others = log.clone();
        others.entries.retain(|entry| !entry.record.release.is_same(&judged.release));
        let others = others.verified_releases();
        let candidates = others.clone().map(|verified| verified.release.version.clone());
        let about_this = |entry: &&VerdictEntry| entry.record.config_commit == judged.commit;
        let recorded = log.entries.iter().find(about_this);
        let found_bad = recorded.filter(|entry| entry.record.verdict == Verdict::Rollback);
        let settled = found_bad.and_then(|_| {
            let later = log.entries.iter().take_while(|entry| !about_this(entry));
            let mut restored = later.filter(|entry| !entry.record.release.is_same(&judged.release));
            restored.next().map(|entry| entry.record.verdict)
        });
        let begun = found_bad.is_some_and(|entry| entry.record.detail.get(RESTORING).is_some());
        let ledgers = log.entries.iter().filter(|entry| entry.record.release.is_same(&judged.release));
        let ledger = ledgers.filter_map(|entry| Ledger::deserialize(entry.record.detail.get(LEDGER)?).ok()).next();
        let mut rollouts = log.entries.iter().filter(about_this).filter_map(|entry| entry.record.detail.get(PROGRESS));
        let progress = rollouts.next().and_then(|progress| Progress::deserialize(progress).ok());
        Some(Self {
            head,
            progress,
            ledger,
            record: log.tip.clone(),
            restored,
            verified: others.clone().find(|verified| is_wanted(&verified.release)).cloned(),
            candidates: candidates.take(CANDIDATES).collect(),
            recorded: recorded.map(|entry| (entry.record.verdict, entry.commit.clone())),
            rolled_back_before: earlier.map(|deployment| deployment.commit.clone()),
            reason: recorded.and_then(|entry| entry.record.detail["reason"].as_str()).map(Into::into),
            begun: begun && settled.is_none(),
            settled,
            judged,
        })
    }

    /// The commit that holds a verdict about this deployment, if that is its newest one.
    pub(crate) fn record_of(&self, verdict: Verdict) -> Option<&CommitId> {
        self.recorded.as_ref().filter(|(recorded, _)| *recorded == verdict).map(|(_, commit)| commit)
    }

    /// Whether the release was found bad and what follows from it is all that is left: there is nothing more to look at.
    pub(crate) fn is_decided(&self) -> bool {
        // A person may have promoted it since.
        let is_aborted = self.record_of(Verdict::Promote).is_none()
            && self.progress.as_ref().is_some_and(|progress| progress.aborted.is_some());
        self.restored.is_some() || self.begun || self.settled.is_some() || is_aborted
    }

    /// Whether the version that users could be sent back to may be gone.
    pub(crate) fn is_retired(&self) -> bool {
        self.progress.as_ref().is_some_and(|progress| progress.retired)
    }

    /// The percentage of users that a verdict gives the release; none if that many have it, or no rollout was begun.
    pub(crate) fn weight_for(&self, verdict: Verdict) -> Option<u8> {
        let weight = match verdict {
            Verdict::Rollback if self.is_retired() => return None,
            Verdict::Rollback => 0,
            Verdict::Promote => 100,
            Verdict::Hold => return None,
        };
        self.progress.as_ref().filter(|progress| progress.moving || progress.weight != weight).map(|_| weight)
    }

    /// Why the release was found bad, as far as git says.
    pub(crate) fn rollback_reason(&self) -> String {
        let rollback = self.restored.as_ref().and_then(|restored| restored.rollback.as_ref());
        let aborted = self.progress.as_ref().and_then(|progress| progress.aborted.as_ref());
        let reason = rollback.map(|rollback| &rollback.reason).or(aborted).or(self.reason.as_ref());
        reason.map_or_else(|| "a run before this one said so".into(), Clone::clone)
    }

    /// The version under judgement.
    pub(crate) fn version(&self) -> &str {
        self.judged.release.version.as_str()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use slipway_gitops::Rollback;

    use super::*;

    fn release(version: &str) -> Release {
        Release {
            component: "shop".parse().unwrap(),
            version: version.parse().unwrap(),
            images: vec![format!("shop:{version}").parse().unwrap()],
            environment: "staging".parse().unwrap(),
            source_commit: None,
            workflow_run: None,
        }
    }

    fn id(letter: &str) -> CommitId {
        letter.repeat(40).parse().unwrap()
    }

    /// From deployments such as `a 1.0.0` or `c 1.0.0 b`, which takes `b` back, and verdicts such as `promote 1.0.0 a`, or
    /// `rollback 1.1.0 b begun` by a command, or of a rollout `hold 1.1.0 b at-10` (`moving-10`, `retired-100`, `aborted`), oldest first.
    pub(crate) fn state(deployments: &[&str], verdicts: &[&str]) -> Option<State> {
        state_for(deployments, verdicts, None)
    }

    /// The same for somebody who wants to go back to a version.
    pub(crate) fn state_for(deployments: &[&str], verdicts: &[&str], to: Option<&str>) -> Option<State> {
        let deployments = deployments.iter().rev().map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            let rollback = words.get(2).map(|of| Rollback { of: id(of), reason: "slow".into() });
            Deployment { commit: id(words[0]), time: 0, release: release(words[1]), rollback }
        });
        let entries = verdicts.iter().rev().map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            let verdicts = [Verdict::Promote, Verdict::Hold, Verdict::Rollback];
            let record = VerdictRecord {
                verdict: *verdicts.iter().find(|verdict| verdict.as_str() == words[0]).unwrap(),
                release: release(words[1]),
                config_commit: id(words[2]),
                decided_by: "rollback-gate".into(),
                detail: match words.get(3).map(|word| word.split_once('-').unwrap_or((word, ""))) {
                    Some(("begun", _)) => serde_json::json!({ RESTORING: "1.0.0" }),
                    Some(("at", weight)) => {
                        serde_json::json!({ PROGRESS: { "weight": weight.parse::<u8>().unwrap() } })
                    }
                    Some((flag @ ("moving" | "retired"), weight)) => {
                        serde_json::json!({ PROGRESS: { "weight": weight.parse::<u8>().unwrap(), flag: true } })
                    }
                    Some(("aborted", _)) => serde_json::json!({ PROGRESS: { "aborted": "slow" } }),
                    _ => serde_json::Value::Null,
                },
            };
            VerdictEntry { commit: id("e"), time: 0, record }
        });
        let target = Target { environment: "staging".parse().unwrap(), component: "shop".parse().unwrap() };
        let log = VerdictLog {
            target,
            place: Default::default(),
            tip: (!verdicts.is_empty()).then(|| id("e")),
            entries: entries.collect(),
        };
        State::of(id("f"), deployments.collect(), &log, to.map(|to| to.parse().unwrap()).as_ref())
    }

    #[test]
    fn a_version_that_is_named_is_gone_back_to() {
        const DEPLOYMENTS: &[&str] = &["a 1.0.0", "b 1.1.0", "c 1.2.0", "d 1.1.0 c"];
        const VERDICTS: &[&str] = &["promote 1.0.0 a", "promote 1.1.0 b", "rollback 1.2.0 c"];
        for (to, judged, restored, verified) in [
            (None, "1.2.0", true, Some("1.1.0")),
            (Some("1.1.0"), "1.2.0", true, Some("1.1.0")),
            (Some("1.0.0"), "1.1.0", false, Some("1.0.0")),
            (Some("1.2.0"), "1.1.0", false, None),
            (Some("0.9.0"), "1.1.0", false, None),
        ] {
            let state = state_for(DEPLOYMENTS, VERDICTS, to).unwrap();
            let found = state.verified.as_ref().map(|verified| verified.release.version.as_str());
            assert_eq!((state.version(), state.restored.is_some(), found), (judged, restored, verified), "{to:?}");
        }
    }

    #[test]
    fn the_record_says_how_a_rollback_ended() {
        const BOTH: &[&str] = &["a 1.0.0", "b 1.1.0"];
        for (verdicts, begun, settled, decided) in [
            (&["promote 1.0.0 a"][..], false, None, false),
            (&["promote 1.0.0 a", "rollback 1.1.0 b"], false, None, false),
            (&["promote 1.0.0 a", "rollback 1.1.0 b begun"], true, None, true),
            (&["promote 1.0.0 a", "rollback 1.1.0 b begun", "hold 1.0.0 a"], false, Some(Verdict::Hold), true),
            (&["rollback 1.1.0 b begun", "hold 1.0.0 a", "promote 1.0.0 a"], false, Some(Verdict::Promote), true),
            (&["promote 1.0.0 a", "hold 1.1.0 b aborted"], false, None, true),
            // A person has the last word.
            (&["hold 1.1.0 b aborted", "promote 1.1.0 b aborted"], false, None, false),
        ] {
            let state = state(BOTH, verdicts).unwrap();
            assert_eq!((state.begun, state.settled, state.is_decided()), (begun, settled, decided), "{verdicts:?}");
        }
    }

    #[test]
    fn the_newest_deployment_is_judged_or_what_it_took_back() {
        for (deployments, verdicts, judged, restored, verified, recorded, before) in [
            (&["a 1.0.0"][..], &[][..], "1.0.0", None, None, None, false),
            (&["a 1.0.0"], &["promote 1.0.0 a"], "1.0.0", None, None, Some(Verdict::Promote), false),
            (&["a 1.0.0", "b 1.1.0"], &["promote 1.0.0 a"], "1.1.0", None, Some("1.0.0"), None, false),
            (
                &["a 1.0.0", "b 1.1.0"],
                &["promote 1.0.0 a", "hold 1.1.0 b"],
                "1.1.0",
                None,
                Some("1.0.0"),
                Some(Verdict::Hold),
                false,
            ),
            // Promoted, and bad all the same.
            (
                &["a 1.0.0", "b 1.1.0"],
                &["promote 1.0.0 a", "promote 1.1.0 b"],
                "1.1.0",
                None,
                Some("1.0.0"),
                Some(Verdict::Promote),
                false,
            ),
            // A verdict about an earlier deployment of the same release is none about this one.
            (&["a 1.0.0", "b 1.1.0", "c 1.0.0"], &["promote 1.0.0 a"], "1.0.0", None, None, None, false),
            // Rolled back, before or after the verdict was recorded.
            (
                &["a 1.0.0", "b 1.1.0", "c 1.0.0 b"],
                &["promote 1.0.0 a"],
                "1.1.0",
                Some("1.0.0"),
                Some("1.0.0"),
                None,
                false,
            ),
            (
                &["a 1.0.0", "b 1.1.0", "c 1.0.0 b"],
                &["promote 1.0.0 a", "rollback 1.1.0 b"],
                "1.1.0",
                Some("1.0.0"),
                Some("1.0.0"),
                Some(Verdict::Rollback),
                false,
            ),
            // And deployed again, or followed by a better one.
            (
                &["a 1.0.0", "b 1.1.0", "c 1.0.0 b", "d 1.1.0"],
                &["promote 1.0.0 a"],
                "1.1.0",
                None,
                Some("1.0.0"),
                None,
                true,
            ),
            (
                &["a 1.0.0", "b 1.1.0", "c 1.0.0 b", "d 1.1.1"],
                &["promote 1.0.0 a"],
                "1.1.1",
                None,
                Some("1.0.0"),
                None,
                false,
            ),
            // What a rollback names is not in the history.
            (&["a 1.0.0", "c 1.0.0 d"], &[], "1.0.0", None, None, None, false),
        ] {
            let state = state(deployments, verdicts).unwrap();
            let version = |release: &Release| release.version.as_str().to_owned();
            let seen = (
                state.judged.release.version.as_str(),
                state.restored.as_ref().map(|newest| version(&newest.release)),
                state.verified.as_ref().map(|verified| version(&verified.release)),
                state.recorded.map(|(verdict, _)| verdict),
                state.rolled_back_before.is_some(),
            );
            let expected = (judged, restored.map(str::to_owned), verified.map(str::to_owned), recorded, before);
            assert_eq!(seen, expected, "{deployments:?} {verdicts:?}");
        }
        assert!(state(&[], &["promote 1.0.0 a"]).is_none());
    }
}
