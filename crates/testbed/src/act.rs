//! Running workflows with `act`: in host mode on this machine, or in containers where a docker daemon is given.
//!
//! What a consumer gets of this repository is published as `slipway-release/slipway` at whatever ref the workflow names. `$/` and
//! `./.github/workflows/` in it, which act does not know there, are written out. Other repositories' actions are those of
//! `tests/workflows/stand-ins/<owner>/<name>`; one that is not there fails the run before it begins. act itself is
//! `actions/checkout`, by a copy of the checkout it is given; with `repository`, the stand-in is.

mod log;
mod publish;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

use crate::{node24, workspace};

pub use log::{ActRun, Step};
pub use publish::{SLIPWAY, repositories_used};

/// What a run is given beside the checkout.
#[derive(Clone, Copy)]
pub struct ActJob<'a> {
    /// The event's name, such as `push`.
    pub event_name: &'a str,
    /// The event's payload; inputs of `workflow_dispatch` are its `inputs`.
    pub event: &'a Value,
    /// The path of the workflow in the checkout.
    pub workflow: &'a str,
    /// Who started the run.
    pub actor: &'a str,
    /// `secrets.*`; the job's token is `GITHUB_TOKEN`.
    pub secrets: &'a [(&'a str, &'a str)],
    /// `vars.*`.
    pub variables: &'a [(&'a str, &'a str)],
    /// Environment variables of every step.
    pub environment: &'a [(&'a str, &'a str)],
    /// What is replaced in our published workflows, such as long times by short ones. Each must be there.
    pub replaced: &'a [(&'a str, &'a str)],
    /// The docker daemon's address and the image that jobs run in; without it they run on this machine.
    pub containers: Option<(&'a str, &'a str)>,
    /// A run that takes longer is ended, and the test fails.
    pub limit: Duration,
}

impl<'a> ActJob<'a> {
    /// Ada's event, with nothing but its payload, for at most 90 seconds.
    pub fn new(workflow: &'a str, event_name: &'a str, event: &'a Value) -> Self {
        Self {
            event_name,
            event,
            workflow,
            actor: "ada",
            secrets: &[],
            variables: &[],
            environment: &[],
            replaced: &[],
            containers: None,
            limit: Duration::from_secs(90),
        }
    }

    /// Runs the workflow in the checkout `consumer`, which is not changed but by the workflow.
    ///
    /// # Panics
    /// When it cannot be run, or does not end in time.
    pub fn run(&self, consumer: &Path) -> ActRun {
        let scratch = TempDir::with_prefix("act-").expect("a temporary directory");
        let published = scratch.path().join("slipway");
        publish::publish(&published, self.replaced);
        let event = scratch.path().join("event.json");
        std::fs::write(&event, self.event.to_string()).expect("the event's file");
        let log = scratch.path().join("log");

        let mut act = self.command(consumer, &published, scratch.path());
        act.arg("--eventpath").arg(event);
        let output = std::fs::File::create(&log).expect("the log's file");
        act.current_dir(consumer).stdin(Stdio::null());
        act.stdout(output.try_clone().expect("the log's file")).stderr(output);
        let succeeded = finish(act, self.limit);
        let run = ActRun::new(succeeded == Some(true), &std::fs::read_to_string(&log).unwrap_or_default());
        assert!(succeeded.is_some(), "act still ran after {:?}:\n{}", self.limit, run.log);
        run
    }

    fn command(&self, consumer: &Path, published: &Path, scratch: &Path) -> Command {
        let mut act = Command::new(program());
        act.args([self.event_name, "--json", "--workflows", self.workflow, "--actor", self.actor]);
        // Nothing is downloaded: what is not here is an error.
        act.args(["--action-offline-mode", "--pull=false", "--no-cache-server"]);
        act.arg("--action-cache-path").arg(scratch.join("cache"));
        let image = self.containers.map_or("-self-hosted", |(_, image)| image);
        act.arg("--platform").arg(format!("ubuntu-24.04={image}"));
        let text = std::fs::read_to_string(consumer.join(self.workflow)).expect("the workflow's file");
        for (repository, version) in publish::used_by(&text, published) {
            let folder = match repository.as_str() {
                SLIPWAY => published.to_owned(),
                other => publish::stand_in(other),
            };
            act.arg("--local-repository").arg(format!("{repository}@{version}={}", folder.display()));
        }
        for (flag, pairs) in [("--secret", self.secrets), ("--var", self.variables), ("--env", self.environment)] {
            act.args(pairs.iter().flat_map(|(name, value)| [flag.to_owned(), format!("{name}={value}")]));
        }
        let node = node24().unwrap_or_else(|reason| panic!("{reason}"));
        let tools = workspace().join("target/tools/venv/bin");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = node.parent().map(Path::to_path_buf).into_iter().chain(std::env::split_paths(&path)).chain([tools]);
        act.env_clear().env("PATH", std::env::join_paths(path).expect("a PATH")).env("HOME", scratch);
        act.env("GIT_TERMINAL_PROMPT", "0").env("GIT_CONFIG_NOSYSTEM", "1");
        if let Some((daemon, _)) = self.containers {
            act.env("DOCKER_HOST", daemon);
        }
        act
    }
}

/// Runs it to its end, and tells whether it succeeded; ends it and all that it started when it takes too long.
fn finish(mut act: Command, limit: Duration) -> Option<bool> {
    let mut child = act.process_group(0).spawn().unwrap_or_else(|error| panic!("{:?}: {error}", act.get_program()));
    let id = child.id();
    let mut wait = |limit: Duration| {
        let start = Instant::now();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => break Some(status.success()),
                _ if start.elapsed() > limit => break None,
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    };
    let status = wait(limit);
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

/// The program `act`: on the `PATH`, else where `cargo verify` installs it.
fn program() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([workspace().join("target/tools/venv/bin")]);
    let found = folders.map(|folder| folder.join("act")).find(|program| program.is_file());
    found.expect("no program `act`: run `cargo verify --only python-tools`")
}
