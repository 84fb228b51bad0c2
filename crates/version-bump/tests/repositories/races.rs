//! Two runs at once, and branches that move meanwhile.

use testbed::Repository;

use crate::support::{error_kind, told};
use crate::world::{World, with_feature, with_version_file};

const RELEASE: &[(&str, &str)] = &[("mode", "release"), ("floating-tags", "major")];

#[test]
fn two_runs_at_once_make_one_release() {
    for origin in [with_version_file(), with_feature()] {
        let world = World::new(&origin);
        let other = world.another_clone();
        let runs = std::thread::scope(|scope| {
            let one = scope.spawn(|| world.run(RELEASE));
            let two = scope.spawn(|| world.run_in(&other, RELEASE, &[]));
            [one.join(), two.join()].map(|run| run.expect("a run"))
        });
        for run in &runs {
            assert_eq!(run.code, 0, "{}", run.stdout);
            assert_eq!((run.output("version"), run.output("released")), ("1.5.0", "true"), "{}", run.stdout);
            assert_eq!(run.output("commit"), world.at("v1.5.0"));
        }
        let releases = world.releases();
        assert_eq!((releases.len(), &releases[0]["draft"]), (1, &false.into()), "{releases:?}");
        assert_eq!(world.at("v1"), world.at("v1.5.0"));
        assert!(world.remote.log("main").len() <= 3, "one release commit at most");
    }
}

/// Pushes a commit to `main` while the job goes on with the commit before.
fn push_to_main(world: &World, message: &str, files: &[(&str, &str)]) -> Repository {
    let other = world.another_clone();
    other.commit_files(message, files);
    other.git(&["push", "--quiet", &world.server.authorized_url("acme/shop"), "main"]);
    other
}

#[test]
fn a_branch_that_moved_on_is_left_to_the_run_of_its_newest_commit() {
    let world = World::new(&with_version_file());
    let newest = push_to_main(&world, "fix: later", &[("src/b.rs", "b\n")]);
    let refs = world.remote.refs();
    let run = world.run(RELEASE);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(run.stdout.contains("::warning::`main` is at"), "{}", run.stdout);
    assert!(run.summary.contains("left to the run of its newest commit"), "{}", run.summary);
    assert_eq!(world.remote.refs(), refs);
    assert_eq!(told(&world.run_in(&newest, RELEASE, &[])), "1.5.0 minor true");
    // The older run is repeated: its commit is part of the release.
    let again = world.run(RELEASE);
    assert_eq!((again.code, again.output("released")), (1, "false"), "{}", again.stdout);
    assert_eq!(world.at("main"), world.at("v1.5.0"));
}

#[test]
fn a_branch_that_moves_during_the_push_is_seen() {
    let world = World::new(&with_version_file());
    let newest = world.another_clone();
    let theirs = newest.commit_files("fix: later", &[("src/b.rs", "b\n")]);
    newest.git(&["push", "--quiet", &world.server.authorized_url("acme/shop"), "HEAD:refs/heads/later"]);
    let once = format!("if [ ! -e raced ]; then touch raced; git update-ref refs/heads/main {theirs}; fi");
    world.remote.install_hook("update", &once);
    let run = world.run(RELEASE);
    assert_eq!(told(&run), "1.5.0 minor false");
    assert!(!world.has("refs/tags/v1.5.0"), "all or nothing");
    assert_eq!((world.at("main"), world.releases().len()), (theirs, 0));
}

#[test]
fn a_commit_that_is_not_pushed_is_left_to_no_other_run() {
    let world = World::new(&with_version_file());
    world.clone.commit("fix: made by this job");
    let refs = world.remote.refs();
    for mode in ["release", "pull-request"] {
        let run = world.run(&[("mode", mode)]);
        assert_eq!((run.code, error_kind(&run).as_str()), (2, "invalid-input"), "{mode}: {}", run.stdout);
        assert!(run.stdout.contains("is not on `main` of the remote"), "{mode}: {}", run.stdout);
        assert_eq!(world.remote.refs(), refs, "{mode}");
    }
}

#[test]
fn without_files_to_change_head_is_tagged_wherever_the_branch_is() {
    let world = World::new(&with_feature());
    push_to_main(&world, "fix: later", &[("src/b.rs", "b\n")]);
    assert_eq!(told(&world.run(RELEASE)), "1.5.0 minor true");
    assert_eq!(world.at("v1.5.0"), world.clone.head());
}

#[test]
fn two_components_are_released_from_one_commit() {
    let origin = Repository::new();
    origin.commit_files("chore: init", &[("api/version.txt", "1.4.2\n"), ("web/version.txt", "2.0.0\n")]);
    origin.tag("api/v1.4.2");
    origin.tag("web/v2.0.0");
    origin.commit_files("feat: zip", &[("api/a.rs", "a\n"), ("web/a.rs", "a\n")]);
    let world = World::new(&origin);
    let run = |component: &str| {
        let paths = format!("{component}/");
        let inputs = [("mode", "release"), ("component", component), ("paths", &paths)];
        world.run(&inputs)
    };
    assert_eq!(told(&run("api")), "1.5.0 minor true");
    assert_eq!(told(&run("web")), "2.1.0 minor true");
    assert_eq!(world.at("main"), world.at("web/v2.1.0"));
    assert_eq!(world.remote.git(&["rev-parse", "web/v2.1.0^{commit}^"]), world.at("api/v1.5.0"));
    let version = |component: &str| world.remote.read("main", &format!("{component}/version.txt"));
    assert_eq!((version("api").as_deref(), version("web").as_deref()), (Some("1.5.0\n"), Some("2.1.0\n")));
    assert_eq!(world.remote.log("main")[0].trailer("Release-Component"), Some("web"));
    let subjects: Vec<String> = world.remote.log("main").into_iter().take(2).map(|commit| commit.subject).collect();
    assert_eq!(subjects, ["chore(release): web 2.1.0", "chore(release): api 1.5.0"]);
    // Both again, and in the other order.
    for component in ["web", "api"] {
        let again = run(component);
        assert_eq!((again.output("bump"), again.output("released")), ("none", "true"), "{}", again.stdout);
    }
    assert_eq!(world.releases().len(), 2);
    // The release commits are no changes.
    world.clone.git(&["pull", "--quiet", "origin", "main"]);
    let next = world.run(&[("component", "api"), ("paths", "api/")]);
    assert_eq!((next.output("bump"), next.output("released")), ("none", "false"), "{}", next.summary);
}
