//! The message of a release tag: the version, the commits that decided, who asked, and why.

use semver::Version;
use slipway_core::git::Trailers;
use slipway_core::order;
use slipway_core::text::shorten;

use crate::choice::NAMED;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::release::asked;
use crate::version::Bump;

/// Writes the message.
pub(crate) fn write(inputs: &Inputs, facts: &Facts, version: &Version, plan: &Plan, decisions: &[Decision]) -> String {
    let after = match &plan.previous {
        Some(previous) if previous != version => format!("{} release after {previous}", plan.bump.word()),
        Some(_) => "published from a tag that was only local".into(),
        None => "first release".into(),
    };
    let mut message = format!("Version {version}\n\nA {after}: {}.\n", plan.reason);
    let mut deciding: Vec<&Decision> = decisions.iter().filter(|decision| decision.bump != Bump::None).collect();
    order::sort_by_key(&mut deciding, |decision| std::cmp::Reverse(decision.bump));
    for (place, decision) in deciding.iter().take(NAMED * 5).enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        message += &format!("{gap}- {} {}\n", decision.commit.id.short(), shorten(&decision.commit.subject, 100));
    }
    if deciding.len() > NAMED * 5 {
        message += &format!("- and {} more\n", deciding.len() - NAMED * 5);
    }
    let asked = asked::trailers(inputs, facts, Trailers::default()).paragraph();
    if !asked.is_empty() {
        message += &format!("\n{asked}");
    }
    message
}
