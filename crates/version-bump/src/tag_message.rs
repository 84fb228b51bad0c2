//! The message of a release tag: the version, who asked, and the commits that decided.

use semver::Version;
use slipway_core::order;
use slipway_core::text::shorten;

use crate::choice::NAMED;
use crate::decision::Decision;
use crate::facts::Facts;
use crate::plan::Plan;
use crate::version::Bump;

/// Writes the message.
pub(crate) fn write(facts: &Facts, version: &Version, plan: &Plan, decisions: &[Decision]) -> String {
    let after = match &plan.previous {
        Some(previous) if previous != version => format!("{} release after {previous}", plan.bump.word()),
        Some(_) => "published from a tag that was only local".into(),
        None => "first release".into(),
    };
    let actor = if facts.actor.is_empty() { "nobody by name" } else { &facts.actor };
    let run = if facts.run_url.is_empty() { String::new() } else { format!(" in {}", facts.run_url) };
    let mut message = format!("Version {version}\n\nA {after}: {}.\nRequested by {actor}{run}.\n", plan.reason);
    let mut deciding: Vec<&Decision> = decisions.iter().filter(|decision| decision.bump != Bump::None).collect();
    order::sort_by_key(&mut deciding, |decision| std::cmp::Reverse(decision.bump));
    for (place, decision) in deciding.iter().take(NAMED * 5).enumerate() {
        let gap = if place == 0 { "\n" } else { "" };
        message += &format!("{gap}- {} {}\n", decision.commit.id.short(), shorten(&decision.commit.subject, 100));
    }
    if deciding.len() > NAMED * 5 {
        message += &format!("- and {} more\n", deciding.len() - NAMED * 5);
    }
    message
}
