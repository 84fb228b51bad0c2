//! The sample service under release: what a release of it is, and a handle to a running one.

mod application;
mod metrics;
mod process;

use serde::{Deserialize, Serialize};

pub use application::run;
pub use process::Service;

/// The artifact of one version of the sample service: how that version behaves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Release {
    /// What `/version` and the metric `build_info` say.
    pub version: String,
    /// The share of the requests to `/` that are answered 500, from 0 to 1, evenly spread.
    pub error_share: f64,
    /// How long an answer of `/` takes, in milliseconds.
    pub latency_ms: u64,
    /// The share of the requests to `/` that take `slow_ms` instead, from 0 to 1, evenly spread.
    pub slow_share: f64,
    /// How long a slow answer takes, in milliseconds.
    pub slow_ms: u64,
    /// How long `/health` says 503 after the start, in milliseconds.
    pub startup_ms: u64,
    /// False: `/health` never says anything but 503.
    pub healthy: bool,
}

impl Default for Release {
    fn default() -> Self {
        Self {
            version: "0.0.0".to_owned(),
            error_share: 0.0,
            latency_ms: 1,
            slow_share: 0.0,
            slow_ms: 0,
            startup_ms: 0,
            healthy: true,
        }
    }
}

impl Release {
    /// A release without faults.
    pub fn version(version: &str) -> Self {
        Self { version: version.to_owned(), ..Self::default() }
    }

    /// The artifact's bytes: what is pushed to the registry.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a release has no keys that JSON lacks")
    }

    /// Reads an artifact.
    ///
    /// # Errors
    /// When it is not a release file.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("not a release file: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_survives_the_registry() {
        let release = Release { error_share: 0.25, ..Release::version("1.5.0") };
        assert_eq!(Release::from_bytes(&release.to_bytes()), Ok(release));
        assert_eq!(Release::from_bytes(br#"{"version":"1.5.0"}"#), Ok(Release::version("1.5.0")));
        assert!(Release::from_bytes(br#"{"version":"1.5.0","eror_share":1}"#).is_err());
    }
}
