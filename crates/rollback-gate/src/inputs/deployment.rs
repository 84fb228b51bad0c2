//! Which deployment is judged.

use slipway_core::input::Reader;
use slipway_gitops::{COMPONENT, ConfigAccess, ConfigLocation, ENVIRONMENT, Target};

use super::choices::OnFailure;
use crate::check::Check;
use crate::deployment_status::DEPLOYMENT_STATUS;
use crate::errors::invalid;
use crate::telling::Telling;

/// Which deployment is judged.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) location: ConfigLocation,
    pub(crate) target: Target,
}

/// Reads both names or none.
pub(super) fn read_config(reader: &mut Reader) -> Option<Config> {
    let (environment, component) = (reader.parsed(ENVIRONMENT.name), reader.parsed(COMPONENT.name));
    let location = ConfigLocation::read(reader).reached_by(ConfigAccess::read(reader));
    let (missing, given) = match (environment, component) {
        (Some(environment), Some(component)) => {
            return Some(Config { location, target: Target { environment, component } });
        }
        (Some(_), None) => (COMPONENT.name, ENVIRONMENT.name),
        (None, Some(_)) => (ENVIRONMENT.name, COMPONENT.name),
        (None, None) => return None,
    };
    if !reader.has_errors() {
        let error = invalid(format!("it is missing, and `{given}` is given"));
        reader.refuse(missing, error.hint("give both, or none to judge without a record"));
    }
    None
}

/// Refuses what needs to know the deployment.
pub(super) fn refuse_without_config(
    reader: &mut Reader,
    checks: &[Check],
    on_failure: Option<OnFailure>,
    telling: &Telling,
) {
    if reader.has_errors() {
        return;
    }
    const HINT: &str = "give `environment` and `component`";
    if on_failure == Some(OnFailure::Rollback) {
        let error = invalid("nobody can roll back without knowing what is deployed where");
        reader.refuse("on-failure", error.hint(HINT));
    }
    if telling.deployment_status {
        let error = invalid("nobody can tell how a deployment stands without knowing what is deployed where");
        reader.refuse(DEPLOYMENT_STATUS.name, error.hint(HINT));
    }
    let needs = checks.iter().find(|check| check.test.needs_release());
    if let Some(check) = needs {
        let error = invalid(format!("`{}` needs to know what is deployed", check.text));
        reader.refuse("checks", error.hint(format!("{HINT}, or write the version")));
    }
}
