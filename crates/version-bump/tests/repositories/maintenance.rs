//! Maintenance branches and their ranges.

use testbed::Repository;

use crate::support::{answer, commits, error_kind, run, told};

/// `v1.2.4`, then `v1.3.0` on `main`, and a branch from the former.
fn on(branch: &str) -> Repository {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("v1.2.4");
    commits(&repository, &["feat: on main"]);
    repository.tag("v1.3.0");
    repository.git(&["checkout", "--quiet", "-b", branch, "v1.2.4"]);
    repository
}

#[test]
fn a_maintenance_branch_keeps_to_its_range() {
    for (branch, message, version, refused) in [
        ("1.2.x", "fix: a", "1.2.5", None),
        ("1.2.x", "feat: a", "1.3.0", Some("out-of-range")),
        ("1.2.x", "feat!: a", "2.0.0", Some("out-of-range")),
        ("release/1.2", "fix: a", "1.2.5", None),
        ("release/v1.2.x", "feat: a", "1.3.0", Some("out-of-range")),
        ("1.x", "fix: a", "1.2.5", None),
        // In the range, but the main line was faster.
        ("1.x", "feat: a", "1.3.0", Some("tag-exists")),
        ("1.x", "feat!: a", "2.0.0", Some("out-of-range")),
    ] {
        let repository = on(branch);
        commits(&repository, &[message]);
        let channels = [("channels", "main\n*.x=maintenance\nrelease/*=maintenance"), ("allow-major", "true")];
        let plan = run(&repository, &channels);
        assert_eq!((plan.code, plan.output("version")), (0, version), "{branch} {message}");
        let head = repository.head();
        match refused {
            None => assert!(!plan.summary.contains("Held"), "{}", plan.summary),
            Some(kind) => {
                let tag = run(&repository, &[channels[0], channels[1], ("mode", "tag")]);
                assert_eq!((tag.code, error_kind(&tag).as_str()), (1, kind), "{branch} {message} {}", tag.stdout);
                if kind == "out-of-range" {
                    assert!(tag.stdout.contains(&head[..7]), "the commit is named: {}", tag.stdout);
                    assert!(tag.stdout.contains(&format!("the branch `{branch}` releases")), "{}", tag.stdout);
                }
            }
        }
    }
}

#[test]
fn the_main_line_leaves_the_range_of_a_listed_maintenance_branch_alone() {
    let repository = on("topic");
    repository.git(&["checkout", "--quiet", "main"]);
    commits(&repository, &["fix: a"]);
    assert_eq!(answer(&repository, &[("channels", "main\n1.2.x=maintenance")]), "1.3.1 patch false");
    let taken = run(&repository, &[("channels", "main\nold=1.x"), ("mode", "tag")]);
    assert_eq!((taken.code, error_kind(&taken).as_str()), (1, "out-of-range"));
    assert!(taken.stdout.contains("`1.3.1` is in `1.x`, which the maintenance branch `old`"), "{}", taken.stdout);
    assert_eq!(answer(&repository, &[("channels", "main\n*.x=maintenance")]), "1.3.1 patch false");
}

#[test]
fn people_keep_to_the_range_too() {
    let repository = on("1.2.x");
    commits(&repository, &["fix: a"]);
    for (input, version) in [(("version", "1.4.0"), "1.4.0"), (("bump", "minor"), "1.3.0")] {
        let inputs = [("channels", "1.2.x=maintenance"), input];
        let plan = run(&repository, &inputs);
        assert_eq!((plan.code, plan.output("version")), (0, version));
        assert!(plan.stdout.contains("is out of `1.2.x`"), "{}", plan.stdout);
    }
    let inputs = [("channels", "1.2.x=maintenance"), ("version", "1.2.9")];
    assert_eq!(answer(&repository, &inputs), "1.2.9 patch false");
}

#[test]
fn a_minor_version_that_nobody_released_is_free_on_its_maintenance_branch() {
    let repository = Repository::new();
    repository.commit("chore: init");
    repository.tag("v1.2.4");
    commits(&repository, &["feat!: on main"]);
    repository.tag("v2.0.0");
    repository.git(&["checkout", "--quiet", "-b", "1.x", "v1.2.4"]);
    commits(&repository, &["feat: a"]);
    assert_eq!(answer(&repository, &[("channels", "main\n1.x=maintenance")]), "1.3.0 minor false");
    // The main line is merged into it by mistake: the last release it descends from is out of its range.
    repository.git(&["merge", "--quiet", "-m", "Merge branch 'main' into 1.x", "v2.0.0"]);
    commits(&repository, &["fix: b"]);
    let run = run(&repository, &[("channels", "main\n1.x=maintenance"), ("mode", "tag")]);
    assert_eq!((run.code, error_kind(&run).as_str(), run.output("version")), (1, "out-of-range", "2.1.0"));
}

#[test]
fn pre_releases_do_not_count_on_a_maintenance_branch() {
    let repository = on("1.2.x");
    commits(&repository, &["fix: a"]);
    repository.tag("v1.2.5-rc.3");
    assert_eq!(answer(&repository, &[("channels", "1.2.x=maintenance")]), "1.2.5 patch false");
    assert_eq!(told(&run(&repository, &[("channels", "main")])), "1.2.4 none false");
}

#[test]
fn a_name_without_a_range_is_an_error() {
    let repository = on("release/old");
    commits(&repository, &["fix: a"]);
    let run = run(&repository, &[("channels", "release/*=maintenance")]);
    assert_eq!(run.code, 2);
    assert!(run.stdout.contains("`release/old=1.x`"), "{}", run.stdout);
    assert_eq!(answer(&repository, &[("channels", "release/old=1.2.x\nrelease/*=maintenance")]), "1.2.5 patch false");
}
