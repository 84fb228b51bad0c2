//! `actions/release`, in the workflow of its README.

use serde_json::json;
use testbed::{Registry, Repository, workspace};

use super::consumer::{GOOD, World};

/// The README's workflow, with a registry on this machine.
fn from_readme(registry: &Registry) -> String {
    let readme = std::fs::read_to_string(workspace().join("actions/release/README.md")).unwrap();
    let (_, rest) = readme.split_once("```yaml\n").expect("the README shows a workflow");
    let (workflow, _) = rest.split_once("```\n").unwrap();
    workflow.replace("ghcr.io/acme/shop", &format!("{}/acme/shop", registry.host()))
}

#[test]
fn one_step_before_the_build_tags_the_version_and_names_the_image() {
    let registry = Registry::start();
    let mut world = World::released_by(&from_readme(&registry));
    world.environment.push(("TESTBED_REGISTRY", registry.url()));
    let merged = world.merge("feat: sell cake", GOOD);
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(world.at("v1.5.0"), merged);
    assert_eq!(registry.tags("acme/shop"), ["1.5.0", &format!("sha-{}", &merged[..7])], "{}", run.log);

    // Somebody presses "Re-run all jobs": the image is there, and is not built again.
    let digest = registry.digest("acme/shop", "1.5.0");
    let pushes =
        || registry.requests().iter().filter(|request| request.method != "GET" && request.method != "HEAD").count();
    let before = pushes();
    let again = world.push();
    assert!(again.succeeded, "{}", again.log);
    assert_eq!((registry.digest("acme/shop", "1.5.0"), pushes()), (digest, before), "{}", again.log);

    world.merge("docs: praise the cake", GOOD);
    let run = world.push();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!((registry.tags("acme/shop").len(), pushes()), (2, before), "nothing is built without a release");

    // Somebody has pushed 1.5.1 by hand.
    registry.push("acme/shop", "1.5.1", "theirs", "0000");
    let theirs = registry.digest("acme/shop", "1.5.1");
    world.merge("fix: warm the pot", GOOD);
    let checkout = Repository::clone_from(&world.git.repository_url("acme/shop"), Some(1));
    let run = world.run_in(&checkout, "push", &json!({}));
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!((registry.digest("acme/shop", "1.5.1"), pushes()), (theirs, before), "{}", run.log);
}
