//! Deployments: commits of the branch that carry the trailers of a release.

use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId};
use slipway_core::{Host, Result};

use crate::history::{Commit, history};
use crate::{ConfigRepository, Release, Target, Trailers};
use slipway_core::text::one_line;

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Deployment {
    /// The commit of the config repository.
    pub commit: CommitId,
    /// When it was committed, in milliseconds since the Unix epoch.
    pub time: i64,
    /// What was deployed.
    pub release: Release,
    /// What it took back, if it was a rollback.
    pub rollback: Option<Rollback>,
}

/// What makes a deployment a rollback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Rollback {
    /// The deployment that was taken back.
    pub of: CommitId,
    /// Why.
    pub reason: String,
}

impl Rollback {
    fn write(&self, trailers: Trailers) -> Trailers {
        trailers.with("Rollback-Of", self.of.as_str()).with("Rollback-Reason", &self.reason)
    }

    fn read(trailers: &Trailers) -> Option<Self> {
        let of = trailers.one("Rollback-Of")?.parse().ok()?;
        Some(Self { of, reason: trailers.one("Rollback-Reason").unwrap_or_default().into() })
    }
}

impl Deployment {
    /// The message of the commit that deploys a release. The subject becomes one line; without one, it says what is deployed.
    pub fn message(subject: &str, release: &Release, rollback: Option<&Rollback>) -> String {
        let Release { component, version, environment, .. } = release;
        let subject = match one_line(subject) {
            empty if empty.is_empty() => format!("Deploy {component} {version} to {environment}"),
            subject => subject,
        };
        let trailers = release.write(Trailers::default());
        rollback.map_or(trailers.clone(), |rollback| rollback.write(trailers)).message(&subject)
    }

    pub(crate) fn read(commit: Commit) -> Option<Self> {
        let trailers = Trailers::parse(&commit.message);
        let release = Release::read(&trailers)?;
        Some(Self { commit: commit.id, time: commit.time, release, rollback: Rollback::read(&trailers) })
    }
}

impl<H: Host> ConfigRepository<'_, H> {
    /// The newest deployments of a component in an environment, newest first, at most `limit`; only those after `since`, if given.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn deployments(
        &self,
        target: &Target,
        since: Option<&CommitId>,
        limit: usize,
    ) -> Result<Vec<Deployment>> {
        let mut found = Vec::new();
        self.each_deployment(target, since, |deployment| {
            found.push(deployment);
            if found.len() < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })
        .await?;
        Ok(found)
    }

    /// Hands on the deployments of a component in an environment, newest first, until it is told to stop; only those after `since`, if
    /// given.
    ///
    /// # Errors
    /// `Git` if git fails.
    pub async fn each_deployment(
        &self,
        target: &Target,
        since: Option<&CommitId>,
        mut on_deployment: impl FnMut(Deployment) -> ControlFlow<()>,
    ) -> Result<()> {
        let is_wanted = |deployment: &Deployment| deployment.release.target() == *target;
        let read = |commit| match Deployment::read(commit).filter(is_wanted) {
            Some(deployment) => on_deployment(deployment),
            None => ControlFlow::Continue(()),
        };
        self.commits(self.deployments_log(since), read).await
    }

    /// The commits that can be deployments; git leaves out what cannot be, so that a long history costs little.
    pub(crate) fn deployments_log(&self, since: Option<&CommitId>) -> Argv {
        let log = history().flag("--fixed-strings").flag("--regexp-ignore-case").flag("--grep=Release-Environment");
        match since {
            Some(since) => log.end_of_options().range(since, self.head()),
            None => log.end_of_options().commit(self.head()),
        }
    }
}
