//! The guarded rollback: what a release wrote is taken back, and nothing else.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;
use slipway_core::git::{Argv, CommitId};
use slipway_core::image::{Digest, ImageTag};
use slipway_core::{Error, ErrorKind, Host, Result, WorkspacePath};

use crate::history::history;
use crate::undo::{Conflict, undo};
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
    /// The files that were added since, and go.
    pub removed: Vec<WorkspacePath>,
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
        let (mut changes, mut removed) = (Vec::new(), Vec::new());
        for (path, file) in files {
            match file.restored {
                same if same == file.head => {}
                Some(content) => changes.push(FileChange { path, content }),
                None => removed.push(path),
            }
        }
        let rollback = Rollback { of: failing.clone(), reason: reason.into() };
        let is_needed = !changes.is_empty() || !removed.is_empty();
        Ok(is_needed.then(|| Restoration { release: verified.release.clone(), rollback, changes, removed }))
    }

    /// Makes the commit of a restoration on top of the head that it was made from. It is not published yet.
    ///
    /// # Errors
    /// As [`ConfigRepository::commit`].
    pub async fn commit_restoration(&self, restoration: &Restoration) -> Result<Option<CommitId>> {
        let Restoration { changes, removed, .. } = restoration;
        self.git.commit_without(self.head(), changes, removed, &restoration.message()).await
    }

    /// The files that deployments changed, without these changes. The newest deployment comes first.
    async fn without(&self, deployments: &[Deployment]) -> Result<BTreeMap<WorkspacePath, Restored>> {
        let mut files: BTreeMap<WorkspacePath, Restored> = BTreeMap::new();
        for deployment in deployments {
            let changes = self.changes_of(deployment).await?;
            let objects = changes.iter().flat_map(|change| [&change.before, &change.after]).flatten();
            let objects: Vec<&str> = objects.map(String::as_str).collect();
            let mut contents = self.contents(&objects).await?.into_iter();
            let mut content = |object: Option<String>| object.and_then(|_| contents.next()).transpose();
            for Change { path, before, after } in changes {
                let (before, after) = (content(before)?, content(after)?);
                if !files.contains_key(&path) {
                    let head = self.file(self.head(), &path).await?;
                    files.insert(path.clone(), Restored { restored: head.clone(), head });
                }
                let Some(file) = files.get_mut(&path) else { continue };
                match undo_file(before.as_deref(), after.as_deref(), file.restored.as_deref()) {
                    Ok(restored) => file.restored = restored,
                    Err(conflict) => return Err(self.conflict(&path, deployment, &conflict).await),
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
            let parts: Vec<&str> = head.trim_start_matches(':').split(' ').collect();
            let (Ok(path), [before_mode, after_mode, before, after, _]) = (path.parse(), parts.as_slice()) else {
                return Err(only_files(commit, path));
            };
            match [blob(before_mode, before), blob(after_mode, after)] {
                [Some(before), Some(after)] => changes.push(Change { path, before, after }),
                _ => return Err(only_files(commit, path.as_str())),
            }
        }
        Ok(changes)
    }

    /// Names the deployment and the commit that changed what it wrote, and shows both.
    async fn conflict(&self, path: &WorkspacePath, deployment: &Deployment, conflict: &Conflict) -> Error {
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
        let mut message = format!("what `{commit}` wrote into `{path}` for `{version}` was changed since, by {who}");
        let Conflict { written, found } = conflict;
        message += &match (written.as_str(), found.as_str()) {
            ("", "") => String::new(),
            (written, "") => format!(": `{written}` is gone"),
            ("", found) => format!(": where it took lines away, there is `{found}`"),
            (written, found) => format!(": it wrote `{written}`, and there is `{found}`"),
        };
        Error::new(ErrorKind::UnexpectedCurrentValue, message)
            .hint("take it back by hand, or deploy the wanted release with config-updater")
    }
}

/// What a deployment did to a file; there is no content before it was added and after it was deleted.
struct Change {
    path: WorkspacePath,
    before: Option<String>,
    after: Option<String>,
}

struct Restored {
    head: Option<Vec<u8>>,
    restored: Option<Vec<u8>>,
}

/// A side of a change: nothing if there was no file, and no answer if it was a link or a submodule.
fn blob(mode: &str, id: &str) -> Option<Option<String>> {
    match mode {
        "000000" => Some(None),
        _ => mode.starts_with("100").then(|| Some(id.into())),
    }
}

fn only_files(commit: &CommitId, path: &str) -> Error {
    let message = format!("the deployment `{}` changed `{path}`, which is no file", commit.short());
    Error::new(ErrorKind::UnexpectedCurrentValue, message).hint("revert it by hand")
}

/// The current file without the change that led from `before` to `after`.
fn undo_file(
    before: Option<&[u8]>,
    after: Option<&[u8]>,
    current: Option<&[u8]>,
) -> std::result::Result<Option<Vec<u8>>, Conflict> {
    match (before, after, current) {
        (Some(before), Some(after), Some(current)) => undo(before, after, current).map(Some),
        // An added or a deleted file is taken back as a whole, if it is as it was left or taken back already.
        (before, after, current) if current == after || current == before => Ok(before.map(Into::into)),
        _ => Err(Conflict::default()),
    }
}

/// Whether the files name the images of the release again: what was edited by hand in between could have changed that.
fn check(release: &Release, files: &BTreeMap<WorkspacePath, Restored>) -> Result<()> {
    for image in &release.images {
        let texts = [image.digest.as_ref().map(Digest::as_str), image.tag.as_ref().map(ImageTag::as_str)];
        let contents = || files.values().filter_map(|file| file.restored.as_deref());
        let named = |text: &str| contents().any(|content| holds(content, text));
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
