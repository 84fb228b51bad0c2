//! `context: git` on real repositories.

use testbed::{ActionRun, Repository, Runner, run_action};

/// Runs in a checkout, for an event that says something else.
pub(crate) fn run(checkout: &Repository, inputs: &[(&str, &str)]) -> ActionRun {
    let variables = [
        ("GITHUB_EVENT_NAME", "push"),
        ("GITHUB_REF", "refs/heads/of-the-event"),
        ("GITHUB_SHA", "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567"),
        ("SLIPWAY_NOW", "2026-03-04T05:06:07.089Z"),
    ];
    let inputs: Vec<(&str, &str)> = [("context", "git")].into_iter().chain(inputs.iter().copied()).collect();
    run_action(Runner::Native, "image-tag", &inputs, &variables, checkout.path())
}

const RULES: &str = "type=ref,event=branch\ntype=ref,event=tag\ntype=ref,event=pr";

#[test]
fn the_checkout_tells_the_ref_and_the_commit() {
    let origin = Repository::new();
    origin.commit("feat: one");
    origin.git(&["branch", "--force", "feature/x"]);
    origin.commit("feat: two");
    let url = origin.path().to_string_lossy().into_owned();
    let pull = ["fetch", "--quiet", "--depth=1", "origin", "+HEAD:refs/remotes/pull/7/merge"];
    for (steps, expected) in [
        (&[][..], "main"),
        (&[&["checkout", "--quiet", "--detach", "origin/feature/x"][..]], "feature-x"),
        (&[&["checkout", "--quiet", "--detach"]], "main"),
        (&[&["checkout", "--quiet", "-b", "topic/y"]], "topic-y"),
        (&[&pull, &["checkout", "--quiet", "--detach", "pull/7/merge"]], "pr-7"),
        (&[&["tag", "v1.0.0"], &["checkout", "--quiet", "v1.0.0"]], "v1.0.0 latest"),
        (&[&["tag", "-a", "-m", "x", "v1.0.0"], &["checkout", "--quiet", "v1.0.0"]], "v1.0.0 latest"),
        (
            &[&["tag", "v1.0.0"], &["tag", "v1.0"], &["checkout", "--quiet", "--detach"], &["branch", "-D", "main"]],
            "v1.0.0 latest",
        ),
        (
            &[&["checkout", "--quiet", "--detach", "HEAD~"], &["update-ref", "-d", "refs/remotes/origin/feature/x"]],
            "main",
        ),
    ] {
        let checkout = Repository::clone_from(&url, None);
        for step in steps {
            checkout.git(step);
        }
        let ran = run(&checkout, &[("tags", RULES)]);
        assert_eq!(ran.output("tag-names").replace('\n', " "), expected, "{steps:?}: {}", ran.stdout);
        assert!(ran.output("labels").contains(&checkout.head()), "{}", ran.output("labels"));
    }
}

#[test]
fn a_shallow_checkout_is_enough() {
    let origin = Repository::new();
    origin.commit("feat: one");
    origin.commit("feat: two");
    let checkout = Repository::clone_from(&format!("file://{}", origin.path().display()), Some(1));
    checkout.git(&["checkout", "--quiet", "--detach", "origin/main"]);
    checkout.git(&["branch", "-D", "main"]);
    let date = checkout.git(&["show", "-s", "--format=%cd", "--date=format-local:%Y%m%d%H%M%S"]);
    let ran = run(&checkout, &[("tags", "type=ref,event=branch\n{{commit_date 'YYYYMMDDHHmmss'}}")]);
    assert_eq!(ran.output("tag-names"), format!("main\n{date}"));
}

#[test]
fn a_checkout_that_tells_nothing_is_an_error() {
    let repository = Repository::new();
    let ran = run(&repository, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("the repository has no commit yet"), "{}", ran.stdout);
    repository.commit("feat: one");
    repository.git(&["checkout", "--quiet", "--detach"]);
    let ran = run(&repository, &[]);
    assert_eq!(ran.code, 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("HEAD is detached, and `refs/heads/main` does not tell"), "{}", ran.stdout);
    repository.git(&["branch", "-D", "main"]);
    assert!(run(&repository, &[]).stdout.contains("no branch or tag contains its commit"));
}
