//! The user's own rules.

use crate::support::{answer, commits, error_kind, released, run, run_with, told};

#[test]
fn release_rules_say_what_types_ask_for() {
    for (rules, messages, expected) in [
        ("perf=patch", &["perf: a"][..], "1.4.3 patch false"),
        ("perf=patch\ndocs(readme)=minor", &["docs(README): a"], "1.5.0 minor false"),
        ("*=patch", &["tidy up"], "1.4.3 patch false"),
        ("*=patch", &["docs: a", "feat: b"], "1.5.0 minor false"),
        ("*=patch", &["fixup! fix: a", "Merge branch 'x'"], "1.4.2 none false"),
        ("feat=patch", &["feat: a"], "1.4.3 patch false"),
        ("feat=none", &["feat!: a"], "2.0.0 major false"),
        ("breaking=minor", &["feat!: a"], "1.5.0 minor false"),
        ("revert=patch", &["Revert \"feat: a\"\n\nThis reverts commit 0123456789abcdef."], "1.4.3 patch false"),
        ("revert=patch", &["revert: a"], "1.4.3 patch false"),
        ("docs=major", &["docs: a"], "2.0.0 major false"),
    ] {
        let repository = released();
        commits(&repository, messages);
        assert_eq!(answer(&repository, &[("release-rules", rules)]), expected, "{rules} {messages:?}");
    }
    let repository = released();
    commits(&repository, &["perf: a"]);
    let run = run(&repository, &[("release-rules", "perf=patch")]);
    let json: serde_json::Value = serde_json::from_str(run.output("json")).expect("JSON");
    assert_eq!(json["plan"]["commits"][0]["reason"], "perf: rule `perf=patch`");
}

#[test]
fn branch_rules_say_what_branches_ask_for() {
    let rules = ("branch-rules", "feature/*=minor\nhotfix/*=patch");
    for (message, expected) in [
        ("Merge pull request #7 from acme/feature/zip", "1.5.0 minor false"),
        ("Merge branch 'hotfix/tabs'", "1.4.3 patch false"),
        ("Merge branch 'hotfix/tabs' into 'main'\n\nTabs\n\nSee merge request acme/shop!7", "1.4.3 patch false"),
        ("Merged in feature/zip (pull request #12)", "1.5.0 minor false"),
        ("Merge branch 'main' into topic", "1.4.2 none false"),
        ("Merge branch 'my/feature/x'", "1.4.2 none false"),
    ] {
        let repository = released();
        commits(&repository, &["wip", message]);
        assert_eq!(answer(&repository, &[rules]), expected, "{message}");
    }
    // The highest of all sources counts.
    let repository = released();
    commits(&repository, &["feat: zip", "Merge branch 'hotfix/tabs'"]);
    assert_eq!(answer(&repository, &[rules]), "1.5.0 minor false");
}

#[test]
fn the_branch_of_the_run_asks_too() {
    let rules = ("branch-rules", "feature/*=minor\nhotfix/*=patch");
    let repository = released();
    let pull_request = [("GITHUB_EVENT_NAME", "pull_request"), ("GITHUB_HEAD_REF", "feature/zip")];
    assert_eq!(told(&run_with(&repository, &pull_request, &[rules])), "1.4.2 none true", "nothing to release");
    commits(&repository, &["fix: a"]);
    let run = run_with(&repository, &pull_request, &[rules]);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.summary.contains("branch"), "{}", run.summary);
    repository.branch("hotfix/x");
    commits(&repository, &["tidy up"]);
    assert_eq!(answer(&repository, &[rules]), "1.4.3 patch false");
    assert_eq!(answer(&repository, &[rules, ("branch", "feature/x")]), "1.5.0 minor false");
    let push = [("GITHUB_EVENT_NAME", "push"), ("GITHUB_REF", "refs/heads/feature/y")];
    assert_eq!(told(&run_with(&repository, &push, &[rules])), "1.5.0 minor false");
}

#[test]
fn a_merge_that_is_taken_back_asks_for_nothing() {
    let repository = released();
    repository.branch("feature/zip");
    commits(&repository, &["feat!: zip"]);
    repository.checkout("main");
    commits(&repository, &["fix: a"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "Merge branch 'feature/zip'", "feature/zip"]);
    let (merge, rules) = (repository.head(), ("branch-rules", "feature/*=minor"));
    assert_eq!(answer(&repository, &[rules]), "2.0.0 major false");
    let revert =
        format!("Revert \"Merge branch 'feature/zip'\"\n\nThis reverts commit {merge}, reversing\nchanges made to 0.");
    commits(&repository, &[revert.as_str()]);
    assert_eq!(answer(&repository, &[rules]), "1.4.3 patch false");
}

#[test]
fn strict_parsing_ignores_what_the_specification_forbids() {
    for (message, lenient, strict) in [
        ("feat(): a", "1.5.0 minor false", "1.4.2 none false"),
        ("feat: a\nbody", "1.5.0 minor false", "1.4.2 none false"),
        ("fix: a\n\nBREAKING CHANGE:\n", "1.4.3 patch false", "1.4.2 none false"),
        ("feat:  a", "1.5.0 minor false", "1.4.2 none false"),
        ("feat: a\r\n\r\nbody\r\n", "1.5.0 minor false", "1.5.0 minor false"),
        ("FIX!: a", "2.0.0 major false", "2.0.0 major false"),
        ("x (#1)\n\n* feat(): a\n\n* fix: b\n", "1.5.0 minor false", "1.4.3 patch false"),
    ] {
        let repository = released();
        commits(&repository, &[message]);
        assert_eq!(answer(&repository, &[]), lenient, "{message:?}");
        assert_eq!(answer(&repository, &[("parsing", "strict")]), strict, "{message:?}");
    }
    let repository = released();
    commits(&repository, &["feat(): a"]);
    assert!(run(&repository, &[("parsing", "strict")]).summary.contains("no conventional commit: the scope is empty"));
}

#[test]
fn build_metadata_is_added_and_never_copied() {
    let repository = released();
    repository.commit("fix: a");
    repository.tag("v1.4.3+build.9");
    repository.commit("fix: b");
    assert_eq!(answer(&repository, &[]), "1.4.4 patch false");
    let run = run(&repository, &[("build-metadata", "build.10")]);
    assert_eq!((told(&run).as_str(), run.output("tag")), ("1.4.4+build.10 patch false", "v1.4.4+build.10"));
    // Builds of one version are one version: the other commit has it already.
    repository.git(&["checkout", "--quiet", "-b", "other", "v1.4.2"]);
    repository.commit("fix: c");
    let taken = crate::support::run(&repository, &[("build-metadata", "build.11"), ("mode", "tag")]);
    assert_eq!((taken.code, error_kind(&taken).as_str()), (1, "tag-exists"));
}

#[test]
fn cargo_rules_below_one() {
    for (current, message, expected) in [
        ("0.3.1", "feat: a", "0.3.2 patch false"),
        ("0.3.1", "feat!: a", "0.4.0 minor false"),
        ("0.3.1", "fix: a", "0.3.2 patch false"),
        ("0.0.4", "feat!: a", "0.0.5 patch false"),
        ("1.3.1", "feat: a", "1.4.0 minor false"),
    ] {
        let repository = testbed::Repository::new();
        repository.commit("chore: init");
        repository.tag(&format!("v{current}"));
        commits(&repository, &[message]);
        assert_eq!(answer(&repository, &[("zero-major", "cargo")]), expected, "{current} {message}");
    }
}

#[test]
fn wrong_rules_name_their_line() {
    let repository = released();
    for (input, value, words) in [
        ("release-rules", "perf=patch\n\nfeat=big", "line 3, `feat=big`"),
        ("branch-rules", "feature/*", "line 1, `feature/*`: there is no `=`"),
        ("channels", "main\nnext=r c", "line 2, `next=r c`"),
        ("branch", "a..b", "cannot be the name of a branch"),
        ("build-metadata", "a+b", "cannot stand after the `+`"),
        ("parsing", "loose", "is not one of the choices"),
    ] {
        let run = run(&repository, &[(input, value)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{input}");
        assert!(run.stdout.contains(words) && run.stdout.contains(&format!("input `{input}`")), "{}", run.stdout);
    }
    let both = run(&repository, &[("version", "2.0.0+a"), ("build-metadata", "b")]);
    assert!(both.code == 2 && both.stdout.contains("leave out one of them"), "{}", both.stdout);
}
