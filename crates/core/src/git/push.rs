//! Pushing: every update has its precondition, and nothing is sent again before the remote was looked at.

use super::{Argv, CommitId, Git, RefName, failure, remote};
use crate::host::Host;
use crate::{Error, ErrorKind, Result};

/// One ref to move on the remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// The object it is to lead to: a commit, or an annotated tag. Without one, the ref is deleted.
    pub object: Option<CommitId>,
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
    /// The ref names exactly this object. What it leads to then need not descend from it: for tags that are meant to move.
    At(CommitId),
}

impl<H: Host> Git<'_, H> {
    /// Moves refs on a remote, all of them or none. If the connection breaks, the remote is asked what became of it.
    ///
    /// # Errors
    /// `LostRace` if somebody else moved one first, `PushRejected` if the remote will never take it, `Permission`, `Network`.
    pub async fn push(&self, url: &str, updates: &[RefUpdate]) -> Result<()> {
        let mut attempt = 1;
        loop {
            let Err(error) = self.push_once(url, updates).await else { return Ok(()) };
            // git repeats a request itself on a connection that breaks, and can so lose a race against itself.
            let is_passing = matches!(error.kind(), ErrorKind::Network | ErrorKind::TimedOut | ErrorKind::RateLimited);
            if !is_passing && error.kind() != ErrorKind::LostRace {
                return Err(error);
            }
            match self.fate(url, updates).await {
                Ok(Fate::Done) => return Ok(()),
                Ok(Fate::Undone) if is_passing && attempt < remote::ATTEMPTS => {}
                Ok(_) => return Err(error),
                Err(_) if !is_passing => return Err(error),
                Err(second) => return Err(error.context(format!("it is not known what was pushed ({second})"))),
            }
            self.pause(attempt).await;
            attempt += 1;
        }
    }

    /// What became of a push.
    async fn fate(&self, url: &str, updates: &[RefUpdate]) -> Result<Fate> {
        let names: Vec<RefName> = updates.iter().map(|update| update.target.clone()).collect();
        let refs = self.remote_refs(url, &names).await?;
        let holds = |test: fn(&RefUpdate, Option<&CommitId>) -> bool| {
            updates.iter().all(|update| test(update, refs.get(&update.target)))
        };
        Ok(if holds(|update, found| found == update.object.as_ref()) {
            Fate::Done
        } else if holds(|update, found| match &update.expected {
            Expected::Absent => found.is_none(),
            Expected::At(old) => found == Some(old),
            // Where it was is not known; git itself sees whether it can be moved.
            Expected::FastForward => true,
        }) {
            Fate::Undone
        } else {
            Fate::Overtaken
        })
    }

    async fn push_once(&self, url: &str, updates: &[RefUpdate]) -> Result<()> {
        let mut argv = Argv::new("push").flag("--porcelain").flag("--no-verify").flag("--no-follow-tags");
        if updates.len() > 1 {
            argv = argv.flag("--atomic");
        }
        for update in updates {
            let old = match &update.expected {
                Expected::FastForward => continue,
                Expected::Absent => "",
                Expected::At(old) => old.as_str(),
            };
            argv = argv.option("--force-with-lease", &format!("{}:{old}", update.target));
        }
        argv = argv.end_of_options().remote(url);
        for update in updates {
            let object = update.object.as_ref().map_or("", CommitId::as_str);
            argv = argv.revision(&format!("{object}:{}", update.target));
        }
        self.finish_push(argv).await
    }

    async fn finish_push(&self, argv: Argv) -> Result<()> {
        let done = self.complete(argv, Vec::new()).await?;
        if done.exit.code == Some(0) {
            return Ok(());
        }
        let status = String::from_utf8_lossy(&done.output);
        let said = String::from_utf8_lossy(&done.exit.errors);
        let rejected = || status.lines().filter(|line| line.starts_with("!\t"));
        // Of an atomic push all refs are rejected; the one that was the reason says something else.
        let line = rejected().find(|line| !line.contains("(atomic ")).or_else(|| rejected().next());
        Err(match line {
            Some(line) if !line.contains("[remote failure]") => rejection(line, &said),
            _ => failure("push", &done.exit),
        })
    }
}

/// What became of a push that was not answered.
enum Fate {
    /// Every ref is where it should be.
    Done,
    /// Every ref is where it was.
    Undone,
    /// Somebody else moved one.
    Overtaken,
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
    // `a` and `a/b` cannot both be refs.
    const CONFLICTS: [&str; 2] = ["; cannot create '", "directory file conflict"];
    let target = line.split('\t').nth(1).and_then(|refs| refs.split_once(':')).map_or("the ref", |(_, to)| to);
    let reason = line.split('\t').nth(2).unwrap_or_default();
    let says = |words: &str| reason.contains(words) || (reason.contains("remote rejected") && said.contains(words));
    if CONFLICTS.into_iter().any(says) {
        let message = format!("the remote has a ref that `{target}` cannot stand beside: {reason}");
        return Error::new(ErrorKind::PushRejected, message)
            .hint("rename or delete the ref whose name goes on behind a slash, or ends before one");
    }
    if RACES.into_iter().any(says) {
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
                "[remote rejected] (cannot lock ref 'refs/tags/v1': 'refs/tags/v1/x' exists; cannot create 'refs/tags/v1')",
                "",
                ErrorKind::PushRejected,
            ),
            ("[remote rejected] (directory file conflict)", "", ErrorKind::PushRejected),
            ("[rejected] (non-fast-forward)", "", ErrorKind::LostRace),
            ("[remote rejected] (failed to update ref)", "", ErrorKind::LostRace),
            ("[remote rejected] (incorrect old value provided)", "", ErrorKind::LostRace),
            ("[remote rejected] (cannot lock ref)", "", ErrorKind::LostRace),
            ("[remote rejected] (deny updating a hidden ref)", "", ErrorKind::PushRejected),
            ("[remote rejected] (deletion prohibited)", "", ErrorKind::PushRejected),
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
