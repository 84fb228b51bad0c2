//! The versions that the ways of merging lead to.

use std::collections::BTreeSet;

use semver::Version;
use serde::Serialize;
use slipway_core::Result;
use slipway_core::git::CommitId;
use slipway_core::text::shorten;

use super::Change;
use super::event::{Method, PullRequest};
use crate::choice::Choice;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::plan::{Decided, decided};
use crate::version::Bump;

/// What merging would release.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Preview {
    /// The pull request; nothing for a group of the merge queue.
    pub request: Option<PullRequest>,
    /// The branch that it is merged into.
    pub branch: String,
    /// Whether something else is checked out than what is previewed.
    pub is_elsewhere: bool,
    /// The way of merging that the outputs go by; nothing for a group of the merge queue, whose commits are made already.
    pub method: Option<Method>,
    /// One per version that merging can lead to, that of `method` first.
    pub answers: Vec<Answer>,
    /// The commits that the pull request adds, where they are squashed into one.
    pub squashed: Vec<Decision>,
    /// What is wrong with the title of the pull request, if it is all that says what a squash changes, and says nothing.
    pub title_fault: Option<String>,
    /// The commits of the plan that the base does not have.
    #[serde(skip)]
    pub own: BTreeSet<CommitId>,
    /// The merge that GitHub tries out, which stands for the one that it will make.
    #[serde(skip)]
    pub trial: Option<CommitId>,
}

/// What some ways of merging lead to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Answer {
    /// The ways.
    pub methods: Vec<Method>,
    /// The next version; the last one if nothing is to be released.
    pub version: Option<Version>,
    /// How far it rises.
    pub bump: Bump,
    /// Why, in one sentence.
    pub reason: String,
    /// The first line of the commit that a squash makes.
    pub squash_title: Option<String>,
}

/// Answers what merging would release, and gives the facts as they would be after it.
///
/// # Errors
/// As [`decided`].
pub(crate) fn answer(inputs: &Inputs, facts: &Facts, change: &Change) -> Result<(Preview, Facts)> {
    let mut preview = Preview {
        request: change.subject.request.clone(),
        branch: change.subject.branch.clone(),
        is_elsewhere: change.subject.is_elsewhere,
        method: None,
        answers: Vec::new(),
        squashed: Vec::new(),
        title_fault: None,
        own: change.own.clone(),
        trial: change.subject.trial.clone(),
    };
    let Some(request) = &change.subject.request else { return Ok((preview, facts.clone())) };
    preview.own.extend([request.head.clone()].into_iter().chain(change.subject.trial.clone()));
    let followed = followed(inputs.merge_method, request);
    preview.method = Some(followed);
    let landed = change.landed(facts, request, followed);
    preview.add(followed, &decided(inputs, &landed)?);
    for method in request.methods.iter().copied().filter(|method| *method != followed) {
        preview.add(method, &decided(inputs, &change.landed(facts, request, method))?);
    }
    if followed == Method::Squash {
        let as_they_are = change.landed(facts, request, Method::Rebase);
        let decisions = decided(inputs, &as_they_are)?.decisions.into_iter();
        preview.squashed = decisions.filter(|decision| change.own.contains(&decision.commit.id)).collect();
    }
    Ok((preview, landed))
}

/// The way of merging that the outputs go by: the one that the input names; the one that is chosen already; else the first of those
/// that are allowed, in the order of GitHub's own defaults.
fn followed(asked: Option<Method>, request: &PullRequest) -> Method {
    asked.or(request.chosen).or_else(|| request.methods.first().copied()).unwrap_or(Method::Merge)
}

impl Preview {
    fn add(&mut self, method: Method, decided: &Decided<'_>) {
        let Choice { version, bump, reason, .. } = &decided.choice;
        let squash = decided.decisions.first().filter(|_| method == Method::Squash);
        let title = squash.map(|decision| decision.commit.subject.clone());
        self.title_fault = self.title_fault.take().or_else(|| squash.and_then(fault));
        match self.answers.iter_mut().find(|answer| answer.version == *version && answer.bump == *bump) {
            Some(answer) => {
                answer.methods.push(method);
                answer.squash_title = answer.squash_title.take().or(title);
            }
            None => self.answers.push(Answer {
                methods: vec![method],
                version: version.clone(),
                bump: *bump,
                reason: reason.clone(),
                squash_title: title,
            }),
        }
    }
}

/// What is wrong with the message of a squash that says nothing.
fn fault(squash: &Decision) -> Option<String> {
    let commit = &squash.commit;
    let is_revert = ["Revert \"", "Reapply \""].iter().any(|mark| commit.subject.starts_with(mark));
    let says_nothing = squash.bump == Bump::None && commit.said.kind.is_none() && !is_revert;
    says_nothing.then(|| {
        let title = shorten(&commit.subject, 100);
        format!("squashed as `{title}`, this would release nothing: begin its title with a type, such as `feat: ` or `fix: `")
    })
}
