//! The world of the demo: an application, its artifacts, a config repository, and a reconciler that follows it.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, ensure};
use testbed::{
    ActionRun, BareRepository, GitServer, Reconciler, Registry, Release, Repository, Runner, Settings, binary,
    push_over_http, run_action,
};

/// The token that the git server takes for pushes.
const TOKEN: &str = "ghs_demo_token";
/// The component that is released.
pub(super) const COMPONENT: &str = "shop";
/// How long the reconciler may take to start what git says.
const SYNC: Duration = Duration::from_secs(10);

/// The world.
pub(super) struct World {
    runner: Runner,
    git: GitServer,
    application: Repository,
    pub(super) config: BareRepository,
    registry: Registry,
    pub(super) reconciler: Reconciler,
}

/// A version in the registry.
#[derive(Clone, Debug)]
pub(super) struct Artifact {
    pub(super) version: String,
    pub(super) digest: String,
    pub(super) reference: String,
}

impl World {
    /// Makes the world, with 1.4.0 running in both environments.
    pub(super) fn make(runner: Runner) -> Result<Self> {
        let git = GitServer::start(TOKEN);
        let registry = Registry::start();
        let name = format!("{}/acme/shop", registry.host());

        let application = Repository::new();
        application.commit_files("feat: sell tea", &[("src/shop.txt", "tea\n")]);
        application.commit_files("feat: sell coffee", &[("src/shop.txt", "tea\ncoffee\n")]);
        application.commit_files("fix: round prices to cents", &[("src/price.txt", "2 digits\n")]);
        application.annotated_tag("v1.4.0", "Release 1.4.0");
        application.commit_files("docs: say where the shop is", &[("README.md", "# Shop\n")]);
        git.add("acme/shop", &application.bare_clone());
        application.git(&["remote", "add", "origin", &git.repository_url("acme/shop")]);
        application.git(&["config", &format!("http.{}/.extraheader", git.url()), &authorization()]);

        let first = push(&registry, &Release::version("1.4.0"), &application.head())?;
        let config = Repository::new();
        let manifest = |environment: &str| {
            format!(
                "# What {environment} runs. Written by the release pipeline; comments survive it.\n\
                 apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: shop\nspec:\n  template:\n    spec:\n      containers:\n        \
                 - name: shop\n          image: {name}:1.4.0@{first} # the digest is what runs\n"
            )
        };
        config.commit_files(
            "chore: run shop 1.4.0 everywhere",
            &[(&path("staging"), &manifest("staging")), (&path("production"), &manifest("production"))],
        );
        let config = config.bare_clone();
        git.add("acme/config", &config);

        let settings = Settings::new(git.repository_url("acme/config"), registry.url(), binary("sample-service"))
            .environment("staging", &path("staging"))
            .environment("production", &path("production"));
        let reconciler = Reconciler::start(settings);
        for environment in ["staging", "production"] {
            reconciler.wait_for(environment, &first, SYNC).map_err(|reason| anyhow!(reason))?;
        }
        Ok(Self { runner, git, application, config, registry, reconciler })
    }

    /// A developer's commit, merged to main.
    pub(super) fn merge(&self, message: &str, file: &str, content: &str) {
        self.application.commit_files(message, &[(file, content)]);
        self.application.git(&["push", "--quiet", "origin", "main"]);
    }

    /// The name of the image, without tag and digest.
    pub(super) fn image(&self) -> String {
        format!("{}/acme/shop", self.registry.host())
    }

    /// Runs an action on the application's main branch, as a runner does.
    pub(super) fn act(&self, name: &str, inputs: &[(&str, &str)]) -> ActionRun {
        let head = self.application.head();
        let url = self.git.url();
        let event = self.application.path().join(".git/event.json");
        let payload = r#"{"repository":{"name":"shop","html_url":"https://shop.example/source","description":"Tea and coffee","license":{"spdx_id":"MIT"},"default_branch":"main"}}"#;
        // A missing payload makes the action itself say what is wrong.
        let _ = std::fs::write(&event, payload);
        let event = event.to_string_lossy().into_owned();
        let variables = [
            ("GITHUB_SERVER_URL", url.as_str()),
            ("GITHUB_API_URL", "http://127.0.0.1:1"),
            ("GITHUB_REPOSITORY", "acme/shop"),
            ("GITHUB_EVENT_NAME", "push"),
            ("GITHUB_EVENT_PATH", &event),
            ("GITHUB_REF", "refs/heads/main"),
            ("GITHUB_SHA", &head),
            ("GITHUB_ACTOR", "ada"),
            ("GITHUB_RUN_ID", "4711"),
            ("INPUT_GITHUB-TOKEN", TOKEN),
        ];
        run_action(self.runner, name, inputs, &variables, Path::new(self.application.path()))
    }

    /// Decides the version of main's head and tags it.
    pub(super) fn release(&self) -> Result<ActionRun> {
        succeeded("version-bump", self.act("version-bump", &[("mode", "tag")]))
    }

    /// Builds and pushes a version, named by image-tag, and gives its digest reference.
    pub(super) fn build(&self, release: &Release) -> Result<Artifact> {
        let image = self.image();
        let rules = format!("type=semver,pattern={{{{version}}}},value={}\ntype=sha", release.version);
        let named = succeeded("image-tag", self.act("image-tag", &[("images", &image), ("tags", &rules)]))?;
        ensure!(named.output("version") == release.version, "image-tag names {}", named.output("version"));
        let digest = push(&self.registry, release, &self.application.head())?;
        let pushed = self.act("image-tag", &[("images", &image), ("tags", &rules), ("digest", &digest)]);
        let pushed = succeeded("image-tag", pushed)?;
        Ok(Artifact { version: release.version.clone(), reference: pushed.output("references").to_owned(), digest })
    }

    /// Writes a version into an environment of the config repository.
    pub(super) fn deploy(&self, artifact: &Artifact, environment: &str) -> ActionRun {
        let config = self.git.repository_url("acme/config");
        let inputs = [
            ("mode", "push"),
            ("images", artifact.reference.as_str()),
            ("version", &artifact.version),
            ("files", &path(environment)),
            ("environment", environment),
            ("component", COMPONENT),
            ("config-repository", &config),
        ];
        self.act("config-updater", &inputs)
    }

    /// Waits until the reconciler runs a version.
    pub(super) fn synced(&self, artifact: &Artifact, environment: &str) -> Result<()> {
        self.reconciler.wait_for(environment, &artifact.digest, SYNC).map(drop).map_err(|reason| anyhow!(reason))
    }

    /// Judges what runs in an environment.
    pub(super) fn gate(&self, environment: &str, checks: &[&str], more: &[(&str, &str)]) -> ActionRun {
        let url = self.reconciler.url(environment);
        let config = self.git.repository_url("acme/config");
        let checks = checks.join("\n").replace("URL", &url);
        let metrics = format!("{url}/metrics");
        let mut inputs = vec![
            ("mode", "gate"),
            ("environment", environment),
            ("component", COMPONENT),
            ("config-repository", config.as_str()),
            ("checks", &checks),
            ("metrics-url", &metrics),
        ];
        inputs.extend(more);
        self.act("rollback-gate", &inputs)
    }
}

/// Where an environment's manifest is.
fn path(environment: &str) -> String {
    format!("envs/{environment}/shop.yaml")
}

fn authorization() -> String {
    use base64::Engine;
    let basic = base64::prelude::BASE64_STANDARD.encode(format!("x-access-token:{TOKEN}"));
    format!("Authorization: Basic {basic}")
}

fn push(registry: &Registry, release: &Release, revision: &str) -> Result<String> {
    push_over_http(&registry.url(), "acme/shop", &release.version, release.to_bytes(), revision)
        .map_err(|reason| anyhow!(reason))
        .context("the push to the registry")
}

/// An action that must have succeeded.
pub(super) fn succeeded(name: &str, run: ActionRun) -> Result<ActionRun> {
    ensure!(run.code == 0, "{name} exited with {}:\n{}\n{}", run.code, run.stdout, run.stderr);
    Ok(run)
}
