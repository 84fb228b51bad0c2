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

    /// The bump of a word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        [Self::None, Self::Patch, Self::Minor, Self::Major].into_iter().find(|bump| bump.word() == word)
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

/// What changes do while the major version is 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ZeroMajor {
    /// A breaking change makes 1.0.0.
    Major,
    /// A breaking change makes the next minor version, as SemVer's item 4 allows.
    Minor,
    /// As Cargo compares versions: the first number that is not 0 is the one that breaks. A breaking change makes the next minor
    /// version and a feature the next patch; below 0.1.0 everything makes the next patch.
    Cargo,
}

impl ZeroMajor {
    /// How far a version really rises.
    pub(crate) fn shift(self, current: &Version, bump: Bump) -> Bump {
        match (self, bump) {
            _ if current.major > 0 => bump,
            (Self::Minor, Bump::Major) => Bump::Minor,
            (Self::Cargo, Bump::Major) if current.minor > 0 => Bump::Minor,
            (Self::Cargo, Bump::Major | Bump::Minor) => Bump::Patch,
            _ => bump,
        }
    }

    /// The word for it in inputs.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Cargo => "cargo",
        }
    }
}

/// The version after a release, and how far it really rose.
///
/// # Errors
/// `InvalidInput` if a number of the version is the largest that fits already.
pub(crate) fn next(current: &Version, bump: Bump, zero: ZeroMajor) -> Result<(Bump, Version)> {
    let bump = zero.shift(current, bump);
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
            ("0.3.1", Major, ZeroMajor::Cargo, (Minor, "0.4.0")),
            ("0.3.1", Minor, ZeroMajor::Cargo, (Patch, "0.3.2")),
            ("0.3.1", Patch, ZeroMajor::Cargo, (Patch, "0.3.2")),
            ("0.0.4", Major, ZeroMajor::Cargo, (Patch, "0.0.5")),
            ("0.0.4", Minor, ZeroMajor::Cargo, (Patch, "0.0.5")),
            ("0.0.4", Major, ZeroMajor::Minor, (Minor, "0.1.0")),
            ("1.0.0", Minor, ZeroMajor::Cargo, (Minor, "1.1.0")),
            ("9007199254740993.0.0", Patch, ZeroMajor::Major, (Patch, "9007199254740993.0.1")),
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
