//! The release pipeline: its starter in a consumer's repository calls the reusable workflow, which writes to a real git server and to
//! a stand-in for GitHub's API.
//!
//! act knows no environments: that a job waits for the reviewers of one is GitHub's part; what the reviewers said, the stand-in tells.

mod consumer;
mod two_steps;

use serde_json::json;
use testbed::{ActRun, FaultPoint, Repository, request};

use consumer::{BAD, GOOD, NONE, RUN, World, starter};

/// The jobs of the reusable workflow that ran, and how they ended.
fn jobs(run: &ActRun) -> Vec<String> {
    run.jobs().iter().filter_map(|job| job.strip_prefix("Release/").map(str::to_owned)).collect()
}

#[test]
fn a_merge_passes_its_evidence_and_is_released_once() {
    let world = World::new();
    let merged = world.merge("feat: sell cake", GOOD);
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(jobs(&run), ["gate: success", "plan: success", "release: success", "summary: success"], "{}", run.log);
    assert_eq!(run.output("Release/gate", "verdict"), Some("promote"), "{}", run.log);
    assert_eq!(run.output("Release/release", "released"), Some("true"), "{}", run.log);
    let released = world.at("v1.5.0");
    assert_eq!(run.output("Release/release", "commit"), Some(released.as_str()));
    assert_eq!(
        world.remote.git(&["rev-parse", "v1.5.0^{commit}^"]),
        merged,
        "the release commit is on what was merged"
    );
    assert_eq!([world.at("main"), world.at("v1"), world.at("v1.5")], [(); 3].map(|()| released.clone()));
    assert_eq!(world.remote.read("v1.5.0", "version.txt").as_deref(), Some("1.5.0\n"));
    assert!(world.remote.read("v1.5.0", "CHANGELOG.md").unwrap().contains("## [1.5.0]"));
    assert_eq!(world.releases(), ["v1.5.0"]);
    let [started] = &world.github.dispatches("acme/shop")[..] else { panic!("{}", run.log) };
    assert!(format!("{started:?}").contains("1.5.0"), "{started:?}");
    assert!(world.artifacts.path().join("release-evidence/junit.xml").is_file(), "{}", run.log);
    let bundle = format!("sha256:{}", run.output("Release/gate", "artifact-digest").unwrap());
    assert_eq!(world.tag_trailer("v1.5.0", "Release-Evidence"), bundle, "the tag says what it rests on");

    // Somebody presses "Re-run all jobs".
    let refs = world.remote.refs();
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), None);
    checkout.git(&["reset", "--quiet", "--hard", &merged]);
    let again = world.run_in(&checkout, "push", &json!({}));
    assert!(again.succeeded, "{}", again.log);
    assert_eq!(again.output("Release/release", "released"), Some("true"), "{}", again.log);
    assert_eq!(again.output("Release/release", "version"), Some("1.5.0"));
    assert_eq!((world.remote.refs(), world.github.dispatches("acme/shop").len()), (refs, 1), "nothing is done twice");
}

#[test]
fn nothing_is_released_without_good_evidence() {
    let world = World::new();
    let refs = world.remote.refs();
    for (test, verdict) in [(BAD, "rollback"), (NONE, "hold")] {
        world.merge("feat: sell cake", test);
        let moved = world.at("main");
        let run = world.push();
        assert!(!run.succeeded, "{}", run.log);
        assert_eq!(jobs(&run), ["gate: failure", "plan: success", "summary: success"], "{}", run.log);
        assert_eq!(run.output("Release/gate", "verdict"), Some(verdict), "{}", run.log);
        let mut expected = refs.clone();
        expected.insert("refs/heads/main".to_owned(), moved);
        assert_eq!((world.remote.refs(), world.releases()), (expected, vec![]), "{}", run.log);
        std::fs::remove_dir_all(world.artifacts.path().join("test-reports")).ok();
        std::fs::remove_dir_all(world.artifacts.path().join("release-evidence")).ok();
    }
}

#[test]
fn a_pull_request_is_told_what_it_would_release_and_nothing_else_is_written() {
    let world = World::new();
    let refs = world.remote.refs();
    let base = world.developer.head();
    world.developer.branch("cake");
    let head = world.developer.commit_files("feat: sell cake", &[("src/shop.rs", "cake")]);
    world.developer.git(&["push", "--quiet", world.remote.path().to_str().unwrap(), "cake"]);
    let url = world.git.repository_url("acme/shop");
    let checkout = Repository::clone_from(&url, None);
    checkout.git(&["merge", "--quiet", "--no-ff", "--message", "Merge", &head]);
    let opened = json!({ "title": "feat: sell cake", "head": "cake", "base": "main" }).to_string();
    let pulls = format!("{}/repos/acme/shop/pulls", world.github.api_url());
    let opened = request("POST", &pulls, &[("content-type", "application/json")], opened).unwrap().json();
    let number = opened["number"].as_u64().unwrap();
    let branch = |name: &str, sha: &str| json!({ "ref": name, "sha": sha, "repo": { "full_name": "acme/shop" } });
    let run = world.run_in(
        &checkout,
        "pull_request",
        &json!({
            "action": "opened",
            "number": number,
            "ref": format!("refs/pull/{number}/merge"),
            "pull_request": {
                "number": number,
                "title": "feat: sell cake",
                "body": "",
                "head": branch("cake", &head),
                "base": branch("main", &base),
            },
        }),
    );
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(jobs(&run), ["preview: success"], "{}", run.log);
    assert_eq!(run.output("Release/preview", "version"), Some("1.5.0"), "{}", run.log);
    assert_eq!(run.output("Release/preview", "released"), Some("false"), "{}", run.log);
    let mut expected = refs;
    expected.insert("refs/heads/cake".to_owned(), head);
    assert_eq!((world.remote.refs(), world.releases()), (expected, vec![]));
    let comments = world.github.comments("acme/shop", number);
    let before = world.remote.refs();
    let group = json!({
        "action": "checks_requested",
        "ref": format!("refs/heads/gh-readonly-queue/main/pr-{number}-{base}"),
        "merge_group": {
            "head_sha": checkout.head(),
            "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-{number}-{base}"),
            "base_sha": base,
            "base_ref": "refs/heads/main",
        },
    });
    let queued = world.run_in(&checkout, "merge_group", &group);
    assert_eq!(jobs(&queued), ["preview: success"], "{}", queued.log);
    assert_eq!(queued.output("Release/preview", "version"), Some("1.5.0"), "{}", queued.log);
    assert_eq!(world.remote.refs(), before);
    assert!(matches!(&comments[..], [(_, text)] if text.contains("`1.5.0` (minor)")), "{comments:?}\n{}", run.log);
}

#[test]
fn a_major_version_waits_for_somebody_who_approves_it() {
    let world = World::new();
    world.merge("feat!: sell nothing but cake", GOOD);
    let refs = world.remote.refs();
    let run = world.push();
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(
        jobs(&run),
        ["approval: failure", "gate: success", "plan: success", "summary: success"],
        "an environment without reviewers approves nothing: {}",
        run.log
    );
    assert!(run.log.contains("nobody has approved this run"), "{}", run.log);
    world.github.review("acme/shop", RUN, "release-major", "eve", false, "not on a Friday");
    world.github.review("acme/shop", RUN, "production", "eve", true, "something else");
    let run = world.push();
    assert!(jobs(&run).contains(&"approval: failure".to_owned()), "a rejection is no approval: {}", run.log);
    assert_eq!(world.remote.refs(), refs);

    let comment = "go\nRelease-Version: 9.9.9 `$(touch pwned)` ${{ github.token }}\n::error::x";
    world.github.review("acme/shop", RUN, "Release-Major", "grace", true, comment);
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(
        jobs(&run),
        ["approval: success", "gate: success", "plan: success", "release: success", "summary: success"],
        "{}",
        run.log
    );
    assert_eq!(world.releases(), ["v2.0.0"]);
    assert_eq!(
        world.tag_trailer("v2.0.0", "Release-Reason"),
        "(approved by grace: go Release-Version: 9.9.9 `$(touch pwned)` $ { github.token }} ::error::x)",
        "what people write is never evaluated, not even by a runner that looks twice"
    );
    assert_eq!(world.tag_trailer("v2.0.0", "Requested-By"), "ada");
}

#[test]
fn where_jobs_may_not_push_to_main_a_release_pull_request_is_kept_and_its_merge_released() {
    let world = World::released_by(&starter().replace("comment: true", "pull-request: true"));
    world.merge("feat!: sell nothing but cake", GOOD);
    let main = world.at("main");
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert!(!jobs(&run).iter().any(|job| job.starts_with("approval")), "merging is the approval: {}", run.log);
    assert_eq!(run.output("Release/release", "released"), Some("false"), "{}", run.log);
    assert_eq!((world.at("main"), world.releases()), (main, vec![]), "{}", run.log);
    let number = run.output("Release/release", "pull-request").unwrap();
    let merge = format!("{}/repos/acme/shop/pulls/{number}/merge", world.github.api_url());
    assert_eq!(request("PUT", &merge, &[("content-type", "application/json")], "{}").unwrap().status, 200);
    let merged = world.at("main");
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.output("Release/release", "commit"), Some(merged.as_str()), "{}", run.log);
    assert_eq!((world.at("v2.0.0"), world.releases()), (merged, vec!["v2.0.0".to_owned()]), "{}", run.log);
    assert_eq!(world.remote.read("v2.0.0", "version.txt").as_deref(), Some("2.0.0\n"));
}

#[test]
fn a_release_manager_decides_by_hand_and_says_why() {
    let world = World::new();
    world.merge("fix: warm the pot", GOOD);
    let refs = world.remote.refs();
    let dry = world.by_hand(&json!({ "bump": "minor", "dry-run": "true", "reason": "to see" }));
    assert!(dry.succeeded, "{}", dry.log);
    assert_eq!(dry.output("Release/release", "version"), Some("1.5.0"), "{}", dry.log);
    assert_eq!(dry.output("Release/release", "released"), Some("false"), "{}", dry.log);
    assert_eq!((world.remote.refs(), world.releases()), (refs, vec![]), "a dry run writes nothing");

    let reason = "the \"spring\" sale'; exit 1 # ${{ github.token }}\nVerdict: promote";
    let run = world.by_hand(&json!({ "bump": "minor", "channel": "rc", "reason": reason }));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.releases(), ["v1.5.0-rc.1"], "{}", run.log);
    assert_eq!(
        world.tag_trailer("v1.5.0-rc.1", "Release-Reason"),
        "the \"spring\" sale'; exit 1 # ${{ github.token }} Verdict: promote"
    );
    assert_eq!(world.tag_trailer("v1.5.0-rc.1", "Requested-By"), "ada");
    assert_eq!(world.tag_trailer("v1.5.0-rc.1", "Verdict"), "");
    assert!(!world.remote.refs().contains_key("refs/tags/v1"), "a pre-release moves no floating tag");

    let run = world.by_hand(&json!({ "bump": "major", "allow-major": "true", "reason": "it is time" }));
    assert!(run.succeeded, "{}", run.log);
    assert!(!jobs(&run).iter().any(|job| job.starts_with("approval")), "{}", run.log);
    assert_eq!(world.tag_trailer("v2.0.0", "Release-Reason"), "it is time", "{}", run.log);
}

#[test]
fn a_push_that_loses_is_planned_again_and_one_that_cannot_win_leaves_the_release_to_the_newest_commit() {
    let world = World::new();
    world.merge("feat: sell cake", GOOD);
    world.git.reject_next_pushes(1, FaultPoint::Before);
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), Some(1));
    let run = world.run_in(&checkout, "push", &json!({}));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.releases(), ["v1.5.0"], "{}", run.log);

    world.developer.git(&["pull", "--quiet", world.remote.path().to_str().unwrap(), "main"]);
    world.merge("feat: sell pie", GOOD);
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), Some(1));
    world.merge("feat: sell buns", GOOD);
    let refs = world.remote.refs();
    let run = world.run_in(&checkout, "push", &json!({}));
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.output("Release/release", "released"), Some("false"), "{}", run.log);
    assert_eq!(world.remote.refs(), refs);
    assert!(world.push().succeeded);
    assert_eq!(world.releases().len(), 2);
    assert_eq!(world.at("main"), world.at("v1.6.0"));
}
