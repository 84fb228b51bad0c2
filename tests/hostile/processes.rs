//! Programs that the hosts start, and that do not behave.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::hosts::both;

/// A shell script to run, in a directory of its own.
fn script(text: &str, directory: &Path) -> Value {
    json!({
        "call": "run", "program": "/bin/sh", "args": ["-c", text], "environment": ["PATH", "/usr/bin:/bin"],
        "directory": directory.to_str(), "input": 0, "milliseconds": 20_000, "stopAfter": u32::MAX,
    })
}

fn changed(mut call: Value, changes: &[(&str, Value)]) -> Value {
    for (name, value) in changes {
        call[*name] = value.clone();
    }
    call
}

/// Whether the file comes into being, or grows, within a second.
fn grows(file: &Path) -> bool {
    let size = || std::fs::metadata(file).map_or(0, |metadata| metadata.len());
    let before = size();
    std::thread::sleep(Duration::from_secs(1));
    size() > before
}

#[test]
fn how_a_program_ends_is_told() {
    let directory = TempDir::new().unwrap();
    for (text, expected) in [
        ("printf abc; printf de >&2", json!({ "code": 0, "output": 3, "errors": 2 })),
        ("exit 7", json!({ "code": 7, "output": 0, "errors": 0 })),
        ("kill -9 $$", json!({ "code": null, "output": 0, "errors": 0 })),
        ("head -c 1000000 /dev/zero >&2", json!({ "code": 0, "output": 0, "errors": 65536 })),
        ("head -c 1000000 /dev/zero", json!({ "code": 0, "output": 1_000_000, "errors": 0 })),
        ("exec >&-; sleep 0.3; exit 4", json!({ "code": 4, "output": 0, "errors": 0 })),
    ] {
        assert_eq!(both(|| script(text, directory.path())), expected, "{text}");
    }
}

#[test]
fn a_program_that_cannot_start_is_named() {
    let directory = TempDir::new().unwrap();
    let call = || script("", directory.path());
    for (changes, kind) in [
        (vec![("program", json!("/nonexistent/program"))], "not-found"),
        (vec![("program", json!("nonexistent-program"))], "not-found"),
        (vec![("program", json!("/etc/passwd"))], "io"),
        (vec![("directory", json!("/nonexistent"))], "not-found"),
        (vec![("args", json!(["-c", 3_000_000]))], "io"),
    ] {
        assert_eq!(both(|| changed(call(), &changes)), json!({ "error": kind }), "{}", changes[0].0);
    }
}

#[test]
fn input_that_is_not_read_is_no_error() {
    let directory = TempDir::new().unwrap();
    let large = [("input", json!(10_000_000))];
    for (text, expected) in [
        ("exit 3", json!({ "code": 3, "output": 0, "errors": 0 })),
        ("exec <&-; sleep 0.2", json!({ "code": 0, "output": 0, "errors": 0 })),
        ("cat", json!({ "code": 0, "output": 10_000_000, "errors": 0 })),
    ] {
        assert_eq!(both(|| changed(script(text, directory.path()), &large)), expected, "{text}");
    }
}

#[test]
fn a_stream_can_be_ended_early() {
    let directory = TempDir::new().unwrap();
    for (text, code) in [
        ("head -c 300000000 /dev/zero", Value::Null),
        ("yes & yes", Value::Null),
        ("trap '' TERM INT HUP; while :; do echo x; done", Value::Null),
    ] {
        let start = Instant::now();
        let answer = both(|| changed(script(text, directory.path()), &[("stopAfter", json!(1000))]));
        assert_eq!(answer, json!({ "code": code, "output": 1000, "errors": 0 }), "{text}");
        // Both hosts together take less than the time limit of one.
        assert!(start.elapsed() < Duration::from_secs(15), "{text}: {:?}", start.elapsed());
    }
}

#[test]
fn much_output_is_streamed_whole() {
    let directory = TempDir::new().unwrap();
    let answer = both(|| script("head -c 150000000 /dev/zero", directory.path()));
    assert_eq!(answer, json!({ "code": 0, "output": 150_000_000, "errors": 0 }));
}

#[test]
fn the_time_limit_ends_what_was_started_too() {
    let worlds: Vec<TempDir> = (0..2).map(|_| TempDir::new().unwrap()).collect();
    for text in [
        "(while :; do echo x >> alive; sleep 0.05; done) & wait",
        "(while :; do echo x >> alive; sleep 0.05; done) >&- 2>&- & exec >&- 2>&-; sleep 60",
        "trap '' TERM; while :; do echo x >> alive; sleep 0.05; done",
        "(while :; do echo x >> alive; sleep 0.05; done) >&- & exec >&-; sleep 60",
    ] {
        let next = std::cell::Cell::new(0);
        let start = Instant::now();
        let answer = both(|| {
            let world = worlds[next.replace(next.get() + 1)].path();
            changed(script(text, world), &[("milliseconds", json!(500))])
        });
        assert_eq!(answer, json!({ "error": "timed-out" }), "{text}");
        // Both hosts together take less than the time limit of one.
        assert!(start.elapsed() < Duration::from_secs(15), "{text}: {:?}", start.elapsed());
        for world in &worlds {
            assert!(!grows(&world.path().join("alive")), "`{text}` still runs");
        }
    }
}

#[test]
fn what_a_program_leaves_running_does_not_hold_it_up() {
    let directory = TempDir::new().unwrap();
    for left in ["sleep 30", "sleep 30 2>&-", "sleep 30 >&-"] {
        let start = Instant::now();
        let text = format!("echo x; {left} & echo $! >> left; exit 5");
        let answer = both(|| script(&text, directory.path()));
        assert_eq!(answer, json!({ "code": 5, "output": 2, "errors": 0 }), "{left}");
        assert!(start.elapsed() < Duration::from_secs(10), "{left}: {:?}", start.elapsed());
    }
    for process in std::fs::read_to_string(directory.path().join("left")).unwrap().lines() {
        let killed = std::process::Command::new("kill").arg(process).status().unwrap();
        assert!(killed.success(), "what is left running stays, but {process} is gone");
    }
}
