//! A config repository on a git server, GitHub's API beside it, and jobs that deploy to it.

use std::collections::BTreeMap;

use testbed::{ActionRun, BareRepository, GitHub, GitServer, HostedRepository, Repository, Runner, run_action};

/// A token that several jobs have, as a deploy user's is.
pub(crate) const TOKEN: &str = "github_pat_of_the_deploy_user";
pub(crate) const FILE: &str = "envs/production/all.yaml";

pub(crate) struct World {
    pub(crate) bare: BareRepository,
    pub(crate) server: GitServer,
    pub(crate) github: GitHub,
    pub(crate) work: Repository,
}

/// One dense file with an image for each of so many components.
pub(crate) fn dense(components: usize) -> String {
    (0..components).map(|number| format!("c{number}:\n  image: acme/c{number}:1.0.0\n")).collect()
}

impl World {
    pub(crate) fn new(components: usize) -> Self {
        Self::with_files(&[(FILE, &dense(components))])
    }

    pub(crate) fn with_files(files: &[(&str, &str)]) -> Self {
        let work = Repository::new();
        work.commit_files("chore: begin", files);
        let bare = work.bare_clone();
        bare.note_pushes();
        let server = GitServer::start(TOKEN);
        server.add("acme/config", &bare);
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/config").git(&bare));
        Self { bare, server, github, work }
    }

    /// A job that deploys a component.
    pub(crate) fn deploy(&self, component: &str, version: &str, inputs: &[(&str, &str)]) -> ActionRun {
        self.deploy_with(component, version, inputs, &[])
    }

    /// The same at another time.
    pub(crate) fn deploy_at(&self, component: &str, now: &str) -> ActionRun {
        self.deploy_with(component, "2.0.0", &[], &[("SLIPWAY_NOW", now)])
    }

    /// The same with more variables.
    pub(crate) fn deploy_with(
        &self,
        component: &str,
        version: &str,
        inputs: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> ActionRun {
        let images = format!("acme/{component}:{version}");
        let mut all = BTreeMap::from([
            ("mode", "push"),
            ("images", images.as_str()),
            ("files", FILE),
            ("environment", "production"),
            ("component", component),
            ("config-repository", "acme/config"),
            ("github-token", TOKEN),
        ]);
        all.extend(inputs.iter().copied());
        let all: Vec<(&str, &str)> = all.into_iter().filter(|(_, value)| *value != "-").collect();
        let (server, api) = (self.server.url(), self.github.api_url());
        let mut variables = vec![
            ("GITHUB_SERVER_URL", server.as_str()),
            ("GITHUB_API_URL", api.as_str()),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", component.trim_start_matches('c')),
            ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"),
        ];
        variables.extend(more);
        run_action(Runner::Native, "config-updater", &all, &variables, self.work.path())
    }

    pub(crate) fn head(&self) -> String {
        self.bare.refs()["refs/heads/main"].clone()
    }

    pub(crate) fn content(&self) -> String {
        self.bare.read("main", FILE).unwrap()
    }

    /// What waits in the queue.
    pub(crate) fn queue(&self) -> Vec<String> {
        self.bare.refs().into_keys().filter(|name| name.starts_with("refs/slipway/_queue/")).collect()
    }

    /// Somebody else commits to `main`.
    pub(crate) fn commit_elsewhere(&self, files: &[(&str, &str)]) -> String {
        let other = Repository::clone_from(self.bare.path().to_str().unwrap(), None);
        let id = other.commit_files("chore: elsewhere", files);
        other.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
        id
    }
}

pub(crate) fn error_kind(run: &ActionRun) -> String {
    let json = run.output("json");
    let start = json.find(r#""error":{"kind":""#).map_or(json.len(), |start| start + 17);
    json[start..].split('"').next().unwrap().to_owned()
}
