//! Other refs of the checkout that become the same tag: `feature/a` and `feature-a`.

use slipway_core::git::{Argv, Git};
use slipway_core::{Context, Host, Result};

use super::Facts;
use crate::rare::rare;
use crate::valid;

/// How many refs are looked at.
const LIMIT: &str = "--count=10000";

/// Looks for them where there can be any. A checkout that is not there, or has only the ref of the run, tells nothing.
pub(super) async fn read<H: Host>(context: &Context<H>, facts: &mut Facts) {
    let (name, places) = match (facts.branch(), facts.tag()) {
        (Some(branch), _) => (branch.to_owned(), &["refs/heads/", "refs/remotes/"][..]),
        (None, Some(tag)) => (tag.to_owned(), &["refs/tags/"][..]),
        (None, None) => return,
    };
    let tag = valid::tag(&name);
    // What a tag cannot hold becomes a hyphen, so a name without one has no namesake.
    if tag.as_ref().is_none_or(|tag| tag.as_str() == name && !name.contains('-')) {
        return;
    }
    let Ok(listed) = rare(list(context, places)).await else { return };
    for line in listed.lines() {
        let local = line.strip_prefix("refs/heads/").or_else(|| line.strip_prefix("refs/tags/"));
        let remote = line.strip_prefix("refs/remotes/").and_then(|name| name.split_once('/')).map(|(_, name)| name);
        let Some(other) = local.or(remote) else { continue };
        if other != name && valid::tag(other) == tag && !facts.namesakes.iter().any(|known| known == other) {
            facts.namesakes.push(other.into());
        }
    }
}

async fn list<H: Host>(context: &Context<H>, places: &[&'static str]) -> Result<String> {
    let argv = Argv::new("for-each-ref").flag(LIMIT).flag("--format=%(refname)");
    Git::open(context).await?.text(places.iter().fold(argv, |argv, place| argv.flag(place))).await
}
