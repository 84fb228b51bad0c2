//! Floating tags.

use crate::support::{error_kind, released, told};
use crate::world::{World, with_feature};

const BOTH: &[(&str, &str)] = &[("mode", "tag"), ("floating-tags", "major\nminor")];

#[test]
fn they_move_forward_with_the_newest_stable_release() {
    let origin = released();
    origin.annotated_tag("v1", "moves");
    origin.tag("v1.4");
    origin.branch("hotfix");
    origin.checkout("main");
    origin.commit("feat: zip");
    let world = World::new(&origin);
    let old = world.at("v1.4.2");
    let run = world.run(BOTH);
    assert_eq!(told(&run), "1.5.0 minor true");
    let head = world.clone.head();
    for (name, commit) in [("v1", &head), ("v1.5", &head), ("v1.4", &old)] {
        assert_eq!(world.at(name), *commit, "{name}");
    }
    assert_eq!(world.remote.git(&["cat-file", "-t", "v1"]), "commit", "what actions follow is lightweight");
    assert!(!run.summary.contains("name no version"), "{}", run.summary);

    // A fix of the old minor version is no newest 1.x.
    world.clone.git(&["checkout", "--quiet", "-B", "hotfix", "v1.4.2"]);
    world.clone.commit("fix: a");
    let fixed = world.clone.head();
    assert_eq!(told(&world.run(BOTH)), "1.4.3 patch true");
    for (name, commit) in [("v1", &head), ("v1.5", &head), ("v1.4", &fixed)] {
        assert_eq!(world.at(name), *commit, "{name}");
    }
}

#[test]
fn a_pre_release_moves_none() {
    let world = World::new(&with_feature());
    let run = world.run(&[("mode", "tag"), ("floating-tags", "major"), ("version", "1.5.0-rc.1")]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(world.has("refs/tags/v1.5.0-rc.1") && !world.has("refs/tags/v1"), "{:?}", world.remote.refs());
}

#[test]
fn one_that_is_protected_is_told_and_moved_by_the_next_run() {
    let world = World::new(&with_feature());
    let protect = "if [ \"$1\" = refs/tags/v1 ]; then echo 'GH013: v1 is protected' >&2; exit 1; fi";
    world.remote.install_hook("update", protect);
    let failed = world.run(BOTH);
    assert_eq!((failed.code, error_kind(&failed).as_str()), (3, "push-rejected"), "{}", failed.stdout);
    for words in ["`v1.5.0` is released, but not everything", "GH013: v1 is protected"] {
        assert!(failed.stdout.contains(words), "{}", failed.stdout);
    }
    let json: serde_json::Value = serde_json::from_str(failed.output("json")).expect("JSON");
    assert_eq!(json["error"]["detail"]["outcome"]["created"]["name"], "v1.5.0");
    assert!(world.has("refs/tags/v1.5.0") && !world.has("refs/tags/v1.5"), "both or none");

    world.remote.remove_hook("update");
    let plan = world.run(&BOTH[1..]);
    assert_eq!(told(&plan), "1.5.0 none true");
    assert!(plan.summary.contains("`v1` would lead here"), "{}", plan.summary);
    let again = world.run(BOTH);
    assert_eq!(told(&again), "1.5.0 none true");
    assert!(again.summary.contains("Completed `v1.5.0`"), "{}", again.summary);
    assert_eq!((world.at("v1"), world.at("v1.5")), (world.clone.head(), world.clone.head()));
    let refs = world.remote.refs();
    assert!(world.run(BOTH).summary.contains("Nothing to do"));
    assert_eq!(world.remote.refs(), refs);
}

#[test]
fn one_that_somebody_moves_at_the_same_time_is_looked_at_again() {
    let origin = with_feature();
    origin.git(&["tag", "v1", "v1.4.2"]);
    let world = World::new(&origin);
    let other = world.another_clone();
    other.git(&["checkout", "--quiet", "v1.4.2"]);
    let theirs = other.commit("fix: theirs");
    other.git(&["push", "--quiet", &world.server.authorized_url("acme/shop"), "HEAD:refs/heads/theirs"]);
    let once = format!(
        "if [ \"$1\" = refs/tags/v1 ] && [ ! -e raced ]; then touch raced; git update-ref refs/tags/v1 {theirs}; fi"
    );
    world.remote.install_hook("update", &once);
    let run = world.run(BOTH);
    assert_eq!((run.code, run.output("released")), (0, "true"), "{}", run.stdout);
    assert_eq!(world.at("v1"), world.clone.head());
}

#[test]
fn a_component_has_its_own() {
    let origin = released();
    origin.commit_files("feat: zip", &[("api/a.rs", "x")]);
    let world = World::new(&origin);
    let run = world.run(&[BOTH, &[("tag-prefix", "api/v"), ("initial-version", "1.0.0")]].concat());
    assert_eq!(told(&run), "1.0.0 minor true");
    assert!(world.has("refs/tags/api/v1") && world.has("refs/tags/api/v1.0"), "{:?}", world.remote.refs());
}
