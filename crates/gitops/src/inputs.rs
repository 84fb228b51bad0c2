//! The inputs that every action with a config repository has.

use slipway_core::git::BranchName;
use slipway_core::github::RepositoryName;
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::{Context, Error, Host, Result};

use crate::Remote;

/// Where the release runs.
pub const ENVIRONMENT: InputSpec =
    InputSpec::new("environment", InputKind::Text, "Environment that is deployed to, such as `production`.");

/// What is released.
pub const COMPONENT: InputSpec =
    InputSpec::new("component", InputKind::Text, "Component that is released, such as `shop`.");

/// The config repository.
pub const CONFIG_REPOSITORY: InputSpec = InputSpec::new(
    "config-repository",
    InputKind::Text,
    "Repository that holds the configuration: `owner/name` on the runner's server, an https address, or an absolute path. \
     Without it, this repository's `origin`.",
);

/// Its branch.
pub const CONFIG_BRANCH: InputSpec = InputSpec::new(
    "config-branch",
    InputKind::Text,
    "Branch of the config repository. Without it, the default branch of the remote.",
);

/// The config repository as the inputs name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigLocation {
    repository: Repository,
    /// None for the remote's default branch.
    branch: Option<BranchName>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Repository {
    Own,
    OnServer(RepositoryName),
    At(Remote),
}

impl ConfigLocation {
    /// Reads [`CONFIG_REPOSITORY`] and [`CONFIG_BRANCH`]. Errors are noted in the reader.
    pub fn read(reader: &mut Reader) -> Self {
        let branch = reader.parsed(CONFIG_BRANCH.name);
        let repository = match reader.optional(CONFIG_REPOSITORY.name) {
            None => Repository::Own,
            Some(text) => match (text.parse(), text.parse()) {
                (Ok(name), _) => Repository::OnServer(name),
                (Err(_), Ok(remote)) => Repository::At(remote),
                (Err(_), Err(error)) => {
                    reader.refuse(CONFIG_REPOSITORY.name, error);
                    Repository::Own
                }
            },
        };
        Self { repository, branch }
    }

    /// The same repository, on this branch.
    #[must_use]
    pub fn on_branch(&self, branch: BranchName) -> Self {
        Self { branch: Some(branch), ..self.clone() }
    }

    /// A repository by its address.
    pub fn at(remote: Remote, branch: Option<BranchName>) -> Self {
        Self { repository: Repository::At(remote), branch }
    }

    /// The branch, if one is named.
    pub fn branch(&self) -> Option<&BranchName> {
        self.branch.as_ref()
    }

    /// The address that git gets.
    ///
    /// # Errors
    /// As [`Remote::own`].
    pub async fn remote<H: Host>(&self, context: &Context<H>) -> Result<Remote> {
        match &self.repository {
            Repository::Own => Remote::own(context).await,
            Repository::OnServer(name) => {
                Remote::on_server(context, name).map_err(|e: Error| e.context("`GITHUB_SERVER_URL`"))
            }
            Repository::At(remote) => Ok(remote.clone()),
        }
    }
}
