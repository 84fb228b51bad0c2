//! The release pull request, from its opening to its release.

use testbed::{ActionRun, Answer, request};

use super::world::{World, both, with_files};

const KEEP: &[(&str, &str)] = &[("mode", "pull-request"), ("floating-tags", "major")];

/// Somebody pushes a commit to `main`.
fn push(world: &World<'_>, message: &str) {
    let clone = world.fresh_clone(None);
    clone.commit(message);
    clone.git(&["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
}

/// Somebody merges the release pull request.
fn merge(world: &World<'_>, run: &ActionRun) {
    let url = format!("{}/repos/acme/shop/pulls/{}/merge", world.github.api_url(), run.output("pull-request"));
    let body = r#"{"merge_method":"squash"}"#;
    let merged = request("PUT", &url, &[("content-type", "application/json")], body).unwrap();
    assert_eq!(merged.status, 200, "{}", merged.json());
}

#[test]
fn it_is_kept_and_released_once_it_is_merged() {
    let runs = both("a release pull request", &with_files(), |world| {
        let mut runs = vec![world.job(KEEP), world.job(KEEP)];
        push(world, "fix: tabs");
        runs.push(world.job(KEEP));
        merge(world, &runs[2]);
        runs.extend([world.job(KEEP), world.job(KEEP)]);
        runs
    });
    let released: Vec<_> = runs.iter().map(|run| run.output("released")).collect();
    assert_eq!(released, ["false", "false", "false", "true", "true"]);
    assert!(runs[2].output("the pull requests").contains("tabs"));
    assert!(runs[3].output("the refs of the remote").contains("refs/tags/v1 "));
}

#[test]
fn what_is_left_alone_refused_and_closed() {
    let runs = both("somebody else's commit, a missing right, a revert", &with_files(), |world| {
        let denied = r#"{"message":"GitHub Actions is not permitted to create or approve pull requests."}"#;
        let answer = Answer::status(403).header("content-type", "application/json").body(denied);
        world.github.answer_instead("POST", "/pulls", answer);
        let mut runs = vec![world.job(KEEP), world.job(KEEP)];
        let clone = world.fresh_clone(None);
        clone.checkout("slipway/release");
        clone.commit("docs: better words");
        clone.git(&["push", "--quiet", "origin", "HEAD:refs/heads/slipway/release"]);
        push(world, "fix: tabs");
        runs.push(world.job(KEEP));
        clone.git(&["push", "--quiet", "--force", "origin", "HEAD^:refs/heads/slipway/release"]);
        let feature = world.remote.git(&["rev-parse", "main^"]);
        push(world, &format!("Revert \"feat: zip\"\n\nThis reverts commit {feature}."));
        let fix = world.remote.git(&["rev-parse", "main^"]);
        push(world, &format!("Revert \"fix: tabs\"\n\nThis reverts commit {fix}."));
        runs.push(world.job(KEEP));
        runs
    });
    let codes: Vec<_> = runs.iter().map(|run| run.code).collect();
    assert_eq!(codes, [3, 0, 0, 0], "{:?}", runs.iter().map(|run| &run.stdout).collect::<Vec<_>>());
    assert!(runs[2].stdout.contains("has a commit that is not this action's"), "{}", runs[2].stdout);
    assert!(runs[3].output("the pull requests").contains("Closed by version-bump"), "{}", runs[3].summary);
}
