//! How long an action takes that every build waits for: image-tag on the event of a push, from the start of Node to its end.

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::measure::{median, milliseconds, outside_any_job, time};
use crate::verify::tools;
use crate::workspace;

/// The action that is measured.
const MEASURED: &str = "image-tag";
/// How much longer it may take than Node alone.
const LIMIT: Duration = Duration::from_millis(30);
/// Runs before the first that counts.
const WARM_UPS: usize = 2;
/// What does the same, and why there is no figure for it.
const PEER: (&str, &str) =
    ("docker/metadata-action", "not run: no package registry has it, and it asks GitHub's API in every run");

/// Prints how much longer the action takes than Node alone, and returns whether that is too long. Both take turns, so that the
/// machine's moods hit both.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    let runs = if is_quick { 15 } else { 101 };
    let node = tools::node(root)?;
    let entry = root.join("dist").join(MEASURED).join("index.js");
    ensure!(entry.is_file(), "`dist/{MEASURED}` does not exist: run `cargo dist`");
    let job = Job::new()?;
    let (mut bare, mut action) = (Vec::new(), Vec::new());
    for turn in 0..WARM_UPS + runs {
        let alone = time(job.apply(Process::new(&node).args(["-e", "0"])))?;
        let whole = time(job.apply(Process::new(&node).arg(&entry)))?;
        if turn >= WARM_UPS {
            bare.push(alone);
            action.push(whole);
        }
    }
    let least = |times: &[Duration]| times.iter().min().copied().unwrap_or_default();
    // On a machine with other work the least is nearer to what the action needs.
    let [bare, action] = [bare, action].map(|times| [least(&times), median(times)]);
    let difference = [0, 1].map(|place| action[place].saturating_sub(bare[place]));
    let exceeded = difference[1] > LIMIT;
    let row = |name: &str, [least, median]: [Duration; 2], rest: &str| {
        println!("{name:<24} {:>9.1} {:>9.1} {rest}", milliseconds(least), milliseconds(median));
    };
    let head = format!("{:>9}  of {runs} runs each, taking turns", "limit");
    println!("\n{:<24} {:>9} {:>9} {head}", "ms, whole process", "least", "median");
    row("node -e 0", bare, "");
    row(MEASURED, action, "");
    let mark = if exceeded { "  EXCEEDED" } else { "" };
    row("difference", difference, &format!("{:>9.1}{mark}", milliseconds(LIMIT)));
    println!("{:<24} {}", PEER.0, PEER.1);
    Ok(exceeded)
}

/// The surroundings of a job that a push to the default branch started.
struct Job {
    folder: tempfile::TempDir,
    event: PathBuf,
}

impl Job {
    const COMMIT: &str = "0f7d2b1c3a4e5d6f708192a3b4c5d6e7f8091a2b";

    fn new() -> Result<Self> {
        let folder = tempfile::tempdir().context("no folder for the measured job")?;
        let event = folder.path().join("event.json");
        let payload = json!({
            "ref": "refs/heads/main",
            "after": Self::COMMIT,
            "head_commit": { "id": Self::COMMIT, "message": "fix: one thing", "timestamp": "2026-11-20T10:00:00Z" },
            "repository": {
                "name": "shop",
                "full_name": "acme/shop",
                "html_url": "https://github.com/acme/shop",
                "description": "a shop",
                "default_branch": "main",
                "license": { "spdx_id": "MIT" },
            },
        });
        workspace::write(&event, payload.to_string().as_bytes())?;
        // Runners make these files; without them an action refuses to begin.
        for name in ["output", "summary"] {
            workspace::write(&folder.path().join(name), b"")?;
        }
        Ok(Self { folder, event })
    }

    /// Puts a command into the job.
    fn apply<'a>(&self, command: &'a mut Process) -> &'a mut Process {
        outside_any_job(command);
        command
            .current_dir(self.folder.path())
            .env("CI", "true")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", self.folder.path())
            .env("GITHUB_EVENT_PATH", &self.event)
            .env("GITHUB_OUTPUT", self.folder.path().join("output"))
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary"))
            .env("RUNNER_TEMP", self.folder.path())
            .envs([
                ("GITHUB_EVENT_NAME", "push"),
                ("GITHUB_REF", "refs/heads/main"),
                ("GITHUB_REF_NAME", "main"),
                ("GITHUB_REF_TYPE", "branch"),
                ("GITHUB_SHA", Self::COMMIT),
                ("GITHUB_REPOSITORY", "acme/shop"),
                ("GITHUB_SERVER_URL", "https://github.com"),
                ("GITHUB_API_URL", "https://api.github.com"),
                ("INPUT_IMAGES", "ghcr.io/acme/shop"),
            ])
    }
}
