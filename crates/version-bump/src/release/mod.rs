//! Carrying a release out: what is to be written, in which order, and what of it is there already.
//!
//! The order is: release commit and tag in one push, the release on GitHub, floating tags, follow-up workflows. Each has a
//! precondition, and a run that finds some of them done does the rest.

pub(crate) mod above;
pub(crate) mod asked;
pub(crate) mod assets;
pub(crate) mod commit;
pub(crate) mod dispatch;
pub(crate) mod floating;
pub(crate) mod page;
pub(crate) mod signing;
pub(crate) mod standing;
pub(crate) mod template;

use semver::Version;
use serde::Serialize;
use slipway_core::git::TagName;
use slipway_core::{ComponentName, Error, ErrorKind, Result};

use crate::decision::decide;
use crate::facts::Facts;
use crate::inputs::{Inputs, Mode};
use crate::notes::{self, About};
use crate::plan::Plan;
use commit::NewCommit;
use dispatch::NewDispatch;
use floating::MovedTag;
use page::{NewPage, Page};
use template::Values;

/// What a release writes beside its tag, in this order. What is there already is left out.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Effects {
    /// The commit with the changed files; pushed together with the tag.
    pub commit: Option<NewCommit>,
    /// The release on GitHub.
    pub page: Option<NewPage>,
    /// Floating tags.
    pub floating_tags: Vec<MovedTag>,
    /// Follow-up workflows.
    pub dispatches: Vec<NewDispatch>,
    /// Why nothing is released although there is something to release.
    pub overtaken: Option<String>,
    /// What is left out, and why.
    pub notices: Vec<String>,
}

impl Effects {
    /// Whether nothing is missing.
    pub(crate) fn is_empty(&self) -> bool {
        self.commit.is_none() && self.page.is_none() && self.floating_tags.is_empty() && self.dispatches.is_empty()
    }
}

/// Plans what is to be written beside the tag of the plan, or beside the one that is there.
///
/// # Errors
/// `InvalidInput` if there are files to change, but no branch to commit them on or HEAD is not pushed, or if two files to upload have one name; `NotFound` if
/// a file to upload is not there.
pub(crate) fn plan(inputs: &Inputs, facts: &Facts, plan: &Plan) -> Result<Effects> {
    let mut effects = Effects::default();
    let (Some(version), Some(tag)) = (&plan.version, &plan.tag) else { return Ok(effects) };
    let is_new = plan.create.is_some();
    if facts.is_preview || !(is_new || plan.is_released && facts.carried.is_some()) {
        return Ok(effects);
    }
    let text = version.to_string();
    let component = inputs.component().map_or("", ComponentName::as_str);
    let values = Values { version: &text, tag: tag.as_str(), component };
    if is_new && facts.carried.is_none() && !plan.changes.is_empty() && inputs.mode != Mode::Tag {
        let ground = facts.standing.ground.as_ref().ok_or_else(no_branch)?;
        ground.check(&facts.head)?;
        if !ground.is_own {
            effects.overtaken = Some(format!(
                "`{}` is at {} on the remote and not at this commit, {}: `{version}` is left to the run of that commit",
                ground.branch,
                ground.tip.short(),
                facts.head.short()
            ));
            return Ok(effects);
        }
        effects.commit = Some(commit::plan(inputs, facts, ground, &values));
    }
    if inputs.mode != Mode::Tag {
        effects.page = page(inputs, facts, plan, version, tag, is_new);
        if let (Some(fault), true, true) = (&facts.standing.assets.fault, effects.page.is_some(), inputs.mode.acts()) {
            return Err(fault.clone());
        }
        if effects.page.is_none() && facts.standing.repository.is_none() && is_new {
            effects.notices.push("no release on GitHub is made: `origin` is not on its server".into());
        }
    }
    let stem = tag.as_str().strip_suffix(&text).unwrap_or_default();
    let at = facts.carried.as_ref().map(|tag| &tag.commit);
    let found = &facts.standing.floating_tags;
    effects.floating_tags = floating::plan(&inputs.floating_tags, &facts.tags, found, stem, version, at)?;
    for dispatch in &inputs.dispatches {
        let pending = dispatch.pending(tag)?;
        if is_new || facts.standing.pending.contains(&pending) {
            effects.dispatches.push(dispatch.plan(facts.standing.repository.as_ref(), &values, pending));
        }
    }
    Ok(effects)
}

fn page(
    inputs: &Inputs,
    facts: &Facts,
    plan: &Plan,
    version: &Version,
    tag: &TagName,
    is_new: bool,
) -> Option<NewPage> {
    let repository = facts.standing.repository.as_ref().filter(|_| is_new || facts.standing.page == Page::Missing)?;
    let is_stable = version.pre.is_empty();
    let is_higher = |other: &Version| other.pre.is_empty() && other.cmp_precedence(version).is_gt();
    let notes = match &facts.standing.before {
        Some(before) => {
            let previous = before.last.as_ref().map(|tag| tag.name.to_string());
            let about = About { web: facts.web.clone(), previous, tag: Some(tag.to_string()) };
            notes::write(&decide(&before.commits, &inputs.rules), &about)
        }
        None => plan.notes.clone(),
    };
    Some(NewPage {
        repository: repository.to_string(),
        tag: tag.clone(),
        notes,
        prerelease: !is_stable,
        latest: (!is_stable || inputs.component().is_none())
            .then(|| is_stable && !facts.tags.releases.iter().any(|tag| is_higher(&tag.version))),
        assets: facts.standing.assets.found.clone(),
    })
}

fn no_branch() -> Error {
    Error::new(ErrorKind::InvalidInput, "there are files to change, but no branch of the remote to commit them on")
        .hint("check out a branch that the remote has, or set `branch`")
}
