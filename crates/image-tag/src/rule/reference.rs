//! `type=ref`: the branch, the tag or the pull request of the event.

use super::version::{release, release_of_tag};
use super::{Answer, Evaluate, Type};
use crate::forward::Release;
use crate::run::{Judged, Run};

pub(super) const TYPE: Type = Type {
    name: "ref",
    priority: 600.0,
    attributes: &["event"],
    parse: |attributes| Ok(Box::new(attributes.word("event", EVENTS, None)?)),
};

const EVENTS: &[(&str, Reference)] = &[
    ("branch", Reference::Branch),
    ("tag", Reference::Tag),
    ("pr", Reference::PullRequest),
    ("merge_group", Reference::MergeGroup),
];

#[derive(Clone, Copy)]
enum Reference {
    Branch,
    Tag,
    PullRequest,
    /// An entry of a merge queue, by the pull request that it is made of.
    MergeGroup,
}

impl Evaluate for Reference {
    fn evaluate(&self, run: &Run) -> Answer {
        let facts = run.facts;
        let (value, kind, latest) = match self {
            Self::Branch => (facts.branch().map(Into::into), "on a branch", false),
            Self::Tag => (facts.tag().map(Into::into), "on a tag", true),
            Self::PullRequest => {
                let number = facts.git_ref.strip_prefix("refs/pull/");
                let number = number.map(|number| number.strip_suffix("/merge").unwrap_or(number).into());
                (number, "for a pull request", false)
            }
            Self::MergeGroup => {
                let number = facts.pull_request_number.filter(|_| facts.event == "merge_group");
                (number.map(|number| number.to_string()), "for an entry of a merge queue", false)
            }
        };
        match value {
            Some(value) => Answer::Fires { value, latest },
            None => Answer::Rests(format!("the run is not {kind}")),
        }
    }

    fn release(&self, run: &Run) -> Option<Release> {
        let own = run.facts.tag().filter(|_| matches!(self, Self::Tag))?;
        match run.judged() {
            None => release_of_tag(own, own),
            Some(Judged::Tag(tag)) => release_of_tag(tag, own),
            Some(Judged::Version(text)) => release(text),
        }
    }

    fn prefix(&self) -> Option<&'static str> {
        matches!(self, Self::PullRequest | Self::MergeGroup).then_some("pr-")
    }

    fn variant(&self) -> Option<&'static str> {
        Some(match self {
            Self::Branch => "branch",
            Self::Tag => "tag",
            Self::PullRequest => "pr",
            Self::MergeGroup => "merge_group",
        })
    }
}
