//! The next version, and what is to be done about it.

use semver::Version;
use serde::Serialize;
use slipway_core::git::{CommitId, TagName};
use slipway_core::github::NewComment;
use slipway_core::{Error, ErrorKind, Result};

use crate::backtest::{self, Backtest};
use crate::changelog::{self, Release};
use crate::channels::Channel;
use crate::choice::{Choice, Since, Source, choose, choose_pre_release};
use crate::decision::{Decision, decide};
use crate::facts::Facts;
use crate::file_change::FileChange;
use crate::inputs::{Inputs, Request};
use crate::notes::{self, About};
use crate::preview::{self, Preview};
use crate::pull_request::{self, Proposal, Settled};
use crate::refusal::refusal;
use crate::release::page::Page;
use crate::release::{self, Effects};
use crate::tag_message;
use crate::tags::ReleaseTag;
use crate::version::Bump;
use crate::version_files::{self, Step};

/// So many commits are listed; all of them count.
const LISTED: usize = 2000;

/// The decision, and what it writes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The commit to release.
    pub(crate) head: CommitId,
    /// The commit that carries the release: HEAD, or a release commit on it.
    pub(crate) carried: Option<CommitId>,
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
    /// The branch that is released, where that matters.
    pub(crate) branch: Option<String>,
    /// What that branch may release.
    pub(crate) channel: Channel,
    /// What asks for a release beside the commits.
    pub(crate) sources: Vec<Source>,
    /// Whether HEAD carries the tag already, on the remote.
    pub(crate) is_released: bool,
    /// What to push, if the plan is carried out: precondition is that the tag does not exist.
    pub(crate) create: Option<NewTag>,
    /// Address of the release on GitHub that is there.
    pub(crate) release_url: Option<String>,
    /// What is written beside the tag, each with its precondition.
    pub(crate) effects: Effects,
    /// The files that the release commit changes; without one, no commit is made.
    pub(crate) changes: Vec<FileChange>,
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
    /// What merging would release, where the event asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview: Option<Preview>,
    /// The comment to write on the pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) comment: Option<NewComment>,
    /// What becomes of the release pull request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proposal: Option<Proposal>,
    /// Release notes in Markdown.
    pub(crate) notes: String,
    /// Tags with the prefix that name no version.
    pub(crate) ignored_tags: Vec<String>,
    /// What is worth knowing.
    pub(crate) notices: Vec<String>,
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
    let (preview, landed) =
        facts.change.as_ref().map(|change| preview::answer(inputs, facts, change)).transpose()?.unzip();
    let facts = landed.as_ref().unwrap_or(facts);
    let (merged, outdated) = match pull_request::settle(inputs, facts)? {
        Some(Settled::Release(there, choice)) => (Some((there, choice)), None),
        Some(Settled::Outdated(why, version)) => (None, Some((why, version))),
        None => (None, None),
    };
    let is_merged = merged.is_some();
    let (there, merged) = merged.unzip();
    let (outdated, in_files) = outdated.unzip();
    let facts = there.as_deref().unwrap_or(facts);
    let Decided { last, decisions, choice, found } = decided(inputs, facts)?;
    let mut plan = chosen(inputs, facts, last, merged.unwrap_or(choice))?;
    plan.preview = preview;
    plan.commit_count = decisions.len();
    let about = about(facts, last, &plan);
    plan.notes = notes::write(&decisions, &about);
    plan.warnings.extend(outdated);
    warn(inputs, facts, &decisions, found, &mut plan);
    if !is_merged {
        change_files(inputs, facts, in_files.as_ref(), &about, &decisions, &mut plan)?;
    }
    answer(inputs, facts, is_merged, &decisions, &mut plan)?;
    carry_out(inputs, facts, &decisions, &mut plan)?;
    plan.commits = listed(decisions);
    if let (Some(preview), Some(change)) = (&plan.preview, &facts.change) {
        plan.comment = preview::plan_comment(&plan, preview, &change.comment);
        plan.acts = plan.comment.is_some();
    }
    Ok(plan)
}

/// The version that was chosen, with nothing to do about it yet.
fn chosen(inputs: &Inputs, facts: &Facts, last: Option<&ReleaseTag>, choice: Choice) -> Result<Plan> {
    Ok(Plan {
        head: facts.head.clone(),
        carried: facts.carried.as_ref().map(|tag| tag.commit.clone()),
        previous: last.map(|tag| tag.version.clone()),
        tag: choice.version.as_ref().map(|version| tag_name(facts, last, version)).transpose()?,
        version: choice.version,
        bump: choice.bump,
        reason: choice.reason,
        branch: facts.branch.clone(),
        channel: facts.channel.clone(),
        sources: facts.sources.clone(),
        is_released: facts.carried.as_ref().is_some_and(|tag| tag.published),
        create: None,
        release_url: match &facts.standing.page {
            Page::Published(url) => Some(url.clone()),
            Page::Unknown | Page::Missing => None,
        },
        effects: Effects::default(),
        changes: Vec::new(),
        acts: inputs.mode.acts() && !facts.is_preview,
        approval_required: false,
        refusal: choice.refusal,
        commit_count: 0,
        notes: String::new(),
        preview: None,
        comment: None,
        proposal: None,
        commits: Vec::new(),
        ignored_tags: ignored_tags(facts),
        notices: Vec::new(),
        backtest: facts.backtest.as_ref().map(|material| backtest::plan(inputs, &facts.tags, material)),
        warnings: facts.warnings.clone(),
    })
}

/// What is odd about the version. `found` is what the commits ask for.
fn warn(inputs: &Inputs, facts: &Facts, decisions: &[Decision], found: Bump, plan: &mut Plan) {
    plan.warnings.extend(doubts(decisions));
    plan.warnings.extend(plan.preview.as_ref().and_then(|preview| preview.title_fault.clone()));
    plan.warnings.extend(lower_than_before(facts, plan));
    if facts.channel == Channel::Unlisted && facts.carried.is_none() && inputs.request != Request::Auto {
        plan.warnings.push(format!("{}, so that nothing is released, whatever is asked for", plan.reason));
    }
    if let Request::Bump(bump) = inputs.request
        && bump < found
    {
        plan.warnings.push(format!("`bump: {}` was asked for, but the commits make it {}", bump.word(), found.word()));
    }
}

/// What the release changes in files. `in_files` is the version that stands in them, where that is not the last release.
fn change_files(
    inputs: &Inputs,
    facts: &Facts,
    in_files: Option<&Version>,
    about: &About,
    decisions: &[Decision],
    plan: &mut Plan,
) -> Result<()> {
    let (Some(version), Some(files), true) = (&plan.version, &facts.files, plan.bump != Bump::None) else {
        return Ok(());
    };
    let is_by_hand = matches!(inputs.request, Request::Version(_));
    let step = Step { last: in_files.or(plan.previous.as_ref()), new: version, is_by_hand };
    let planned = version_files::plan(&inputs.version_files, files, step)?;
    let release = Release { version, date: &facts.date, about, decisions };
    plan.changes = planned.changes;
    plan.changes.extend(changelog::change(&inputs.changelog, files, &release)?);
    plan.notices.extend(planned.notices);
    plan.warnings.extend(planned.warnings);
    plan.refusal = plan.refusal.take().or(planned.refusal);
    Ok(())
}

/// Whether it may be released, and what becomes of the release pull request.
fn answer(inputs: &Inputs, facts: &Facts, is_merged: bool, decisions: &[Decision], plan: &mut Plan) -> Result<()> {
    plan.refusal = plan.refusal.take().or_else(|| refusal(inputs, facts, plan, decisions));
    let needs_approval = plan.refusal.as_ref().is_some_and(|error| error.kind() == ErrorKind::ApprovalRequired);
    plan.approval_required = needs_approval && !is_merged;
    if needs_approval && facts.pull_request.is_some() {
        // Merging the release pull request is the approval.
        plan.refusal = None;
    }
    if facts.pull_request.is_some() && !is_merged && plan.refusal.is_none() {
        let proposal = pull_request::plan(inputs, facts, plan)?;
        if let Proposal::Hold(why) = &proposal {
            plan.warnings.push(why.clone());
        }
        plan.proposal = Some(proposal);
    }
    Ok(())
}

/// The tag, and what is written beside it.
fn carry_out(inputs: &Inputs, facts: &Facts, decisions: &[Decision], plan: &mut Plan) -> Result<()> {
    if let (Some(version), Some(name)) = (&plan.version, &plan.tag)
        && is_new(facts, plan.bump)
        && plan.refusal.is_none()
        && plan.proposal.is_none()
    {
        let message = tag_message::write(inputs, facts, version, plan, decisions);
        plan.create = Some(NewTag { name: name.clone(), message });
    }
    plan.effects = release::plan(inputs, facts, plan)?;
    if let Some(overtaken) = &plan.effects.overtaken {
        plan.warnings.push(overtaken.clone());
        plan.create = None;
    }
    Ok(())
}

/// What the notes need to know of the release.
fn about(facts: &Facts, last: Option<&ReleaseTag>, plan: &Plan) -> About {
    let tag = plan.tag.as_ref().filter(|_| plan.bump != Bump::None);
    About { web: facts.web.clone(), previous: last.map(|tag| tag.name.to_string()), tag: tag.map(ToString::to_string) }
}

/// The version, the release that it follows, and the commits in between.
pub(crate) struct Decided<'a> {
    last: Option<&'a ReleaseTag>,
    pub(crate) decisions: Vec<Decision>,
    pub(crate) choice: Choice,
    found: Bump,
}

impl Decided<'_> {
    /// The version that it follows.
    pub(crate) fn last_version(&self) -> Option<&Version> {
        self.last.map(|tag| &tag.version)
    }
}

/// Decides the version.
///
/// # Errors
/// `InvalidInput` if the version that a person asks for cannot follow, or if the numbers end.
pub(crate) fn decided<'a>(inputs: &Inputs, facts: &'a Facts) -> Result<Decided<'a>> {
    let (rules, request) = (&inputs.rules, &inputs.request);
    let sources = facts.sources.as_slice();
    let last = facts.last.as_ref();
    if let Some(tag) = &facts.carried {
        let choice = carried(inputs, facts, tag)?;
        return Ok(Decided { last, decisions: Vec::new(), choice, found: Bump::None });
    }
    let decisions = decide(&facts.commits, rules);
    let stable = Since { last, decisions: &decisions, sources };
    let before = facts.newer.as_ref().and_then(|newer| newer.last.as_ref());
    let Some(identifier) = facts.channel.identifier() else {
        let choice = match facts.channel {
            Channel::Unlisted => unlisted(facts),
            _ => choose(rules, request, &facts.tags, stable, before)?,
        };
        return Ok(Decided { last, found: stable.found(), choice, decisions });
    };
    // What other channels released counts as well, but does not keep this one from releasing it as its own.
    let mut newer = facts.newer.as_ref().map_or_else(|| decisions.clone(), |newer| decide(&newer.commits, rules));
    let last = before.or(last);
    if let Some(own) = &facts.own
        && (Since { last, decisions: &newer, sources }).found() == Bump::None
    {
        newer = decide(&own.commits, rules);
    }
    let since = Since { last, decisions: &newer, sources };
    let choice = choose_pre_release(rules, request, &facts.tags, identifier, stable, since)?;
    Ok(Decided { last, found: since.found(), choice, decisions: newer })
}

/// What there is to say of a branch that releases nothing.
fn unlisted(facts: &Facts) -> Choice {
    let branch = facts.branch.as_deref().unwrap_or_default();
    let version = facts.last.as_ref().map(|tag| tag.version.clone());
    Choice {
        bump: Bump::None,
        version,
        reason: format!("`channels` does not list the branch `{branch}`"),
        refusal: None,
    }
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
    Ok(Choice { bump: Bump::None, version: Some(tag.version.clone()), reason, refusal: None })
}

fn tag_name(facts: &Facts, last: Option<&ReleaseTag>, version: &Version) -> Result<TagName> {
    match last.filter(|tag| tag.version == *version) {
        Some(tag) => Ok(tag.name.clone()),
        None => facts.tags.name(version, last),
    }
}

/// Whether there is something to push: a new release, or a tag that only this clone has.
fn is_new(facts: &Facts, bump: Bump) -> bool {
    match &facts.carried {
        Some(tag) => !tag.published,
        None => bump != Bump::None,
    }
}

/// Tags with the prefix that name no version and are not meant to.
fn ignored_tags(facts: &Facts) -> Vec<String> {
    let floats = |name: &&String| facts.standing.floating_tags.iter().any(|tag| tag.name == **name);
    facts.tags.ignored.iter().filter(|name| !floats(name)).take(100).cloned().collect()
}

/// A stable release that is lower than a pre-release on the way to it is allowed, but is rarely meant.
fn lower_than_before(facts: &Facts, plan: &Plan) -> Option<String> {
    let version = plan.version.as_ref().filter(|version| version.pre.is_empty() && plan.bump != Bump::None)?;
    let before = facts.newer.as_ref()?.last.as_ref().filter(|tag| tag.version > *version)?;
    Some(format!(
        "`{version}` is lower than `{}`, which is among its ancestors; `version` can set a higher one",
        before.name
    ))
}

fn doubts(decisions: &[Decision]) -> Vec<String> {
    let doubtful = decisions.iter().filter_map(|decision| Some((&decision.commit, decision.commit.said.doubt?)));
    doubtful.take(100).map(|(commit, doubt)| format!("{} {doubt}", commit.id.short())).collect()
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
