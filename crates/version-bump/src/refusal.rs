//! Why a release is refused.

use semver::Version;
use slipway_core::{Error, ErrorKind};

use crate::channels::Channel;
use crate::choice::NAMED;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::inputs::{Inputs, Request};
use crate::plan::Plan;
use crate::version::Bump;

/// The reason not to release what the plan says, if there is one.
pub(crate) fn refusal(inputs: &Inputs, facts: &Facts, plan: &Plan, decisions: &[Decision]) -> Option<Error> {
    let version = plan.version.as_ref().filter(|_| facts.carried.is_none() && plan.bump != Bump::None)?;
    left_out(inputs, facts, version)
        .or_else(|| out_of_range(inputs, facts, version, plan, decisions))
        .or_else(|| exists(facts, version))
        .or_else(|| needs_approval(inputs, version, plan, decisions))
}

/// What looks like a first release is none if only the prefix hides those before it.
fn left_out(inputs: &Inputs, facts: &Facts, version: &Version) -> Option<Error> {
    let last = facts.left_out.as_ref().filter(|last| last.version.cmp_precedence(version).is_ge())?;
    if matches!(inputs.request, Request::Version(_)) {
        return None;
    }
    let message = format!(
        "`{version}` would be the first release with `tag-prefix: \"{}\"`, but `{}` is there",
        inputs.prefix.as_str(),
        last.name
    );
    let hint = format!("set `tag-prefix: \"{}\"`, or `initial-version` to a higher version", last.prefix);
    Some(Error::new(ErrorKind::Downgrade, message).hint(hint))
}

/// Maintenance branches keep to their range, and the others to what is left.
fn out_of_range(
    inputs: &Inputs,
    facts: &Facts,
    version: &Version,
    plan: &Plan,
    decisions: &[Decision],
) -> Option<Error> {
    if let Channel::Maintenance(range) = &facts.channel {
        if range.contains(version) {
            return None;
        }
        let branch = facts.branch.as_deref().unwrap_or_default();
        let message = format!("`{version}` is out of `{range}`, which is all that the branch `{branch}` releases");
        let causes = causes(decisions, plan.bump);
        let causes = if causes.is_empty() { String::new() } else { format!(": {causes}") };
        let hint = "take these commits to a branch that may release them, or revert them here";
        return Some(Error::new(ErrorKind::OutOfRange, message + &causes).hint(hint));
    }
    let (branch, range) = inputs.channels.maintained().find(|(_, range)| range.contains(version))?;
    let message = format!("`{version}` is in `{range}`, which the maintenance branch `{branch}` releases");
    let hint = format!("release it from `{branch}`, or set `version` to a higher one");
    Some(Error::new(ErrorKind::OutOfRange, message).hint(hint))
}

/// A release tag is never moved, and a pre-release never follows its final version.
fn exists(facts: &Facts, version: &Version) -> Option<Error> {
    let refuse = |message: String, hint: String| Some(Error::new(ErrorKind::TagExists, message).hint(hint));
    if let Some(tag) = facts.tags.of(version) {
        let message = format!(
            "the tag `{}` exists on {}, which is not this commit, {}; a release tag is never moved",
            tag.name,
            tag.commit.short(),
            facts.head.short()
        );
        let hint = match facts.channel {
            Channel::Maintenance(_) => {
                "another branch has released it: take these commits there, and only patches here"
            }
            _ => "check out the branch that has the tag, or set `version` to one that is free",
        };
        return refuse(message, hint.into());
    }
    if version.pre.is_empty() {
        return None;
    }
    let numbers = Version::new(version.major, version.minor, version.patch);
    let tag = facts.tags.of(&numbers)?;
    let message =
        format!("`{version}` would come after `{}`, which is released already, on {}", tag.name, tag.commit.short());
    refuse(message, format!("merge the commit of `{}` into this branch first", tag.name))
}

fn needs_approval(inputs: &Inputs, version: &Version, plan: &Plan, decisions: &[Decision]) -> Option<Error> {
    let previous = plan.previous.as_ref()?;
    if inputs.allow_major || version.major == previous.major {
        return None;
    }
    let causes = causes(decisions, Bump::Major);
    let causes = if causes.is_empty() { plan.reason.clone() } else { causes };
    let message = format!("`{version}` after `{previous}` is a major release and needs approval: {causes}");
    Some(Error::new(ErrorKind::ApprovalRequired, message).hint("set `allow-major: true` once a release manager agrees"))
}

/// The commits that ask for as much, or for more.
fn causes(decisions: &[Decision], bump: Bump) -> String {
    let asking = decisions.iter().filter(|decision| decision.bump >= bump);
    let named =
        asking.take(NAMED).map(|decision| format!("{} {}", decision.commit.id.short(), decision.commit.subject));
    named.collect::<Vec<_>>().join("; ")
}
