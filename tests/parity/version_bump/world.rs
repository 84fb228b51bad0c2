//! A git server and a GitHub with `acme/shop`, which both runners meet in the same state.

use std::fmt::Write;

use testbed::{
    ActionRun, BareRepository, GitHub, GitServer, HostedRepository, Repository, Runner, get, push_job, run_action,
};

use super::TOKEN;
use crate::{NOW, agree};

/// What counts of a release and of a pull request.
const RELEASE: &[&str] = &["tag_name", "name", "body", "draft", "prerelease", "immutable", "html_url", "published_at"];
const PULL_REQUEST: &[&str] = &["number", "title", "body", "state", "merged_at", "merge_commit_sha"];

/// What one of the runners meets.
pub(super) struct World<'a> {
    pub(super) server: &'a GitServer,
    pub(super) github: GitHub,
    pub(super) remote: BareRepository,
    /// A whole clone, with a working tree.
    pub(super) clone: Repository,
    runner: Runner,
}

/// Lets each runner live through the same story, each in a world of its own, and gives the native runs if all that was told, asked of
/// GitHub and left behind is the same.
#[track_caller]
pub(super) fn both(case: &str, origin: &Repository, story: impl Fn(&World<'_>) -> Vec<ActionRun>) -> Vec<ActionRun> {
    // One server for both: what is committed holds its address.
    let server = GitServer::start(TOKEN);
    let live = |runner| story(&World::new(&server, origin, runner));
    let (native, node) = (live(Runner::Native), live(Runner::Node));
    assert_eq!(native.len(), node.len(), "{case}");
    for (step, (native, node)) in native.iter().zip(&node).enumerate() {
        agree(&format!("{case}, run {}", step + 1), native, node);
    }
    native
}

impl<'a> World<'a> {
    fn new(server: &'a GitServer, origin: &Repository, runner: Runner) -> Self {
        let remote = origin.bare_clone();
        let url = server.add("acme/shop", &remote);
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop").git(&remote));
        Self { server, github, remote, clone: Repository::clone_from(&url, None), runner }
    }

    /// A job on a push to `main` with the clone.
    pub(super) fn run(&self, inputs: &[(&str, &str)]) -> ActionRun {
        self.run_in(&self.clone, inputs, &[])
    }

    /// A job on the newest commit of `main`, which is all that is checked out.
    pub(super) fn job(&self, inputs: &[(&str, &str)]) -> ActionRun {
        self.run_in(&self.fresh_clone(Some(1)), inputs, &[])
    }

    /// Another clone.
    pub(super) fn fresh_clone(&self, depth: Option<u32>) -> Repository {
        Repository::clone_from(&self.server.authorized_url("acme/shop"), depth)
    }

    /// A job in any clone with more variables. Beside the outputs of the action the run has what it left behind.
    pub(super) fn run_in(&self, clone: &Repository, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> ActionRun {
        let (url, api) = (self.server.url(), self.github.api_url());
        let before = self.github.requests().len();
        let variables: Vec<(&str, &str)> =
            [NOW].iter().chain(&push_job(&url, &api)).chain(variables).copied().collect();
        let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("github-token", TOKEN)]).collect();
        let mut run = run_action(self.runner, "version-bump", &inputs, &variables, clone.path());
        run.outputs.insert("the requests to GitHub".into(), self.asked(before));
        run.outputs.insert("the releases on GitHub".into(), self.listed("releases", RELEASE));
        run.outputs.insert("the pull requests".into(), self.listed("pulls?state=all", PULL_REQUEST));
        let refs = self.remote.refs().into_iter().map(|(name, id)| format!("{name} {id}\n")).collect();
        run.outputs.insert("the refs of the remote".into(), refs);
        run.outputs.insert("the refs of the clone".into(), clone.git(&["for-each-ref"]));
        run.outputs.insert("the log".into(), run.stdout.clone());
        // GitHub has a port of its own each time, and the clone a place of its own.
        let (github, place) = (self.github.server_url(), clone.path().display().to_string());
        for told in run.outputs.values_mut().chain([&mut run.summary]) {
            *told = told.replace(&github, "http://github").replace(&place, "/clone");
        }
        run
    }

    /// What was asked of GitHub after so many requests: what is read in any order, then what is written in its own.
    fn asked(&self, before: usize) -> String {
        let requests = self.github.requests();
        let (mut reads, writes): (Vec<_>, Vec<_>) =
            requests[before..].iter().partition(|request| request.method == "GET");
        reads.sort_unstable_by(|one, other| one.path.cmp(&other.path));
        let mut told = String::new();
        for request in reads.into_iter().chain(writes) {
            let _ = writeln!(told, "{} {}", request.method, request.path);
            let _ = writeln!(told, "{}", String::from_utf8_lossy(&request.body));
        }
        told
    }

    /// What is listed on GitHub, with these of its fields, one a line.
    fn listed(&self, what: &str, fields: &[&str]) -> String {
        let listed = get(&format!("{}/repos/acme/shop/{what}", self.github.api_url())).unwrap().json();
        let each = listed.as_array().unwrap().iter();
        each.flat_map(|one| fields.iter().map(move |field| format!("{field}: {}\n", one[field]))).collect()
    }
}

/// A history with a version file, a changelog, a workflow to start, and a feature since `v1.4.2`.
pub(super) fn with_files() -> Repository {
    let origin = Repository::new();
    let changelog = "# Changelog\n\n## [Unreleased]\n\n## [1.4.2] - 2025-12-01\n\n### Fixed\n\n- before\n";
    origin.commit_files(
        "chore: init",
        &[
            ("Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.4.2\" # größe\n"),
            ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"shop\"\nversion = \"1.4.2\"\n"),
            ("CHANGELOG.md", changelog),
            (".github/workflows/deploy.yml", "on:\n  workflow_dispatch:\n"),
        ],
    );
    origin.tag("v1.4.2");
    origin.commit_files("feat(größe): `zip` | <b> @everyone ##[group]x (#7)", &[("src/a.rs", "zip\n")]);
    origin
}
