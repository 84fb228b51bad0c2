//! Why a release is refused.

use slipway_core::{Error, ErrorKind};

use crate::choice::NAMED;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::version::Bump;

/// The reason not to release what the plan says, if there is one.
pub(crate) fn refusal(inputs: &Inputs, facts: &Facts, plan: &Plan, decisions: &[Decision]) -> Option<Error> {
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
