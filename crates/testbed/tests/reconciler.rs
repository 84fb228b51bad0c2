//! The reconciler against a real config repository, registry and processes.
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::time::Duration;

use testbed::{Answer, BareRepository, Change, Reconciler, Registry, Release, Repository, Settings, get};

const LIMIT: Duration = Duration::from_secs(5);

/// A config repository with one environment, and the registry that its images are in.
struct World {
    work: Repository,
    config: BareRepository,
    registry: Registry,
}

impl World {
    fn new() -> Self {
        let work = Repository::new();
        work.commit("chore: begin");
        let config = work.bare_clone();
        Self { work, config, registry: Registry::start() }
    }

    fn release(&self, release: &Release) -> String {
        self.registry.push("acme/shop", &release.version, release.to_bytes(), "0000")
    }

    /// Commits the image and pushes; gives the commit's id.
    fn deploy(&self, image: &str) -> String {
        let manifest = format!("kind: Deployment\nspec:\n  containers:\n    - name: shop\n      image: {image}\n");
        let commit = self.work.commit_files("deploy", &[("envs/staging/shop.yaml", &manifest)]);
        self.work.git(&["push", "--quiet", self.config.path().to_str().expect("a UTF-8 path"), "main"]);
        commit
    }

    fn deploy_digest(&self, digest: &str) -> String {
        self.deploy(&format!("ghcr.io/acme/shop@{digest}"))
    }

    fn reconcile(&self) -> Reconciler {
        let config = self.config.path().to_str().expect("a UTF-8 path");
        let mut settings = Settings::new(config, self.registry.url(), env!("CARGO_BIN_EXE_sample-service"));
        settings.interval = Duration::from_millis(40);
        settings.health_limit = Duration::from_millis(200);
        Reconciler::start(settings.environment("staging", "envs/staging/shop.yaml"))
    }
}

fn version(reconciler: &Reconciler) -> String {
    let version = get(&format!("{}/version", reconciler.url("staging"))).expect("an answer").json();
    version["version"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn what_is_committed_runs_and_what_ran_before_drains() {
    let world = World::new();
    let (one, two) = (world.release(&Release::version("1.0.0")), world.release(&Release::version("2.0.0")));
    let reconciler = world.reconcile();
    assert_eq!(get(&reconciler.url("staging")).expect("an answer").status, 503, "nothing is deployed");
    let commit = world.deploy_digest(&one);
    let running = reconciler.wait_for("staging", &one, LIMIT).expect("version 1 runs");
    assert_eq!((running.version.as_str(), running.config_commit), ("1.0.0", Some(commit)));
    world.deploy_digest(&two);
    reconciler.wait_for("staging", &two, LIMIT).expect("version 2 runs");
    assert_eq!(version(&reconciler), "2.0.0");
    let drained = Change::Drained { digest: one, code: 0 };
    reconciler.wait_for_event(LIMIT, |event| event.change == drained).expect("version 1 drains");
}

#[test]
fn a_manifest_without_a_digest_changes_nothing() {
    let world = World::new();
    let one = world.release(&Release::version("1.0.0"));
    world.deploy_digest(&one);
    let reconciler = world.reconcile();
    reconciler.wait_for("staging", &one, LIMIT).expect("version 1 runs");
    world.deploy("ghcr.io/acme/shop:latest");
    let refused = |change: &Change| matches!(change, Change::Refused { reason } if reason.contains("has no digest"));
    reconciler.wait_for_event(LIMIT, |event| refused(&event.change)).expect("a refusal");
    assert_eq!(version(&reconciler), "1.0.0");
}

#[test]
fn what_never_gets_healthy_never_gets_users() {
    let world = World::new();
    let one = world.release(&Release::version("1.0.0"));
    let sick = world.release(&Release { healthy: false, ..Release::version("2.0.0") });
    world.deploy_digest(&one);
    let reconciler = world.reconcile();
    reconciler.wait_for("staging", &one, LIMIT).expect("version 1 runs");
    world.deploy_digest(&sick);
    let degraded = |change: &Change| matches!(change, Change::Degraded { digest, .. } if *digest == sick);
    reconciler.wait_for_event(LIMIT, |event| degraded(&event.change)).expect("a complaint");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(version(&reconciler), "1.0.0");
    assert_eq!(reconciler.events().iter().filter(|event| degraded(&event.change)).count(), 1, "it complains once");
}

#[test]
fn what_is_changed_by_hand_or_dies_is_put_back() {
    let world = World::new();
    let (one, two) = (world.release(&Release::version("1.0.0")), world.release(&Release::version("2.0.0")));
    world.deploy_digest(&one);
    let reconciler = world.reconcile();
    reconciler.wait_for("staging", &one, LIMIT).expect("version 1 runs");
    let healed = |count: usize| {
        let healed =
            || reconciler.events().iter().filter(|event| matches!(event.change, Change::Healed { .. })).count();
        (0..500).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            healed() == count
        })
    };
    reconciler.tamper("staging", &two).expect("a healthy version 2");
    assert!(healed(1));
    assert_eq!(version(&reconciler), "1.0.0");
    reconciler.kill("staging");
    assert!(healed(2));
    assert_eq!(version(&reconciler), "1.0.0");
}

#[test]
fn a_registry_that_fails_for_a_while_is_asked_again() {
    let world = World::new();
    let one = world.release(&Release::version("1.0.0"));
    world.registry.answer_next(1, Answer::status(503));
    world.deploy_digest(&one);
    let reconciler = world.reconcile();
    reconciler.wait_for("staging", &one, LIMIT).expect("version 1 runs in the end");
    let degraded = |change: &Change| matches!(change, Change::Degraded { reason, .. } if reason.contains("status 503"));
    assert!(reconciler.events().iter().any(|event| degraded(&event.change)));
}
