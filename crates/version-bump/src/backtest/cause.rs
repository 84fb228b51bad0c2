//! Why the answer of the rules is another one than the release, or why there is none.

use serde::Serialize;

/// How a release and the answer of the rules compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Verdict {
    /// The version is the same.
    Same,
    /// It is another one.
    Different,
    /// There is nothing to compare with.
    NotCompared,
}

/// Why they are not the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// No commit asks for a release.
    Nothing,
    /// The commits ask for a larger step.
    More,
    /// The commits ask for a smaller step.
    Less,
    /// A breaking change below 1.0 made another step than `zero-major` says.
    ZeroMajor,
    /// 1.0.0 came without a breaking change.
    Declared,
    /// The step is the same, and the number is not the next one.
    Skipped,
    /// Its commit carries another release.
    SameCommit,
    /// An ancestor carries a release that is as high, or higher.
    Backwards,
    /// No release is among its ancestors, although there are lower ones.
    Elsewhere,
    /// It is the first.
    First,
    /// It is a pre-release.
    PreRelease,
    /// Its tag leads to no commit here.
    Missing,
    /// There are too many commits.
    TooMany,
    /// The numbers end.
    NoNext,
}

impl Cause {
    /// What to say of it in a table.
    pub(super) const fn about(self) -> &'static str {
        match self {
            Self::Nothing => "no commit asks for a release",
            Self::More => "the commits ask for a larger step",
            Self::Less => "the commits ask for a smaller step",
            Self::ZeroMajor => "a breaking change below 1.0 made another step",
            Self::Declared => "1.0.0 came without a breaking change",
            Self::Skipped => "the same step, but not the next number",
            Self::SameCommit => "a second release of one commit",
            Self::Backwards => "not higher than a release before it",
            Self::Elsewhere => "no release is among its ancestors",
            Self::First => "the first release",
            Self::PreRelease => "a pre-release",
            Self::Missing => "the tag leads to no commit of this clone",
            Self::TooMany => "too many commits in too many ranges",
            Self::NoNext => "there is no next version",
        }
    }

    /// Whether it is a difference, or there was nothing to compare with.
    pub(super) const fn verdict(self) -> Verdict {
        match self {
            Self::First | Self::PreRelease | Self::Missing | Self::TooMany | Self::NoNext => Verdict::NotCompared,
            _ => Verdict::Different,
        }
    }
}
