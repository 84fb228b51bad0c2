//! What 200 users a second see of deployments.

use std::thread::sleep;
use std::time::{Duration, Instant};

use testbed::Release;

use super::world::{World, wait_for};

/// From the verdict on, until no user sees the bad release any more.
const BACK: Duration = Duration::from_secs(5);

#[test]
fn no_request_is_lost_in_a_good_and_a_bad_deployment() {
    let Some(world) = World::new("docker-host under load") else { return };
    let world = world.connected();
    world.deploy(&Release::version("1.4.0"));
    assert_eq!(world.version(), "1.4.0");

    let users = world.users();
    let good = world.deploy(&Release { latency_ms: 20, ..Release::version("1.5.0") });
    assert_eq!((world.version().as_str(), world.running()), ("1.5.0", vec!["1.5.0".to_owned()]));
    let seen = users.snapshot();
    assert_eq!((seen.server_errors(), seen.transport_errors), (0, 0), "{:?}", seen.by_status);

    let bad = world.bring(&Release { error_share: 0.5, ..Release::version("1.6.0") });
    assert_eq!(world.running(), ["1.5.0", "1.6.0"], "the new one answers beside the old");
    assert_eq!(users.snapshot().server_errors(), 0, "nobody has it yet");
    world.must("switch", &[("--image", &bad)]);
    wait_for("users meet the bad release", Duration::from_secs(20), || users.snapshot().server_errors() > 50);
    assert_eq!(world.running(), ["1.5.0", "1.6.0"], "the old one is kept until the verdict");

    let verdict = Instant::now();
    let back = world.run("switch", &[], &[("SLIPWAY_IMAGES", bad.as_str()), ("SLIPWAY_WEIGHT", "0")]);
    assert!(back.succeeded, "{back:?}");
    wait_for("users have the good release", BACK, || world.version() == "1.5.0");
    let took = verdict.elapsed();
    sleep(Duration::from_secs(1));
    let after = users.snapshot().server_errors();
    sleep(Duration::from_secs(2));
    println!("back in {took:?}");
    assert!(took <= BACK, "{took:?}");
    let again = world.run("switch", &[], &[("SLIPWAY_IMAGES", bad.as_str()), ("SLIPWAY_WEIGHT", "0")]);
    assert!(again.succeeded && again.output.contains("has no users"), "{again:?}");
    world.must("retire", &[]);
    assert_eq!((world.version().as_str(), world.running()), ("1.5.0", vec!["1.5.0".to_owned()]));

    let seen = users.stop();
    println!("{} requests: {:?}, {} lost", seen.requests(), seen.by_status, seen.transport_errors);
    assert_eq!(seen.server_errors(), after, "nobody meets the bad release after the switch back");
    assert_eq!(seen.transport_errors, 0, "{:?}", seen.by_status);
    assert_eq!(seen.by_status.keys().copied().collect::<Vec<_>>(), [200, 500], "no error of the proxy");
    assert!(good.starts_with("shop@sha256:"), "{good}");
}

#[test]
fn what_was_retired_is_back_in_seconds_from_its_image() {
    let Some(world) = World::new("docker-host restores a retired release") else { return };
    let world = world.connected();
    let old = world.deploy(&Release::version("1.4.0"));
    world.deploy(&Release::version("1.5.0"));
    assert_eq!(world.running(), ["1.5.0"]);
    let start = Instant::now();
    let done = world.run("switch", &[], &[("SLIPWAY_IMAGES", old.as_str())]);
    assert!(done.succeeded, "{done:?}");
    wait_for("users have the old release", BACK, || world.version() == "1.4.0");
    println!("back from its image in {:?}", start.elapsed());
    assert_eq!(world.running(), ["1.4.0", "1.5.0"]);
}

#[test]
fn what_is_not_healthy_gets_no_users() {
    let Some(world) = World::new("docker-host keeps what is not healthy from users") else { return };
    let world = world.connected();
    world.deploy(&Release::version("1.4.0"));
    let users = world.users();
    let archive = world.archive(&Release { healthy: false, ..Release::version("1.5.0") });
    let image = world.must("transfer", &[("--archive", archive.to_str().unwrap())]);
    let connected = world.connect(&world.ssh.known_hosts(), &[("--health-seconds", "3")]);
    assert!(connected.succeeded, "{connected:?}");
    for verb in ["start", "switch"] {
        let done = world.run(verb, &[("--image", &image)], &[]);
        assert!(
            !done.succeeded && done.errors.contains("is not healthy after at most 3 s, and gets no users"),
            "{done:?}"
        );
        assert_eq!((world.version().as_str(), world.running()), ("1.4.0", vec!["1.4.0".to_owned()]));
    }
    let seen = users.stop();
    assert_eq!((seen.server_errors(), seen.transport_errors), (0, 0), "{:?}", seen.by_status);
}

#[test]
fn the_last_images_and_the_verified_one_are_kept() {
    let Some(world) = World::new("docker-host prunes images") else { return };
    let world = world.connected();
    let images: Vec<String> = (1..=5).map(|minor| world.deploy(&Release::version(&format!("1.{minor}.0")))).collect();
    let connected = world.connect(&world.ssh.known_hosts(), &[("--keep-images", "2")]);
    assert!(connected.succeeded, "{connected:?}");
    let kept = || {
        let listed = world.host.docker(&["image", "ls", "--format", "{{.Tag}}", "shop"]);
        let mut tags: Vec<String> = listed.lines().map(str::to_owned).collect();
        tags.sort();
        tags.join(" ")
    };
    let unknown = world.run("prune", &[], &[]);
    assert!(!unknown.succeeded && unknown.errors.contains("what is verified is not known"), "{unknown:?}");
    let elsewhere = format!("shop@sha256:{}", "0".repeat(64));
    let missing = world.run("prune", &[("--verified", &elsewhere)], &[]);
    assert!(!missing.succeeded && missing.errors.contains("so nothing is removed"), "{missing:?}");
    assert_eq!(kept(), "1.1.0 1.2.0 1.3.0 1.4.0 1.5.0");
    world.must("prune", &[("--verified", &images[1])]);
    assert_eq!(kept(), "1.2.0 1.4.0 1.5.0");
    world.must("prune", &[("--verified", &images[1])]);
    assert_eq!((kept().as_str(), world.version().as_str()), ("1.2.0 1.4.0 1.5.0", "1.5.0"));
    let containers = world.host.docker(&["ps", "--all", "--quiet"]);
    assert_eq!(containers.lines().count(), 3, "{containers}");
}
