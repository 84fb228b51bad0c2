//! Pull requests, their comments, and starting workflows.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_core::ErrorKind;
use slipway_core::github::{NewPullRequest, PullRequest, PullRequestChange, PullRequestQuery, PullRequestState};
use testbed::Dispatch;

use crate::world::{SHOP, TOKEN, World, id, ref_name, refused};

const BRANCH: &str = "slipway/release+main";

/// `main`, and a branch with two commits that change a file.
fn world() -> World {
    World::new(|work| {
        work.commit_files(
            "feat: one",
            &[("a.txt", "1\n"), (".github/workflows/deploy.yml", "on: workflow_dispatch\n")],
        );
        work.branch(BRANCH);
        work.commit_files("chore: release 1.1.0", &[("version.txt", "1.1.0\n")]);
        work.commit_files("docs: changelog\n\nThe body.", &[("CHANGELOG.md", "1.1.0\n")]);
    })
}

fn open(world: &World, head: &str, base: &str) -> slipway_core::Result<PullRequest> {
    let (head, base) = (head.parse().unwrap(), base.parse().unwrap());
    let request = NewPullRequest { title: "Release 1.1.0", body: "* feat: one", head: &head, base: &base };
    world.ask(async |client, shop| client.create_pull_request(&shop, request).await)
}

/// Presses the button.
fn merge(world: &World, number: u64, method: &str) {
    let url = format!("{}/repos/acme/shop/pulls/{number}/merge", world.github.api_url());
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str()), ("content-type", "application/json")];
    let answer =
        testbed::request("PUT", &url, &headers, json!({ "merge_method": method }).to_string()).expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_pull_request_is_opened_once_found_and_changed() {
    let world = world();
    let made = open(&world, BRANCH, "main").unwrap();
    assert_eq!(
        (made.number, made.state, made.mergeable, made.is_merged()),
        (1, PullRequestState::Open, Some(true), false)
    );
    assert_eq!((made.head.branch.as_str(), &made.head.id), (BRANCH, &world.head()));
    assert_eq!(made.head.repository.as_deref(), Some(SHOP));
    let told = refused(ErrorKind::AlreadyExists, open(&world, BRANCH, "main"));
    assert!(told.contains("A pull request already exists for acme:slipway/release+main."), "{told}");
    let told = refused(ErrorKind::Unprocessable, open(&world, "main", BRANCH));
    assert!(told.contains("No commits between slipway/release+main and main"), "{told}");
    let told = refused(ErrorKind::Unprocessable, open(&world, "none", "main"));
    assert!(told.contains("Validation Failed: `head` is invalid"), "{told}");

    world.github.label(SHOP, 1, "autorelease: pending");
    let (head, base) = (BRANCH.parse().unwrap(), "main".parse().unwrap());
    let list = |query: PullRequestQuery<'_>| {
        let listed = world.ask(async |client, shop| client.pull_requests(&shop, query).await).unwrap();
        listed.into_iter().map(|pull| (pull.number, pull.labels)).collect::<Vec<_>>()
    };
    let query = PullRequestQuery { state: Some(PullRequestState::Open), head: Some(&head), base: Some(&base) };
    assert_eq!(list(query), [(1, vec!["autorelease: pending".to_owned()])]);
    assert_eq!(list(PullRequestQuery { state: Some(PullRequestState::Closed), ..query }), []);
    assert_eq!(list(PullRequestQuery { head: Some(&base), ..query }), []);
    assert_eq!(list(PullRequestQuery::default()).len(), 1);

    let change = PullRequestChange { title: Some("Release 1.2.0"), body: None };
    world.ask(async |client, shop| client.update_pull_request(&shop, 1, change).await).unwrap();
    let read = world.ask(async |client, shop| client.pull_request(&shop, 1).await).unwrap();
    assert_eq!((read.title.as_str(), read.body.as_deref()), ("Release 1.2.0", Some("* feat: one")));
    refused(ErrorKind::NotFound, world.ask(async |client, shop| client.pull_request(&shop, 2).await));
}

#[test]
fn a_merged_pull_request_is_found_by_its_commits_however_it_was_merged() {
    for (method, commits) in [("merge", 3), ("squash", 1), ("rebase", 2)] {
        let world = world();
        world.work.checkout("main");
        world.work.commit_files("fix: meanwhile", &[("b.txt", "2\n")]);
        world.push();
        open(&world, BRANCH, "main").unwrap();
        let of =
            |commit: &str| world.ask(async |client, shop| client.pull_requests_of(&shop, &id(commit)).await).unwrap();
        let branch = world.work.git(&["rev-parse", BRANCH]);
        assert_eq!(of(&branch)[0].number, 1);
        assert_eq!(of(&world.work.head()), []);
        merge(&world, 1, method);
        let main = world.bare.refs()["refs/heads/main"].clone();
        let log = world.bare.log(&format!("{}..main", world.work.head()));
        assert_eq!(log.len(), commits, "{method}: {log:#?}");
        assert_eq!(world.bare.read("main", "version.txt").as_deref(), Some("1.1.0\n"));
        for commit in log.iter().map(|commit| commit.id.as_str()).chain([branch.as_str()]) {
            let found = of(commit);
            assert_eq!(found.len(), 1, "{method}");
            assert!(found[0].is_merged() && found[0].state == PullRequestState::Closed);
            assert_eq!(found[0].merge_commit_sha.as_ref().map(|id| id.as_str()), Some(main.as_str()), "{method}");
            assert_eq!(
                (found[0].head.branch.as_str(), found[0].author.as_deref()),
                (BRANCH, Some("github-actions[bot]"))
            );
        }
        if method == "squash" {
            assert_eq!(
                log[0].message,
                "Release 1.1.0 (#1)\n\n* chore: release 1.1.0\n\n* docs: changelog\n\nThe body."
            );
        }
    }
}

#[test]
fn a_conflict_is_told() {
    let world = world();
    world.work.checkout("main");
    world.work.commit_files("feat: mine", &[("version.txt", "9\n")]);
    world.push();
    assert_eq!(open(&world, BRANCH, "main").unwrap().mergeable, Some(false));
}

#[test]
fn comments_are_added_listed_and_changed() {
    let world = world();
    open(&world, BRANCH, "main").unwrap();
    for number in 0..101 {
        let text = format!("comment {number}");
        world.ask(async |client, shop| client.create_comment(&shop, 1, &text).await).unwrap();
    }
    let listed = world.ask(async |client, shop| client.comments(&shop, 1).await).unwrap();
    assert_eq!((listed.len(), listed[100].body.as_deref()), (101, Some("comment 100")));
    assert_eq!(listed[0].author.as_deref(), Some("github-actions[bot]"));
    let text = "changed ::error:: é\n<!-- slipway -->";
    let changed = world.ask(async |client, shop| client.update_comment(&shop, listed[0].id, text).await).unwrap();
    assert_eq!((changed.id, changed.body.as_deref()), (listed[0].id, Some(text)));
    let long = "x".repeat(65537);
    let told =
        refused(ErrorKind::Unprocessable, world.ask(async |client, shop| client.create_comment(&shop, 1, &long).await));
    assert!(told.contains("Body is too long (maximum is 65536 characters)"), "{told}");
    refused(ErrorKind::NotFound, world.ask(async |client, shop| client.comments(&shop, 7).await));
}

#[test]
fn workflows_and_events_are_started() {
    let world = world();
    let inputs = BTreeMap::from([("version".to_owned(), "1.1.0".to_owned())]);
    let start = |file: &str, on: &str| {
        let (file, on) = (file.parse().unwrap(), ref_name(on));
        world.ask(async |client, shop| client.dispatch_workflow(&shop, &file, &on, &inputs).await)
    };
    start("deploy.yml", "refs/heads/main").unwrap();
    let payload = json!({ "version": "1.1.0" }).as_object().cloned().unwrap();
    let event = "released".parse().unwrap();
    world.ask(async |client, shop| client.dispatch_repository(&shop, &event, &payload).await).unwrap();
    let expected = |name: &str, git_ref: Option<&str>| Dispatch {
        name: name.into(),
        git_ref: git_ref.map(str::to_owned),
        payload: Value::from(payload.clone()),
    };
    let started = world.github.dispatches(SHOP);
    assert_eq!(started, [expected("deploy.yml", Some("refs/heads/main")), expected("released", None)]);

    refused(ErrorKind::NotFound, start("none.yml", "refs/heads/main"));
    let told = refused(ErrorKind::Unprocessable, start("deploy.yml", "refs/heads/gone"));
    assert!(told.contains("No ref found for: refs/heads/gone"), "{told}");
    world.github.withhold("actions=write");
    let told = refused(ErrorKind::Permission, start("deploy.yml", "refs/heads/main"));
    assert!(told.contains("add `actions: write` under `permissions:` of the job"), "{told}");
}
