//! The shared conformance cases of image-tag: an event, inputs, and what docker/metadata-action answers to them.

use axum::Router;
use axum::http::{StatusCode, Uri};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::server::Server;
use crate::{ActionRun, Runner, run_action, shared_case};

/// When the cases run, unless they say otherwise.
const NOW: &str = "2026-03-04T05:06:07.089Z";
/// When the commits of their repositories were made.
const COMMITTED: &str = "2026-01-01T18:04:05Z";
/// The repository that all of them run in.
const REPOSITORY: &str = "acme/rocket";

/// The outputs that are compared.
const COMPARED: [&str; 5] = ["version", "tags", "tag-names", "labels", "annotations"];

/// An event, inputs, and the answer to them.
#[derive(Deserialize)]
pub struct TagCase {
    /// Its name, with what it is about before the slash.
    pub name: String,
    inputs: Map<String, Value>,
    env: Map<String, Value>,
    event: Value,
    want: Value,
    #[serde(default)]
    now: Option<String>,
    /// What the API says about the repository.
    #[serde(default)]
    repo: Option<Value>,
    /// The commands that make the repository of the checkout.
    #[serde(default)]
    git: Vec<String>,
}

impl TagCase {
    /// Every case, if the file lies beside the workspace.
    ///
    /// # Panics
    /// When the file holds something else.
    pub fn all() -> Option<Vec<Self>> {
        shared_case("image-tag.json")
    }

    /// Runs image-tag on this case. Gives the run, and in what it differs from the expected answer: in nothing, or line by line.
    ///
    /// # Panics
    /// When the case cannot be set up.
    pub fn run(&self, runner: Runner) -> (ActionRun, Vec<String>) {
        let directory = TempDir::with_prefix("case-").expect("a temporary directory");
        let checkout = directory.path().join("checkout");
        std::fs::create_dir(&checkout).expect("a directory");
        let head = self.make_repository(&checkout);
        let event = directory.path().join("event.json");
        std::fs::write(&event, self.event.to_string()).expect("a writable directory");
        let api = self.api();
        let (url, event) = (api.url(), event.to_string_lossy());
        let mut variables = vec![
            ("GITHUB_REPOSITORY", REPOSITORY),
            ("GITHUB_EVENT_PATH", &event),
            ("GITHUB_API_URL", &url),
            ("SLIPWAY_NOW", self.now.as_deref().unwrap_or(NOW)),
        ];
        variables.extend(texts(&self.env));
        let inputs: Vec<(&str, &str)> = texts(&self.inputs).collect();
        let mut run = run_action(runner, "image-tag", &inputs, &variables, &checkout);
        // What is said of the checkout is the same in every run but for where it is.
        for text in run.outputs.values_mut() {
            *text = text.replace(&*checkout.to_string_lossy(), "CHECKOUT");
        }
        let differences = self.differences(&run, head.as_deref());
        (run, differences)
    }

    /// The repository that git finds; none for a case without commands. Gives the commit that is checked out.
    fn make_repository(&self, checkout: &std::path::Path) -> Option<String> {
        let shell = |script: &str| {
            let mut shell = std::process::Command::new("sh");
            shell.current_dir(checkout).args(["-c", script]);
            for (name, value) in crate::git::command(checkout).get_envs() {
                shell.env(name, value.unwrap_or_default());
            }
            shell.envs([("GIT_AUTHOR_DATE", COMMITTED), ("GIT_COMMITTER_DATE", COMMITTED)]);
            let output = shell.output().expect("a shell");
            assert!(output.status.success(), "{}: {script}: {output:?}", self.name);
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        };
        for command in &self.git {
            shell(command);
        }
        (!self.git.is_empty()).then(|| shell("git rev-parse HEAD"))
    }

    fn api(&self) -> Server {
        let answer = self.repo.clone().unwrap_or_else(|| {
            json!({
                "full_name": REPOSITORY, "name": "rocket", "html_url": "https://github.com/acme/rocket",
                "description": "Launch control, v2: \"fast\" & safe", "default_branch": "main",
                "license": {"spdx_id": "Apache-2.0"},
            })
        });
        let status = answer["status"].as_u64().and_then(|status| StatusCode::from_u16(status.try_into().ok()?).ok());
        Server::start(
            "api",
            Router::new().fallback(async move |uri: Uri| {
                if uri.path() == format!("/repos/{REPOSITORY}") {
                    (status.unwrap_or(StatusCode::OK), answer.to_string())
                } else {
                    (StatusCode::NOT_FOUND, json!({"message": "Not Found"}).to_string())
                }
            }),
        )
    }

    fn differences(&self, run: &ActionRun, head: Option<&str>) -> Vec<String> {
        let expected = self.want["exit"].as_i64().unwrap_or_default();
        if (run.code == 0) != (expected == 0) {
            return vec![format!("exit {}, expected {expected}: {}{}", run.code, run.stdout, run.stderr)];
        }
        let mut differences = Vec::new();
        for name in COMPARED.iter().filter(|_| expected == 0) {
            let expected = self.expected(name, head);
            if run.output(name) != expected {
                differences.push(format!("{name}:\n  ours   {:?}\n  theirs {expected:?}", run.output(name)));
            }
        }
        differences
    }

    /// An output as it is expected, with the commit that was made here in place of theirs.
    fn expected(&self, name: &str, head: Option<&str>) -> String {
        let text = self.want[name].as_str().unwrap_or_default();
        let labels = self.want["labels"].as_str().unwrap_or_default();
        let theirs = labels.lines().find_map(|line| line.strip_prefix("org.opencontainers.image.revision="));
        match (head, theirs) {
            (Some(ours), Some(theirs)) if theirs.len() == ours.len() => {
                text.replace(theirs, ours).replace(&theirs[..7], &ours[..7])
            }
            _ => text.into(),
        }
    }
}

fn texts(map: &Map<String, Value>) -> impl Iterator<Item = (&str, &str)> {
    map.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default()))
}
