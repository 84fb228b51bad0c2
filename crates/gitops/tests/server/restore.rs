//! Rolling back against a real git server.

use slipway_core::git::CommitId;
use slipway_core::host::native::NativeHost;
use slipway_core::{ErrorKind, Result};
use slipway_gitops::{ConfigRepository, Deployment, Restoration, Rollback, Verdict, VerdictRecord};

use crate::world::{FILE, World, release, target};

const OTHER: &str = "envs/production/cart.yaml";

/// A file that two components share, line by line.
fn content(shop: &str, cart: &str) -> String {
    let digit = shop.bytes().last().unwrap() as char;
    let digest = digit.to_string().repeat(64);
    format!("images:\n  shop: ghcr.io/acme/shop:{shop}@sha256:{digest}\n  cart: cart:{cart}\n")
}

fn deploy(world: &World, version: &str, content: &str) -> CommitId {
    let message = Deployment::message("Deploy", &release(version), None);
    world.commit_elsewhere(&message, &[(FILE, content)]).parse().unwrap()
}

fn verified(version: &str, config_commit: &CommitId) -> VerdictRecord {
    VerdictRecord {
        verdict: Verdict::Promote,
        release: release(version),
        config_commit: config_commit.clone(),
        decided_by: "rollback-gate".into(),
        detail: serde_json::Value::Null,
    }
}

fn plan(world: &World, failing: &CommitId, verified: &VerdictRecord) -> Result<Option<Restoration>> {
    world.visit(async |repository| repository.restoration(failing, verified, "error-rate 7% > 5%").await)
}

#[test]
fn a_rollback_finds_its_environment_and_waits_for_no_freeze_and_no_lock() {
    let closed = "locked = \"incident\"\nfreeze = [\"2000-01-01 .. 2999-12-31\"]\npromote-from = \"staging\"\n";
    let settings = format!("[environments.staging]\n[environments.production]\nbranch = \"live\"\n{closed}");
    for (settings, branch) in [(settings.as_str(), "live"), ("[environments.prod]\n", "main"), ("[[[", "main")] {
        let world = World::new();
        let good = deploy(&world, "1.4.0", &content("1.4.0", "2.0.0"));
        let bad = deploy(&world, "1.5.0", &content("1.5.0", "2.0.0"));
        world.bare.git(&["branch", "live", "main"]);
        world.commit_elsewhere("chore: settings", &[("slipway.toml", settings)]);
        let environment = target().environment;
        let found = NativeHost::block_on(ConfigRepository::visit_environment(
            &world.context,
            &world.location,
            &environment,
            async |repository| {
                let plan = repository.restoration(&bad, &verified("1.4.0", &good), "slow").await?;
                Ok((repository.branch().to_string(), plan.is_some()))
            },
        ));
        assert_eq!(found.unwrap().unwrap(), (branch.to_owned(), true), "{settings}");
    }
}

fn carry_out(world: &World, failing: &CommitId, verified: &VerdictRecord) {
    world
        .visit(async |repository| {
            let plan = repository.restoration(failing, verified, "error-rate 7% > 5%").await?.unwrap();
            let commit = repository.commit(repository.head(), &plan.changes, &plan.message()).await?.unwrap();
            repository.publish(&commit).await
        })
        .unwrap();
}

#[test]
fn only_what_the_release_wrote_is_taken_back() {
    let world = World::new();
    let good = deploy(&world, "1.4.0", &content("1.4.0", "2.0.0"));
    world.commit_elsewhere("chore: cart", &[(FILE, &content("1.4.0", "2.1.0"))]);
    let bad = deploy(&world, "1.5.1", &content("1.5.1", "2.1.0"));
    world.commit_elsewhere("chore: cart", &[(FILE, &content("1.5.1", "2.2.0")), (OTHER, "x")]);
    carry_out(&world, &bad, &verified("1.4.0", &good));

    assert_eq!(world.bare.read("main", FILE).unwrap(), content("1.4.0", "2.2.0"));
    assert_eq!(world.bare.read("main", OTHER).unwrap(), "x");
    let newest = &world.bare.log("main")[0];
    assert_eq!(newest.subject, "Roll back shop in production to 1.4.0");
    for (key, value) in [
        ("Release-Version", "1.4.0"),
        ("Rollback-Of", bad.as_str()),
        ("Rollback-Reason", "error-rate 7% > 5%"),
        ("Release-Environment", "production"),
    ] {
        assert_eq!(newest.trailer(key), Some(value));
    }
    // The second time there is nothing to do.
    assert_eq!(plan(&world, &bad, &verified("1.4.0", &good)).unwrap(), None);
    let deployments = world.visit(async |repository| repository.deployments(&target(), None, 10).await).unwrap();
    let rollback = Rollback { of: bad, reason: "error-rate 7% > 5%".into() };
    assert_eq!(deployments[0].rollback, Some(rollback));
}

#[test]
fn failed_attempts_in_between_are_taken_back_too() {
    let world = World::new();
    let good = deploy(&world, "1.4.0", &content("1.4.0", "2.0.0"));
    let first = deploy(&world, "1.5.1", &content("1.5.1", "2.0.0"));
    carry_out(&world, &first, &verified("1.4.0", &good));
    deploy(&world, "1.5.2", &content("1.5.2", "2.0.0"));
    let second = deploy(&world, "1.5.3", &content("1.5.3", "2.0.0"));
    carry_out(&world, &second, &verified("1.4.0", &good));
    assert_eq!(world.bare.read("main", FILE).unwrap(), content("1.4.0", "2.0.0"));
}

#[test]
fn what_somebody_else_changed_is_left_alone_and_named() {
    let world = World::new();
    let good = deploy(&world, "1.4.0", &content("1.4.0", "2.0.0"));
    let bad = deploy(&world, "1.5.1", &content("1.5.1", "2.0.0"));
    let hotfix = world.commit_elsewhere("fix: by hand", &[(FILE, &content("1.5.1-hotfix.2", "2.0.0"))]);
    world.commit_elsewhere("docs: other", &[("README.md", "x")]);
    let error = plan(&world, &bad, &verified("1.4.0", &good)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedCurrentValue);
    let expected =
        format!("what `{}` wrote into `{FILE}` for `1.5.1` was changed since, by `{}`", bad.short(), &hotfix[..7]);
    assert_eq!(error.message(), expected);
}

#[test]
fn a_change_by_hand_that_comes_back_is_not_taken_for_the_verified_release() {
    let world = World::new();
    let good = deploy(&world, "1.4.0", &content("1.4.0", "2.0.0"));
    world.commit_elsewhere("fix: by hand", &[(FILE, &content("1.4.9", "2.0.0"))]);
    let bad = deploy(&world, "1.5.1", &content("1.5.1", "2.0.0"));
    let error = plan(&world, &bad, &verified("1.4.0", &good)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedCurrentValue);
    assert!(error.message().contains("no file names `ghcr.io/acme/shop:1.4.0@sha256:000"), "{error}");
}

#[test]
fn what_no_longer_runs_is_not_rolled_back() {
    let world = World::new();
    let good = deploy(&world, "1.4.0", &content("1.4.0", "2.0.0"));
    let bad = deploy(&world, "1.5.1", &content("1.5.1", "2.0.0"));
    deploy(&world, "1.6.2", &content("1.6.2", "2.0.0"));
    let error = plan(&world, &bad, &verified("1.4.0", &good)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedCurrentValue);
    assert!(error.message().starts_with("`1.6.2` was deployed since"), "{error}");
}

#[test]
fn a_verified_release_outside_the_history_is_refused() {
    let world = World::new();
    let bad = deploy(&world, "1.5.1", &content("1.5.1", "2.0.0"));
    let foreign: CommitId = "0f1e2d3c4b5a69788796a5b4c3d2e1f001234567".parse().unwrap();
    let error = plan(&world, &bad, &verified("1.4.0", &foreign)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NothingVerified);
}
