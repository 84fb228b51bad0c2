//! `type=ref`: the branch, the tag or the pull request of the event.

use super::{Answer, Type};

pub(super) const TYPE: Type = Type {
    name: "ref",
    priority: 600.0,
    attributes: &["event"],
    check: |attributes| attributes.word("event", &["branch", "tag", "pr"], None).map(drop),
    prefix: |attributes| (attributes.get("event") == Some("pr")).then_some("pr-"),
    evaluate: |attributes, facts| {
        let (value, kind, latest) = match attributes.get("event") {
            Some("branch") => (facts.branch(), "branch", false),
            Some("tag") => (facts.tag(), "tag", true),
            _ => {
                let number = facts.git_ref.strip_prefix("refs/pull/");
                (number.map(|number| number.strip_suffix("/merge").unwrap_or(number)), "pull request", false)
            }
        };
        Ok(match value {
            Some(value) => Answer::Fires { value: value.into(), latest },
            None => Answer::Rests(format!("the run is not on a {kind}")),
        })
    },
};
