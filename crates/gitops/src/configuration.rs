//! The config repository, fetched into a scratch repository of our own.

use slipway_core::git::{Argv, BranchName, CommitId, Git, Identity, RefName};
use slipway_core::{Context, EnvironmentName, Error, ErrorKind, Host, Result};

use crate::queue::NAMESPACE;
use crate::{ConfigLocation, RecordPlace, Remote};

/// The name of the remote in the scratch repository; its address, which can hold a password, stays out of argument lists.
pub(crate) const REMOTE: &str = "origin";

/// A branch of the config repository as it was when it was fetched.
///
/// Only commits are fetched at first; git fetches trees and files when they are read, where the server can do that.
#[derive(Debug)]
pub struct ConfigRepository<'a, H> {
    pub(crate) git: Git<'a, H>,
    pub(crate) remote: Remote,
    location: ConfigLocation,
    branch: BranchName,
    head: CommitId,
}

impl<'a, H: Host> ConfigRepository<'a, H> {
    /// Fetches the branch and lets `work` read and write the repository. The next visit of this run finds what was fetched still there,
    /// so that nothing is transferred twice.
    ///
    /// # Errors
    /// `NotFound` if the branch does not exist, `NotARepository` or `InvalidInput` if no address is known, `Network`, `Permission`,
    /// `Git`; and those of `work`.
    pub async fn visit<T>(
        context: &'a Context<H>,
        location: &ConfigLocation,
        work: impl AsyncFnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        let repository = Self::open(context, location).await?;
        let done = work(&repository).await;
        leave(context, &repository.git, repository.remote.address(), done.as_ref().err()).await;
        done
    }

    // What does not depend on the work is outside of `visit`, of which every caller has a copy.
    async fn open(context: &'a Context<H>, location: &ConfigLocation) -> Result<Self> {
        let remote = location.remote(context).await?;
        let address = remote.address().to_owned();
        let git = match context.take_kept(&address) {
            Some(directory) => Git::at(context, directory),
            None => {
                let git = Git::scratch(context).await?;
                git.set_origin(&address).await?;
                git
            }
        };
        let git = git.logging_in(&address).writing_as(Identity::workflow(), context.creation_time());
        let fetched = async {
            let connected = location.access().connect(git.clone()).await?;
            Self::fetch(connected, remote, location).await
        }
        .await;
        if let Err(error) = &fetched {
            leave(context, &git, &address, Some(error)).await;
        }
        fetched
    }

    /// Lets `work` read and write another place: in this repository if that is where the place is, else in one that is visited.
    ///
    /// # Errors
    /// Those of [`ConfigRepository::visit`] and of `work`.
    pub async fn elsewhere<T>(
        &self,
        context: &'a Context<H>,
        place: &ConfigLocation,
        work: impl AsyncFnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        match self.here(place).await? {
            Some(there) => work(&there).await,
            None => Self::visit(context, place, work).await,
        }
    }

    /// A place in this repository, fetched if it is another branch; none if it is elsewhere.
    async fn here(&self, place: &ConfigLocation) -> Result<Option<Self>> {
        if !self.location.is_same_repository(place) {
            return Ok(None);
        }
        let (git, remote) = (self.git.clone(), self.remote.clone());
        if place.branch().is_some_and(|branch| *branch != self.branch) {
            return Self::fetch(git, remote, place).await.map(Some);
        }
        let (branch, head) = (self.branch.clone(), self.head.clone());
        Ok(Some(Self { git, remote, location: place.clone(), branch, head }))
    }

    /// Visits the branch that an environment is on: the one that is located, unless `slipway.toml` says another. A file that cannot be
    /// understood is passed over, for a rollback must not wait until somebody has corrected it.
    ///
    /// # Errors
    /// Those of [`ConfigRepository::visit`] and of `work`.
    pub async fn visit_environment<T>(
        context: &'a Context<H>,
        location: &ConfigLocation,
        environment: &EnvironmentName,
        work: impl AsyncFnOnce(&Self) -> Result<T>,
    ) -> Result<T> {
        Self::visit(context, location, async |home| {
            let place = home.place_of(context, environment).await;
            home.elsewhere(context, &place, work).await
        })
        .await
    }

    /// Where an environment is, by what this place says.
    async fn place_of(&self, context: &Context<H>, environment: &EnvironmentName) -> ConfigLocation {
        let declared = self.settings().await.and_then(|settings| settings.environment(environment.as_str()));
        match declared {
            Ok((_, declared)) => self.location.of_environment(&declared),
            Err(error) => {
                context.log(&format!("{environment} is taken to be on `{}`: {error}", self.branch));
                self.location.clone()
            }
        }
    }

    async fn fetch(git: Git<'a, H>, remote: Remote, location: &ConfigLocation) -> Result<Self> {
        let branch = match location.branch() {
            Some(branch) => branch.clone(),
            None => default_branch(&git, &remote).await?,
        };
        let missing = || {
            Error::new(ErrorKind::NotFound, format!("`{remote}` has no branch `{branch}`"))
                .hint("set `config-branch` to the branch that is deployed from")
        };
        let name = branch.qualified();
        let fetched = git.bytes(fetch_branch(&branch)).await;
        if fetched.as_ref().is_err_and(|error| error.message().contains("couldn't find remote ref")) {
            return Err(missing());
        }
        fetched.map_err(|error| error.context(format!("`{remote}`")))?;
        let head = git.resolve(&name).await?.ok_or_else(missing)?;
        Ok(Self { git, remote, location: location.clone(), branch, head })
    }

    /// The branch that is deployed from.
    pub fn branch(&self) -> &BranchName {
        &self.branch
    }

    /// The newest commit of the branch, when it was fetched.
    pub fn head(&self) -> &CommitId {
        &self.head
    }

    /// Where the first verdict about a target would stand.
    pub(crate) fn record_place(&self) -> RecordPlace {
        self.location.record()
    }

    /// How the repository was reached.
    pub(crate) fn location(&self) -> &ConfigLocation {
        &self.location
    }

    /// Where the scratch repository is, until the visit ends.
    pub fn directory(&self) -> &str {
        self.git.directory()
    }

    /// Where the repository is.
    pub fn remote(&self) -> &Remote {
        &self.remote
    }

    /// The commit that a ref of the remote leads to at this moment.
    pub(crate) async fn remote_tip(&self, name: &RefName) -> Result<Option<CommitId>> {
        Ok(self.git.remote_refs(REMOTE, std::slice::from_ref(name)).await?.remove(name))
    }

    /// Whether a commit is part of the history of another; both must have been fetched.
    ///
    /// # Errors
    /// `Git`, if one of them is not there.
    pub async fn is_ancestor(&self, ancestor: &CommitId, of: &CommitId) -> Result<bool> {
        self.git.holds(Argv::new("merge-base").flag("--is-ancestor").commit(ancestor).commit(of)).await
    }
}

/// Keeps what was fetched for the next visit, if what ended this one left nothing half done.
async fn leave<H: Host>(context: &Context<H>, git: &Git<'_, H>, address: &str, error: Option<&Error>) {
    // Whatever else went wrong may have left locks behind.
    let is_sound = error.is_none_or(|error| error.kind() == ErrorKind::LostRace);
    if is_sound && git.disconnect().await.is_ok() {
        context.keep(address, git.directory());
    } else {
        context.discard(git.directory()).await;
    }
}

/// Fetches the commits of a ref, without trees and files where the server can leave them out.
pub(crate) fn fetch_commits(name: &RefName) -> Argv {
    fetching().end_of_options().revision(REMOTE).revision(&format!("+{name}:{name}"))
}

/// The start of a fetch of commits alone.
pub(crate) fn fetching() -> Argv {
    Argv::new("fetch").flag("--quiet").flag("--no-tags").flag("--filter=tree:0")
}

/// Fetches the commits of a branch, and the intents that wait for it (see [`crate::queue`]).
pub(crate) fn fetch_branch(branch: &BranchName) -> Argv {
    let (name, queue) = (branch.qualified(), format!("{NAMESPACE}{branch}/*"));
    let fetch = fetching().flag("--prune").end_of_options().revision(REMOTE);
    fetch.revision(&format!("+{name}:{name}")).revision(&format!("+{queue}:{queue}"))
}

async fn default_branch<H: Host>(git: &Git<'_, H>, remote: &Remote) -> Result<BranchName> {
    let listed = git
        .text(Argv::new("ls-remote").flag("--symref").end_of_options().revision(REMOTE).flag("HEAD"))
        .await
        .map_err(|error| error.context(format!("`{remote}`")))?;
    let target = listed.lines().find_map(|line| line.strip_prefix("ref: refs/heads/")?.strip_suffix("\tHEAD"));
    target.map(str::parse).transpose()?.ok_or_else(|| {
        Error::new(ErrorKind::NotFound, format!("`{remote}` has no default branch"))
            .hint("set `config-branch` to the branch that is deployed from")
    })
}
