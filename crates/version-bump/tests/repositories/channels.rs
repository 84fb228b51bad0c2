//! Pre-releases, and which branch a run is about.

use testbed::Repository;

use crate::support::{answer, commits, error_kind, run, run_with, told};

const CHANNELS: &str = "main\nnext=rc\nbeta=beta\nlogin=feature.login";

/// A repository with `v1.2.4` on `main`, on a new branch.
fn on(branch: &str) -> Repository {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("v1.2.4");
    repository.branch(branch);
    repository
}

fn channel(repository: &Repository) -> String {
    answer(repository, &[("channels", CHANNELS)])
}

#[test]
fn pre_releases_count_on_and_their_base_rises_with_all_since_the_last_stable() {
    let repository = on("next");
    for (message, expected) in [
        ("chore: a", "1.2.4 none false"),
        ("fix: a", "1.2.5-rc.1 patch false"),
        ("feat: b", "1.3.0-rc.1 minor false"),
        ("fix: c", "1.3.0-rc.2 patch false"),
        ("feat: d", "1.3.0-rc.3 minor false"),
        ("docs: e", "1.3.0-rc.3 none false"),
        ("feat!: f", "2.0.0-rc.1 major false"),
        ("fix: g", "2.0.0-rc.2 patch false"),
    ] {
        repository.commit(message);
        assert_eq!(channel(&repository), expected, "{message}");
        if !expected.contains(" none ") {
            let tag = expected.split(' ').next().expect("a version");
            repository.tag(&format!("v{tag}"));
            assert_eq!(channel(&repository), format!("{tag} none true"), "{message}, again");
        }
    }
}

#[test]
fn the_final_version_is_released_from_the_stable_branch() {
    let repository = on("next");
    commits(&repository, &["feat: a"]);
    repository.tag("v1.3.0-rc.1");
    commits(&repository, &["fix: b"]);
    repository.tag("v1.3.0-rc.2");
    // The stable branch at the commit of the candidate itself: it may carry both tags.
    repository.checkout("main");
    repository.git(&["merge", "--quiet", "--ff-only", "next"]);
    let on_main = run(&repository, &[("channels", CHANNELS)]);
    assert_eq!(told(&on_main), "1.3.0 minor false");
    assert_eq!((on_main.output("previous-version"), on_main.output("commit-count")), ("1.2.4", "2"));
    repository.git(&["branch", "--quiet", "--force", "other", "HEAD"]);
    repository.tag("v1.3.0");
    assert_eq!(channel(&repository), "1.3.0 none true");
    // The branch of the channel carries the final version too, and goes on from there.
    repository.checkout("next");
    assert_eq!(channel(&repository), "1.3.0 none true");
    commits(&repository, &["fix: c"]);
    assert_eq!(channel(&repository), "1.3.1-rc.1 patch false");
}

#[test]
fn a_merge_of_the_channel_releases_its_final_version() {
    let repository = on("next");
    commits(&repository, &["feat: a"]);
    repository.tag("v1.3.0-rc.1");
    repository.checkout("main");
    commits(&repository, &["fix: on main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'next'", "next"]);
    assert_eq!(channel(&repository), "1.3.0 minor false");
    assert_eq!(answer(&repository, &[]), "1.3.0 minor false", "without channels too");
    repository.tag("v1.3.0");
    // The final version is not in the branch of the channel: what it would release is lower.
    repository.checkout("next");
    commits(&repository, &["fix: b"]);
    let late = run(&repository, &[("channels", CHANNELS), ("mode", "tag")]);
    assert_eq!((late.code, error_kind(&late).as_str()), (1, "tag-exists"));
    assert!(late.stdout.contains("merge the commit of `v1.3.0` into this branch first"), "{}", late.stdout);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'main' into next", "main"]);
    assert_eq!(channel(&repository), "1.3.1-rc.1 patch false");
}

#[test]
fn a_hotfix_on_main_does_not_disturb_the_channel() {
    let repository = on("next");
    commits(&repository, &["feat: a"]);
    repository.tag("v1.3.0-rc.1");
    repository.checkout("main");
    commits(&repository, &["fix: hot"]);
    repository.tag("v1.2.5");
    repository.checkout("next");
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'main' into next", "main"]);
    let run = run(&repository, &[("channels", CHANNELS)]);
    assert_eq!((told(&run).as_str(), run.output("previous-version")), ("1.3.0-rc.2 patch false", "1.3.0-rc.1"));
}

#[test]
fn channels_follow_each_other_forwards_only() {
    for (before, branch, expected) in [
        ("1.3.0-alpha.3", "beta", "1.3.0-beta.1 patch false"),
        ("1.3.0-beta.2", "next", "1.3.0-rc.1 patch false"),
        ("1.3.0-rc", "next", "1.3.0-rc.1 patch false"),
        ("1.3.0-rc1", "next", "1.3.0-rc2 patch false"),
        ("1.3.0-rc.1+sha.abc", "next", "1.3.0-rc.2 patch false"),
        ("1.3.0-rc.9007199254740993", "next", "1.3.0-rc.9007199254740994 patch false"),
        ("1.3.0-feature.login.3", "login", "1.3.0-feature.login.4 patch false"),
        // A person promised more than the commits ask for.
        ("3.0.0-rc.2", "next", "3.0.0-rc.3 patch false"),
    ] {
        let repository = on(branch);
        commits(&repository, &["feat: a"]);
        repository.tag(&format!("v{before}"));
        commits(&repository, &["fix: b"]);
        assert_eq!(channel(&repository), expected, "{before}");
    }
    for (before, branch, would) in [("1.3.0-rc.4", "beta", "1.3.0-beta.1"), ("1.3.0-rc9", "next", "1.3.0-rc10")] {
        let repository = on(branch);
        commits(&repository, &["feat: a"]);
        repository.tag(&format!("v{before}"));
        commits(&repository, &["fix: b"]);
        let plan = run(&repository, &[("channels", CHANNELS)]);
        assert_eq!((told(&plan).as_str(), plan.output("tag")), (" patch false", ""), "{before}");
        assert!(plan.stdout.contains(&format!("`{would}` would go backwards")), "{}", plan.stdout);
        let tag = run(&repository, &[("channels", CHANNELS), ("mode", "tag")]);
        assert_eq!((tag.code, error_kind(&tag).as_str()), (1, "downgrade"));
    }
}

#[test]
fn what_one_channel_released_another_releases_as_its_own() {
    let repository = on("beta");
    commits(&repository, &["feat: a"]);
    repository.tag("v1.3.0-beta.1");
    repository.branch("next");
    let promoted = run(&repository, &[("channels", CHANNELS)]);
    assert_eq!(told(&promoted), "1.3.0-rc.1 minor false");
    assert_eq!(promoted.output("previous-version"), "1.3.0-beta.1");
    repository.tag("v1.3.0-rc.1");
    assert_eq!(channel(&repository), "1.3.0-rc.1 none true");
    // Side by side, each with its own count.
    repository.git(&["checkout", "--quiet", "-b", "beta-2", "v1.2.4"]);
    commits(&repository, &["feat: c"]);
    assert_eq!(answer(&repository, &[("channels", "beta-2=beta")]), "1.3.0-beta.2 minor false");
}

#[test]
fn without_a_stable_release_pre_releases_lead_to_the_first() {
    let repository = Repository::new();
    commits(&repository, &["feat: a"]);
    repository.branch("next");
    assert_eq!(channel(&repository), "0.1.0-rc.1 minor false");
    repository.tag("v0.1.0-rc.1");
    commits(&repository, &["feat!: b"]);
    assert_eq!(channel(&repository), "0.1.0-rc.2 major false");
    repository.tag("v1.0.0-rc.1");
    commits(&repository, &["fix: c"]);
    assert_eq!(channel(&repository), "1.0.0-rc.2 patch false");
    // The first stable release is not lower than what was promised.
    repository.git(&["checkout", "--quiet", "-B", "main"]);
    assert_eq!(channel(&repository), "1.0.0 major false");
    assert_eq!(answer(&repository, &[("channels", CHANNELS), ("initial-version", "2.0.0")]), "2.0.0 major false");
}

#[test]
fn a_stable_release_below_a_pre_release_before_it_is_warned_about() {
    let repository = on("next");
    commits(&repository, &["feat: a"]);
    repository.tag("v2.0.0-rc.1");
    repository.git(&["checkout", "--quiet", "-B", "main"]);
    let run = run(&repository, &[("channels", CHANNELS)]);
    assert_eq!(told(&run), "1.3.0 minor false");
    assert!(run.stdout.contains("`1.3.0` is lower than `v2.0.0-rc.1`"), "{}", run.stdout);
}

#[test]
fn people_decide_in_channels_too() {
    let repository = on("next");
    commits(&repository, &["fix: a"]);
    let with = |input: (&str, &str)| answer(&repository, &[("channels", CHANNELS), input]);
    assert_eq!(with(("bump", "minor")), "1.3.0-rc.1 minor false");
    assert_eq!(with(("bump", "major")), "2.0.0-rc.1 major false");
    assert_eq!(with(("version", "1.3.0-rc.7")), "1.3.0-rc.7 minor false");
    assert_eq!(with(("build-metadata", "sha.0f1e2d3")), "1.2.5-rc.1+sha.0f1e2d3 patch false");
    repository.tag("v1.3.0-rc.7");
    commits(&repository, &["feat!: b"]);
    assert_eq!(with(("bump", "patch")), "1.3.0-rc.8 patch false");
    let lower = run(&repository, &[("channels", CHANNELS), ("version", "1.3.0-rc.6")]);
    assert_eq!((lower.code, error_kind(&lower).as_str()), (2, "invalid-input"));
}

#[test]
fn below_one_the_policy_holds_for_pre_releases() {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("v0.3.1");
    repository.branch("next");
    commits(&repository, &["feat!: a"]);
    for (policy, expected) in [("major", "1.0.0-rc.1 major false"), ("minor", "0.4.0-rc.1 minor false")] {
        assert_eq!(answer(&repository, &[("channels", CHANNELS), ("zero-major", policy)]), expected);
    }
}

#[test]
fn a_major_is_approved_when_its_first_pre_release_and_when_its_final_version_come() {
    let repository = on("next");
    let approval = |repository: &Repository| {
        let run = run(repository, &[("channels", CHANNELS)]);
        format!("{} {}", run.output("version"), run.output("approval-required"))
    };
    commits(&repository, &["feat!: a"]);
    assert_eq!(approval(&repository), "2.0.0-rc.1 true");
    repository.tag("v2.0.0-rc.1");
    commits(&repository, &["feat!: b"]);
    assert_eq!(approval(&repository), "2.0.0-rc.2 false");
    repository.git(&["checkout", "--quiet", "-B", "main"]);
    assert_eq!(approval(&repository), "2.0.0 true");
}

#[test]
fn branches_that_are_not_listed_release_nothing() {
    let repository = on("topic");
    commits(&repository, &["feat: a"]);
    for mode in ["plan", "tag"] {
        let run = run(&repository, &[("channels", CHANNELS), ("mode", mode)]);
        assert_eq!(told(&run), "1.2.4 none false");
        assert!(run.summary.contains("does not list the branch"), "{}", run.summary);
    }
    let asked = run(&repository, &[("channels", CHANNELS), ("version", "2.0.0")]);
    assert_eq!(told(&asked), "1.2.4 none false");
    assert!(asked.stdout.contains("whatever is asked for"), "{}", asked.stdout);
    assert_eq!(answer(&repository, &[("channels", "main\n*=alpha")]), "1.3.0-alpha.1 minor false");
}

#[test]
fn the_branch_is_the_one_that_the_run_is_about() {
    let repository = on("next");
    commits(&repository, &["feat: a"]);
    let stable = "1.3.0 minor false";
    let candidate = "1.3.0-rc.1 minor false";
    let push = ("GITHUB_EVENT_NAME", "push");
    let pull_request = ("GITHUB_EVENT_NAME", "pull_request");
    for (variables, inputs, expected) in [
        (&[][..], &[][..], candidate),
        (&[push, ("GITHUB_REF", "refs/heads/next")], &[], candidate),
        (&[push, ("GITHUB_REF", "refs/heads/main")], &[], stable),
        (&[push, ("GITHUB_REF", "refs/heads/main")], &[("branch", "next")], candidate),
        (&[pull_request, ("GITHUB_REF", "refs/pull/7/merge"), ("GITHUB_BASE_REF", "main")], &[], stable),
        (&[pull_request, ("GITHUB_REF", "refs/pull/7/merge"), ("GITHUB_BASE_REF", "next")], &[], candidate),
    ] {
        let inputs: Vec<(&str, &str)> = inputs.iter().copied().chain([("channels", CHANNELS)]).collect();
        assert_eq!(told(&run_with(&repository, variables, &inputs)), expected, "{variables:?} {inputs:?}");
    }
    let event = repository.write(".git/event.json", r#"{"merge_group":{"base_ref":"refs/heads/main"}}"#);
    let event = event.to_str().expect("UTF-8");
    let queue = [("GITHUB_EVENT_NAME", "merge_group"), ("GITHUB_EVENT_PATH", event)];
    assert_eq!(told(&run_with(&repository, &queue, &[("channels", CHANNELS)])), stable);

    // Releasing from a branch that is not the one checked out is nothing to guess about.
    let crossed = [push, ("GITHUB_REF", "refs/heads/main")];
    let crossed = run_with(&repository, &crossed, &[("channels", CHANNELS), ("mode", "tag")]);
    assert_eq!((crossed.code, error_kind(&crossed).as_str()), (2, "invalid-input"));
    assert!(crossed.stdout.contains("`next` is checked out"), "{}", crossed.stdout);

    repository.git(&["checkout", "--quiet", "--detach"]);
    let detached = run(&repository, &[("channels", CHANNELS)]);
    assert_eq!(detached.code, 2);
    assert!(detached.stdout.contains("set `branch`"), "{}", detached.stdout);
    assert_eq!(answer(&repository, &[("channels", CHANNELS), ("branch", "next")]), candidate);
    // A run that a release tag started needs no branch.
    repository.tag("v1.3.0-rc.1");
    let by_tag = run_with(&repository, &[push, ("GITHUB_REF", "refs/tags/v1.3.0-rc.1")], &[("channels", CHANNELS)]);
    assert_eq!(told(&by_tag), "1.3.0-rc.1 none true");
}
