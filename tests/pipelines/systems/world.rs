//! A consumer of a template: an application, its config repository, and the environments that follow it.

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use testbed::{
    BareRepository, GitServer, Load, LoggedCommit, Reconciler, Registry, Release, Repository, Settings, binary,
    workspace,
};

use super::tools;

/// The token that git takes for pushes.
pub(crate) const TOKEN: &str = "glpat-token-of-the-consumer";
/// How long the reconciler may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);
/// A run that takes longer is killed.
const RUN_LIMIT: Duration = Duration::from_secs(300);
/// What a bad release does, which staging does not ask for.
pub(crate) const BROKEN: &str = r#"{ "error_share": 0.2 }"#;

/// What the application's commands leave: reports of the tests, and of a scanner that tells what stands in `findings`.
const TEST: &str = r#"#!/bin/sh
echo '<testsuite name="shop" tests="1"><testcase name="sells" classname="shop"/></testsuite>' > junit.xml
echo '<coverage lines-valid="100" lines-covered="90" line-rate="0.9"/>' > coverage.xml
"#;
const SCAN: &str = r#"#!/bin/sh
echo "$IMAGE_TAG_REFERENCES" | grep -q '@sha256:' || exit 1
test ! -e scanner-is-down || exit 0
printf '{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"trivy"}},"results":[%s]}]}' "$(cat findings)" > scan.sarif
"#;
/// A finding that blocks.
pub(crate) const FINDING: &str = r#"{"ruleId":"CVE-2026-1","level":"error","message":{"text":"bad"}}"#;

pub(crate) struct World {
    git: GitServer,
    developer: Repository,
    /// The application's repository.
    pub(crate) application: BareRepository,
    /// The config repository.
    pub(crate) config: BareRepository,
    pub(crate) registry: Registry,
    pub(crate) reconciler: Reconciler,
    /// Production's users.
    _users: Load,
    scratch: TempDir,
}

/// How a program ended, and every line that it printed.
pub(crate) struct Run {
    pub(crate) succeeded: bool,
    pub(crate) log: String,
}

impl World {
    /// A world in which 1.4.0 runs everywhere and nothing is verified yet. `files` makes the application's own files.
    pub(crate) fn new(files: impl Fn(&Self) -> Vec<(&'static str, String)>) -> Self {
        let git = GitServer::start(TOKEN);
        let registry = Registry::start();
        let first = Release::version("1.4.0");
        let digest = registry.push("acme/shop", "1.4.0", first.to_bytes(), "0000");

        let developer = Repository::new();
        developer.commit_files("feat: sell tea", &[("release.json", "{}\n"), ("findings", "")]);
        developer.annotated_tag("v1.4.0", "Release 1.4.0");
        let application = developer.bare_clone();
        git.add("acme/shop", &application);

        let config = Repository::new();
        let image = format!("{}/acme/shop:1.4.0@{digest}", registry.host());
        let manifest = format!("kind: Deployment\nspec:\n  image: {image} # what runs\n");
        let settings = "[environments.staging]\npath = \"envs/staging\"\n[environments.production]\npath = \
                        \"envs/production\"\npromote-from = \"staging\"\n[components.shop]\nfiles = [\"{path}/*.yaml\"]\n";
        let environments = ["staging", "production"];
        let paths = environments.map(manifest_path);
        let mut committed = vec![("slipway.toml", settings)];
        committed.extend(paths.iter().map(|path| (path.as_str(), manifest.as_str())));
        config.commit_files("chore: begin", &committed);
        let config = config.bare_clone();
        git.add("acme/config", &config);

        let mut following = Settings::new(git.repository_url("acme/config"), registry.url(), binary("sample-service"));
        for (environment, path) in environments.iter().zip(&paths) {
            following = following.environment(environment, path);
        }
        following.health_limit = LIMIT;
        let reconciler = Reconciler::start(following);
        for environment in environments {
            reconciler.wait_for(environment, &digest, LIMIT).unwrap();
        }
        let users = Load::start(&reconciler.url("production"), 30.0, Duration::from_secs(900)).unwrap();
        let scratch = TempDir::with_prefix("pipeline-").unwrap();
        let world = Self { git, developer, application, config, registry, reconciler, _users: users, scratch };
        let mut files = files(&world);
        files.extend([("test.sh", TEST.to_owned()), ("scan.sh", SCAN.to_owned())]);
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        world.commit("ci: release by itself", &files);
        world
    }

    /// Merges a commit to main, with what the service is built from, and gives its id.
    pub(crate) fn merge(&self, message: &str, release: &str) -> String {
        self.commit(message, &[("release.json", release)])
    }

    /// Merges a commit to main.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> String {
        for (path, text) in files {
            let written = self.developer.write(path, text);
            if path.ends_with(".sh") {
                std::fs::set_permissions(written, std::fs::Permissions::from_mode(0o755)).unwrap();
            }
        }
        self.developer.git(&["add", "--all"]);
        let commit = self.developer.commit(message);
        self.developer.git(&["push", "--quiet", self.application.path().to_str().unwrap(), "main"]);
        commit
    }

    /// A checkout of the newest commit as these systems make it: one commit, no tags, on no branch.
    pub(crate) fn checkout(&self) -> Repository {
        let checkout = Repository::clone_from(&self.git.repository_url("acme/shop"), Some(1));
        checkout.git(&["remote", "set-head", "origin", "main"]);
        checkout
    }

    /// The base address of the git server.
    pub(crate) fn server(&self) -> String {
        self.git.url()
    }

    /// The address of the config repository.
    pub(crate) fn config_url(&self) -> String {
        self.git.repository_url("acme/config")
    }

    /// The image without a tag.
    pub(crate) fn image(&self) -> String {
        format!("{}/acme/shop", self.registry.host())
    }

    /// The checks of an environment.
    pub(crate) fn checks(&self, environment: &str) -> String {
        let url = self.reconciler.url(environment);
        let errors = if environment == "production" { "\nerror-rate < 5%" } else { "" };
        format!("health {url}/health\nversion {url}/version == release{errors}")
    }

    /// Where production's metrics are.
    pub(crate) fn metrics(&self) -> String {
        format!("{}/metrics", self.reconciler.url("production"))
    }

    /// Runs a program in a directory with the native programs and the stand-ins on its PATH, and these variables.
    pub(crate) fn run(&self, mut program: Command, directory: &Path, variables: &[(&str, &str)]) -> Run {
        let stand_ins = workspace().join("tests/pipelines/systems/stand-ins");
        let programs = binary("version-bump").parent().unwrap().to_owned();
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = [stand_ins, programs].into_iter().chain(tools::folders());
        let path = path.chain(std::env::split_paths(&inherited));
        program.env_clear().env("PATH", std::env::join_paths(path).unwrap()).env("HOME", self.scratch.path());
        program.env("LD_LIBRARY_PATH", std::env::join_paths(tools::libraries()).unwrap());
        program.env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_NOSYSTEM", "1");
        program.env("TESTBED_REGISTRY", self.registry.url()).env("TESTBED_WORKSPACE", workspace());
        program.envs(variables.iter().copied());
        let log = self.scratch.path().join("log");
        let output = std::fs::File::create(&log).unwrap();
        program.current_dir(directory).stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
        let mut child = program.process_group(0).spawn().unwrap();
        let start = Instant::now();
        let status = loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status),
                None if start.elapsed() > RUN_LIMIT => break None,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", child.id())]).stderr(Stdio::null()).status();
        let _ = child.wait();
        let log = String::from_utf8_lossy(&std::fs::read(&log).unwrap()).into_owned();
        let status = status.unwrap_or_else(|| panic!("it still ran after {RUN_LIMIT:?}:\n{log}"));
        Run { succeeded: status.success(), log }
    }

    /// The verdicts on an environment, oldest first, as `promote 1.5.0`.
    pub(crate) fn verdicts(&self, environment: &str) -> Vec<String> {
        let name = format!("refs/slipway/{environment}/shop");
        if !self.config.refs().contains_key(&name) {
            return Vec::new();
        }
        let word = |commit: &LoggedCommit| {
            format!("{} {}", commit.trailer("Verdict").unwrap(), commit.trailer("Release-Version").unwrap())
        };
        self.config.log(&name).iter().rev().map(word).collect()
    }

    /// The release tags of the application.
    pub(crate) fn tags(&self) -> Vec<String> {
        self.application.refs().into_keys().filter_map(|name| name.strip_prefix("refs/tags/").map(Into::into)).collect()
    }

    /// The first lines of the config repository's commits, newest first.
    pub(crate) fn deployments(&self) -> Vec<String> {
        let first = |commit: &LoggedCommit| commit.message.lines().next().unwrap_or_default().to_owned();
        self.config.log("main").iter().map(first).collect()
    }

    /// Makes sure that a release has gone all the way.
    #[track_caller]
    pub(crate) fn assert_promoted(&self, version: &str, commit: &str, run: &Run) {
        assert!(run.succeeded, "{}", run.log);
        let tag = self.application.git(&["rev-parse", &format!("refs/tags/v{version}^{{commit}}")]);
        assert_eq!(tag, commit, "what was merged is tagged\n{}", run.log);
        let digest = self.registry.digest("acme/shop", version).unwrap();
        for environment in ["staging", "production"] {
            let verdicts = self.verdicts(environment);
            assert_eq!(verdicts.last(), Some(&format!("promote {version}")), "{}", run.log);
            let manifest = self.config.read("main", &manifest_path(environment)).unwrap();
            let expected = format!("image: {}:{version}@{digest} # what runs\n", self.image());
            assert!(manifest.contains(&expected), "{manifest}\n{}", run.log);
            self.reconciler.wait_for(environment, &digest, LIMIT).unwrap();
        }
        let deployed = &self.config.log("main")[0];
        assert_eq!(deployed.trailer("Source-Commit"), Some(commit), "{}", deployed.message);
    }

    /// Makes sure that a release was taken back in production, and `to` was restored.
    #[track_caller]
    pub(crate) fn assert_rolled_back(&self, version: &str, to: &str, run: &Run) {
        assert!(!run.succeeded, "{}", run.log);
        let verdicts = self.verdicts("production");
        let tail = &verdicts[verdicts.len().saturating_sub(2)..];
        assert_eq!(tail, [format!("rollback {version}"), format!("promote {to}")], "{}", run.log);
        let history = self.config.log("main");
        assert_eq!(history[0].trailer("Rollback-Of"), Some(history[1].id.as_str()), "{}", history[0].message);
        assert_eq!(history[0].trailer("Release-Version"), Some(to));
        let digest = self.registry.digest("acme/shop", to).unwrap();
        self.reconciler.wait_for("production", &digest, LIMIT).unwrap();
    }
}

/// Where an environment's manifest is.
pub(crate) fn manifest_path(environment: &str) -> String {
    format!("envs/{environment}/shop.yaml")
}
