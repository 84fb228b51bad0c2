//! The next version, and what is to be done about it.

use semver::Version;
use serde::Serialize;
use slipway_core::git::{CommitId, TagName};
use slipway_core::text::{counted, shorten};
use slipway_core::{Error, ErrorKind, Result};

use crate::decision::{Decision, decide};
use crate::facts::Facts;
use crate::inputs::{Inputs, Mode, Request};
use crate::notes;
use crate::tags::ReleaseTag;
use crate::version::{Bump, next};

/// So many commits are listed; all of them count.
const LISTED: usize = 2000;
/// So many commits are named in a message.
const NAMED: usize = 10;

/// The decision, and the one effect that it can have.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The commit to release.
    pub(crate) head: CommitId,
    /// The last release.
    pub(crate) previous: Option<Version>,
    /// The next version; the last one if nothing is to be released, and nothing if there is none either.
    pub(crate) version: Option<Version>,
    /// The tag of `version`.
    pub(crate) tag: Option<TagName>,
    /// How far the version rises.
    pub(crate) bump: Bump,
    /// Why, in one sentence.
    pub(crate) reason: String,
    /// Whether HEAD carries the tag already, on the remote.
    pub(crate) is_released: bool,
    /// What to push, if the plan is carried out: precondition is that the tag does not exist.
    pub(crate) create: Option<NewTag>,
    /// Whether it is to be carried out.
    pub(crate) acts: bool,
    /// Whether a major version waits for somebody's approval.
    pub(crate) approval_required: bool,
    /// Why the answer is no.
    #[serde(skip)]
    pub(crate) refusal: Option<Error>,
    /// How many commits there are since the last release.
    pub(crate) commit_count: usize,
    /// The newest of them, with what each asks for.
    pub(crate) commits: Vec<Decision>,
    /// Release notes in Markdown.
    pub(crate) notes: String,
    /// Tags with the prefix that name no version.
    pub(crate) ignored_tags: Vec<String>,
    /// What the user should look at.
    pub(crate) warnings: Vec<String>,
}

/// An annotated tag to be made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct NewTag {
    /// Its name.
    pub name: TagName,
    /// Its message: the version, who asked, and why.
    pub message: String,
}

pub(crate) fn plan(inputs: &Inputs, facts: &Facts) -> Result<Plan> {
    let decisions = decide(&facts.commits);
    let found = decisions.iter().map(|decision| decision.bump).max().unwrap_or(Bump::None);
    let choice = choose(inputs, facts, &decisions, found)?;
    let last = facts.last.as_ref();
    let mut plan = Plan {
        head: facts.head.clone(),
        previous: last.map(|tag| tag.version.clone()),
        tag: choice.version.as_ref().map(|version| tag_name(facts, version)).transpose()?,
        version: choice.version,
        bump: choice.bump,
        reason: choice.reason,
        is_released: facts.carried.as_ref().is_some_and(|tag| tag.published),
        create: None,
        acts: inputs.mode == Mode::Tag && !facts.is_preview,
        approval_required: false,
        refusal: None,
        commit_count: decisions.len(),
        notes: notes::write(&decisions),
        commits: Vec::new(),
        ignored_tags: facts.tags.ignored.iter().take(100).cloned().collect(),
        warnings: facts.warnings.clone(),
    };
    plan.warnings.extend(doubts(&decisions));
    if let Request::Bump(bump) = inputs.request
        && bump < found
    {
        plan.warnings.push(format!("`bump: {}` was asked for, but the commits make it {}", bump.word(), found.word()));
    }
    plan.refusal = refusal(inputs, facts, &plan, &decisions);
    plan.approval_required = plan.refusal.as_ref().is_some_and(|error| error.kind() == ErrorKind::ApprovalRequired);
    if let (Some(version), Some(name)) = (&plan.version, &plan.tag)
        && is_new(facts, plan.bump)
        && plan.refusal.is_none()
    {
        let message = message(facts, version, &plan, &decisions);
        plan.create = Some(NewTag { name: name.clone(), message });
    }
    plan.commits = listed(decisions);
    Ok(plan)
}

struct Choice {
    bump: Bump,
    version: Option<Version>,
    reason: String,
}

fn choose(inputs: &Inputs, facts: &Facts, decisions: &[Decision], found: Bump) -> Result<Choice> {
    let last = facts.last.as_ref();
    if let Some(tag) = &facts.carried {
        if let Request::Version(version) = &inputs.request
            && *version != tag.version
        {
            let message =
                format!("`{version}` cannot be released here: {} is `{}` already", facts.head.short(), tag.name);
            return Err(
                Error::new(ErrorKind::InvalidInput, message).hint("leave out `version`, or commit something first")
            );
        }
        let reason = format!("this commit is `{}` already", tag.name);
        return Ok(Choice { bump: Bump::None, version: Some(tag.version.clone()), reason });
    }
    match &inputs.request {
        Request::Version(version) => {
            let bump = match last {
                Some(tag) if version.cmp_precedence(&tag.version).is_le() && facts.tags.of(version).is_none() => {
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
            let (bump, version) = rise(inputs, last, *bump)?;
            Ok(Choice { bump, version: Some(version), reason: "the input `bump` says so".into() })
        }
        Request::Auto if found == Bump::None => {
            let version = last.map(|tag| tag.version.clone());
            let reason = format!("nothing to release in {}", counted(decisions.len(), "commit"));
            Ok(Choice { bump: found, version, reason })
        }
        Request::Auto => {
            let (bump, version) = rise(inputs, last, found)?;
            Ok(Choice { bump, version: Some(version), reason: because(decisions, found) })
        }
    }
}

fn rise(inputs: &Inputs, last: Option<&ReleaseTag>, bump: Bump) -> Result<(Bump, Version)> {
    match last {
        Some(tag) => next(&tag.version, bump, inputs.zero_major),
        None => Ok((bump, inputs.initial.clone())),
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

fn tag_name(facts: &Facts, version: &Version) -> Result<TagName> {
    match &facts.carried {
        Some(tag) => Ok(tag.name.clone()),
        None => facts.tags.name(version, facts.last.as_ref()),
    }
}

/// Whether there is something to push: a new release, or a tag that only this clone has.
fn is_new(facts: &Facts, bump: Bump) -> bool {
    match &facts.carried {
        Some(tag) => !tag.published,
        None => bump != Bump::None,
    }
}

fn refusal(inputs: &Inputs, facts: &Facts, plan: &Plan, decisions: &[Decision]) -> Option<Error> {
    let version = plan.version.as_ref().filter(|_| facts.carried.is_none() && plan.bump != Bump::None)?;
    if let Some(tag) = facts.tags.of(version) {
        let message = format!(
            "the tag `{}` exists on {}, which is not this commit, {}; a release tag is never moved",
            tag.name,
            tag.commit.short(),
            facts.head.short()
        );
        let hint = "check out the branch that has the tag, or set `version` to one that is free";
        return Some(Error::new(ErrorKind::TagExists, message).hint(hint));
    }
    let previous = plan.previous.as_ref()?;
    if inputs.allow_major || version.major == previous.major {
        return None;
    }
    let causes: Vec<String> = decisions
        .iter()
        .filter(|decision| decision.bump == Bump::Major)
        .take(NAMED)
        .map(|decision| format!("{} {}", decision.commit.id.short(), decision.commit.subject))
        .collect();
    let causes = if causes.is_empty() { plan.reason.clone() } else { causes.join("; ") };
    let message = format!("`{version}` after `{previous}` is a major release and needs approval: {causes}");
    Some(Error::new(ErrorKind::ApprovalRequired, message).hint("set `allow-major: true` once a release manager agrees"))
}

/// The message of the tag.
fn message(facts: &Facts, version: &Version, plan: &Plan, decisions: &[Decision]) -> String {
    let after = match &plan.previous {
        Some(previous) if previous != version => format!("{} release after {previous}", plan.bump.word()),
        Some(_) => "published from a tag that was only local".into(),
        None => "first release".into(),
    };
    let actor = if facts.actor.is_empty() { "nobody by name" } else { &facts.actor };
    let run = if facts.run_url.is_empty() { String::new() } else { format!(" in {}", facts.run_url) };
    let mut message = format!("Version {version}\n\nA {after}: {}.\nRequested by {actor}{run}.\n", plan.reason);
    let mut deciding: Vec<&Decision> = decisions.iter().filter(|decision| decision.bump != Bump::None).collect();
    deciding.sort_by_key(|decision| std::cmp::Reverse(decision.bump));
    for (place, decision) in deciding.iter().take(NAMED * 5).enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        message += &format!("{gap}- {} {}\n", decision.commit.id.short(), shorten(&decision.commit.subject, 100));
    }
    if deciding.len() > NAMED * 5 {
        message += &format!("- and {} more\n", deciding.len() - NAMED * 5);
    }
    message
}

fn doubts(decisions: &[Decision]) -> Vec<String> {
    let doubtful = decisions.iter().filter_map(|decision| Some((&decision.commit, decision.commit.said.doubt?)));
    doubtful
        .take(100)
        .map(|(commit, doubt)| format!("{} does not count as breaking: {doubt}", commit.id.short()))
        .collect()
}

/// The newest, and before them those that ask for something if there are too many.
fn listed(mut decisions: Vec<Decision>) -> Vec<Decision> {
    if decisions.len() > LISTED {
        let (asking, silent): (Vec<_>, Vec<_>) =
            decisions.into_iter().partition(|decision| decision.bump != Bump::None);
        decisions = asking.into_iter().chain(silent).take(LISTED).collect();
    }
    decisions
}
