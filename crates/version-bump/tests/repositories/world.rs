//! A git server with `acme/shop`, and a clone of it.

use testbed::{ActionRun, BareRepository, GitServer, Repository, Runner, run_action};

use crate::support::{TOKEN, released};

/// The server, what it holds, and the clone that a job checked out.
pub(crate) struct World {
    pub(crate) server: GitServer,
    pub(crate) remote: BareRepository,
    pub(crate) clone: Repository,
}

impl World {
    pub(crate) fn new(origin: &Repository) -> Self {
        let server = GitServer::start(TOKEN);
        let remote = origin.bare_clone();
        let url = server.add("acme/shop", &remote);
        Self { server, remote, clone: Repository::clone_from(&url, None) }
    }

    /// A job on a push to `main`.
    pub(crate) fn run(&self, inputs: &[(&str, &str)]) -> ActionRun {
        self.run_in(&self.clone, inputs, &[])
    }

    /// The same in another clone, with more variables.
    pub(crate) fn run_in(&self, clone: &Repository, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> ActionRun {
        let url = self.server.url();
        let job = [
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_ACTOR", "ada"),
            ("GITHUB_SERVER_URL", url.as_str()),
        ];
        let variables: Vec<(&str, &str)> = job.iter().chain(variables).copied().collect();
        let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("github-token", TOKEN)]).collect();
        run_action(Runner::Native, "version-bump", &inputs, &variables, clone.path())
    }

    /// Another clone.
    pub(crate) fn another_clone(&self) -> Repository {
        Repository::clone_from(&self.server.repository_url("acme/shop"), None)
    }

    /// Where a revision of the server leads.
    pub(crate) fn at(&self, revision: &str) -> String {
        self.remote.git(&["rev-parse", &format!("{revision}^{{commit}}")])
    }

    /// Whether the server has a ref.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.remote.refs().contains_key(name)
    }
}

/// A repository with `v1.4.2` and a feature since then.
pub(crate) fn with_feature() -> Repository {
    let origin = released();
    origin.commit("feat: zip");
    origin
}
