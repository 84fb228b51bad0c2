//! The next version, and what is to be done about it.

use semver::Version;
use serde::Serialize;
use slipway_core::git::{CommitId, TagName};
use slipway_core::{Error, ErrorKind, Result};

use crate::backtest::{self, Backtest};
use crate::choice::{Choice, choose};
use crate::decision::{Decision, decide, strongest};
use crate::facts::Facts;
use crate::inputs::{Inputs, Mode, Request};
use crate::notes;
use crate::refusal::refusal;
use crate::tag_message;
use crate::tags::ReleaseTag;
use crate::version::Bump;

/// So many commits are listed; all of them count.
const LISTED: usize = 2000;

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
    /// Past releases beside what the rules make of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) backtest: Option<Backtest>,
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
    let found = strongest(&decisions);
    let last = facts.last.as_ref();
    let choice = match &facts.carried {
        Some(tag) => carried(inputs, facts, tag)?,
        None => choose(&inputs.rules, &inputs.request, &facts.tags, last, &decisions)?,
    };
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
        backtest: facts.backtest.as_ref().map(|material| backtest::plan(inputs, &facts.tags, material)),
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
        let message = tag_message::write(facts, version, &plan, &decisions);
        plan.create = Some(NewTag { name: name.clone(), message });
    }
    plan.commits = listed(decisions);
    Ok(plan)
}

/// What there is to say of a commit that carries a release.
fn carried(inputs: &Inputs, facts: &Facts, tag: &ReleaseTag) -> Result<Choice> {
    if let Request::Version(version) = &inputs.request
        && *version != tag.version
    {
        let message = format!("`{version}` cannot be released here: {} is `{}` already", facts.head.short(), tag.name);
        return Err(Error::new(ErrorKind::InvalidInput, message).hint("leave out `version`, or commit something first"));
    }
    let reason = format!("this commit is `{}` already", tag.name);
    Ok(Choice { bump: Bump::None, version: Some(tag.version.clone()), reason })
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
