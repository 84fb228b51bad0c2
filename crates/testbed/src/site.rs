//! A component in some environments that follow a config repository, with deployments and verdicts written by the programs themselves.

use std::time::Duration;

use crate::{
    ActionRun, BareRepository, GitServer, LoggedCommit, Reconciler, Registry, Release, Repository, Runner, Settings,
    binary, run_action,
};

/// How long the reconciler may take to bring a release into service.
const SYNC: Duration = Duration::from_secs(20);
/// The version that runs before anything is deployed.
const FIRST: &str = "0.9.0";

/// The component `shop` of `acme/shop`, configured in `acme/config`. Dropping it ends everything in it.
pub struct Site {
    /// Serves both repositories.
    pub git: GitServer,
    /// The config repository.
    pub config: BareRepository,
    /// Where the images are.
    pub registry: Registry,
    /// What brings into service what git says.
    pub reconciler: Reconciler,
}

impl Site {
    /// The token that git takes for pushes.
    pub const TOKEN: &str = "ghs_token_of_the_site";

    /// Environments in which 0.9.0 runs, which nobody deployed; the reconciler looks at git so often.
    pub fn start(environments: &[&str], interval: Duration) -> Self {
        let git = GitServer::start(Self::TOKEN);
        let registry = Registry::start();
        let digest = registry.push("acme/shop", FIRST, Release::version(FIRST).to_bytes(), "0000");
        let mut files = vec![("slipway.toml".to_owned(), settings(environments))];
        let manifest = format!("kind: Deployment\nspec:\n  image: ghcr.io/acme/shop:{FIRST}@{digest} # what runs\n");
        files.extend(environments.iter().map(|environment| (Self::manifest(environment), manifest.clone())));
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let config = Repository::new();
        config.commit_files("chore: begin", &files);
        let config = config.bare_clone();
        git.add("acme/config", &config);
        let mut settings = Settings::new(git.repository_url("acme/config"), registry.url(), binary("sample-service"));
        settings.interval = interval;
        for environment in environments {
            settings = settings.environment(environment, &Self::manifest(environment));
        }
        let reconciler = Reconciler::start(settings);
        let site = Self { git, config, registry, reconciler };
        environments.iter().for_each(|environment| site.wait_for(environment, &digest));
        site
    }

    /// Where an environment's manifest is.
    pub fn manifest(environment: &str) -> String {
        format!("envs/{environment}/shop/deployment.yaml")
    }

    /// Puts an image into the registry, and gives its digest.
    pub fn push(&self, release: &Release) -> String {
        self.registry.push("acme/shop", &release.version, release.to_bytes(), "0000")
    }

    /// Deploys a release and waits until it is in service; gives its digest.
    pub fn deploy(&self, environment: &str, release: &Release) -> String {
        let digest = self.push(release);
        let image = format!("ghcr.io/acme/shop:{}@{digest}", release.version);
        // Nobody asks where else it is verified.
        self.run("config-updater", environment, &[("mode", "push"), ("images", &image), ("force", "true")]);
        self.wait_for(environment, &digest);
        digest
    }

    /// Deploys a release, and has the gate promote it for being healthy.
    pub fn verify(&self, environment: &str, release: &Release) -> String {
        let digest = self.deploy(environment, release);
        let checks = format!("health {}/health", self.reconciler.url(environment));
        self.run("rollback-gate", environment, &[("checks", &checks), ("duration", "200ms"), ("interval", "100ms")]);
        digest
    }

    /// Runs a program on the component in an environment; panics with its log when it says no.
    pub fn run(&self, program: &str, environment: &str, inputs: &[(&str, &str)]) -> ActionRun {
        let target = [
            ("environment", environment),
            ("component", "shop"),
            ("config-repository", "acme/config"),
            ("github-token", Self::TOKEN),
        ];
        let server = self.git.url();
        let variables = [("GITHUB_SERVER_URL", server.as_str()), ("GITHUB_ACTOR", "ada")];
        let run = run_action(Runner::Native, program, &[&target, inputs].concat(), &variables, self.config.path());
        assert_eq!(run.code, 0, "{program} {inputs:?}: {}", run.stdout);
        run
    }

    fn wait_for(&self, environment: &str, digest: &str) {
        let found = self.reconciler.wait_for(environment, digest, SYNC);
        found.unwrap_or_else(|history| panic!("{history}"));
    }

    /// The version that users of an environment get.
    pub fn running(&self, environment: &str) -> String {
        self.reconciler.running(environment).map(|running| running.version).unwrap_or_default()
    }

    /// The record of an environment, oldest first.
    pub fn record(&self, environment: &str) -> Vec<LoggedCommit> {
        let name = format!("refs/slipway/{environment}/shop");
        if !self.config.refs().contains_key(&name) {
            return Vec::new();
        }
        self.config.log(&name).into_iter().rev().collect()
    }

    /// The verdicts on an environment, oldest first, as `promote 1.5.0`.
    pub fn verdicts(&self, environment: &str) -> Vec<String> {
        let word = |commit: &LoggedCommit| {
            let [verdict, version] = ["Verdict", "Release-Version"].map(|key| commit.trailer(key).unwrap_or_default());
            format!("{verdict} {version}")
        };
        self.record(environment).iter().map(word).collect()
    }
}

/// The settings of the config repository: each environment takes what is verified in the one before.
fn settings(environments: &[&str]) -> String {
    let mut settings = String::new();
    let mut before = None;
    for environment in environments {
        settings += &format!("[environments.{environment}]\npath = \"envs/{environment}\"\n");
        if let Some(before) = before.replace(environment) {
            settings += &format!("promote-from = \"{before}\"\n");
        }
    }
    settings + "[components.shop]\nimages = [\"ghcr.io/acme/shop\"]\nfiles = [\"{path}/shop/*.yaml\"]\n"
}
