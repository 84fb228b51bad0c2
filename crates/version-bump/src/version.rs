//! How far a version rises, and to what.

use semver::Version;
use serde::Serialize;
use slipway_core::{Error, ErrorKind, Result};

/// How far a version rises; a larger one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Bump {
    /// Not at all.
    None,
    /// Corrections.
    Patch,
    /// New things that break nothing.
    Minor,
    /// Something that worked does not work any more.
    Major,
}

impl Bump {
    /// The word for it in inputs, outputs and tables.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }

    /// How far it is from one version to a higher one.
    pub(crate) fn between(from: &Version, to: &Version) -> Self {
        if from.major != to.major {
            Self::Major
        } else if from.minor != to.minor {
            Self::Minor
        } else {
            Self::Patch
        }
    }
}

/// What a breaking change does while the major version is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZeroMajor {
    /// It makes 1.0.0.
    Major,
    /// It makes the next minor version, as SemVer's item 4 allows.
    Minor,
}

impl ZeroMajor {
    /// The word for it in inputs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// The version after a release, and how far it really rose.
///
/// # Errors
/// `InvalidInput` if a number of the version is the largest that fits already.
pub(crate) fn next(current: &Version, bump: Bump, zero: ZeroMajor) -> Result<(Bump, Version)> {
    let bump = match bump {
        Bump::Major if current.major == 0 && zero == ZeroMajor::Minor => Bump::Minor,
        other => other,
    };
    let raised = |number: u64| {
        number.checked_add(1).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, format!("there is no {} version after `{current}`", bump.word()))
                .hint("set `version` to the one you want")
        })
    };
    let version = match bump {
        Bump::None => current.clone(),
        Bump::Patch => Version::new(current.major, current.minor, raised(current.patch)?),
        Bump::Minor => Version::new(current.major, raised(current.minor)?, 0),
        Bump::Major => Version::new(raised(current.major)?, 0, 0),
    };
    Ok((bump, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_rise_as_semver_says() {
        use Bump::{Major, Minor, None, Patch};
        for (from, bump, zero, expected) in [
            ("1.4.2", None, ZeroMajor::Major, (None, "1.4.2")),
            ("1.4.2", Patch, ZeroMajor::Major, (Patch, "1.4.3")),
            ("1.4.2", Minor, ZeroMajor::Major, (Minor, "1.5.0")),
            ("1.4.2", Major, ZeroMajor::Minor, (Major, "2.0.0")),
            ("0.3.1", Major, ZeroMajor::Major, (Major, "1.0.0")),
            ("0.3.1", Major, ZeroMajor::Minor, (Minor, "0.4.0")),
            ("1.4.2+build.7", Patch, ZeroMajor::Major, (Patch, "1.4.3")),
        ] {
            let (bump, version) = next(&from.parse().unwrap(), bump, zero).unwrap();
            assert_eq!((bump, version.to_string().as_str()), expected, "{from}");
        }
    }

    #[test]
    fn the_largest_number_does_not_wrap() {
        let largest = Version::new(1, u64::MAX, 0);
        assert_eq!(next(&largest, Bump::Minor, ZeroMajor::Major).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(next(&largest, Bump::Major, ZeroMajor::Major).unwrap().1, Version::new(2, 0, 0));
    }
}
