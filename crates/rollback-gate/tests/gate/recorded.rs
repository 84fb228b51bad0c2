//! A canary beside stable as a real Prometheus recorded them, and a release that bakes.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use testbed::{Load, PrometheusServer, Release, Service, binary};

use crate::world::{LIMIT, Said, World, gate};

/// A service with this share of errors, and its users.
fn serve(error_share: f64) -> (Service, Load) {
    let release = Release { error_share, ..Release::version("1.0.0") };
    let mut service = Service::start(&binary("sample-service"), &release).unwrap();
    service.wait_until_healthy(LIMIT).unwrap();
    let users = Load::start(&service.url(), 100.0, Duration::from_secs(60)).unwrap();
    (service, users)
}

fn compare(prometheus: &PrometheusServer, canary: &Service, stable: &Service, inputs: &[(&str, &str)]) -> Said {
    let selector = |service: &Service| format!("http_requests_total{{instance=\"{}\"}}", service.address());
    for service in [canary, stable] {
        prometheus.wait_for(&format!("sum(increase({}[2s])) > 50", selector(service)));
    }
    let (canary, stable, url) = (selector(canary), selector(stable), prometheus.url());
    let usual =
        [("canary-query", canary.as_str()), ("stable-query", &stable), ("prometheus-url", &url), ("interval", "500ms")];
    gate(&[&usual[..], inputs].concat(), &[], &std::env::temp_dir())
}

#[test]
fn a_bad_canary_is_seen_in_the_raw_samples_of_a_server() {
    let ((canary, _canary_users), (stable, _stable_users)) = (serve(0.5), serve(0.1));
    let targets = [&canary, &stable].map(|service| service.address().to_string());
    let Some(prometheus) = PrometheusServer::start("canary queries", &[&targets[0], &targets[1]], false) else {
        return;
    };
    let said = compare(&prometheus, &canary, &stable, &[("duration", "20s")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    let counts = &said.json["canary"]["metrics"][0]["counts"];
    let share =
        |side: &str| counts[format!("{side}-bad")].as_f64().unwrap() / counts[format!("{side}-all")].as_f64().unwrap();
    assert!((0.4..0.6).contains(&share("canary")) && (0.02..0.2).contains(&share("stable")), "{counts}");
}

#[test]
fn a_canary_that_restarts_between_scrapes_loses_no_count() {
    let ((mut canary, _canary_users), (stable, _stable_users)) = (serve(0.2), serve(0.2));
    let targets = [&canary, &stable].map(|service| service.address().to_string());
    let Some(prometheus) = PrometheusServer::start("restarts", &[&targets[0], &targets[1]], false) else { return };
    let (before, port) = (canary.address().to_string(), canary.address().port());
    let selector = |address: &str| format!("http_requests_total{{instance=\"{address}\"}}");
    for target in &targets {
        prometheus.wait_for(&format!("sum(increase({}[2s])) > 50", selector(target)));
    }
    let release = Release { error_share: 0.2, ..Release::version("1.0.0") };
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, release.to_bytes()).unwrap();
    let (first, second, url) = (selector(&before), selector(&targets[1]), prometheus.url());
    let said = scope(|threads| {
        let restarting = threads.spawn(|| {
            sleep(Duration::from_secs(3));
            canary.kill();
            sleep(Duration::from_millis(600));
            let mut command = Command::new(binary("sample-service"));
            command.arg(file.path()).arg(port.to_string()).stdin(Stdio::piped()).stdout(Stdio::null());
            command.spawn().unwrap()
        });
        let inputs = [
            ("canary-query", first.as_str()),
            ("stable-query", &second),
            ("prometheus-url", &url),
            ("interval", "500ms"),
            ("duration", "9s"),
        ];
        let said = gate(&inputs, &[], &std::env::temp_dir());
        let mut again = restarting.join().unwrap();
        again.kill().unwrap();
        again.wait().unwrap();
        said
    });
    assert_ne!(said.run.output("verdict"), "rollback", "{}", said.run.stdout);
    let counts = &said.json["canary"]["metrics"][0]["counts"];
    let (canary, stable) = (counts["canary-all"].as_f64().unwrap(), counts["stable-all"].as_f64().unwrap());
    // It did not serve for about a second of nine; without the reset everything since would be missing.
    assert!(stable > 600.0 && (0.7..1.0).contains(&(canary / stable)), "{counts}");
}

#[test]
fn what_is_no_counter_is_refused_and_what_is_not_there_is_on_hold() {
    let url = ("prometheus-url", "http://127.0.0.1:9");
    for (inputs, message) in [
        (&[("canary-query", "a"), url][..], "input `stable-query`: it is missing, and `canary-query` is given"),
        (&[("canary-query", "a"), ("stable-query", "b")], "input `canary-query`: it needs a Prometheus server"),
        (
            &[("canary-query", "rate(a[1m])"), ("stable-query", "b"), url],
            "`rate(a[1m])` is no selector of raw counters",
        ),
        (&[("canary-query", "a"), ("stable-query", "a"), url], "it selects the same counters as `canary-query`"),
        (
            &[("bake-query", "a"), ("checks", "health http://127.0.0.1:9/"), url],
            "input `bake-query`: only `bake` uses it",
        ),
    ] {
        let said = gate(inputs, &[], &std::env::temp_dir());
        assert!(said.run.code == 2 && said.run.stdout.contains(message), "{}", said.run.stdout);
    }
    let inputs = [("canary-query", "a"), ("stable-query", "b"), url, ("duration", "400ms"), ("interval", "200ms")];
    let said = gate(&inputs, &[], &std::env::temp_dir());
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").starts_with("canary and stable were not compared: "),
        "{}",
        said.run.output("reason")
    );
}

/// Runs the gate over a release that is good until it is promoted, if `is_spoiled`, and good to the end otherwise.
fn bake(world: &World, is_spoiled: bool, inputs: &[(&str, &str)]) -> Said {
    world.work.write("fine", "");
    let checks = format!("{}\ncommand test -e fine", world.health());
    let usual = [("checks", checks.as_str()), ("duration", "600ms"), ("bake", if is_spoiled { "30s" } else { "1s" })];
    scope(|threads| {
        let spoiling = threads.spawn(|| {
            let started = Instant::now();
            while is_spoiled
                && started.elapsed() < LIMIT
                && world.verdicts().last().is_none_or(|last| last != "promote 1.1.0")
            {
                sleep(Duration::from_millis(50));
            }
            if is_spoiled {
                fs::remove_file(world.work.path().join("fine")).unwrap();
            }
        });
        let said = world.gate(&[&usual[..], inputs].concat());
        spoiling.join().unwrap();
        said
    })
}

#[test]
fn a_fault_after_the_promotion_is_rolled_back() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&Release::version("1.1.0"));
    let said = bake(&world, true, &[("on-failure", "rollback")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"), "{}", said.run.stdout);
    assert_eq!(said.run.output("restored-version"), "1.0.0");
    assert!(
        said.run.output("reason").contains("after the promotion, `command test -e fine` failed on 3 looks in a row"),
        "{}",
        said.run.output("reason")
    );
    assert_eq!(world.verdicts(), ["promote 1.0.0", "promote 1.1.0", "rollback 1.1.0", "promote 1.0.0"]);
    assert_eq!(world.running(), "1.0.0");
}

#[test]
fn a_release_that_stays_good_stays_promoted() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&Release::version("1.1.0"));
    let said = bake(&world, false, &[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert!(said.run.stdout.contains("promoted; watching for 1s more"), "{}", said.run.stdout);
    assert_eq!(world.verdicts(), ["promote 1.0.0", "promote 1.1.0"]);
    // A fault that is only reported.
    let said = bake(&world, true, &[("on-failure", "report")]);
    assert_eq!((said.run.code, said.run.output("verdict"), said.run.output("rolled-back")), (1, "rollback", "false"));
    assert_eq!(world.verdicts(), ["promote 1.0.0", "promote 1.1.0", "rollback 1.1.0"]);
}
