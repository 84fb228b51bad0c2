//! What a deployment is about.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use slipway_core::git::RefName;
use slipway_core::{ComponentName, EnvironmentName, Error, ErrorKind, Result};

/// What kind of ref verdicts stand on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordPlace {
    /// `refs/slipway/<environment>/<component>`, which no clone fetches and nobody sees among the branches.
    #[default]
    Ref,
    /// The branch `slipway-record/<environment>/<component>`, for remotes that refuse other refs, and for rulesets.
    Branch,
}

impl RecordPlace {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Ref, Self::Branch];

    /// What a remote is asked for to list the refs.
    pub(crate) fn pattern(self) -> &'static str {
        match self {
            Self::Ref => "refs/slipway/*",
            Self::Branch => "refs/heads/slipway-record/*",
        }
    }

    /// What the refs begin with.
    pub(crate) fn prefix(self) -> &'static str {
        self.pattern().trim_end_matches('*')
    }

    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Ref => Self::Branch,
            Self::Branch => Self::Ref,
        }
    }
}

impl FromStr for RecordPlace {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "ref" => Ok(Self::Ref),
            "branch" => Ok(Self::Branch),
            _ => Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is not one of the choices"))
                .hint("write one of `ref`, `branch`")),
        }
    }
}

/// One component in one environment: what a deployment, a verdict and a rollback are about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Target {
    /// Where it runs.
    pub environment: EnvironmentName,
    /// What runs.
    pub component: ComponentName,
}

impl Target {
    /// The ref of the target's verdicts: `refs/slipway/<environment>/<component>`, or a branch.
    ///
    /// # Errors
    /// Never for names that were validated; the type of a ref checks again.
    pub fn record(&self, place: RecordPlace) -> Result<RefName> {
        format!("{}{}/{}", place.prefix(), self.environment, self.component).parse()
    }

    /// The target whose verdicts stand on a ref of this name, and where that is.
    pub(crate) fn of_record(name: &str) -> Option<(Self, RecordPlace)> {
        RecordPlace::ALL.into_iter().find_map(|place| {
            let (environment, component) = name.strip_prefix(place.prefix())?.split_once('/')?;
            Some((Self { environment: environment.parse().ok()?, component: component.parse().ok()? }, place))
        })
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
        let record = |place| target.record(place).unwrap();
        assert_eq!(record(RecordPlace::Ref).as_str(), "refs/slipway/eu-1/a.b_c-d");
        assert_eq!(record(RecordPlace::Branch).as_str(), "refs/heads/slipway-record/eu-1/a.b_c-d");
        for place in RecordPlace::ALL {
            assert_eq!(Target::of_record(record(place).as_str()), Some((target.clone(), place)));
        }
        for other in ["refs/slipway/a", "refs/slipway/a/b/c", "refs/heads/slipway/a/b", "refs/slipway/A/b"] {
            assert_eq!(Target::of_record(other), None, "{other}");
        }
    }
}
