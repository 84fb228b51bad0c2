//! Reading commit messages as one stream.

use std::ops::ControlFlow;

use slipway_core::git::{Argv, CommitId, Records};
use slipway_core::{Host, Result};

use crate::ConfigRepository;

/// A commit as the log gives it.
pub(crate) struct Commit {
    pub(crate) id: CommitId,
    /// When it was committed, in milliseconds since the Unix epoch.
    pub(crate) time: i64,
    pub(crate) message: String,
}

/// The start of a command that [`ConfigRepository::commits`] reads.
pub(crate) fn history() -> Argv {
    Argv::new("log").flag("-z").flag("--no-show-signature").flag("--no-notes").flag("--format=%H %ct%n%B")
}

impl<H: Host> ConfigRepository<'_, H> {
    /// Hands on the commits of a log, newest first, until it is told to stop.
    pub(crate) async fn commits(&self, log: Argv, mut on_commit: impl FnMut(Commit) -> ControlFlow<()>) -> Result<()> {
        // Compiled once for all who call it.
        self.each_commit(log, &mut on_commit).await
    }

    async fn each_commit(&self, log: Argv, on_commit: &mut dyn FnMut(Commit) -> ControlFlow<()>) -> Result<()> {
        let mut records = Records::default();
        let mut ended = false;
        let mut read = |record: &[u8]| {
            let flow = read_commit(record).map_or(ControlFlow::Continue(()), &mut *on_commit);
            ended |= flow.is_break();
            flow
        };
        self.git.stream(log, &mut |chunk| records.split(chunk, &mut read)).await?;
        let rest = records.rest();
        if !ended {
            // Between records there is a NUL; after the last one there need not be.
            let _ = read_commit(&rest).map(on_commit);
        }
        Ok(())
    }
}

fn read_commit(record: &[u8]) -> Option<Commit> {
    let text = String::from_utf8_lossy(record);
    let (head, message) = text.split_once('\n')?;
    let (id, time) = head.split_once(' ')?;
    let seconds: i64 = time.parse().ok()?;
    Some(Commit { id: id.parse().ok()?, time: seconds.saturating_mul(1000), message: message.into() })
}
