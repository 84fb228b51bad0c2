//! The inputs that every action with a config repository has.

use std::str::FromStr;

use slipway_core::git::BranchName;
use slipway_core::github::RepositoryName;
use slipway_core::input::{InputKind, InputSpec, Reader};
use slipway_core::{Context, EnvironmentName, Error, ErrorKind, Host, Result};

use crate::settings::EnvironmentSettings;
use crate::{ConfigAccess, FreezeWindow, RecordPlace, Remote};

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

/// Where verdicts stand.
pub const RECORD: InputSpec = InputSpec::new(
    "record",
    InputKind::Choice(&["ref", "branch"]),
    "Where verdicts stand: `ref` is `refs/slipway/<environment>/<component>`, `branch` the branch \
     `slipway-record/<environment>/<component>`, for remotes that refuse other refs. Without it, as `slipway.toml` says, else \
     `ref`.",
);

/// Where a release must be verified first.
pub const PROMOTE_FROM: InputSpec = InputSpec::new(
    "promote-from",
    InputKind::Text,
    "Environment in which a release must be verified before it is deployed to this one. Without `images`, `values` and \
     `changes`, what is verified there is deployed. `slipway.toml` can say it for all workflows.",
);

/// When nothing is deployed.
pub const FREEZE: InputSpec = InputSpec::new(
    "freeze",
    InputKind::List,
    "Times at which nothing is deployed, one a line, such as `Fri 16:00 .. Mon 08:00 Europe/Berlin` or \
     `2026-12-20 .. 2027-01-03`; those of `slipway.toml` hold too.",
);

/// Why nothing is deployed.
pub const LOCKED: InputSpec = InputSpec::new(
    "locked",
    InputKind::Text,
    "Why nothing is deployed to the environment at present. `slipway.toml` can say it for all workflows.",
);

/// What inputs say of the environment, beside what `slipway.toml` says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnvironmentRules {
    /// From [`PROMOTE_FROM`].
    pub promote_from: Option<EnvironmentName>,
    /// From [`FREEZE`].
    pub freeze: Vec<FreezeWindow>,
    /// From [`LOCKED`].
    pub locked: Option<String>,
}

impl EnvironmentRules {
    /// Reads [`PROMOTE_FROM`], [`FREEZE`] and [`LOCKED`]. Errors are noted in the reader.
    pub fn read(reader: &mut Reader) -> Self {
        Self {
            promote_from: reader.parsed(PROMOTE_FROM.name),
            freeze: reader.parsed_list(FREEZE.name),
            locked: reader.optional(LOCKED.name),
        }
    }
}

/// The config repository as the inputs name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigLocation {
    repository: Option<RepositoryAddress>,
    /// None for the remote's default branch.
    branch: Option<BranchName>,
    /// None for where they are.
    record: Option<RecordPlace>,
    access: ConfigAccess,
}

/// The address of a repository: `owner/name` on the runner's server, or what git takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryAddress(Address);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Address {
    OnServer(RepositoryName),
    At(Remote),
}

impl RepositoryAddress {
    /// Whether it is on the server of another one, so that a login there is one here.
    fn is_beside(&self, other: Option<&Self>) -> bool {
        match (&self.0, other.map(|other| &other.0)) {
            (Address::OnServer(_), Some(Address::OnServer(_))) => true,
            (Address::At(this), Some(Address::At(other))) => this.is_beside(other),
            _ => false,
        }
    }
}

impl FromStr for RepositoryAddress {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.parse() {
            Ok(name) => Ok(Self(Address::OnServer(name))),
            Err(_) => Ok(Self(Address::At(text.parse()?))),
        }
    }
}

impl ConfigLocation {
    /// Reads [`CONFIG_REPOSITORY`], [`CONFIG_BRANCH`] and [`RECORD`]. Errors are noted in the reader.
    pub fn read(reader: &mut Reader) -> Self {
        let branch = reader.parsed(CONFIG_BRANCH.name);
        let repository = reader.parsed(CONFIG_REPOSITORY.name);
        Self { repository, branch, record: reader.parsed(RECORD.name), access: ConfigAccess::default() }
    }

    /// The same repository, on this branch.
    #[must_use]
    pub fn on_branch(&self, branch: BranchName) -> Self {
        Self { branch: Some(branch), ..self.clone() }
    }

    /// Where the files, deployments and verdicts of an environment are, if this is where `slipway.toml` is.
    #[must_use]
    pub fn of_environment(&self, settings: &EnvironmentSettings) -> Self {
        let elsewhere = settings.repository.is_some();
        Self {
            repository: settings.repository.clone().or_else(|| self.repository.clone()),
            branch: settings.branch.clone().or_else(|| self.branch.clone().filter(|_| !elsewhere)),
            record: self.record.or(settings.record),
            access: match &settings.repository {
                Some(other) if !other.is_beside(self.repository.as_ref()) => self.access.without_login(),
                _ => self.access.clone(),
            },
        }
    }

    /// The same repository, reached by these means.
    #[must_use]
    pub fn reached_by(self, access: ConfigAccess) -> Self {
        Self { access, ..self }
    }

    /// A repository by its address.
    pub fn at(remote: Remote, branch: Option<BranchName>) -> Self {
        let repository = Some(RepositoryAddress(Address::At(remote)));
        Self { repository, branch, record: None, access: ConfigAccess::default() }
    }

    /// By what means it is reached.
    pub fn access(&self) -> &ConfigAccess {
        &self.access
    }

    /// The branch, if one is named.
    pub fn branch(&self) -> Option<&BranchName> {
        self.branch.as_ref()
    }

    /// Where verdicts stand that are the first of their kind.
    pub(crate) fn record(&self) -> RecordPlace {
        self.record.unwrap_or_default()
    }

    /// Whether both lead to the same repository.
    pub(crate) fn is_same_repository(&self, other: &Self) -> bool {
        self.repository == other.repository
    }

    /// The address that git gets.
    ///
    /// # Errors
    /// As [`Remote::own`]; `InvalidInput` if it is reached by SSH only, and there is no key.
    pub async fn remote<H: Host>(&self, context: &Context<H>) -> Result<Remote> {
        self.access.apply(self.address(context).await?)
    }

    /// Its name on the server that the runner belongs to, for the API.
    ///
    /// # Errors
    /// As [`Remote::own`]; `InvalidInput` if it is elsewhere.
    pub async fn on_server<H: Host>(&self, context: &Context<H>) -> Result<RepositoryName> {
        let remote = self.address(context).await?;
        remote.name_on(&context.environment.server_url).ok_or_else(|| {
            let elsewhere = format!("`{remote}` is not on the GitHub server of this run, whose API is needed");
            Error::new(ErrorKind::InvalidInput, elsewhere).hint("use `mode: push`, which needs git alone")
        })
    }

    async fn address<H: Host>(&self, context: &Context<H>) -> Result<Remote> {
        match &self.repository {
            None => Remote::own(context, self.access.ssh().is_some()).await,
            Some(RepositoryAddress(Address::OnServer(name))) => {
                Remote::on_server(context, name).map_err(|e: Error| e.context("`GITHUB_SERVER_URL`"))
            }
            Some(RepositoryAddress(Address::At(remote))) => Ok(remote.clone()),
        }
    }
}
