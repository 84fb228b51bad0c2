//! G19 and H83: runs that do not end as they should still end with 3, one error, and nothing left running.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::TempDir;
use testbed::Runner;

use crate::echo::program;
use crate::hosts::Probe;

/// The error of the output `json`, and how many errors the log has.
fn told(output: &Path, log: &str) -> (String, usize) {
    let outputs = testbed::parse_outputs(&std::fs::read_to_string(output).unwrap()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&outputs["json"]).unwrap();
    (json["error"]["kind"].as_str().unwrap().into(), log.matches("::error").count())
}

#[test]
fn a_panic_is_one_error_without_a_stack_trace() {
    let directory = TempDir::new().unwrap();
    let output = directory.path().join("output");
    std::fs::write(&output, "").unwrap();
    let place = [("GITHUB_ACTIONS", "true"), ("GITHUB_OUTPUT", output.to_str().unwrap()), ("RUST_BACKTRACE", "1")];
    let inputs = [("panics", "true"), ("message", "50% of\n::warning::it ##[error]")];
    let (code, stdout, stderr) = program(&inputs, &place, directory.path());
    assert_eq!((code, told(&output, &stdout)), (3, ("internal".into(), 1)), "{stdout}{stderr}");
    let line = stdout.lines().find(|line| line.starts_with("::error::`echo` broke down: panicked at ")).unwrap();
    assert!(line.contains("50%25 of ::warning::it #\\#[error]. this is a defect of Slipway"), "{line}");
    assert!(!stderr.contains("backtrace") && !stdout.contains("backtrace"), "{stdout}{stderr}");
}

#[test]
fn under_node_too_every_bad_end_is_one_error() {
    for (call, said) in [
        ("panic", "panicked at src/x.rs:1:2: 50%25 of  [31m::error::it. this is a defect of Slipway"),
        ("throwLater", "SyntaxError: "),
        ("never", "it waits for something that never comes. this is a defect of Slipway"),
    ] {
        let output = tempfile::NamedTempFile::new().unwrap();
        let probe = Probe::run(&json!({ "call": call }), &[("GITHUB_OUTPUT", output.path().to_str().unwrap())]);
        let (kind, _) = told(output.path(), &probe.stdout);
        let lines: Vec<&str> = probe.stdout.lines().collect();
        assert_eq!((probe.code, lines.len(), kind.as_str()), (Some(3), 1, "internal"), "{probe:?}");
        assert!(lines[0].starts_with("::error::`probe` broke down: ") && lines[0].contains(said), "{probe:?}");
        assert_eq!(probe.stderr, "");
    }
    // Without a place for outputs it is told all the same.
    for variables in [&[][..], &[("GITHUB_OUTPUT", "/nonexistent/output")], &[("GITHUB_OUTPUT", "/tmp")]] {
        let probe = Probe::run(&json!({ "call": "never" }), variables);
        assert_eq!((probe.code, probe.stdout.lines().count()), (Some(3), 1), "{probe:?}");
    }
}

#[test]
fn under_node_nothing_left_open_holds_up_the_end() {
    let start = Instant::now();
    let probe = Probe::run(&json!({ "call": "linger" }), &[]);
    assert_eq!(probe.code, Some(0), "{probe:?}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}

#[test]
fn h79_under_node_the_longest_pause_is_a_pause() {
    let thirty_days = 30 * 24 * 60 * 60 * 1000_u64;
    let probe = Probe::run(&json!({ "call": "long", "milliseconds": thirty_days }), &[]);
    assert_eq!(probe.stdout.trim(), "\"sleeps\"", "{probe:?}");
}

/// Starts image-tag where it asks git, which is a program of ours.
fn start(runner: Runner, git: &str, directory: &Path) -> Command {
    let bin = directory.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::fs::write(bin.join("git"), format!("#!/bin/sh\n{git}\n")).unwrap();
    std::fs::set_permissions(bin.join("git"), PermissionsExt::from_mode(0o755)).unwrap();
    let workspace = directory.join("workspace");
    std::fs::create_dir_all(&workspace).unwrap();
    let mut command = match runner {
        Runner::Native => Command::new(testbed::binary("image-tag")),
        Runner::Node => {
            let mut node = Command::new(testbed::node24().unwrap());
            node.arg(testbed::workspace().join("dist/image-tag/index.js"));
            node
        }
    };
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
    command.current_dir(&workspace).env_clear().env("PATH", path).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

#[test]
fn h83_a_cancelled_run_leaves_nothing_running() {
    for runner in [Runner::Native, Runner::Node] {
        for signal in ["INT", "TERM"] {
            let directory = TempDir::new().unwrap();
            let (alive, output) = (directory.path().join("alive"), directory.path().join("output"));
            std::fs::write(&output, "").unwrap();
            let loops = "while :; do echo x >> ../alive; sleep 0.05; done";
            let mut command = start(runner, &format!("trap '' INT TERM; ({loops}) & {loops}"), directory.path());
            command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", &output);
            let child = command.spawn().unwrap();
            let began = Instant::now();
            while !alive.exists() {
                assert!(began.elapsed() < Duration::from_secs(20), "{runner:?} {signal}: git was not started");
                std::thread::sleep(Duration::from_millis(10));
            }
            assert!(
                Command::new("kill").arg(format!("-{signal}")).arg(child.id().to_string()).status().unwrap().success()
            );
            let ended = child.wait_with_output().unwrap();
            let log = String::from_utf8_lossy(&ended.stdout).into_owned();
            assert_eq!(ended.status.code(), Some(3), "{runner:?} {signal}: {log}");
            assert_eq!(log, format!("::error::the run was ended by SIG{signal}\n"), "{runner:?}");
            assert_eq!(told(&output, &log), ("cancelled".into(), 1));
            let size = || std::fs::metadata(&alive).unwrap().len();
            let before = size();
            std::thread::sleep(Duration::from_millis(400));
            assert_eq!(size(), before, "{runner:?} {signal}: git still runs");
        }
    }
}

#[test]
fn a_log_that_nobody_reads_changes_nothing() {
    for runner in [Runner::Native, Runner::Node] {
        let directory = TempDir::new().unwrap();
        let output = directory.path().join("output");
        std::fs::write(&output, "").unwrap();
        let mut command = start(runner, "exit 1", directory.path());
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_OUTPUT", &output).env("GITHUB_EVENT_NAME", "push");
        command.env("GITHUB_REF", "refs/heads/main").stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!((ended.status.code(), String::from_utf8_lossy(&ended.stderr).as_ref()), (Some(0), ""), "{runner:?}");
        let outputs = testbed::parse_outputs(&std::fs::read_to_string(output).unwrap()).unwrap();
        assert_eq!(outputs["tags"], "main");
    }
}
