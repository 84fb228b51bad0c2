//! What the config repository says of the component: what is deployed, what is verified, what was rolled back.

use serde::Serialize;
use slipway_core::git::CommitId;
use slipway_core::{Error, ErrorKind, Host, Result};
use slipway_gitops::{ConfigRepository, Deployment, Target, Verdict, VerdictLog, VerdictRecord};

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
    /// The newest verdict about this very deployment.
    pub recorded: Option<Verdict>,
    /// An earlier rollback of the same release, which was deployed again since.
    pub rolled_back_before: Option<CommitId>,
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
        Some(Self {
            head,
            record: log.tip.clone(),
            restored,
            verified: others.verified_release().cloned(),
            recorded: about_this.map(|entry| entry.record.verdict),
            rolled_back_before: earlier.map(|deployment| deployment.commit.clone()),
            judged,
        })
    }

    /// The version under judgement.
    pub(crate) fn version(&self) -> &str {
        self.judged.release.version.as_str()
    }
}
