//! Runs that find a release, or a part of one.

use testbed::Repository;

use crate::support::{error_kind, told};
use crate::world::{World, with_feature};

/// Makes a release commit on HEAD, as an earlier run did, and pushes it with its tag; gives its id. The clone stays where it is.
fn release_elsewhere(world: &World, version: &str) -> String {
    let other = world.another_clone();
    let message = format!("chore(release): {version}\n\nRelease-Version: {version}");
    let commit = other.commit_files(&message, &[("version.txt", version)]);
    other.annotated_tag(&format!("v{version}"), "a release");
    push(world, &other, &["main", &format!("v{version}")]);
    commit
}

fn push(world: &World, from: &Repository, refs: &[&str]) {
    let url = world.server.authorized_url("acme/shop");
    from.git(&[&["push", "--quiet", url.as_str()], refs].concat());
}

#[test]
fn a_job_that_is_run_again_finds_the_release_commit_on_its_own() {
    let world = World::new(&with_feature());
    let commit = release_elsewhere(&world, "1.5.0");
    for inputs in [&[][..], &[("mode", "tag")], &[("mode", "tag"), ("version", "1.5.0")]] {
        let run = world.run(inputs);
        assert_eq!(told(&run), "1.5.0 none true", "{inputs:?}");
        assert_eq!(run.output("commit"), commit);
        assert!(run.summary.contains("Nothing to do"), "{}", run.summary);
    }
    let other = world.run(&[("mode", "tag"), ("version", "1.6.0")]);
    assert_eq!((other.code, error_kind(&other).as_str()), (2, "invalid-input"), "one commit is released once");

    // Whoever has all of the history sees the same, and what others push later changes nothing.
    let later = world.another_clone();
    later.commit("feat: later");
    push(&world, &later, &["main"]);
    world.clone.git(&["fetch", "--quiet", "--tags", "origin"]);
    assert_eq!(told(&world.run(&[("mode", "tag")])), "1.5.0 none true");
    // The next commit is released on its own.
    let next = world.another_clone();
    assert_eq!(told(&world.run_in(&next, &[("mode", "tag")], &[])), "1.6.0 minor true");
}

#[test]
fn what_is_missing_of_a_release_commit_is_done() {
    let world = World::new(&with_feature());
    let commit = release_elsewhere(&world, "1.5.0");
    let shallow = Repository::clone_from(&world.server.repository_url("acme/shop"), Some(2));
    shallow.git(&["checkout", "--quiet", "HEAD^"]);
    for clone in [&world.clone, &shallow] {
        world.remote.git(&["update-ref", "-d", "refs/tags/v1"]);
        let run = world.run_in(clone, &[("mode", "tag"), ("floating-tags", "major")], &[]);
        assert_eq!(told(&run), "1.5.0 none true");
        assert_eq!((world.at("v1"), run.output("commit")), (commit.clone(), commit.as_str()));
    }
}

#[test]
fn a_commit_that_only_looks_like_a_release_does_not_count() {
    let world = World::new(&with_feature());
    let other = world.another_clone();
    other.commit("chore(release): 1.5.0");
    other.tag("v1.5.0");
    push(&world, &other, &["main", "v1.5.0"]);
    let run = world.run(&[("mode", "tag")]);
    assert_eq!((run.code, error_kind(&run).as_str()), (1, "tag-exists"), "{}", run.stdout);
}
