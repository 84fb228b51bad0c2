//! What the action decides, on real repositories.
use crate::support::{answer, error_kind, released, run, run_on, told};
use testbed::Repository;

#[test]
fn commits_decide() {
    for (messages, expected) in [
        (&["fix: a"][..], "1.4.3 patch false"),
        (&["fix: a", "feat: b", "docs: c"], "1.5.0 minor false"),
        (&["docs: a", "tidy"], "1.4.2 none false"),
        (&["docs: a"], "1.4.2 none false"),
        (&[], "1.4.2 none true"),
    ] {
        let repository = released();
        messages.iter().for_each(|message| drop(repository.commit(message)));
        assert_eq!(answer(&repository, &[]), expected, "{messages:?}");
    }
}

#[test]
fn a_plan_tells_everything() {
    let repository = released();
    repository.commit("feat(api): accept zip");
    repository.commit("fix: dates");
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "1.5.0 minor false");
    for (name, value) in [
        ("previous-version", "1.4.2"),
        ("tag", "v1.5.0"),
        ("major", "1"),
        ("minor", "5"),
        ("patch", "0"),
        ("prerelease", ""),
        ("approval-required", "false"),
        ("commit-count", "2"),
        ("json-file", ""),
    ] {
        assert_eq!(run.output(name), value, "{name}");
    }
    assert!(run.output("notes").starts_with("### Features\n\n- **api:** accept zip ("), "{}", run.output("notes"));
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!(json["plan"]["commits"][0]["subject"], "fix: dates");
    assert_eq!(json["plan"]["commits"][0]["bump"], "patch");
    assert_eq!(json["released"], false);
    assert!(run.summary.contains("`1.4.2` → `1.5.0` (minor)"), "{}", run.summary);
    assert!(repository.git(&["status", "--porcelain"]).is_empty());
    assert_eq!(repository.git(&["tag"]), "v1.4.2");
}

#[test]
fn the_first_release_has_the_initial_version() {
    let repository = Repository::new();
    repository.commit("chore: init");
    assert_eq!(answer(&repository, &[]), " none false");
    repository.commit("feat!: first");
    assert_eq!(answer(&repository, &[]), "0.1.0 major false");
    assert_eq!(answer(&repository, &[("initial-version", "1.0.0")]), "1.0.0 major false");
    assert_eq!(answer(&repository, &[("bump", "patch")]), "0.1.0 patch false");
}

#[test]
fn the_last_release_is_the_highest_that_head_descends_from() {
    let repository = released();
    repository.branch("maintenance");
    repository.commit("fix: for 1.x");
    repository.annotated_tag("v1.4.3", "a release");
    repository.checkout("main");
    repository.commit("feat!: two");
    repository.tag("v2.0.0");
    repository.commit("feat: more");
    assert_eq!(answer(&repository, &[]), "2.1.0 minor false");
    repository.checkout("maintenance");
    assert_eq!(answer(&repository, &[]), "1.4.3 none true");
    repository.commit("fix: again");
    assert_eq!(answer(&repository, &[]), "1.4.4 patch false");
    repository.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(answer(&repository, &[]), "1.4.4 patch false");
}

#[test]
fn why_nothing_is_released_is_said_once() {
    let repository = released();
    repository.commit("docs: a");
    let summary = |repository: &Repository| run(repository, &[]).summary.replace('\\', "");
    let one = summary(&repository);
    assert!(one.contains("Nothing to release (the only commit since `v1.4.2` asks for no release).\n"), "{one}");
    repository.commit("feta: b");
    let two = summary(&repository);
    assert!(two.contains("(none of the 2 commits since `v1.4.2` asks for a release).\n"), "{two}");
    assert!(two.contains("perhaps `feat` was meant"), "{two}");
}

#[test]
fn many_unreachable_tags_are_passed_over() {
    let repository = released();
    repository.branch("other");
    repository.commit("feat!: two");
    for minor in 0..40 {
        repository.tag(&format!("v2.{minor}.0"));
    }
    repository.checkout("main");
    repository.commit("fix: a");
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
}

#[test]
fn pre_releases_and_other_prefixes_do_not_count() {
    let repository = released();
    for tag in ["v2.0.0-rc.1", "api/v9.0.0", "apix/v8.0.0", "9.0.0", "v1", "v7.0"] {
        repository.tag(tag);
    }
    repository.commit("fix: a");
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
    for (prefix, version, tag) in [
        ("api/", "9.0.1", "api/v9.0.1"),
        ("api/v", "9.0.1", "api/v9.0.1"),
        ("", "9.0.1", "9.0.1"),
        ("x", "0.1.0", "x0.1.0"),
    ] {
        let run = run(&repository, &[("tag-prefix", prefix)]);
        assert_eq!((run.output("version"), run.output("tag")), (version, tag), "{prefix:?}");
    }
}

#[test]
fn build_metadata_has_no_rank() {
    let repository = released();
    repository.commit("fix: a");
    repository.tag("v1.4.3+build.9");
    repository.commit("fix: b");
    assert_eq!(answer(&repository, &[]), "1.4.4 patch false");
}

#[test]
fn reverts_cancel_and_reapplies_count_again() {
    let repository = released();
    let feature = repository.commit("feat: zip");
    repository.commit("fix: a");
    repository.git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "Revert \"feat: zip\"",
        "-m",
        &format!("This reverts commit {feature}."),
    ]);
    let revert = repository.head();
    assert_eq!(answer(&repository, &[]), "1.4.3 patch false");
    repository.git(&[
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "Reapply \"feat: zip\"",
        "-m",
        &format!("This reverts commit {revert}."),
    ]);
    assert_eq!(answer(&repository, &[]), "1.5.0 minor false");
}

#[test]
fn people_can_decide() {
    let repository = released();
    repository.commit("docs: a");
    for (inputs, expected) in [
        (&[("bump", "minor")][..], "1.5.0 minor false"),
        (&[("bump", "auto"), ("version", "1.7.0")], "1.7.0 minor false"),
        (&[("version", "2.0.0-rc.1"), ("allow-major", "true")], "2.0.0-rc.1 major false"),
        (&[("version", "1.4.3+build.7")], "1.4.3+build.7 patch false"),
    ] {
        assert_eq!(answer(&repository, inputs), expected, "{inputs:?}");
    }
    repository.commit("feat: b");
    let run = run(&repository, &[("bump", "patch")]);
    assert_eq!(told(&run), "1.4.3 patch false");
    assert!(run.stdout.contains("the commits make it minor"), "{}", run.stdout);
}

#[test]
fn a_major_release_waits_for_approval() {
    let repository = released();
    let id = repository.commit("feat!: drop v1");
    let plan = run(&repository, &[]);
    assert_eq!(told(&plan), "2.0.0 major false");
    assert_eq!(plan.output("approval-required"), "true");
    assert!(plan.summary.contains(&id[..7]) && plan.stdout.contains("needs approval"), "{}", plan.stdout);
    let tag = run(&repository, &[("mode", "tag")]);
    assert_eq!((tag.code, error_kind(&tag).as_str()), (1, "approval-required"));
    assert_eq!((tag.output("version"), tag.output("released")), ("2.0.0", "false"));
    let allowed = run(&repository, &[("allow-major", "true")]);
    assert_eq!(allowed.output("approval-required"), "false");
}

#[test]
fn whatever_makes_a_major_version_it_is_held() {
    for (current, message, input, version) in [
        ("1.4.2", "fix: a", ("version", "2.0.0"), "2.0.0"),
        ("1.4.2", "fix: a", ("version", "2.0.0-rc.1"), "2.0.0-rc.1"),
        ("1.4.2", "docs: a", ("bump", "major"), "2.0.0"),
        ("0.3.1", "fix: a", ("version", "1.0.0"), "1.0.0"),
        ("0.3.1", "feat!: a", ("zero-major", "major"), "1.0.0"),
        ("1.4.2", "docs: a", ("release-rules", "docs=major"), "2.0.0"),
        ("1.4.2", "Merge branch 'epic'", ("branch-rules", "epic=major"), "2.0.0"),
        ("1.4.2", "docs: a", ("minimum-bump-command", "echo major"), "2.0.0"),
        ("1.4.2", "a (#1)\n\n* feat!: b", ("bump", "auto"), "2.0.0"),
    ] {
        let repository = Repository::new();
        repository.commit("chore: init");
        repository.tag(&format!("v{current}"));
        repository.commit_exactly(message.as_bytes());
        let plan = run(&repository, &[input]);
        assert_eq!((plan.code, plan.output("version")), (0, version), "{input:?}");
        assert_eq!(plan.output("approval-required"), "true", "{input:?}");
        let held = run(&repository, &[input, ("mode", "tag")]);
        assert_eq!((held.code, error_kind(&held).as_str()), (1, "approval-required"), "{input:?}");
        let allowed = run(&repository, &[input, ("allow-major", "true")]);
        assert_eq!((allowed.output("version"), allowed.output("approval-required")), (version, "false"), "{input:?}");
    }
}

#[test]
fn below_one_a_breaking_change_follows_the_policy() {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("v0.3.1");
    repository.commit("feat!: rename");
    assert_eq!(answer(&repository, &[]), "1.0.0 major false");
    assert_eq!(answer(&repository, &[("zero-major", "minor")]), "0.4.0 minor false");
    for (policy, approval) in [("major", "true"), ("minor", "false")] {
        let plan = run(&repository, &[("zero-major", policy)]);
        assert_eq!(plan.output("approval-required"), approval, "{policy}");
    }
}

#[test]
fn wrong_inputs_are_named() {
    let repository = released();
    repository.commit("fix: a");
    for (inputs, words) in [
        (&[("tag-prefix", "v*")][..], "tag-prefix"),
        (&[("tag-prefix", "--upload-pack=touch x;")], "tag-prefix"),
        (&[("tag-prefix", "a/../b")], "tag-prefix"),
        (&[("tag-prefix", "@{u}")], "tag-prefix"),
        (&[("version", "v1.5.0")], "is not a version"),
        (&[("version", "1.5")], "is not a version"),
        (&[("version", "1.4.1")], "is not higher than the last release"),
        (&[("version", "1.5.0"), ("bump", "minor")], "only one of them can decide"),
        (&[("initial-version", "one")], "initial-version"),
        (&[("allow-major", "yes")], "is not a boolean"),
        (&[("bump", "none")], "is not one of the choices"),
        (&[("mode", "publish")], "is not one of the choices"),
        (&[("working-directory", "../x")], "working-directory"),
    ] {
        let run = run(&repository, inputs);
        assert_eq!(run.code, 2, "{inputs:?} {}", run.stdout);
        assert!(run.stdout.contains("::error::") && run.stdout.contains(words), "{inputs:?} {}", run.stdout);
        assert_eq!(run.outputs.keys().collect::<Vec<_>>(), ["json"]);
    }
}

#[test]
fn there_must_be_a_repository_with_commits() {
    let empty = Repository::new();
    let run_in_empty = run(&empty, &[]);
    assert_eq!((run_in_empty.code, error_kind(&run_in_empty).as_str()), (2, "not-found"));
    std::fs::remove_dir_all(empty.path().join(".git")).expect("a directory");
    let run_in_none = run(&empty, &[]);
    assert_eq!((run_in_none.code, error_kind(&run_in_none).as_str()), (2, "not-a-repository"));
}

#[test]
fn pull_requests_only_plan() {
    let repository = released();
    repository.commit("feat!: a");
    for event in ["pull_request", "pull_request_target", "merge_group"] {
        let run = run_on(&repository, event, &[("mode", "tag")]);
        assert_eq!(told(&run), "2.0.0 major false", "{event}");
    }
}

#[test]
fn what_was_almost_a_breaking_change_is_warned_about() {
    let repository = released();
    let id = repository.commit_exactly(b"fix: dates\nBREAKING CHANGE: years");
    let run = run(&repository, &[]);
    assert_eq!(told(&run), "1.4.3 patch false");
    assert!(run.stdout.contains(&format!("::warning::{} does not count as breaking", &id[..7])), "{}", run.stdout);
}

#[test]
fn releases_that_the_prefix_hides_are_not_passed_over() {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("1.4.2");
    repository.commit("feat: zip");
    let plan = run(&repository, &[]);
    assert_eq!(told(&plan), "0.1.0 minor false");
    let words = "`0.1.0` would be the first release with `tag-prefix: \"v\"`, but `1.4.2` is there";
    assert!(plan.stdout.contains(&format!("::notice::{words}")), "{}", plan.stdout);
    let tag = run(&repository, &[("mode", "tag")]);
    assert_eq!((tag.code, error_kind(&tag).as_str()), (1, "downgrade"), "{}", tag.stdout);
    assert!(tag.stdout.contains("set `tag-prefix: \"\"`, or `initial-version`"), "{}", tag.stdout);
    for (inputs, expected) in [
        (&[("tag-prefix", "")][..], "1.5.0 minor false"),
        (&[("initial-version", "2.0.0")], "2.0.0 minor false"),
        (&[("version", "0.9.0")], "0.9.0 minor false"),
        // What was released of all of it says nothing of a part.
        (&[("component", "api"), ("paths", "!docs")], " none false"),
    ] {
        let run = run(&repository, inputs);
        assert_eq!(told(&run), expected, "{inputs:?}");
        assert!(!run.stdout.contains("is there"), "{inputs:?}: {}", run.stdout);
    }
    // With one release that has the prefix, the others are of another time.
    repository.git(&["tag", "v0.3.0", "HEAD~1"]);
    assert_eq!(answer(&repository, &[]), "0.4.0 minor false");
}

#[test]
fn releases_of_a_component_that_are_spelled_otherwise_are_not_passed_over() {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("api-v1.4.2");
    repository.tag("web/v9.0.0");
    repository.commit_files("feat: zip", &[("api/a", "1"), ("docs/a", "1")]);
    let of = |component: &str, inputs: &[(&str, &str)]| {
        run(&repository, &[&[("mode", "tag"), ("component", component), ("paths", component)], inputs].concat())
    };
    let api = of("api", &[]);
    assert_eq!((api.code, error_kind(&api).as_str()), (1, "downgrade"), "{}", api.stdout);
    assert!(api.stdout.contains("set `tag-prefix: \"api-v\"`"), "{}", api.stdout);
    let plan = run(&repository, &[("component", "api"), ("paths", "api"), ("tag-prefix", "{{component}}-v")]);
    assert_eq!(told(&plan), "1.5.0 minor false");
    let docs = run(&repository, &[("component", "docs"), ("paths", "docs")]);
    assert_eq!(told(&docs), "0.1.0 minor false");
    assert!(!docs.stdout.contains("is there"), "{}", docs.stdout);
}
