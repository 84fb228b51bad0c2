//! What the config repository says of the component: what is deployed, what is verified, what was rolled back.

use serde::{Deserialize, Serialize};
use slipway_core::git::CommitId;
use slipway_core::{Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Deployment, Target, Verdict, VerdictLog, VerdictRecord};

use crate::canary::Ledger;

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
    /// What runs before learned of this release's canary.
    #[serde(skip)]
    pub ledger: Option<Ledger>,
}

impl State {
    /// Reads the deployments and the record.
    ///
    /// # Errors
    /// `NotFound` if the component was never deployed; those of git.
    pub(crate) async fn read<H: Host>(repository: &ConfigRepository<'_, H>, target: &Target) -> Result<Self> {
        let deployments = repository.deployments(target, None, LIMIT).await?;
        let log = repository.verdicts(target).await?;
        Self::of(repository.head().clone(), deployments, &log).ok_or_else(|| {
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
    fn of(head: CommitId, deployments: Vec<Deployment>, log: &VerdictLog) -> Option<Self> {
        let newest = deployments.first()?;
        let by_commit = |commit: &CommitId| deployments.iter().find(|deployment| deployment.commit == *commit);
        let taken_back = newest.rollback.as_ref().and_then(|rollback| by_commit(&rollback.of));
        let judged = taken_back.unwrap_or(newest).clone();
        let restored = taken_back.map(|_| newest.clone());

        let earlier = deployments.iter().skip(usize::from(restored.is_some())).find(|deployment| {
            let of = deployment.rollback.as_ref().and_then(|rollback| by_commit(&rollback.of));
            of.is_some_and(|of| of.release.is_same(&judged.release))
        });
        // A promote of the very release that fails now is no release to go back to.
        let mut others = log.clone();
        others.entries.retain(|entry| !entry.record.release.is_same(&judged.release));
        let about_this = log.entries.iter().find(|entry| entry.record.config_commit == judged.commit);
        let ledgers = log.entries.iter().filter(|entry| entry.record.release.is_same(&judged.release));
        let ledger = ledgers.filter_map(|entry| Ledger::deserialize(entry.record.detail.get(LEDGER)?).ok()).next();
        Some(Self {
            head,
            ledger,
            record: log.tip.clone(),
            restored,
            verified: others.verified_release().cloned(),
            recorded: about_this.map(|entry| (entry.record.verdict, entry.commit.clone())),
            rolled_back_before: earlier.map(|deployment| deployment.commit.clone()),
            judged,
        })
    }

    /// The commit that holds a verdict about this deployment, if that is its newest one.
    pub(crate) fn record_of(&self, verdict: Verdict) -> Option<&CommitId> {
        self.recorded.as_ref().filter(|(recorded, _)| *recorded == verdict).map(|(_, commit)| commit)
    }

    /// The version under judgement.
    pub(crate) fn version(&self) -> &str {
        self.judged.release.version.as_str()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use slipway_gitops::{Release, Rollback, VerdictEntry};

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

    /// From deployments such as `a 1.0.0` or `c 1.0.0 b`, which takes `b` back, and verdicts such as `promote 1.0.0 a`, oldest first.
    pub(crate) fn state(deployments: &[&str], verdicts: &[&str]) -> Option<State> {
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
                detail: serde_json::Value::Null,
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
        State::of(id("f"), deployments.collect(), &log)
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
