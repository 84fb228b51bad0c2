//! All files of a commit in a directory, for programs that must see them.

use slipway_core::git::{Argv, Git};
use slipway_core::{Context, Host, Result};

use crate::ConfigRepository;
use crate::configuration::REMOTE;

impl<H: Host> ConfigRepository<'_, H> {
    /// Writes the files of the head into a directory: one request for all of them, where the partial clone of the scratch repository
    /// would make one for every directory. The directory is no repository.
    ///
    /// # Errors
    /// `Network`, `Permission`, `Git`.
    pub async fn check_out(&self, context: &Context<H>, directory: &str) -> Result<()> {
        let address = self.remote.address();
        let scratch = Git::scratch(context).await?.logging_in(address);
        let done = async {
            let whole = self.location().access().connect(scratch.clone()).await?;
            whole.set_origin(address).await?;
            let fetch = Argv::new("fetch").flag("--quiet").flag("--no-tags").flag("--depth=1").end_of_options();
            whole.bytes(fetch.revision(REMOTE).commit(self.head())).await?;
            // Hooks are switched off for every command of ours.
            let add = Argv::new("worktree").flag("add").flag("--quiet").flag("--detach").end_of_options();
            whole.text(add.revision(directory).commit(self.head())).await?;
            context.host.remove(&format!("{directory}/.git")).await
        }
        .await;
        context.discard(scratch.directory()).await;
        done
    }
}
