//! Pushing: never by force, and every update with its precondition.

use super::{Argv, CommitId, Git, RefName, failure};
use crate::host::Host;
use crate::{Error, ErrorKind, Result};

/// One ref to move on the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The object it is to lead to: a commit, or an annotated tag.
    pub object: CommitId,
    /// The ref.
    pub target: RefName,
    /// What must hold on the remote.
    pub expected: Expected,
}

/// The precondition of a [`RefUpdate`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// The ref leads to this commit, or to any ancestor of the new one: git's own fast-forward rule.
    FastForward,
    /// The ref does not exist yet.
    Absent,
}

impl<H: Host> Git<'_, H> {
    /// Moves refs on a remote, all of them or none.
    ///
    /// # Errors
    /// `LostRace` if somebody else moved one first, `PushRejected` if the remote will never take it, `Permission`, `Network`.
    pub async fn push(&self, url: &str, updates: &[RefUpdate]) -> Result<()> {
        let mut argv = Argv::new("push").flag("--porcelain").flag("--no-verify").flag("--no-follow-tags");
        if updates.len() > 1 {
            argv = argv.flag("--atomic");
        }
        for update in updates.iter().filter(|update| update.expected == Expected::Absent) {
            argv = argv.option("--force-with-lease", &format!("{}:", update.target));
        }
        argv = argv.end_of_options().revision(url);
        for update in updates {
            argv = argv.revision(&format!("{}:{}", update.object, update.target));
        }
        let done = self.complete(argv, Vec::new()).await?;
        if done.exit.code == Some(0) {
            return Ok(());
        }
        let status = String::from_utf8_lossy(&done.output);
        let said = String::from_utf8_lossy(&done.exit.errors);
        Err(match status.lines().find(|line| line.starts_with("!\t")) {
            Some(line) => rejection(line, &said),
            None => failure("push", &done.exit),
        })
    }
}

/// Reads a line of `git push --porcelain`: `!<tab>from:to<tab>[rejected] (reason)`.
fn rejection(line: &str, said: &str) -> Error {
    const RACES: [&str; 8] = [
        "fetch first",
        "non-fast-forward",
        "stale info",
        "cannot lock ref",
        "incorrect old value",
        "failed to update ref",
        "reference already exists",
        "already exists",
    ];
    let target = line.split('\t').nth(1).and_then(|refs| refs.split_once(':')).map_or("the ref", |(_, to)| to);
    let reason = line.split('\t').nth(2).unwrap_or_default();
    if RACES.iter().any(|race| reason.contains(race) || (reason.contains("remote rejected") && said.contains(race))) {
        return Error::new(ErrorKind::LostRace, format!("somebody else moved `{target}` first"));
    }
    let remote: Vec<&str> =
        said.lines().filter_map(|line| line.strip_prefix("remote:")).map(str::trim).filter(|l| !l.is_empty()).collect();
    let why = if remote.is_empty() { reason.to_owned() } else { format!("{reason}: {}", remote.join(" ")) };
    Error::new(ErrorKind::PushRejected, format!("the remote refuses `{target}`: {why}"))
        .hint("allow this job to push there in the rules of the branch or tag")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn races_are_told_from_refusals() {
        let line = |reason: &str| format!("!\trefs/heads/main:refs/heads/main\t{reason}");
        for (reason, said, kind) in [
            ("[rejected] (fetch first)", "", ErrorKind::LostRace),
            ("[rejected] (stale info)", "", ErrorKind::LostRace),
            ("[remote rejected] (cannot lock ref 'refs/heads/main': is at a but expected b)", "", ErrorKind::LostRace),
            (
                "[remote rejected] (pre-receive hook declined)",
                "remote: GH006: Protected branch update failed",
                ErrorKind::PushRejected,
            ),
        ] {
            assert_eq!(rejection(&line(reason), said).kind(), kind, "{reason}");
        }
        let error = rejection(&line("[remote rejected] (pre-receive hook declined)"), "remote: no pushes on Friday\n");
        assert_eq!(
            error.message(),
            "the remote refuses `refs/heads/main`: [remote rejected] (pre-receive hook declined): no pushes on Friday"
        );
    }
}
