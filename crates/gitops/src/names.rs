//! What a deployment is about.

use std::fmt;

use serde::Serialize;
use slipway_core::git::RefName;
use slipway_core::{ComponentName, EnvironmentName, Result};

/// One component in one environment: what a deployment, a verdict and a rollback are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// Where it runs.
    pub environment: EnvironmentName,
    /// What runs.
    pub component: ComponentName,
}

impl Target {
    /// The ref of the target's verdicts: `refs/slipway/<environment>/<component>`.
    ///
    /// # Errors
    /// Never for names that were validated; the type of a ref checks again.
    pub fn record(&self) -> Result<RefName> {
        format!("refs/slipway/{}/{}", self.environment, self.component).parse()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.component, self.environment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_has_a_ref() {
        let target = Target { environment: "eu-1".parse().unwrap(), component: "a.b_c-d".parse().unwrap() };
        assert_eq!(target.record().unwrap().as_str(), "refs/slipway/eu-1/a.b_c-d");
    }
}
