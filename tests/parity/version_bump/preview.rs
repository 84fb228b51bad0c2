//! What is told on pull requests and in merge queues.

use serde_json::{Value, json};
use testbed::{ActionRun, Repository, request};

use super::world::{World, both, with_files};

/// `main`, on which a fix waits, with the branch of a pull request and the merge that GitHub tries out.
fn origin() -> Repository {
    let origin = with_files();
    origin.branch("feature/zip");
    origin.commit("fix(größe): é <script> @acme/all");
    origin.commit("fixup! fix(größe): é");
    origin.checkout("main");
    origin.commit("fix: waits");
    origin.git(&["checkout", "--quiet", "--detach"]);
    origin.git(&["merge", "--quiet", "--no-ff", "--message", "Merge a into b", "feature/zip"]);
    let trial = origin.head();
    origin.git(&["update-ref", "refs/pull/1/merge", &trial]);
    origin.git(&["update-ref", "refs/pull/1/head", "feature/zip"]);
    origin.checkout("main");
    origin
}

/// Opens the pull request, and gives the event of it.
fn open(world: &World<'_>, title: &str) -> Value {
    let url = format!("{}/repos/acme/shop/pulls", world.github.api_url());
    let body = json!({ "title": title, "head": "feature/zip", "base": "main" }).to_string();
    let opened = request("POST", &url, &[("content-type", "application/json")], body).unwrap().json();
    let id = |branch: &str| world.remote.git(&["rev-parse", branch]);
    json!({
        "number": opened["number"],
        "pull_request": {
            "number": opened["number"], "state": "open", "title": title, "body": null, "auto_merge": null,
            "head": { "sha": id("feature/zip"), "ref": "feature/zip", "user": { "login": "acme" } },
            "base": { "sha": id("main"), "ref": "main", "repo": { "squash_merge_commit_message": "BLANK" } },
        },
    })
}

/// A job on the event, with a checkout of one commit.
fn job(world: &World<'_>, name: &str, event: &Value, revision: &str, inputs: &[(&str, &str)]) -> ActionRun {
    let clone = Repository::new();
    clone.git(&["remote", "add", "origin", &world.server.repository_url("acme/shop")]);
    clone.git(&["fetch", "--quiet", "--no-tags", "--depth=1", "origin", revision]);
    clone.git(&["checkout", "--quiet", "--detach", "FETCH_HEAD"]);
    let payload = clone.write(".git/event.json", event.to_string());
    let sha = clone.head();
    let variables = [
        ("GITHUB_EVENT_NAME", name),
        ("GITHUB_EVENT_PATH", payload.to_str().unwrap()),
        ("GITHUB_SHA", &sha),
        ("GITHUB_REF", "refs/pull/1/merge"),
        ("GITHUB_HEAD_REF", "feature/zip"),
        ("GITHUB_BASE_REF", "main"),
    ];
    world.run_in(&clone, inputs, &variables)
}

#[test]
fn pull_requests_and_their_comment() {
    let comment = [("comment", "true"), ("mode", "release")];
    let runs = both("a pull request", &origin(), |world| {
        let event = open(world, "feat!: zip | @acme/all");
        let trial = |inputs: &[(&str, &str)]| job(world, "pull_request", &event, "refs/pull/1/merge", inputs);
        let mut runs = vec![trial(&[]), trial(&comment), trial(&comment)];
        runs.push(trial(&[&comment[..], &[("merge-method", "rebase"), ("branch-rules", "feature/*=minor")]].concat()));
        let targeted =
            |revision: &str, inputs: &[(&str, &str)]| job(world, "pull_request_target", &event, revision, inputs);
        runs.push(targeted("main", &[("minimum-bump-command", "echo major")]));
        world.github.withhold("pull_requests=write");
        runs.push(trial(&comment));
        let comments = world.github.comments("acme/shop", 1);
        assert_eq!(comments.len(), 1, "{comments:?}");
        runs[5].outputs.insert("the comment".into(), comments[0].1.clone());
        runs
    });
    assert!(runs.iter().all(|run| run.code == 0), "{:?}", runs.iter().map(|run| &run.stdout).collect::<Vec<_>>());
    assert_eq!(runs[0].output("version"), "2.0.0", "the title is in the message of the merge");
    assert_eq!(runs[3].output("version"), "1.5.0");
    assert!(runs[4].stdout.contains("is not run on `pull_request_target`"), "{}", runs[4].stdout);
    assert!(runs[5].stdout.contains("::warning::the comment is not written"), "{}", runs[5].stdout);
}

#[test]
fn merge_queues() {
    let runs = both("a merge queue", &origin(), |world| {
        let id = |branch: &str| world.remote.git(&["rev-parse", branch]);
        let event = json!({
            "action": "checks_requested",
            "merge_group": {
                "head_sha": id("refs/pull/1/merge"), "head_ref": "refs/heads/gh-readonly-queue/main/pr-1-x",
                "base_sha": id("main"), "base_ref": "refs/heads/main",
            },
        });
        vec![job(world, "merge_group", &event, "refs/pull/1/merge", &[("mode", "tag")])]
    });
    assert_eq!((runs[0].code, runs[0].output("version")), (0, "1.5.0"), "{}", runs[0].stdout);
}

#[test]
fn events_that_are_not_what_they_should_be() {
    for event in [json!(null), json!([]), json!({ "pull_request": 1 }), json!({ "pull_request": { "number": "x" } })] {
        both(&event.to_string(), &origin(), |world| {
            vec![job(world, "pull_request", &event, "refs/pull/1/merge", &[("comment", "true")])]
        });
    }
}
