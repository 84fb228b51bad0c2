//! The guarded rollback: what a release wrote is taken back, and nothing else.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId};
use slipway_core::image::{Digest, ImageTag};
use slipway_core::{Error, ErrorKind, Host, Result, WorkspacePath};

use crate::history::history;
use crate::undo::undo;
use crate::{ConfigRepository, Deployment, FileChange, Release, Rollback, VerdictRecord};

/// How many deployments a rollback takes back at most.
const LIMIT: usize = 1000;

/// A rollback that is ready to be committed on the head that it was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Restoration {
    /// The release that will run again.
    pub release: Release,
    /// The deployment that fails.
    pub rollback: Rollback,
    /// The files with their new contents.
    #[serde(skip)]
    pub changes: Vec<FileChange>,
}

impl Restoration {
    /// The message of its commit.
    pub fn message(&self) -> String {
        let Release { component, environment, version, .. } = &self.release;
        let subject = format!("Roll back {component} in {environment} to {version}");
        Deployment::message(&subject, &self.release, Some(&self.rollback))
    }
}

impl<H: Host> ConfigRepository<'_, H> {
    /// Works out how to get from a failing deployment back to the verified release: every deployment of the component in the
    /// environment since then is taken back, newest first. Nothing if the verified release is what runs already.
    ///
    /// # Errors
    /// `UnexpectedCurrentValue` if something newer than the failing deployment is deployed, or somebody else changed what a
    /// deployment wrote; `NothingVerified` if the verified release is not in the history of the branch.
    pub async fn restoration(
        &self,
        failing: &CommitId,
        verified: &VerdictRecord,
        reason: &str,
    ) -> Result<Option<Restoration>> {
        let target = verified.release.target();
        match self.deployments(&target, None, 1).await?.first() {
            Some(newest) if newest.release.is_same(&verified.release) => return Ok(None),
            Some(newest) if newest.commit == *failing => {}
            Some(newest) => {
                let (release, commit) = (&newest.release.version, newest.commit.short());
                let newer =
                    format!("`{release}` was deployed since, by `{commit}`, so `{}` no longer runs", failing.short());
                return Err(Error::new(ErrorKind::UnexpectedCurrentValue, newer)
                    .hint("judge the newer deployment, or roll it back"));
            }
            None => {
                let none = format!("the history of `{}` has no deployment of {target}", self.branch());
                return Err(Error::new(ErrorKind::NotFound, none).hint("deploy with config-updater first"));
            }
        }
        let since = &verified.config_commit;
        if !self.is_ancestor(since, self.head()).await.unwrap_or(false) {
            let version = &verified.release.version;
            let lost = format!(
                "the verified release `{version}` was deployed by `{}`, which is not in the history of `{}`",
                since.short(),
                self.branch()
            );
            return Err(Error::new(ErrorKind::NothingVerified, lost)
                .hint("deploy the wanted release with config-updater, with `force` if it was rolled back"));
        }
        let undone = self.deployments(&target, Some(since), LIMIT).await?;
        let files = self.without(&undone).await?;
        check(&verified.release, &files)?;
        let changes = files.into_iter().filter(|(_, file)| file.head != file.restored);
        let changes: Vec<FileChange> =
            changes.map(|(path, file)| FileChange { path, content: file.restored }).collect();
        let rollback = Rollback { of: failing.clone(), reason: reason.into() };
        Ok((!changes.is_empty()).then(|| Restoration { release: verified.release.clone(), rollback, changes }))
    }

    /// The files that deployments changed, without these changes. The newest deployment comes first.
    async fn without(&self, deployments: &[Deployment]) -> Result<BTreeMap<WorkspacePath, Restored>> {
        let mut files: BTreeMap<WorkspacePath, Restored> = BTreeMap::new();
        for deployment in deployments {
            for change in self.changes_of(deployment).await? {
                let mut contents = self.contents(&[&change.before, &change.after]).await?.into_iter();
                let (Some(before), Some(after)) = (contents.next().transpose()?, contents.next().transpose()?) else {
                    continue;
                };
                if !files.contains_key(&change.path) {
                    let Some(head) = self.file(self.head(), &change.path).await? else {
                        return Err(self.conflict(&change.path, deployment).await);
                    };
                    files.insert(change.path.clone(), Restored { restored: head.clone(), head });
                }
                if let Some(file) = files.get_mut(&change.path) {
                    match undo(&before, &after, &file.restored) {
                        Ok(restored) => file.restored = restored,
                        Err(_) => return Err(self.conflict(&change.path, deployment).await),
                    }
                }
            }
        }
        Ok(files)
    }

    /// What a deployment changed, against its first parent.
    async fn changes_of(&self, deployment: &Deployment) -> Result<Vec<Change>> {
        let commit = &deployment.commit;
        let argv = Argv::new("diff-tree").flag("-r").flag("-z").flag("--no-renames").end_of_options();
        let listed = self.git.text(argv.revision(&format!("{commit}^1")).commit(commit)).await?;
        let mut fields = listed.split('\0');
        let mut changes = Vec::new();
        while let (Some(head), Some(path)) = (fields.next(), fields.next()) {
            // `:mode mode id id status`
            let parts: Vec<&str> = head.split(' ').collect();
            let (Ok(path), [before_mode, after_mode, before, after, "M"]) = (path.parse(), parts.as_slice()) else {
                return Err(Error::new(
                    ErrorKind::UnexpectedCurrentValue,
                    format!("the deployment `{}` did not only edit files: {path}", commit.short()),
                )
                .hint("revert it by hand"));
            };
            if before_mode.trim_start_matches(':').starts_with("100") && after_mode.starts_with("100") {
                changes.push(Change { path, before: (*before).into(), after: (*after).into() });
            }
        }
        Ok(changes)
    }

    /// Names the deployment and the commit that changed what it wrote.
    async fn conflict(&self, path: &WorkspacePath, deployment: &Deployment) -> Error {
        let log = history().flag("--max-count=1").end_of_options().range(&deployment.commit, self.head());
        let mut later = None;
        let found = self.commits(log.paths([path.as_str()]), |commit| {
            later = Some(commit.id);
            ControlFlow::Break(())
        });
        let who = match (found.await, later) {
            (Ok(()), Some(commit)) => format!("`{}`", commit.short()),
            _ => "somebody else".into(),
        };
        let (version, commit) = (&deployment.release.version, deployment.commit.short());
        let message = format!("what `{commit}` wrote into `{path}` for `{version}` was changed since, by {who}");
        Error::new(ErrorKind::UnexpectedCurrentValue, message)
            .hint("take it back by hand, or deploy the wanted release with config-updater")
    }
}

struct Change {
    path: WorkspacePath,
    before: String,
    after: String,
}

struct Restored {
    head: Vec<u8>,
    restored: Vec<u8>,
}

/// Whether the files name the images of the release again: what was edited by hand in between could have changed that.
fn check(release: &Release, files: &BTreeMap<WorkspacePath, Restored>) -> Result<()> {
    for image in &release.images {
        let texts = [image.digest.as_ref().map(Digest::as_str), image.tag.as_ref().map(ImageTag::as_str)];
        let named = |text: &str| files.values().any(|file| holds(&file.restored, text));
        if !texts.into_iter().flatten().any(named) {
            let missing = format!(
                "without the deployments since `{}`, no file names `{image}`: somebody else changed it",
                release.version
            );
            return Err(Error::new(ErrorKind::UnexpectedCurrentValue, missing)
                .hint("deploy the wanted release with config-updater"));
        }
    }
    Ok(())
}

fn holds(content: &[u8], text: &str) -> bool {
    content.windows(text.len()).any(|window| window == text.as_bytes())
}
