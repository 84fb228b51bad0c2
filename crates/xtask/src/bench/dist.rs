//! How large `dist/` is, and how soon an action starts.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use anyhow::{Context, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use super::measure::{median, milliseconds, outside_any_job, time};
use crate::dist::{self, Files};
use crate::verify::tools;
use crate::workspace;

/// What a module may weigh, in bytes, where the action has no limit of its own.
const MODULE_LIMIT: usize = 1_600_000;
/// The limits of their own: every build waits for image-tag.
const MODULE_LIMITS: &[(&str, usize)] = &[("image-tag_bg.wasm", 900_000)];
/// What all of `dist/` may weigh, in bytes.
const DIST_LIMIT: usize = 6_000_000;
/// The action whose start is measured, because every build runs it.
const MEASURED: &str = "image-tag";
/// Runs before the first that counts.
const WARM_UPS: usize = 2;

/// Prints sizes and start, and returns whether a size exceeds its limit.
pub(super) fn run(root: &Path, is_quick: bool) -> Result<bool> {
    let exceeded = print_sizes(&dist::read(root)?)?;
    print_start(root, if is_quick { 15 } else { 101 })?;
    Ok(exceeded)
}

/// Prints the sizes, and returns whether one exceeds its limit.
pub(crate) fn print_sizes(files: &Files) -> Result<bool> {
    let mut exceeded = false;
    let mut row = |name: &str, size: usize, limit: usize, gzipped: Option<usize>| {
        let over = size > limit;
        exceeded |= over;
        let gzipped = gzipped.map_or(String::new(), |size| size.to_string());
        println!("{name:<24} {size:>9} {gzipped:>9} {limit:>9}{}", if over { "  EXCEEDED" } else { "" });
    };
    println!("{:<24} {:>9} {:>9} {:>9}", "bytes", "size", "gzipped", "limit");
    for (path, data) in files.iter().filter(|(path, _)| path.ends_with(".wasm")) {
        let name = path.split('/').next_back().unwrap_or(path);
        let limit = MODULE_LIMITS.iter().find(|(own, _)| *own == name).map_or(MODULE_LIMIT, |(_, limit)| *limit);
        row(name, data.len(), limit, Some(gzipped(data)?));
    }
    row("dist/", files.values().map(Vec::len).sum(), DIST_LIMIT, None);
    Ok(exceeded)
}

fn gzipped(data: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).and_then(|()| encoder.finish()).map(|zipped| zipped.len()).context("gzip")
}

/// Prints how much longer an action takes than Node alone. Both take turns, so that the machine's moods hit both.
fn print_start(root: &Path, runs: usize) -> Result<()> {
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
    let (bare, action) = (median(bare), median(action));
    println!("\n{:<24} {:>9}", "ms, whole process", "median");
    println!("{:<24} {:>9.1}", "node -e 0", milliseconds(bare));
    println!("{MEASURED:<24} {:>9.1}", milliseconds(action));
    println!("{:<24} {:>9.1}  of {runs} runs each", "difference", milliseconds(action) - milliseconds(bare));
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_or_a_sum_over_its_limit_is_seen() {
        let files = |sizes: &[usize]| -> Files {
            sizes.iter().enumerate().map(|(n, size)| (format!("{n}/{n}_bg.wasm"), vec![0; *size])).collect()
        };
        assert!(!print_sizes(&files(&[MODULE_LIMIT; 3])).unwrap());
        assert!(print_sizes(&files(&[MODULE_LIMIT + 1])).unwrap());
        assert!(print_sizes(&files(&[MODULE_LIMIT; 4])).unwrap());
        let image_tag = |size| Files::from([("image-tag/image-tag_bg.wasm".to_owned(), vec![0; size])]);
        assert!(!print_sizes(&image_tag(900_000)).unwrap());
        assert!(print_sizes(&image_tag(900_001)).unwrap());
    }
}
