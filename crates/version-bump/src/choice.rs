//! The version that commits make of the last release.

use semver::Version;
use slipway_core::text::counted;
use slipway_core::{Error, ErrorKind, Result};

use crate::decision::{Decision, strongest};
use crate::inputs::Request;
use crate::rules::Rules;
use crate::tags::{ReleaseTag, Tags};
use crate::version::{Bump, next};

/// So many commits are named in a message.
pub(crate) const NAMED: usize = 10;

/// A version, and why it is this one.
#[derive(Debug)]
pub(crate) struct Choice {
    /// How far it rises.
    pub bump: Bump,
    /// The version to release; the last one if nothing is to be released, and nothing if there is none either.
    pub version: Option<Version>,
    /// Why, in one sentence.
    pub reason: String,
}

/// Chooses the version after a release, or of the first one, from what the commits since then ask for.
///
/// # Errors
/// `InvalidInput` if the version that a person asks for is not higher than the last one, or if the numbers end.
pub(crate) fn choose(
    rules: &Rules,
    request: &Request,
    tags: &Tags,
    last: Option<&ReleaseTag>,
    decisions: &[Decision],
) -> Result<Choice> {
    let found = strongest(decisions);
    match request {
        Request::Version(version) => {
            let bump = match last {
                Some(tag) if version.cmp_precedence(&tag.version).is_le() && tags.of(version).is_none() => {
                    let message =
                        format!("the version `{version}` is not higher than the last release, `{}`", tag.version);
                    return Err(Error::new(ErrorKind::InvalidInput, message)
                        .hint("set `version` to a higher one, or leave it out"));
                }
                Some(tag) => Bump::between(&tag.version, version),
                None => found.max(Bump::Patch),
            };
            Ok(Choice { bump, version: Some(version.clone()), reason: "the input `version` says so".into() })
        }
        Request::Bump(bump) => {
            let (bump, version) = rise(rules, last, *bump)?;
            Ok(Choice { bump, version: Some(version), reason: "the input `bump` says so".into() })
        }
        Request::Auto if found == Bump::None => {
            let version = last.map(|tag| tag.version.clone());
            let reason = format!("nothing to release in {}", counted(decisions.len(), "commit"));
            Ok(Choice { bump: found, version, reason })
        }
        Request::Auto => {
            let (bump, version) = rise(rules, last, found)?;
            Ok(Choice { bump, version: Some(version), reason: because(decisions, found) })
        }
    }
}

fn rise(rules: &Rules, last: Option<&ReleaseTag>, bump: Bump) -> Result<(Bump, Version)> {
    match last {
        Some(tag) => next(&tag.version, bump, rules.zero_major),
        None => Ok((bump, rules.initial.clone())),
    }
}

/// The commits that decided, such as `1 feature: 0f1e2d3`.
fn because(decisions: &[Decision], found: Bump) -> String {
    let deciding: Vec<&Decision> = decisions.iter().filter(|decision| decision.bump == found).collect();
    let what = match found {
        Bump::Major => "breaking change",
        Bump::Minor => "feature",
        Bump::Patch | Bump::None => "fix",
    };
    let count = match (deciding.len(), found) {
        (1, _) => format!("1 {what}"),
        (many, Bump::Patch) => format!("{many} fixes"),
        (many, _) => format!("{many} {what}s"),
    };
    let ids: Vec<&str> = deciding.iter().take(NAMED).map(|decision| decision.commit.id.short()).collect();
    let more = if deciding.len() > NAMED { ", …" } else { "" };
    format!("{count}: {}{more}", ids.join(", "))
}
