//! A service that follows the config repository, and the gate that watches it.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use slipway_gitops::Deployment;
use testbed::{
    ActionRun, BareRepository, GitServer, Load, LoggedCommit, Reconciler, Registry, Release, Repository, Runner,
    Settings, binary, run_action,
};

const MANIFEST: &str = "envs/staging/shop.yaml";
pub(crate) const RECORD: &str = "refs/slipway/staging/shop";
pub(crate) const LIMIT: Duration = Duration::from_secs(10);

pub(crate) struct World {
    pub(crate) work: Repository,
    pub(crate) bare: BareRepository,
    pub(crate) server: GitServer,
    registry: Registry,
    pub(crate) reconciler: Reconciler,
}

/// What the gate said, with its `json` output parsed.
pub(crate) struct Said {
    pub(crate) run: ActionRun,
    pub(crate) json: Value,
}

impl World {
    /// A world in which nothing is deployed.
    pub(crate) fn new() -> Self {
        let work = Repository::new();
        work.commit_files("chore: begin", &[("README.md", "# Config\n")]);
        let bare = work.bare_clone();
        let server = GitServer::start("s3cret");
        server.add("acme/config", &bare);
        let registry = Registry::start();
        let program = binary("sample-service");
        let mut settings = Settings::new(bare.path().to_str().unwrap(), registry.url(), program);
        settings.interval = Duration::from_millis(50);
        let reconciler = Reconciler::start(settings.environment("staging", MANIFEST));
        Self { work, bare, server, registry, reconciler }
    }

    /// A world in which 1.0.0 runs and is verified.
    pub(crate) fn with_verified_release() -> Self {
        let world = Self::new();
        world.deploy_and_wait(&Release::version("1.0.0"));
        let said = world.gate(&[("checks", &world.health()), ("duration", "1s")]);
        assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
        world
    }

    /// The commit that deploys a release, pushed; gives its id and the image's digest.
    pub(crate) fn deploy(&self, release: &Release) -> (String, String) {
        let digest = self.registry.push("acme/shop", &release.version, release.to_bytes(), "0000");
        let image = format!("ghcr.io/acme/shop:{}@{digest}", release.version);
        let deployed = slipway_gitops::Release {
            component: "shop".parse().unwrap(),
            version: release.version.parse().unwrap(),
            images: vec![image.parse().unwrap()],
            environment: "staging".parse().unwrap(),
            source_commit: Some(self.work.head().parse().unwrap()),
            workflow_run: None,
        };
        let message = Deployment::message(&format!("Deploy shop {}", release.version), &deployed, None);
        (self.commit(&message, &format!("replicas: 2\nimage: {image}\n")), digest)
    }

    /// Deploys and waits until users reach it.
    pub(crate) fn deploy_and_wait(&self, release: &Release) -> String {
        let (commit, digest) = self.deploy(release);
        self.reconciler.wait_for("staging", &digest, LIMIT).unwrap();
        commit
    }

    /// Writes the manifest on top of what is there, and pushes.
    pub(crate) fn commit(&self, message: &str, manifest: &str) -> String {
        let path = self.bare.path().to_str().unwrap();
        self.work.git(&["fetch", "--quiet", path, "main"]);
        self.work.git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
        let commit = self.work.commit_files(message, &[(MANIFEST, manifest)]);
        self.work.git(&["push", "--quiet", path, "HEAD:main"]);
        commit
    }

    pub(crate) fn url(&self) -> String {
        self.reconciler.url("staging")
    }

    /// Users, for as long as the handle lives.
    pub(crate) fn users(&self) -> Load {
        Load::start(&self.url(), 150.0, Duration::from_secs(60)).unwrap()
    }

    /// The checks on addresses.
    pub(crate) fn health(&self) -> String {
        let url = self.url();
        format!("health {url}/health\nversion {url}/version == release")
    }

    /// The checks on addresses, and an error rate.
    pub(crate) fn checks(&self) -> String {
        format!("{}\nerror-rate < 5%", self.health())
    }

    /// Runs the gate over `staging` and `shop` with quick looks.
    pub(crate) fn gate(&self, inputs: &[(&str, &str)]) -> Said {
        self.gate_with(inputs, &[])
    }

    /// The same with more variables.
    pub(crate) fn gate_with(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Said {
        let (checks, metrics) = (self.checks(), format!("{}/metrics", self.url()));
        let usual = [
            ("environment", "staging"),
            ("component", "shop"),
            ("checks", checks.as_str()),
            ("metrics-url", &metrics),
            ("duration", "1500ms"),
            ("interval", "200ms"),
            ("restore-time", "10s"),
            ("config-repository", "acme/config"),
            ("github-token", "s3cret"),
        ];
        let usual = usual.into_iter().filter(|(name, _)| inputs.iter().all(|(given, _)| given != name));
        let inputs: Vec<(&str, &str)> = usual.chain(inputs.iter().copied()).collect();
        let server = self.server.url();
        gate(&inputs, &[&[("GITHUB_SERVER_URL", server.as_str())], variables].concat(), self.work.path())
    }

    /// What runs now.
    pub(crate) fn running(&self) -> String {
        self.reconciler.running("staging").map(|running| running.version).unwrap_or_default()
    }

    /// The verdicts so far, oldest first, as `promote 1.0.0`.
    pub(crate) fn verdicts(&self) -> Vec<String> {
        let word = |commit: &LoggedCommit| {
            format!("{} {}", commit.trailer("Verdict").unwrap(), commit.trailer("Release-Version").unwrap())
        };
        if !self.bare.refs().contains_key(RECORD) {
            return Vec::new();
        }
        self.bare.log(RECORD).iter().rev().map(word).collect()
    }

    /// What the newest verdict rests on, or the one before it (`~1`).
    pub(crate) fn evidence(&self, age: &str) -> Value {
        serde_json::from_str(&self.bare.read(&format!("{RECORD}{age}"), "verdict.json").unwrap()).unwrap()
    }

    /// The rollbacks so far.
    pub(crate) fn rollbacks(&self) -> Vec<LoggedCommit> {
        self.bare.log("main").into_iter().filter(|commit| commit.trailer("Rollback-Of").is_some()).collect()
    }
}

/// Runs the gate.
pub(crate) fn gate(inputs: &[(&str, &str)], variables: &[(&str, &str)], working: &Path) -> Said {
    let run = run_action(Runner::Native, "rollback-gate", inputs, variables, working);
    // A run that was killed leaves nothing.
    let json = run.outputs.get("json").map_or(Value::Null, |json| serde_json::from_str(json).unwrap());
    Said { run, json }
}
