//! `api-commit`: GitHub makes the commit and signs it.

use testbed::Answer;

use crate::world::{FILE, TOKEN, World, dense, error_kind};

const API: (&str, &str) = ("mode", "api-commit");

#[test]
fn github_makes_the_commit_and_it_is_the_deployment() {
    let world = World::new(2);
    let before = world.head();
    let run = world.deploy("c1", "2.0.0", &[API]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert_eq!(world.content(), dense(2).replace("c1:1.0.0", "c1:2.0.0"));
    assert_eq!(run.output("commit"), world.head());
    let log = world.bare.log("main");
    assert_eq!((log[0].parents.as_slice(), log[0].subject.as_str()), (&[before][..], "Deploy c1 2.0.0 to production"));
    assert_eq!(log[0].trailer("Release-Version"), Some("2.0.0"));
    assert_eq!(world.server.pushes(), 0);
    let again = world.deploy("c1", "2.0.0", &[API]);
    assert_eq!((again.code, again.output("changed"), again.output("commit")), (0, "false", run.output("commit")));
}

#[test]
fn a_branch_that_moved_is_planned_again() {
    let world = World::new(2);
    // GitHub says that the branch is elsewhere, though nobody sees why: the plan is made anew, and then it is taken.
    let stale = r#"{"data":{"createCommitOnBranch":null},"errors":[{"type":"STALE_DATA","message":"Expected branch to point to \"a\" but it did not. Pull and try again."}]}"#;
    world.github.answer_next(1, Answer::status(200).header("content-type", "application/json").body(stale));
    let run = world.deploy("c1", "2.0.0", &[API]);
    assert_eq!((run.code, run.output("changed")), (0, "true"), "{}", run.stdout);
    assert!(run.stdout.contains("planning again (round 2)"), "{}", run.stdout);
    assert_eq!(world.bare.log("main").len(), 2);
}

#[test]
fn an_answer_that_is_lost_is_looked_for() {
    let world = World::new(2);
    world.github.lose_next_graphql_answer();
    let run = world.deploy("c1", "2.0.0", &[API]);
    assert_eq!((run.code, run.output("commit")), (0, world.head().as_str()), "{}", run.stdout);
    assert_eq!(world.bare.log("main").len(), 2);
}

#[test]
fn what_the_api_cannot_do_is_refused_before_anything_is_written() {
    let world = World::new(1);
    let other = testbed::Repository::clone_from(world.bare.path().to_str().unwrap(), None);
    other.git(&["update-index", "--chmod=+x", FILE]);
    other.git(&["commit", "--quiet", "-m", "chore: run it"]);
    other.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    let before = world.bare.refs();
    let run = world.deploy("c0", "2.0.0", &[API]);
    assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{}", run.stdout);
    assert!(run.stdout.contains("is executable") && run.stdout.contains("mode: push"), "{}", run.stdout);
    // The push keeps the mode.
    assert_eq!(world.deploy("c0", "2.0.0", &[("mode", "push")]).code, 0);
    assert!(world.bare.git(&["ls-tree", "main", FILE]).starts_with("100755 "));
    assert_ne!(world.bare.refs(), before);

    let other = testbed::GitServer::start(TOKEN);
    let elsewhere = world.deploy("c0", "3.0.0", &[API, ("config-repository", &other.add("acme/config", &world.bare))]);
    assert_eq!((elsewhere.code, error_kind(&elsewhere).as_str()), (2, "invalid-input"), "{}", elsewhere.stdout);
}

#[test]
fn refusals_for_good_are_one_clear_error() {
    type Prepare<'a> = &'a dyn Fn(&World);
    let cases: [(Prepare<'_>, &str, &str); 3] = [
        (&|world| world.github.protect("acme/config", "refs/heads/main"), "push-rejected", "Settings → Rules"),
        (&|world| world.github.withhold("contents=write"), "permission", "contents: write"),
        (&|world| world.github.require_token("another"), "permission", "has expired"),
    ];
    for (prepare, kind, told) in cases {
        let world = World::new(1);
        prepare(&world);
        let before = world.bare.refs();
        let run = world.deploy("c0", "2.0.0", &[API]);
        assert_eq!((run.code, error_kind(&run).as_str()), (3, kind), "{}", run.stdout);
        assert!(run.stdout.contains(told) && !run.stdout.contains(TOKEN), "{}", run.stdout);
        assert_eq!(run.stdout.matches("::error").count(), 1, "{}", run.stdout);
        assert_eq!(world.bare.refs(), before);
    }
}
