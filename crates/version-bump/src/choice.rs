//! The version that commits make of the last release.

use std::cmp::Ordering;

use semver::Version;
use serde::Serialize;
use slipway_core::text::counted;
use slipway_core::{Error, ErrorKind, Result, order};

use crate::decision::{Decision, strongest};
use crate::inputs::Request;
use crate::prerelease;
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
    /// Why there is no such version.
    pub refusal: Option<Error>,
}

/// Something beside the commits that asks for a release.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Source {
    /// How far it raises the version.
    pub bump: Bump,
    /// What it is.
    pub reason: String,
}

/// What came after a release.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Since<'a> {
    /// The release.
    pub last: Option<&'a ReleaseTag>,
    /// The commits after it.
    pub decisions: &'a [Decision],
    /// What else asks for a release.
    pub sources: &'a [Source],
}

impl Since<'_> {
    /// How far all of it together raises the version.
    pub(crate) fn found(&self) -> Bump {
        let sources = self.sources.iter().map(|source| source.bump).max().unwrap_or(Bump::None);
        // What is beside the commits asks for nothing where there are none.
        if self.decisions.is_empty() { Bump::None } else { strongest(self.decisions).max(sources) }
    }
}

/// Chooses the version after a release, or of the first one, from what came since then. `before` is the highest pre-release on the way:
/// the first release is not lower.
///
/// # Errors
/// `InvalidInput` if the version that a person asks for is not higher than the last one, or if the numbers end.
pub(crate) fn choose(
    rules: &Rules,
    request: &Request,
    tags: &Tags,
    since: Since<'_>,
    before: Option<&ReleaseTag>,
) -> Result<Choice> {
    let (bump, reason) = match asked(request, tags, since)? {
        Asked::Rise(bump, reason) => (bump, reason),
        Asked::Chosen(choice) => return Ok(choice),
    };
    let (bump, version) = match since.last {
        Some(tag) => next(&tag.version, bump, rules.zero_major)?,
        None => (bump, first(rules, before)),
    };
    Ok(Choice { bump, version: Some(built(rules, version)), reason, refusal: None })
}

/// Chooses the pre-release after a release of any kind. Its numbers are those that all commits since the last stable release make; they
/// never fall below those of the pre-release before it.
///
/// # Errors
/// `InvalidInput` if the version that a person asks for is not higher than the last one, or if the numbers end.
pub(crate) fn choose_pre_release(
    rules: &Rules,
    request: &Request,
    tags: &Tags,
    identifier: &str,
    stable: Since<'_>,
    since: Since<'_>,
) -> Result<Choice> {
    let (bump, reason) = match asked(request, tags, since)? {
        Asked::Rise(bump, reason) => (bump, reason),
        Asked::Chosen(choice) => return Ok(choice),
    };
    let total = if let Request::Bump(_) = request { bump } else { stable.found().max(bump) };
    let before = since.last.filter(|tag| !tag.version.pre.is_empty());
    let mut numbers = match stable.last {
        Some(tag) => next(&tag.version, total, rules.zero_major)?.1,
        None => first(rules, before),
    };
    if let Some(before) = before.map(|tag| without_pre(&tag.version)).filter(|before| *before > numbers) {
        numbers = before;
    }
    let bump = stable.last.map_or(bump, |tag| rules.zero_major.shift(&tag.version, bump));
    let version = prerelease::next(&numbers, identifier, tags)?;
    match since.last {
        Some(last) if version.cmp_precedence(&last.version) != Ordering::Greater => {
            let message =
                format!("`{version}` would go backwards: `{}` was released before it, and is higher", last.name);
            let hint = "release the stable version first, or rename the channel so that it sorts after the other";
            let refusal = Some(Error::new(ErrorKind::Downgrade, message).hint(hint));
            Ok(Choice { bump, version: None, reason, refusal })
        }
        _ => Ok(Choice { bump, version: Some(built(rules, version)), reason, refusal: None }),
    }
}

fn explicit(version: &Version, tags: &Tags, last: Option<&ReleaseTag>, found: Bump) -> Result<Choice> {
    let bump = match last {
        Some(tag) if version.cmp_precedence(&tag.version).is_le() && tags.of(version).is_none() => {
            let message = format!("the version `{version}` is not higher than the last release, `{}`", tag.version);
            return Err(
                Error::new(ErrorKind::InvalidInput, message).hint("set `version` to a higher one, or leave it out")
            );
        }
        Some(tag) => Bump::between(&tag.version, version),
        None => found.max(Bump::Patch),
    };
    Ok(Choice { bump, version: Some(version.clone()), reason: "the input `version` says so".into(), refusal: None })
}

fn nothing(since: Since<'_>) -> Choice {
    let version = since.last.map(|tag| tag.version.clone());
    let after = since.last.map_or(String::new(), |tag| format!(" since `{}`", tag.name));
    let reason = match since.decisions.len() {
        0 => format!("there is no commit{after}"),
        1 => format!("the only commit{after} asks for no release"),
        many => format!("none of the {} asks for a release", counted(many, "commit") + &after),
    };
    Choice { bump: Bump::None, version, reason, refusal: None }
}

/// What a request and what came since a release ask for, before there are numbers.
enum Asked {
    /// That the version rises, and why.
    Rise(Bump, String),
    /// Nothing, or a version of a person's choice.
    Chosen(Choice),
}

fn asked(request: &Request, tags: &Tags, since: Since<'_>) -> Result<Asked> {
    let found = since.found();
    Ok(match request {
        Request::Version(version) => Asked::Chosen(explicit(version, tags, since.last, found)?),
        Request::Bump(bump) => Asked::Rise(*bump, "the input `bump` says so".into()),
        Request::Auto if found == Bump::None => Asked::Chosen(nothing(since)),
        Request::Auto => Asked::Rise(found, because(since, found)),
    })
}

/// The first release: `initial-version`, unless a pre-release promised a higher one.
fn first(rules: &Rules, before: Option<&ReleaseTag>) -> Version {
    let promised = before.map(|tag| without_pre(&tag.version));
    promised.into_iter().fold(rules.initial.clone(), Version::max)
}

fn without_pre(version: &Version) -> Version {
    Version::new(version.major, version.minor, version.patch)
}

fn built(rules: &Rules, version: Version) -> Version {
    if rules.build.is_empty() { version } else { Version { build: rules.build.clone(), ..version } }
}

/// What decided, such as `1 feature: 0f1e2d3`.
fn because(since: Since<'_>, found: Bump) -> String {
    let deciding: Vec<&Decision> = since.decisions.iter().filter(|decision| decision.bump == found).collect();
    if deciding.is_empty() {
        let source = since.sources.iter().find(|source| source.bump == found);
        return source.map(|source| source.reason.clone()).unwrap_or_default();
    }
    let usual = |decision: &&Decision| match found {
        Bump::Major => decision.commit.said.breaking.is_some(),
        Bump::Minor => decision.commit.said.kind.as_deref() == Some("feat"),
        _ => decision.commit.said.kind.as_deref() == Some("fix"),
    };
    let what = match found {
        _ if !deciding.iter().all(usual) => "commit",
        Bump::Major => "breaking change",
        Bump::Minor => "feature",
        Bump::Patch | Bump::None => "fix",
    };
    let count = match deciding.len() {
        1 => format!("1 {what}"),
        many if what == "fix" => format!("{many} fixes"),
        many => format!("{many} {what}s"),
    };
    let whose = of_dependencies(&deciding);
    let ids: Vec<&str> = deciding.iter().take(NAMED).map(|decision| decision.commit.id.short()).collect();
    let more = if deciding.len() > NAMED { ", …" } else { "" };
    format!("{count}{whose}: {}{more}", ids.join(", "))
}

/// Whose commits these are, if none of them changes what is released itself.
fn of_dependencies(deciding: &[&Decision]) -> String {
    let through: Option<Vec<&str>> = deciding.iter().map(|decision| decision.commit.touched.through()).collect();
    let Some(names) = through else { return String::new() };
    let names: Vec<&str> = order::set(names).into_iter().take(NAMED).collect();
    format!(" of {} ({})", if names.len() == 1 { "a dependency" } else { "dependencies" }, names.join(", "))
}
