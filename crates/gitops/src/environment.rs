//! An environment: what `slipway.toml` and the inputs say of it together.

use serde::Serialize;
use slipway_core::{Context, EnvironmentName, Error, ErrorKind, Host, Result, WorkspacePath};

use crate::settings::{EnvironmentSettings, FILE, Settings};
use crate::{ConfigLocation, ConfigRepository, EnvironmentRules, FreezeWindow, Frozen, frozen};

/// Where a release runs, and what holds there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: EnvironmentName,
    /// The directory of its files.
    pub path: Option<WorkspacePath>,
    /// Where a release must be verified first.
    pub promote_from: Option<EnvironmentName>,
    /// When nothing is deployed.
    pub freeze: Vec<FreezeWindow>,
    /// Why nothing is deployed.
    pub locked: Option<String>,
    /// Where its files, deployments and verdicts are.
    pub location: ConfigLocation,
}

/// What keeps releases away from an environment at a moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Closure {
    /// Why it is locked.
    pub locked: Option<String>,
    /// The freeze window that is open.
    pub frozen: Option<Frozen>,
}

impl Environment {
    /// The environment of a name, or of a name among GitHub's environments.
    ///
    /// # Errors
    /// Those of [`Settings::environment`]; `InvalidInput` if the inputs contradict the file.
    pub fn of(given: &str, settings: &Settings, rules: &EnvironmentRules, location: &ConfigLocation) -> Result<Self> {
        let (name, declared) = settings.environment(given)?;
        let location = location.of_environment(&declared);
        let EnvironmentSettings { path, promote_from, mut freeze, locked, .. } = declared;
        if let (Some(declared), Some(given)) = (&promote_from, &rules.promote_from)
            && declared != given
        {
            let message = format!("`promote-from` is `{given}`, but `{FILE}` says `{declared}` for {name}");
            return Err(
                Error::new(ErrorKind::InvalidInput, message).hint(format!("leave it to `{FILE}`, or change it there"))
            );
        }
        let promote_from = promote_from.or_else(|| rules.promote_from.clone());
        if promote_from.as_ref() == Some(&name) {
            let message = format!("{name} cannot be promoted from itself");
            return Err(
                Error::new(ErrorKind::InvalidInput, message).hint("name the environment before it in `promote-from`")
            );
        }
        freeze.extend(rules.freeze.iter().cloned());
        Ok(Self { name, path, promote_from, freeze, locked: locked.or_else(|| rules.locked.clone()), location })
    }

    /// What keeps releases away from it now.
    ///
    /// # Errors
    /// `InvalidInput` if a freeze window names a time zone that does not exist.
    pub fn closure<H: Host>(&self, context: &Context<H>) -> Result<Closure> {
        let frozen = frozen(&context.host, &self.freeze, context.now())?;
        Ok(Closure { locked: self.locked.clone(), frozen })
    }
}

impl Closure {
    /// Why nothing may be deployed: the lock and the freeze, each with the time or the person to wait for.
    pub fn refusals(&self, environment: &EnvironmentName) -> Vec<Error> {
        let locked = self.locked.as_ref().map(|reason| {
            Error::new(ErrorKind::Locked, format!("{environment} is locked: {reason}"))
                .hint(format!("deploy when `locked` is gone, from `{FILE}` or the inputs"))
        });
        let frozen = self.frozen.as_ref().map(|Frozen { window, shown, .. }| {
            Error::new(ErrorKind::Frozen, format!("{environment} is frozen until {shown} (`{window}`)"))
                .hint(format!("wait, or change `freeze` in `{FILE}` or the inputs; a rollback is never stopped"))
        });
        locked.into_iter().chain(frozen).collect()
    }
}

impl<H: Host> ConfigRepository<'_, H> {
    /// What `slipway.toml` says at the commit that was fetched; nothing at all without one.
    ///
    /// # Errors
    /// `InvalidFile` if it is not what it should be, `ForbiddenPath` if it is a link, `UnreadableFile` if it is too large.
    pub async fn settings(&self) -> Result<Settings> {
        match self.file(self.head(), &FILE.parse()?).await? {
            Some(content) => Settings::read(&content),
            None => Ok(Settings::default()),
        }
    }
}
