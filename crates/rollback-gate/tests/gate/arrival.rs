//! `mode: await`: until the release is in service, and no verdict about it.

use std::time::Duration;

use testbed::Release;

use crate::world::World;

#[test]
fn a_release_is_waited_for_until_it_is_in_service_and_nothing_is_recorded() {
    let world = World::with_verified_release();
    let recorded = world.verdicts();
    let slow = Release { startup_ms: 1500, ..Release::version("1.1.0") };
    let (commit, _) = world.deploy(&slow);
    let said = world.gate(&[("mode", "await"), ("checks", &world.health()), ("duration", "20s")]);
    assert_eq!((said.run.code, world.running().as_str()), (0, "1.1.0"), "{}", said.run.stdout);
    assert_eq!((said.run.output("verdict"), said.run.output("release")), ("", "1.1.0"));
    assert_eq!(said.run.output("config-commit"), commit);
    assert_eq!(world.verdicts(), recorded, "it is no verdict");
}

#[test]
fn what_does_not_come_is_refused_once_the_time_is_over() {
    let world = World::with_verified_release();
    world.deploy(&Release { healthy: false, ..Release::version("1.1.0") });
    let started = std::time::Instant::now();
    let said = world.gate(&[("mode", "await"), ("checks", &world.health()), ("duration", "1s")]);
    assert_eq!(said.run.code, 1, "{}", said.run.stdout);
    let error = said.json["error"]["message"].as_str().unwrap();
    assert!(error.starts_with("the release did not come into service: `version"), "{error}");
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(world.verdicts(), ["promote 1.0.0"], "nor is it found bad");
}

#[test]
fn a_release_that_was_taken_back_is_not_waited_for() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&Release::version("1.1.0"));
    let said = world.gate(&[("mode", "rollback"), ("reason", "too sweet"), ("decided-by", "ada")]);
    assert_eq!(said.run.code, 0, "{}", said.run.stdout);
    let said = world.gate(&[("mode", "await"), ("checks", &world.health())]);
    assert_eq!(said.run.code, 1, "{}", said.run.stdout);
    assert!(said.json["error"]["message"].as_str().unwrap().contains("`1.1.0` was found bad already"));
}

#[test]
fn there_has_to_be_something_to_wait_for() {
    let world = World::new();
    let said = world.gate(&[("mode", "await"), ("checks", "")]);
    assert_eq!(said.run.code, 2, "{}", said.run.stdout);
}
