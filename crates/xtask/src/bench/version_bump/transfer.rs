//! What crosses the wire when the clone is one commit deep.

use std::path::Path;

use anyhow::Result;
use testbed::{BareRepository, GitServer, Repository};

use super::{measure, ours};

/// What a run fetched, in bytes.
pub(super) struct Transfer {
    /// Packs.
    pub packs: u64,
    /// The list of the remote's tags, and what else git says.
    pub rest: u64,
}

/// Runs the program in a clone with `fetch-depth: 1` and no tags, as actions/checkout makes it.
pub(super) fn of_shallow_clone(program: &Path, repository: &Path) -> Result<Transfer> {
    let server = GitServer::start("unused");
    let url = server.add("acme/shop", &BareRepository::mirror_of(repository));
    let clone = Repository::clone_from(&url, Some(1));
    let before = server.sent();
    measure::time(&mut ours(program, clone.path()))?;
    let after = server.sent();
    Ok(Transfer { packs: after.packs - before.packs, rest: after.rest - before.rest })
}
