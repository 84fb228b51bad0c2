//! Tags that move: `v1` leads to the newest release of 1.x, `v1.2` to that of 1.2.x.

use std::str::FromStr;

use semver::Version;
use serde::Serialize;
use slipway_core::git::{CommitId, FoundTag, TagName};
use slipway_core::{Error, ErrorKind, Result};

use crate::tags::{ReleaseTag, Tags};

/// Which versions a tag covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Those of one major version.
    Major,
    /// Those of one minor version.
    Minor,
}

impl Span {
    fn text(self, version: &Version) -> String {
        match self {
            Self::Major => version.major.to_string(),
            Self::Minor => format!("{}.{}", version.major, version.minor),
        }
    }

    fn covers(self, version: &Version, other: &Version) -> bool {
        version.major == other.major && (self == Self::Major || version.minor == other.minor)
    }
}

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "major" => Ok(Self::Major),
            "minor" => Ok(Self::Minor),
            _ => Err(Error::new(ErrorKind::InvalidInput, format!("`{text}` is no kind of floating tag"))
                .hint("write `major`, `minor`, or both, one on each line")),
        }
    }
}

/// A floating tag that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct FloatingTag {
    /// Its name.
    pub name: String,
    /// What the ref names.
    pub object: CommitId,
    /// The commit that it leads to.
    pub commit: CommitId,
}

/// A floating tag to be made or moved to the commit of the release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct MovedTag {
    /// Its name.
    pub name: TagName,
    /// Precondition: what the ref names; nothing if it does not exist.
    pub from: Option<CommitId>,
}

/// The floating tags among the tags of the remote: a number or two after any prefix.
pub(crate) fn find(tags: &[FoundTag]) -> Vec<FloatingTag> {
    let is_floating = |name: &str| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let rest = &name[name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.').len()..];
        rest.split_once('.').map_or_else(|| digits(rest), |(major, minor)| digits(major) && digits(minor))
    };
    tags.iter()
        .filter(|tag| is_floating(&tag.name))
        .map(|tag| FloatingTag { name: tag.name.clone(), object: tag.object.clone(), commit: tag.target.clone() })
        .collect()
}

/// The tags that a release makes or moves. Only a stable version does, and only if no higher one is covered by the same tag,
/// wherever that was released. `at` is the commit of the release; nothing if it is not made yet.
///
/// # Errors
/// `InvalidInput` if the prefix makes no name.
pub(super) fn plan(
    spans: &[Span],
    tags: &Tags,
    found: &[FloatingTag],
    stem: &str,
    version: &Version,
    at: Option<&CommitId>,
) -> Result<Vec<MovedTag>> {
    let mut moved = Vec::new();
    if !version.pre.is_empty() {
        return Ok(moved);
    }
    for span in spans {
        let is_covered = |tag: &&ReleaseTag| tag.version.pre.is_empty() && span.covers(version, &tag.version);
        if tags.releases.iter().filter(is_covered).any(|tag| tag.version.cmp_precedence(version).is_gt()) {
            continue;
        }
        let name: TagName = format!("{stem}{}", span.text(version)).parse()?;
        let there = found.iter().find(|tag| tag.name == name.as_str());
        if there.is_none_or(|there| at != Some(&there.commit)) {
            moved.push(MovedTag { name, from: there.map(|there| there.object.clone()) });
        }
    }
    Ok(moved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::TagPrefix;

    fn found(name: &str) -> FoundTag {
        let id: CommitId = "a".repeat(40).parse().unwrap();
        FoundTag { name: name.into(), object: id.clone(), target: id }
    }

    #[test]
    fn only_the_highest_of_its_span_moves_a_tag() {
        let releases = ["v1.4.2", "v1.5.0", "v2.0.0-rc.1", "v3.0.0"].map(found).to_vec();
        let tags = Tags::sort_out(&TagPrefix::new("v").unwrap(), releases, None);
        for (version, expected) in [
            ("1.4.3", &["v1.4"][..]),
            ("1.5.1", &["v1", "v1.5"]),
            ("1.6.0", &["v1", "v1.6"]),
            ("2.0.0", &["v2", "v2.0"]),
            ("2.0.0-rc.2", &[]),
            ("3.0.0", &["v3", "v3.0"]),
            ("1.5.0+b", &["v1", "v1.5"]),
        ] {
            let version = version.parse().unwrap();
            let moved = plan(&[Span::Major, Span::Minor], &tags, &[], "v", &version, None).unwrap();
            let names: Vec<&str> = moved.iter().map(|tag| tag.name.as_str()).collect();
            assert_eq!(names, expected, "{version}");
        }
    }

    #[test]
    fn a_tag_that_is_there_already_is_left_alone() {
        let tags = Tags::sort_out(&TagPrefix::new("v").unwrap(), vec![found("v1.5.0")], None);
        let floating = find(&[found("v1"), found("v1.5.0"), found("v1.5"), found("x"), found("1."), found("api/v2")]);
        let names: Vec<&str> = floating.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["v1", "v1.5", "api/v2"]);
        let version = Version::new(1, 5, 0);
        let (here, other) = ("a".repeat(40).parse().unwrap(), "b".repeat(40).parse().unwrap());
        let moved = |at| plan(&[Span::Major], &tags, &floating, "v", &version, Some(at)).unwrap();
        assert_eq!(moved(&here), []);
        assert_eq!(moved(&other)[0].from.as_ref(), Some(&here));
    }
}
