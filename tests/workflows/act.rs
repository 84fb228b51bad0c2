//! Running workflows with `act`, on this machine and without containers.

use std::collections::BTreeMap;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use testbed::{dist, node24, workspace};

use crate::workflow;

/// A run that takes longer is killed.
const LIMIT: Duration = Duration::from_secs(90);

/// The repository that the README's workflow takes the actions from.
const SLIPWAY: &str = "slipway-release/slipway";

/// What runs in the place of actions that need docker.
const STAND_INS: [&str; 2] = ["docker/login-action", "docker/build-push-action"];

/// A run of a workflow.
pub(crate) struct Run {
    /// Whether all jobs succeeded or were skipped.
    pub(crate) succeeded: bool,
    /// Every line that was printed.
    pub(crate) log: String,
    results: BTreeMap<String, String>,
}

impl Run {
    /// The jobs that ran and how they ended, as `build: success`, by name.
    pub(crate) fn jobs(&self) -> Vec<String> {
        self.results.iter().map(|(job, result)| format!("{job}: {result}")).collect()
    }
}

/// What a run is given beside the workflow.
pub(crate) struct Given<'a> {
    /// The event's payload.
    pub(crate) event: &'a Value,
    /// `secrets.*`.
    pub(crate) secrets: &'a [(&'a str, &'a str)],
    /// `vars.*`.
    pub(crate) variables: &'a [(&'a str, &'a str)],
    /// Environment variables of every step.
    pub(crate) environment: &'a [(&'a str, &'a str)],
}

/// Runs the workflow in the file `workflow` of the checkout `consumer` for a push.
pub(crate) fn run(consumer: &Path, workflow: &str, given: &Given<'_>) -> Run {
    let scratch = TempDir::with_prefix("act-").unwrap();
    let actions = scratch.path().join("slipway");
    publish(&actions);
    let event = scratch.path().join("event.json");
    std::fs::write(&event, given.event.to_string()).unwrap();
    let log = scratch.path().join("log");

    let mut act = Command::new(program());
    act.args(["push", "--json", "--workflows", workflow, "--platform", "ubuntu-24.04=-self-hosted", "--actor", "ada"]);
    // Nothing is downloaded: what is not here is an error.
    act.args(["--action-offline-mode", "--pull=false", "--no-cache-server"]);
    act.arg("--action-cache-path").arg(scratch.path().join("cache")).arg("--eventpath").arg(event);
    let text = std::fs::read_to_string(consumer.join(workflow)).unwrap();
    for (repository, version) in workflow::used(&text) {
        let folder = match repository.as_str() {
            SLIPWAY => actions.clone(),
            stood_in if STAND_INS.contains(&stood_in) => {
                workspace().join("tests/workflows/stand-ins").join(stood_in.rsplit('/').next().unwrap())
            }
            // act does this one by itself.
            "actions/checkout" => continue,
            other => panic!("the workflow uses `{other}`, for which there is no stand-in"),
        };
        act.arg("--local-repository").arg(format!("{repository}@{version}={}", folder.display()));
    }
    for (flag, pairs) in [("--secret", given.secrets), ("--var", given.variables), ("--env", given.environment)] {
        act.args(pairs.iter().flat_map(|(name, value)| [flag.to_owned(), format!("{name}={value}")]));
    }
    let node = node24().unwrap_or_else(|reason| panic!("{reason}"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = node.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path));
    act.env_clear().env("PATH", std::env::join_paths(path).unwrap()).env("HOME", scratch.path());
    act.env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_NOSYSTEM", "1");

    let output = std::fs::File::create(&log).unwrap();
    act.current_dir(consumer).stdin(Stdio::null()).stdout(output.try_clone().unwrap()).stderr(output);
    let succeeded = finish(act);
    let lines = std::fs::read_to_string(&log).unwrap();
    let succeeded = succeeded.unwrap_or_else(|| panic!("act still ran after {LIMIT:?}:\n{}", read(&lines).0));
    let (log, results) = read(&lines);
    Run { succeeded, log, results }
}

/// Runs it to its end, and tells whether it succeeded; ends it and all that it started when it takes too long.
fn finish(mut act: Command) -> Option<bool> {
    let mut child = act.process_group(0).spawn().unwrap_or_else(|error| panic!("{:?}: {error}", act.get_program()));
    let id = child.id();
    let mut wait = |limit: Duration| {
        let start = Instant::now();
        loop {
            match child.try_wait().unwrap() {
                Some(status) => break Some(status.success()),
                None if start.elapsed() > limit => break None,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    };
    let status = wait(LIMIT);
    if status.is_none() {
        // act ends its steps, which are no members of its group.
        signal("-INT", &id.to_string());
        wait(Duration::from_secs(10));
    }
    signal("-KILL", &format!("-{id}"));
    let _ = child.wait();
    status
}

/// Sends a signal to a process, or with a minus to a group; there may be none any more.
fn signal(signal: &str, to: &str) {
    let _ = Command::new("kill").args([signal, "--", to]).stderr(Stdio::null()).status();
}

/// The text of act's log, and the result of every job that was not skipped.
fn read(lines: &str) -> (String, BTreeMap<String, String>) {
    let mut log = String::new();
    let mut results = BTreeMap::new();
    for line in lines.lines() {
        let Ok(entry) = serde_json::from_str::<Value>(line) else {
            log += &format!("{line}\n");
            continue;
        };
        let job = entry["jobID"].as_str().unwrap_or_default();
        log += &format!("{job:<12}{}\n", entry["msg"].as_str().unwrap_or_default().trim_end());
        if let Some(result) = entry["jobResult"].as_str() {
            results.insert(job.to_owned(), result.to_owned());
        }
    }
    (log, results)
}

/// What a consumer gets of this repository: the descriptions of the actions, and `dist/`.
fn publish(folder: &Path) {
    for action in std::fs::read_dir(workspace().join("actions")).unwrap() {
        let action = action.unwrap();
        for (from, to) in [(action.path(), "actions"), (dist().join(action.file_name()), "dist")] {
            let to = folder.join(to).join(action.file_name());
            std::fs::create_dir_all(&to).unwrap();
            let files = std::fs::read_dir(&from);
            let files = files.unwrap_or_else(|error| panic!("`{}`: {error}; run `cargo dist`", from.display()));
            for file in files {
                let file = file.unwrap();
                std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
            }
        }
    }
}

/// The program `act`: on the `PATH`, else where `cargo verify` installs it.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([workspace().join("target/tools/venv/bin")]);
    let found = folders.map(|folder| folder.join("act")).find(|program| program.is_file());
    found.expect("no program `act`: run `cargo verify --only python-tools`")
}
