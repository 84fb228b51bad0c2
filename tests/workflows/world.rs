//! A consumer of the actions: an application, its config repository, and the environments that follow it.

use std::time::Duration;

use serde_json::json;
use testbed::{
    ActJob, ActRun, BareRepository, GitServer, Load, LoggedCommit, Reconciler, Registry, Release, Repository, Settings,
    binary,
};

use crate::workflow;

/// The token that git takes for pushes; `secrets.CONFIG_TOKEN` and the job's own.
const TOKEN: &str = "ghs_token_of_the_consumer";
/// Where the workflow is.
const WORKFLOW: &str = ".github/workflows/release.yml";
/// How long the reconciler may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(15);

pub(crate) struct World {
    git: GitServer,
    developer: Repository,
    /// The application's repository.
    pub(crate) application: BareRepository,
    /// The config repository.
    pub(crate) config: BareRepository,
    pub(crate) registry: Registry,
    pub(crate) reconciler: Reconciler,
    /// Few users in staging, many in production.
    pub(crate) users: [Load; 2],
}

impl World {
    /// A world in which 1.4.0 runs everywhere and nothing is verified yet.
    pub(crate) fn new() -> Self {
        let git = GitServer::start(TOKEN);
        let registry = Registry::start();
        let first = Release::version("1.4.0");
        let digest = registry.push("acme/shop", "1.4.0", first.to_bytes(), "0000");

        let developer = Repository::new();
        developer.commit_files("feat: sell tea", &[("release.json", "{}\n"), (WORKFLOW, &workflow::from_readme())]);
        developer.annotated_tag("v1.4.0", "Release 1.4.0");
        let application = developer.bare_clone();
        git.add("acme/shop", &application);

        let config = Repository::new();
        let manifest = format!("kind: Deployment\nspec:\n  image: ghcr.io/acme/shop:1.4.0@{digest} # what runs\n");
        let environments = ["staging", "production"];
        let files = environments.map(|environment| (manifest_path(environment), manifest.as_str()));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        config.commit_files("chore: begin", &files);
        let config = config.bare_clone();
        git.add("acme/config", &config);

        let mut settings = Settings::new(git.repository_url("acme/config"), registry.url(), binary("sample-service"));
        for environment in environments {
            settings = settings.environment(environment, &manifest_path(environment));
        }
        let reconciler = Reconciler::start(settings);
        for environment in environments {
            reconciler.wait_for(environment, &digest, LIMIT).unwrap();
        }
        // In staging enough requests for evidence, and too few to meet a failure of one in 80.
        let users = [("staging", 5.0), ("production", 200.0)].map(|(environment, rate)| {
            Load::start(&reconciler.url(environment), rate, Duration::from_secs(300)).unwrap()
        });
        Self { git, developer, application, config, registry, reconciler, users }
    }

    /// Merges a commit to main, with what the service is built from, and gives its id.
    pub(crate) fn merge(&self, message: &str, release: &str) -> String {
        let commit = self.developer.commit_files(message, &[("release.json", release)]);
        self.developer.git(&["push", "--quiet", self.application.path().to_str().unwrap(), "main"]);
        commit
    }

    /// Runs the workflow for the newest commit, in what `actions/checkout` makes of it: one commit and no tags.
    pub(crate) fn run(&self) -> ActRun {
        let server = self.git.url();
        let checkout = Repository::clone_from(&self.git.repository_url("acme/shop"), Some(1));
        let event = json!({
            "ref": "refs/heads/main",
            "after": checkout.head(),
            "repository": {
                "name": "shop",
                "full_name": "acme/shop",
                "html_url": format!("{server}/acme/shop"),
                "description": "Tea and cake",
                "license": null,
                "default_branch": "main",
            },
        });
        let [staging, production] = ["staging", "production"].map(|environment| self.reconciler.url(environment));
        let registry = self.registry.url();
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", TOKEN), ("CONFIG_TOKEN", TOKEN)],
            variables: &[("STAGING_URL", &staging), ("PRODUCTION_URL", &production)],
            environment: &[
                ("GITHUB_SERVER_URL", &server),
                // Nothing of these runs needs GitHub's API.
                ("GITHUB_API_URL", "http://127.0.0.1:1"),
                ("GITHUB_REPOSITORY", "acme/shop"),
                ("TESTBED_REGISTRY", &registry),
            ],
            ..ActJob::new(WORKFLOW, "push", &event)
        };
        job.run(checkout.path())
    }

    /// The verdicts on an environment, oldest first, as `promote 1.5.0`.
    pub(crate) fn verdicts(&self, environment: &str) -> Vec<String> {
        let word = |commit: &LoggedCommit| {
            format!("{} {}", commit.trailer("Verdict").unwrap(), commit.trailer("Release-Version").unwrap())
        };
        self.config.log(&format!("refs/slipway/{environment}/shop")).iter().rev().map(word).collect()
    }
}

/// Where an environment's manifest is.
pub(crate) fn manifest_path(environment: &str) -> String {
    format!("envs/{environment}/shop/deployment.yaml")
}
