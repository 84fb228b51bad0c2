//! What the gate says about releases.

use testbed::Release;

use crate::world::World;

#[test]
fn a_good_release_is_promoted_and_recorded_once() {
    let world = World::new();
    let commit = world.deploy_and_wait(&Release::version("1.0.0"));
    let _users = world.users();
    let checks = format!("{}\np95 < 1s\nthroughput > 10/s", world.checks());
    let said = world.gate(&[("checks", &checks)]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert_eq!(said.run.output("reason"), "all 5 checks were good for 1500ms");
    assert_eq!((said.run.output("release"), said.run.output("rolled-back")), ("1.0.0", "false"));
    assert_eq!(said.run.output("config-commit"), commit);
    assert_eq!(world.verdicts(), ["promote 1.0.0"]);
    assert_eq!(world.bare.refs()["refs/slipway/staging/shop"], said.run.output("record-commit"));
    let looks = said.json["plan"]["looks"].as_array().unwrap();
    assert!((4..=10).contains(&looks.len()), "{looks:?}");
    assert_eq!(looks.iter().flat_map(|look| look["observations"].as_array()).flatten().count(), looks.len() * 5);
    let rate = &world.evidence()["checks"][2];
    assert_eq!((rate["check"].as_str(), rate["latest"]["value"].as_str()), (Some("error-rate < 5%"), Some("0%")));
    assert!(said.run.summary.contains("no guarantee against false rollbacks"), "{}", said.run.summary);
    assert!(said.run.stdout.contains("left · health: good (200) · version: good (1.0.0)"), "{}", said.run.stdout);

    let again = world.gate(&[]);
    assert_eq!((again.run.code, again.run.output("verdict")), (0, "promote"));
    assert_eq!(again.run.output("record-commit"), said.run.output("record-commit"), "it is recorded already");
    assert_eq!(world.verdicts(), ["promote 1.0.0"]);
}

#[test]
fn without_users_nobody_knows() {
    let world = World::new();
    world.deploy_and_wait(&Release::version("1.0.0"));
    let said = world.gate(&[]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"));
    assert_eq!(said.run.output("reason"), "`error-rate < 5%` has no evidence: no target has a counter of requests");
    assert_eq!(said.json["error"]["kind"], "verdict-negative");
    assert_eq!(world.verdicts(), ["hold 1.0.0"]);
}

#[test]
fn what_is_slow_fails_by_its_buckets() {
    let world = World::new();
    world.deploy_and_wait(&Release { slow_share: 0.1, slow_ms: 300, ..Release::version("1.0.0") });
    let _users = world.users();
    let judge = |check: &str| {
        let said = world.gate(&[("checks", check)]);
        (said.run.code, said.run.output("verdict").to_owned(), said.run.output("reason").to_owned())
    };
    let (code, verdict, reason) = judge("p95 < 100ms");
    assert_eq!((code, verdict.as_str()), (1, "rollback"), "{reason}");
    assert!(reason.starts_with("`p95 < 100ms` failed on 3 looks in a row: 0.25 s to 0.5 s of"), "{reason}");
    // The bucket from 0.25 s to 0.5 s holds 0.3 s, and nobody can tell where in it the percentile lies.
    let (code, verdict, reason) = judge("p95 < 400ms");
    assert_eq!((code, verdict.as_str()), (1, "hold"), "{reason}");
    assert!(reason.contains("400ms is no bound of a bucket"), "{reason}");
    assert_eq!(judge("p50 < 100ms\np95 < 500ms").0, 0);
}

#[test]
fn a_plan_looks_once_and_writes_nothing() {
    let world = World::with_verified_release();
    world.deploy_and_wait(&Release { error_share: 0.5, ..Release::version("1.1.0") });
    let _users = world.users();
    let pushes = world.server.pushes();
    let said =
        world.gate(&[("mode", "plan"), ("on-failure", "rollback"), ("checks", &(world.checks() + "\np95 < 1s"))]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, ""));
    assert_eq!(said.json["plan"]["looks"].as_array().unwrap().len(), 1);
    assert_eq!(world.server.pushes(), pushes);
    for told in [
        "http\\_requests\\_total{status=\"5..\"} / http\\_requests\\_total &lt; 5%",
        "the bucket of http\\_request\\_duration\\_seconds that holds the 95th percentile ends at 1s or below",
        "**rollback** as soon as a check is bad on 3 looks in a row",
        "A rollback would restore `1.0.0`.",
    ] {
        assert!(said.run.summary.contains(told), "{told}\n{}", said.run.summary);
    }
}

#[test]
fn without_a_config_repository_the_gate_only_tells() {
    let world = World::new();
    world.deploy_and_wait(&Release { error_share: 0.5, ..Release::version("1.0.0") });
    let _users = world.users();
    let (checks, metrics) =
        (format!("health {}/health\nerror-rate < 5%", world.url()), format!("{}/metrics", world.url()));
    let inputs = [("checks", checks.as_str()), ("metrics-url", &metrics), ("duration", "5s"), ("interval", "200ms")];
    let said = crate::world::gate(&inputs, &[], world.work.path());
    assert_eq!((said.run.code, said.run.output("verdict"), said.run.output("release")), (1, "rollback", ""));
    assert!(said.run.output("reason").starts_with("`error-rate < 5%` failed on 3 looks in a row: "));
    assert!(said.json["plan"]["looks"].as_array().unwrap().len() < 10, "it does not wait for the end");
    assert!(world.verdicts().is_empty());
}

#[test]
fn a_service_is_judged_by_what_it_tells_of_itself() {
    let world = World::new();
    world.deploy_and_wait(&Release::version("1.0.0"));
    let _users = world.users();
    let url = world.url();
    let checks = format!(
        "version {url}/version .version == release\nhealth {url}/version .version == \"1.0.0\"\nuptime {url}/version\n\
         json {url}/version .uptime_s >= 0\nslo 99% window 30d"
    );
    let said = world.gate(&[("checks", &checks), ("preset", "web-service")]);
    assert_eq!((said.run.code, said.run.output("verdict")), (0, "promote"), "{}", said.run.stdout);
    assert!(
        said.run.output("reason").starts_with("all 8 checks were good for 1500ms"),
        "{}",
        said.run.output("reason")
    );
    let planned = world.gate(&[("mode", "plan"), ("checks", &checks), ("preset", "web-service")]);
    for told in ["`restarts == 0`", "`p95 < 2500ms`", "`error-rate < 5%`", "14 times as fast as it may"] {
        assert!(planned.run.summary.contains(told), "{told}\n{}", planned.run.summary);
    }
    // The service tells no use of anything.
    let said = world.gate(&[("checks", "memory < 80%")]);
    assert_eq!((said.run.code, &said.json["error"]["kind"]), (2, &"not-found".into()), "{}", said.run.stdout);
}
