//! A job that is killed at any moment leaves nothing half done, and the next run goes on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::world::{FILE, TOKEN, World, dense};

#[test]
fn a_job_that_is_killed_at_any_request_is_finished_by_the_next_run() {
    // As many requests as a deployment makes.
    let world = World::new(2);
    assert_eq!(world.deploy("c1", "2.0.0", &[]).code, 0);
    let requests = world.server.requests().len();
    for reached in 1..=requests {
        let world = World::new(2);
        kill_at(&world, reached);
        let content = world.content();
        assert!(content == dense(2) || content == deployed(), "request {reached}: {content}");
        let run = world.deploy("c1", "2.0.0", &[]);
        assert_eq!(run.code, 0, "request {reached}: {}", run.stdout);
        assert_eq!((world.content(), world.bare.log("main").len()), (deployed(), 2), "request {reached}");
        assert_eq!(world.queue(), Vec::<String>::new(), "request {reached}");
    }
}

#[test]
fn a_job_that_is_ended_by_a_signal_leaves_nothing_behind() {
    let world = World::new(2);
    let directory = tempfile::tempdir().unwrap();
    let mut job = job(&world, directory.path());
    let mut job = job.stderr(Stdio::piped()).spawn().unwrap();
    let left = || {
        let entries = std::fs::read_dir(directory.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("slipway-")).collect::<Vec<_>>()
    };
    while world.server.requests().is_empty() || left().is_empty() {
        assert!(job.try_wait().unwrap().is_none(), "it ended too early");
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(Command::new("kill").args(["-TERM", &job.id().to_string()]).status().unwrap().success());
    let ended = job.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.code() == Some(3) && told.contains("ended by SIGTERM"), "{}: {told}", ended.status);
    assert_eq!(left(), Vec::<String>::new());
}

fn deployed() -> String {
    dense(2).replace("c1:1.0.0", "c1:2.0.0")
}

/// Starts a job, and kills it as soon as the server has met so many requests.
fn kill_at(world: &World, reached: usize) {
    let directory = tempfile::tempdir().unwrap();
    let mut job = job(world, directory.path()).spawn().unwrap();
    for _ in 0..10_000 {
        if world.server.requests().len() >= reached || job.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let _ = job.kill();
    job.wait().unwrap();
    // What git it had started may still finish a push.
    std::thread::sleep(Duration::from_millis(300));
}

/// A deployment with its temporary files in this directory.
fn job(world: &World, temporary: &Path) -> Command {
    let mut job = Command::new(testbed::binary("config-updater"));
    job.args(["--mode", "push", "--images", "acme/c1:2.0.0", "--files", FILE, "--environment", "production"])
        .args(["--component", "c1", "--config-repository", "acme/config", "--github-token", TOKEN])
        .env("GITHUB_SERVER_URL", world.server.url())
        .env("GITHUB_REPOSITORY", "acme/shop")
        .env("TMPDIR", temporary)
        .current_dir(world.work.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    job
}
