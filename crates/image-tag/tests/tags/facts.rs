//! What is asked and what is not, and what is done without an answer.

use serde_json::json;
use slipway_core::ExitCode;
use testbed::{Runner, run_action};

use crate::world::{SHA, on, push};

const REPOSITORY: &str = "https://api.github.com/repos/acme/rocket";
const COMMIT: &str = "https://api.github.com/repos/acme/rocket/commits/0f1e2d3c4b5a69788796a5b4c3d2e1f001234567";
const DATED: &str = "{{commit_date 'YYYYMMDD'}}";

#[test]
fn an_event_that_holds_the_facts_needs_no_request() {
    let commit = json!({"head_commit": {"id": SHA, "timestamp": "2026-01-31T23:30:00-05:00"}});
    let ran = on("push", "refs/heads/main", commit).input("tags", DATED).answers(REPOSITORY, 500, "").run();
    assert_eq!((ran.output("tags"), ran.unanswered), ("20260201", 1), "{}", ran.printed);
    assert_eq!(ran.label("source"), "https://x.example/rocket");
    // Nothing uses the date of the commit.
    assert_eq!(on("schedule", "refs/heads/main", json!({})).answers(COMMIT, 200, "{}").run().unanswered, 1);
}

#[test]
fn what_the_event_lacks_is_asked_once() {
    let body = r#"{"name":"rocket","html_url":"https://x.example/r","description":"A\nB","default_branch":"trunk"}"#;
    let ran = push("refs/heads/trunk")
        .event(json!({"repository": {"name": "rocket", "default_branch": "main"}}))
        .input("tags", &format!("type=edge\n{DATED}\nx-{{{{is_default_branch}}}}"))
        .answers(REPOSITORY, 200, body)
        .answers(COMMIT, 200, r#"{"commit":{"committer":{"date":"2026-01-31T23:30:00Z"}}}"#)
        .run();
    assert_eq!((ran.output("tag-names"), ran.unanswered), ("edge\n20260131\nx-false", 0), "{}", ran.printed);
    // A line break would start another label.
    assert_eq!(ran.label("description"), "A");
}

#[test]
fn a_missing_permission_degrades() {
    for (status, body) in [(404, r#"{"message":"Not Found"}"#), (403, r#"{"message":"Resource not accessible"}"#)] {
        let ran = push("refs/heads/main")
            .event(json!({"repository": {"default_branch": "main"}}))
            .input("tags", &format!("type=edge\n{DATED}"))
            .answers(REPOSITORY, status, body)
            .answers(COMMIT, status, body)
            .run();
        assert_eq!((ran.code, ran.output("tag-names")), (ExitCode::Done, "edge\n20260304"), "{}", ran.printed);
        assert_eq!((ran.label("source"), ran.label("title")), (String::new(), "rocket".into()));
        for said in ["labels about the repository stay empty", "`commit_date` is the time of the run"] {
            assert!(ran.printed.contains(said), "{said}: {}", ran.printed);
        }
    }
}

#[test]
fn what_is_made_has_the_date_that_makes_it_reproducible() {
    assert_eq!(push("refs/heads/main").run().label("created"), "2026-03-04T05:06:07.089Z");
    let seeded =
        push("refs/heads/main").variable("SOURCE_DATE_EPOCH", "1700000000").input("tags", "{{date 'YYYY'}}").run();
    assert_eq!((seeded.label("created").as_str(), seeded.output("tags")), ("2023-11-14T22:13:20.000Z", "2026"));
}

#[test]
fn a_digest_makes_references() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let images = "ghcr.io/acme/shop\nghcr.io/acme/mirror\nname=ghcr.io/acme/off,enable=false";
    let ran = push("refs/heads/main").input("images", images).input("digest", &digest).run();
    assert_eq!(ran.output("references"), format!("ghcr.io/acme/shop@{digest}\nghcr.io/acme/mirror@{digest}"));
}

#[test]
fn without_an_enabled_image_nothing_can_be_pushed() {
    let ran = push("refs/heads/main").input("images", "name=acme/a,enable=false").run();
    assert_eq!((ran.output("tags"), ran.output("tag-names")), ("", "main"));
}

#[test]
fn outside_github_a_repository_is_needed_only_for_what_it_says() {
    let nowhere = |tags: &str| {
        let files = tempfile::TempDir::new().unwrap();
        run_action(Runner::Native, "image-tag", &[("tags", tags)], &[], files.path())
    };
    let run = nowhere("type=raw,value=x\ntype=sha");
    assert_eq!((run.code, run.output("tags")), (0, "x"), "{}", run.stdout);
    assert!(run.stdout.contains("rules on the branch, the tag and the commit rest"), "{}", run.stdout);
    let run = nowhere("type=sha");
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.output("json").contains(r#""kind":"not-a-repository""#), "{}", run.output("json"));
}
