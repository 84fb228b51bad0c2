//! A repository on a GitHub whose workflows release it.

use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use testbed::{ActJob, ActRun, BareRepository, GitHub, GitServer, HostedRepository, Repository, get, workspace};

/// The token of the job.
const TOKEN: &str = "ghs_token_of_the_job";
/// Where the consumer has the starter.
const WORKFLOW: &str = ".github/workflows/release.yml";
/// The number of the run.
pub(crate) const RUN: u64 = 7;

/// Reports of the tests, as the consumer's own script writes them.
pub(crate) const GOOD: &str = r#"mkdir reports && echo '<testsuite tests="2"><testcase name="a"/><testcase name="b"/></testsuite>' > reports/junit.xml"#;
pub(crate) const BAD: &str = r#"mkdir reports && echo '<testsuite tests="1"><testcase name="a"><failure/></testcase></testsuite>' > reports/junit.xml && exit 1"#;
pub(crate) const NONE: &str = "exit 1";

/// A consumer's repository on a GitHub, with 1.4.0 released.
pub(crate) struct World {
    pub(crate) git: GitServer,
    pub(crate) github: GitHub,
    pub(crate) developer: Repository,
    pub(crate) remote: BareRepository,
    /// What jobs upload.
    pub(crate) artifacts: TempDir,
    /// More variables of every step.
    pub(crate) environment: Vec<(&'static str, String)>,
}

impl World {
    /// One that has set the starter up.
    pub(crate) fn new() -> Self {
        Self::released_by(&starter())
    }

    /// One that a workflow of its own releases.
    pub(crate) fn released_by(workflow: &str) -> Self {
        let git = GitServer::start(TOKEN);
        let developer = Repository::new();
        developer.commit_files(
            "feat: sell tea",
            &[
                (WORKFLOW, workflow),
                (".github/workflows/deploy.yml", "on:\n  workflow_dispatch:\n    inputs:\n      version:\n"),
                ("version.txt", "1.4.0\n"),
                ("CHANGELOG.md", "# Changelog\n\n## [1.4.0] - 2026-01-05\n\n### Added\n\n- sell tea\n"),
                ("test.sh", GOOD),
                ("release.json", "{}\n"),
            ],
        );
        developer.annotated_tag("v1.4.0", "Release 1.4.0");
        let remote = developer.bare_clone();
        git.add("acme/shop", &remote);
        let github = GitHub::start();
        github.add(HostedRepository::new("acme/shop").git(&remote));
        let artifacts = TempDir::with_prefix("artifacts-").unwrap();
        let environment = vec![("TESTBED_ARTIFACTS", artifacts.path().to_str().unwrap().to_owned())];
        Self { git, github, developer, remote, artifacts, environment }
    }

    /// Merges a commit to main.
    pub(crate) fn merge(&self, message: &str, test: &str) -> String {
        let commit = self.developer.commit_files(message, &[("test.sh", test), ("src/shop.rs", message)]);
        self.developer.git(&["push", "--quiet", self.remote.path().to_str().unwrap(), "main"]);
        commit
    }

    /// A run for the newest commit of main, in what `actions/checkout` makes of it: one commit and no tags.
    pub(crate) fn run(&self, event_name: &str, more: &Value) -> ActRun {
        self.run_in(&Repository::clone_from(&self.git.repository_url("acme/shop"), Some(1)), event_name, more)
    }

    /// The same in another checkout.
    pub(crate) fn run_in(&self, checkout: &Repository, event_name: &str, more: &Value) -> ActRun {
        let (server, api) = (self.git.url(), self.github.api_url());
        let mut event = json!({
            "ref": "refs/heads/main",
            "after": checkout.head(),
            "repository": {
                "name": "shop",
                "full_name": "acme/shop",
                "html_url": format!("{server}/acme/shop"),
                "default_branch": "main",
            },
        });
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let run = RUN.to_string();
        let runner = [
            ("GITHUB_SERVER_URL", server.as_str()),
            ("GITHUB_API_URL", &api),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_RUN_ID", &run),
        ];
        let more = self.environment.iter().map(|(name, value)| (*name, value.as_str()));
        let environment: Vec<(&str, &str)> = runner.into_iter().chain(more).collect();
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", TOKEN)],
            environment: &environment,
            limit: Duration::from_secs(300),
            ..ActJob::new(WORKFLOW, event_name, &event)
        };
        job.run(checkout.path())
    }

    pub(crate) fn push(&self) -> ActRun {
        self.run("push", &json!({}))
    }

    /// A release manager starts it by hand.
    pub(crate) fn by_hand(&self, inputs: &Value) -> ActRun {
        self.run("workflow_dispatch", &json!({ "inputs": inputs }))
    }

    /// The releases on GitHub by their tags.
    pub(crate) fn releases(&self) -> Vec<String> {
        let listed = get(&format!("{}/repos/acme/shop/releases", self.github.api_url())).unwrap().json();
        listed.as_array().unwrap().iter().map(|release| release["tag_name"].as_str().unwrap().to_owned()).collect()
    }

    /// Where a revision leads.
    pub(crate) fn at(&self, revision: &str) -> String {
        self.remote.git(&["rev-parse", &format!("{revision}^{{commit}}")])
    }

    /// A trailer of an annotated tag.
    pub(crate) fn tag_trailer(&self, tag: &str, key: &str) -> String {
        let format = format!("--format=%(contents:trailers:key={key},valueonly,unfold)");
        self.remote.git(&["tag", "--list", &format, tag]).trim_end().to_owned()
    }
}

/// The starter as somebody sets it up: the branch's name is filled in, the tests are theirs, and something follows.
pub(crate) fn starter() -> String {
    let starter = std::fs::read_to_string(workspace().join(".github/workflow-templates/release.yml")).unwrap();
    let set_up = [("$default-branch", "main"), ("make test", "bash test.sh"), ("# dispatch: ", "dispatch: ")];
    set_up.iter().fold(starter, |text, (from, to)| {
        assert!(text.contains(from), "the starter has no `{from}`");
        text.replace(from, to)
    })
}
