//! A git server and a GitHub with `acme/shop`, and a clone of it.

use serde_json::Value;
use testbed::{
    ActionRun, BareRepository, GitHub, GitServer, HostedRepository, Repository, Runner, get, push_job, run_action,
};

use crate::support::{TOKEN, released};

/// The server, what it holds, and the clone that a job checked out.
pub(crate) struct World {
    pub(crate) server: GitServer,
    pub(crate) github: GitHub,
    pub(crate) remote: BareRepository,
    pub(crate) clone: Repository,
}

impl World {
    pub(crate) fn new(origin: &Repository) -> Self {
        let server = GitServer::start(TOKEN);
        let remote = origin.bare_clone();
        let url = server.add("acme/shop", &remote);
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop").git(&remote));
        Self { server, github, remote, clone: Repository::clone_from(&url, None) }
    }

    /// A job on a push to `main`.
    pub(crate) fn run(&self, inputs: &[(&str, &str)]) -> ActionRun {
        self.run_in(&self.clone, inputs, &[])
    }

    /// The same in another clone, with more variables.
    pub(crate) fn run_in(&self, clone: &Repository, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> ActionRun {
        let (url, api) = (self.server.url(), self.github.api_url());
        let variables: Vec<(&str, &str)> = push_job(&url, &api).iter().chain(variables).copied().collect();
        let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("github-token", TOKEN)]).collect();
        run_action(Runner::Native, "version-bump", &inputs, &variables, clone.path())
    }

    /// The releases on GitHub, drafts too.
    pub(crate) fn releases(&self) -> Vec<Value> {
        let listed = get(&format!("{}/repos/acme/shop/releases", self.github.api_url())).expect("an answer").json();
        listed.as_array().expect("a list").clone()
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

/// The same with a file that holds the version.
pub(crate) fn with_version_file() -> Repository {
    let origin = Repository::new();
    let workflow = (".github/workflows/deploy.yml", "on:\n  workflow_dispatch:\n");
    origin.commit_files("chore: init", &[("version.txt", "1.4.2\n"), ("src/a.rs", "a\n"), workflow]);
    origin.tag("v1.4.2");
    origin.commit_files("feat: zip", &[("src/a.rs", "zip\n")]);
    origin
}
