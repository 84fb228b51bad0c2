//! A shop of two components that calls the gitops pipeline, its config repository, and three environments that follow it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use slipway_gitops::Deployment;
use testbed::{
    ActJob, ActRun, BareRepository, Change, GitServer, Load, LoggedCommit, Reconciler, Registry, Release, Repository,
    Runner, Running, Settings, binary, run_action, workspace,
};

/// The token that git takes for pushes.
const TOKEN: &str = "ghs_token_of_the_shop";
/// Where the workflow is.
const WORKFLOW: &str = ".github/workflows/gitops.yml";
/// How long the reconciler may take.
pub(super) const LIMIT: Duration = Duration::from_secs(60);
/// What is built.
pub(super) const COMPONENTS: [&str; 2] = ["backend", "frontend"];
const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];

/// What a run is given.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    /// The event's name.
    pub(super) event: &'a str,
    /// The ref that it is about.
    pub(super) reference: &'a str,
    /// The whole workflow, if it does not call the pipeline.
    pub(super) workflow: &'a str,
    /// The input `components`, if it is not that of the world.
    pub(super) components: &'a str,
    pub(super) branches: &'a str,
    pub(super) version: &'a str,
    pub(super) production: &'a str,
    pub(super) strategy: &'a str,
    pub(super) deployer: &'a str,
    pub(super) integration: &'a str,
    pub(super) reports: &'a str,
    pub(super) evidence: &'a str,
    /// The address of GitHub's API; nothing listens there unless a test does.
    pub(super) github: &'a str,
}

impl Default for Given<'_> {
    fn default() -> Self {
        Self {
            event: "push",
            reference: "refs/heads/main",
            workflow: "",
            components: "",
            branches: "",
            version: "",
            production: "automatic",
            strategy: "canary",
            deployer: "argocd",
            integration: "test -n \"$COMPONENTS\"",
            reports: "",
            evidence: "",
            github: "http://127.0.0.1:1",
        }
    }
}

pub(super) struct World {
    git: GitServer,
    developer: Repository,
    pub(super) config: BareRepository,
    pub(super) registry: Registry,
    pub(super) reconciler: Reconciler,
    artifacts: tempfile::TempDir,
    is_blue_green: bool,
}

impl World {
    /// A world in which 1.4.0 runs everywhere and nothing is verified yet.
    pub(super) fn new() -> Self {
        Self::with(false)
    }

    /// The same, in which users of the frontend in production get the version that its public service names.
    pub(super) fn blue_green() -> Self {
        Self::with(true)
    }

    fn with(is_blue_green: bool) -> Self {
        let git = GitServer::start(TOKEN);
        let registry = Registry::start();
        let developer = Repository::new();
        let sources = COMPONENTS.map(|component| (format!("{component}/release.json"), "{}\n"));
        let sources: Vec<(&str, &str)> = sources.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        developer.commit_files("feat: sell tea", &sources);
        git.add("acme/shop", &developer.bare_clone());

        let first = Release::version("1.4.0");
        let digests = COMPONENTS
            .map(|component| registry.push(&format!("acme/{component}"), "1.4.0", first.to_bytes(), &"0".repeat(40)));
        let config = Repository::new();
        let image = |component: &str| format!("{}/acme/{component}", registry.host());
        let filled = |text: &str| {
            text.replace("IMAGE-OF-BACKEND", &format!("{}:1.4.0@{}", image("backend"), digests[0]))
                .replace("NAME-OF-FRONTEND", &image("frontend"))
                .replace("DIGEST-OF-FRONTEND", &digests[1])
        };
        let root = workspace().join("tests/workflows/sample-config");
        let files = files_below(&root).into_iter().map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            (file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned(), filled(&text))
        });
        let files: Vec<(String, String)> = files.collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        config.commit_files("chore: begin", &files);
        for environment in ENVIRONMENTS {
            for (component, digest) in COMPONENTS.iter().zip(&digests) {
                let release = slipway_gitops::Release {
                    component: component.parse().unwrap(),
                    version: "1.4.0".parse().unwrap(),
                    images: vec![format!("{}:1.4.0@{digest}", image(component)).parse().unwrap()],
                    environment: environment.parse().unwrap(),
                    source_commit: None,
                    workflow_run: None,
                };
                let file = format!("envs/{environment}/{component}/deployed.txt");
                let message =
                    Deployment::message(&format!("Deploy {component} 1.4.0 to {environment}"), &release, None);
                config.commit_files(&message, &[(&file, "1.4.0\n")]);
            }
        }
        let config = config.bare_clone();
        git.add("acme/config", &config);

        let mut settings = Settings::new(git.repository_url("acme/config"), registry.url(), binary("sample-service"));
        // Other tests keep the machine busy.
        settings.health_limit = Duration::from_secs(30);
        for environment in ENVIRONMENTS {
            let [backend, frontend] = [("backend", "values"), ("frontend", "kustomization")]
                .map(|(component, file)| (component, format!("envs/{environment}/{component}/{file}.yaml")));
            settings = settings.environment(&format!("{environment}-{}", backend.0), &backend.1);
            settings = settings.environment(&format!("{environment}-{}", frontend.0), &frontend.1);
            settings = settings.share(&format!("{environment}-backend"), &backend.1);
        }
        if is_blue_green {
            settings = settings.share("production-frontend", "envs/production/frontend/public.yaml");
        }
        let reconciler = Reconciler::start(settings);
        for environment in ENVIRONMENTS {
            for (component, digest) in COMPONENTS.iter().zip(&digests) {
                reconciler.wait_for(&format!("{environment}-{component}"), digest, LIMIT).unwrap();
            }
        }
        let artifacts = tempfile::TempDir::with_prefix("artifacts-").unwrap();
        Self { git, developer, config, registry, reconciler, artifacts, is_blue_green }
    }

    /// Has the gate say that what is deployed is good.
    pub(super) fn verify(&self, environment: &str, component: &str) {
        let checks = format!("health {}/health", self.url(environment, component));
        let inputs = [
            ("environment", environment),
            ("component", component),
            ("checks", &checks),
            ("duration", "500ms"),
            ("interval", "200ms"),
            ("config-repository", "acme/config"),
            ("github-token", TOKEN),
        ];
        let server = self.git.url();
        let variables = [("GITHUB_SERVER_URL", server.as_str())];
        let run = run_action(Runner::Native, "rollback-gate", &inputs, &variables, self.developer.path());
        assert_eq!(run.output("verdict"), "promote", "{}", run.stdout);
    }

    /// Merges a commit with what components are built from, and gives its id.
    pub(super) fn merge(&self, message: &str, releases: &[(&str, &str)]) -> String {
        let files: Vec<(String, String)> = releases
            .iter()
            .map(|(component, release)| (format!("{component}/release.json"), format!("{release}\n")))
            .chain([("CHANGES".to_owned(), format!("{message}\n"))])
            .collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        self.developer.commit_files(message, &files)
    }

    /// Runs the pipeline for the newest commit.
    pub(super) fn run(&self, given: &Given<'_>) -> ActRun {
        let server = self.git.url();
        let checkout = Repository::clone_from(self.developer.path().to_str().unwrap(), None);
        let workflow = if given.workflow.is_empty() { self.workflow(given) } else { given.workflow.to_owned() };
        checkout.write(WORKFLOW, &workflow);
        let mut event = json!({
            "repository": {
                "name": "shop", "full_name": "acme/shop", "html_url": format!("{server}/acme/shop"),
                "description": "Tea and cake", "license": null, "default_branch": "main",
            },
        });
        match given.event {
            "release" => event["release"] = json!({ "tag_name": given.reference.trim_start_matches("refs/tags/") }),
            "pull_request" => {
                event["number"] = json!(7);
                event["pull_request"] = json!({
                    "number": 7, "head": { "ref": "cake", "sha": checkout.head() }, "base": { "ref": "main" },
                });
            }
            _ => event["ref"] = json!(given.reference),
        }
        event["after"] = json!(checkout.head());
        let _ = std::fs::remove_dir_all(self.artifacts.path());
        let (registry, artifacts) = (self.registry.url(), self.artifacts.path().to_str().unwrap());
        let job = ActJob {
            secrets: &[("GITHUB_TOKEN", TOKEN), ("CONFIG_TOKEN", TOKEN)],
            environment: &[
                ("GITHUB_SERVER_URL", &server),
                ("GITHUB_API_URL", given.github),
                ("GITHUB_REPOSITORY", "acme/shop"),
                ("TESTBED_REGISTRY", &registry),
                ("TESTBED_ARTIFACTS", artifacts),
            ],
            limit: Duration::from_secs(600),
            ..ActJob::new(WORKFLOW, given.event, &event)
        };
        job.run(checkout.path())
    }

    /// What a consumer writes.
    fn workflow(&self, given: &Given<'_>) -> String {
        let components = match given.components {
            "" => self.components(),
            components => components.to_owned(),
        };
        let text = |text: &str| Value::from(text).to_string();
        let mut inputs = vec![
            ("components", text(&components)),
            ("production", text(given.production)),
            ("strategy", text(given.strategy)),
            ("deployer", text(given.deployer)),
            ("integration-command", text(given.integration)),
            ("test-reports", text(given.reports)),
            ("evidence", text(given.evidence)),
            ("version", text(given.version)),
            ("scan", text("")),
            ("scan-image", text("")),
            ("config-repository", text("acme/config")),
            ("duration", text("6s")),
            ("interval", text("1s")),
            ("sync-time", text("2m")),
            ("restore-time", text("2m")),
        ];
        if !given.branches.is_empty() {
            inputs.push(("branches", text(given.branches)));
        }
        let inputs: String = inputs.iter().map(|(name, value)| format!("      {name}: {value}\n")).collect();
        format!(
            "name: GitOps\non: [push, pull_request, release]\npermissions: {{}}\njobs:\n  gitops:\n    uses: \
             slipway-release/slipway/.github/workflows/gitops.yml@v0\n    with:\n{inputs}    secrets:\n      \
             CONFIG_TOKEN: ${{{{ secrets.CONFIG_TOKEN }}}}\n"
        )
    }

    /// The input `components` with more about the backend in development.
    pub(super) fn components_with(&self, more: &Value) -> String {
        let mut components: Value = serde_json::from_str(&self.components()).unwrap();
        for (key, value) in more.as_object().unwrap() {
            components[0]["development"][key] = value.clone();
        }
        components.to_string()
    }

    /// The input `components`.
    fn components(&self) -> String {
        let argocd = self.reconciler.argocd_url();
        let components = COMPONENTS.map(|component| {
            let mut described = json!({
                "name": component,
                "image": format!("{}/acme/{component}", self.registry.host()),
                "context": component,
                "directory": component,
                "lint": "test -s release.json",
                "test": "mkdir -p reports && echo '<testsuite name=\"unit\"><testcase name=\"a\"/></testsuite>' > reports/unit.xml",
                "reports": format!("{component}/reports/*.xml"),
            });
            for environment in ENVIRONMENTS {
                let (place, url) = (format!("{environment}-{component}"), self.url(environment, component));
                let preview = self.reconciler.preview_url(&place);
                let at = |url: &str| [format!("health {url}/health"), format!("version {url}/version == release")];
                let [health, version] = at(&preview);
                described[environment] = match (environment, component) {
                    ("production", "backend") if !self.is_blue_green => json!({
                        "await": version,
                        "checks": [health, version, "error-rate < 5%".to_owned()],
                        "metrics-url": format!("{preview}/metrics"),
                        "weight": "envs/production/backend/values.yaml#canary.weight",
                    }),
                    ("production", "frontend") if self.is_blue_green => json!({
                        "await": version,
                        "preview-checks": [health, version],
                        "checks": [at(&url)[1].clone(), "error-rate < 5%".to_owned()],
                        "metrics-url": format!("{url}/metrics"),
                        "weight": "envs/production/frontend/public.yaml#spec.selector.version={version}",
                    }),
                    _ => json!({ "argocd": format!("{argocd} {place}"), "checks": at(&url) }),
                };
            }
            described
        });
        json!(components).to_string()
    }

    /// Users of a component in production, as long as the handle lives: enough for a tenth of them to be evidence.
    pub(super) fn users(&self, component: &str) -> Load {
        Load::start(&self.url("production", component), 120.0, Duration::from_secs(900)).unwrap()
    }

    /// Where users reach a component.
    pub(super) fn url(&self, environment: &str, component: &str) -> String {
        self.reconciler.url(&format!("{environment}-{component}"))
    }

    pub(super) fn running(&self, environment: &str, component: &str) -> Running {
        self.reconciler.running(&format!("{environment}-{component}")).unwrap()
    }

    /// Waits until a version runs.
    pub(super) fn wait_for(&self, environment: &str, component: &str, version: &str) -> Running {
        let digest = self.registry.digest(&format!("acme/{component}"), version).unwrap();
        self.reconciler.wait_for(&format!("{environment}-{component}"), &digest, LIMIT).unwrap()
    }

    /// The verdicts that are no steps of a rollout, oldest first, as `promote 1.5.0`.
    pub(super) fn verdicts(&self, environment: &str, component: &str) -> Vec<String> {
        let word = |commit: &LoggedCommit| {
            format!("{} {}", commit.trailer("Verdict").unwrap(), commit.trailer("Release-Version").unwrap())
        };
        let record = format!("refs/slipway/{environment}/{component}");
        if !self.config.refs().contains_key(&record) {
            return Vec::new();
        }
        self.config.log(&record).iter().rev().map(word).collect()
    }

    /// What the newest verdict rests on.
    pub(super) fn verdict(&self, environment: &str, component: &str) -> Value {
        let record = format!("refs/slipway/{environment}/{component}");
        serde_json::from_str(&self.config.read(&record, "verdict.json").unwrap()).unwrap()
    }

    /// The weights in the order in which commits about a component's deployments set them.
    pub(super) fn weights(&self, component: &str) -> Vec<String> {
        let about = format!("Give {component} ");
        let log = self.config.log("main");
        let weights = log.iter().rev().filter(|commit| commit.message.starts_with(&about));
        weights.filter_map(|commit| commit.trailer("Weight").map(str::to_owned)).collect()
    }

    /// The percentages of users that a version had beside the one before it.
    pub(super) fn shares(&self, place: &str, version: &str) -> Vec<u8> {
        let events = self.reconciler.events().into_iter().filter(|event| event.environment.as_deref() == Some(place));
        let share = |change| match change {
            Change::Shared { version: of, percent, .. } if of == version => Some(percent),
            _ => None,
        };
        events.filter_map(|event| share(event.change)).collect()
    }

    /// The results that a run handed on.
    pub(super) fn results(&self, run: &ActRun) -> Value {
        let results = ["Summary", "summary", "gitops/summary"].iter().find_map(|job| run.output(job, "results"));
        results.map_or(Value::Null, |results| serde_json::from_str(results).unwrap())
    }

    /// Has somebody push to the config repository right before so many of the pushes to come.
    pub(super) fn interfere(&self, times: usize) {
        self.config.install_hook(
            "pre-receive",
            &format!(
                "came=$(cat interferences 2> /dev/null || echo 0)\n\
                 while read old new ref; do\n\
                 [ $ref = refs/heads/main ] && [ $came -lt {times} ] || continue\n\
                 unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES\n\
                 tip=$(git rev-parse refs/heads/main)\n\
                 commit=$(git -c user.name=eve -c user.email=eve@example.com commit-tree -p $tip -m 'chore: come in between' $tip^{{tree}})\n\
                 git update-ref refs/heads/main $commit && echo $((came + 1)) > interferences\n\
                 done\nexit 0"
            ),
        );
    }

    /// How often somebody did.
    pub(super) fn interferences(&self) -> usize {
        let came = std::fs::read_to_string(self.config.path().join("interferences")).unwrap_or_default();
        came.trim().parse().unwrap_or_default()
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// What stands in for GitHub's API about the environment `production`, with or without reviewers.
pub(super) struct Environments {
    pub(super) url: String,
    is_open: Arc<Mutex<bool>>,
}

impl Environments {
    pub(super) fn start(has_reviewers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let is_open = Arc::new(Mutex::new(true));
        let goes_on = Arc::clone(&is_open);
        std::thread::spawn(move || {
            let rules = if has_reviewers {
                json!([{ "type": "required_reviewers" }])
            } else {
                json!([{ "type": "wait_timer" }])
            };
            let known = json!({ "name": "production", "protection_rules": rules }).to_string();
            for stream in listener.incoming() {
                if !*goes_on.lock().unwrap() {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let mut request = [0; 4096];
                let length = stream.read(&mut request).unwrap_or_default();
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let is_known = request.starts_with("GET /repos/acme/shop/environments/production ")
                    && request.contains(&format!("Bearer {TOKEN}"));
                let (status, body) = if is_known { (200, known.as_str()) } else { (404, "{}") };
                let head =
                    format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                let _ = stream.write_all((head + body).as_bytes());
            }
        });
        Self { url, is_open }
    }
}

impl Drop for Environments {
    fn drop(&mut self) {
        *self.is_open.lock().unwrap() = false;
        // The thread waits for one more connection.
        let _ = std::net::TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}
