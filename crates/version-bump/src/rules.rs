//! The rules that make a version of commits.

use semver::Version;

use crate::version::ZeroMajor;

/// How versions rise in a repository. It is all that a decision depends on but the commits and the last release.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// The version of the first release.
    pub initial: Version,
    /// What a breaking change does while the major version is 0.
    pub zero_major: ZeroMajor,
}
