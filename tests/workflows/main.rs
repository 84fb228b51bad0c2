//! The README's pipeline, run for real: `act` executes the workflow in a consumer's checkout, `dist/` does the work, and a
//! reconciler runs what the config repository says.
//!
//! Not real are GitHub's own part, `actions/checkout` (act copies the checkout that this test makes as that action does), and
//! docker's two actions, for which `stand-ins/` stands in.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests start programs and make their own files"
)]

mod drill;
mod gitops;
mod release;
mod rollback;
#[cfg(target_os = "linux")]
mod scans;
#[cfg(target_os = "linux")]
mod security;
mod triggers;
mod workflow;
mod world;

use world::{LIMIT, World};

/// What few users do not see: one of 80 requests fails.
const RARELY_BROKEN: &str = r#"{ "error_share": 0.0125 }"#;

#[test]
fn a_good_release_is_promoted_and_a_bad_one_rolled_back() {
    let world = World::new();

    let good = world.merge("feat: sell cake", "{}");
    let run = world.run();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.jobs(), ["build: success", "production: success", "staging: success"], "{}", run.log);
    let tag = world.application.git(&["rev-parse", "refs/tags/v1.5.0^{commit}"]);
    assert_eq!(tag, good, "version-bump tagged what was merged");
    let tags = world.registry.tags("acme/shop");
    assert_eq!(tags, ["1.4.0", "1.5.0", "latest", &format!("sha-{}", &good[..7])]);
    let digest = world.registry.digest("acme/shop", "1.5.0").unwrap();
    for environment in ["staging", "production"] {
        assert_eq!(world.verdicts(environment), ["promote 1.5.0"], "{}", run.log);
        let running = world.reconciler.running(environment).unwrap();
        assert_eq!((running.version.as_str(), &running.digest), ("1.5.0", &digest));
        let manifest = world.config.read("main", &world::manifest_path(environment)).unwrap();
        assert!(manifest.contains(&format!("image: ghcr.io/acme/shop:1.5.0@{digest} # what runs")), "{manifest}");
    }
    let deployments = world.config.log("main");
    assert_eq!(deployments[0].trailer("Source-Commit"), Some(good.as_str()), "{}", deployments[0].message);

    world.merge("docs: praise the cake", "{}");
    let run = world.run();
    assert!(run.succeeded, "{}", run.log);
    assert_eq!(run.jobs(), ["build: success"], "{}", run.log);
    assert_eq!(world.config.log("main").len(), deployments.len(), "nothing is deployed without a release");

    world.merge("fix: bake longer", RARELY_BROKEN);
    let run = world.run();
    assert!(!run.succeeded, "{}", run.log);
    assert_eq!(run.jobs(), ["build: success", "production: failure", "staging: success"], "{}", run.log);
    assert!(run.log.contains("the verdict on `1.5.1` is rollback"), "{}", run.log);
    assert_eq!(world.verdicts("staging"), ["promote 1.5.0", "promote 1.5.1"]);
    assert_eq!(world.verdicts("production"), ["promote 1.5.0", "rollback 1.5.1", "promote 1.5.0"]);
    let history = world.config.log("main");
    let [rollback, failing, ..] = &history[..] else { panic!("{}", run.log) };
    assert_eq!(rollback.trailer("Rollback-Of"), Some(failing.id.as_str()), "{}", rollback.message);
    assert_eq!(rollback.trailer("Release-Version"), Some("1.5.0"));
    let running = world.reconciler.wait_for("production", &digest, LIMIT).unwrap();
    assert_eq!((running.version.as_str(), running.config_commit.as_ref()), ("1.5.0", Some(&rollback.id)));
    assert_eq!(world.reconciler.running("staging").unwrap().version, "1.5.1");

    // Somebody presses "Re-run all jobs". The image is built again and has another digest, but it is the same release.
    let path = world::manifest_path("production");
    let manifest = world.config.read("main", &path);
    let run = world.run();
    assert_eq!(run.jobs(), ["build: success", "production: failure", "staging: success"], "{}", run.log);
    let rebuilt = world.registry.digest("acme/shop", "1.5.1").unwrap();
    assert!(!failing.message.contains(&rebuilt), "the build is reproducible, and this proves nothing");
    assert!(run.log.contains("shop 1.5.1 was rolled back in production"), "{}", run.log);
    assert_eq!(world.config.read("main", &path), manifest, "{}", run.log);
    assert_eq!(world.verdicts("production"), ["promote 1.5.0", "rollback 1.5.1", "promote 1.5.0"]);
    assert_eq!(world.users.iter().map(|users| users.snapshot().transport_errors).sum::<u64>(), 0);
}
