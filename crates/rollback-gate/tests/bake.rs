//! A release that bakes beside the days before, under a virtual clock and by a transcript.
#![expect(clippy::unwrap_used, reason = "tests")]

use rollback_gate::RollbackGate;
use serde_json::Value;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::{ExitCode, driver};

const HEALTH: &str = "http://10.0.0.1/health";
const SERVER: &str = "http://10.0.0.9/api/v1/query";

/// What the server recorded in the last minutes: all requests and failed ones until now; nothing if it is too young.
fn recorded(at: u64, counted: Option<(u64, u64)>) -> &'static str {
    let series = counted.into_iter().flat_map(|(all, failed)| {
        [("200", all - failed), ("500", failed)].map(|(status, value)| {
            let labels = format!("\"__name__\":\"http_requests_total\",\"instance\":\"a\",\"status\":\"{status}\"");
            format!("{{\"metric\":{{{labels}}},\"values\":[[{at},\"{value}\"]]}}")
        })
    });
    let series = series.collect::<Vec<_>>().join(",");
    format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}").leak()
}

fn run(host: &ScriptedHost, flags: &[(&str, &str)]) -> (ExitCode, Value) {
    let flags = flags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let code = ScriptedHost::block_on(driver::run::<RollbackGate, _>(host.clone(), flags)).unwrap();
    let written = host.content("/out").unwrap();
    let json = serde_json::from_str(written.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    (code, json)
}

/// Watches for 10 s, then bakes for 5 minutes with a look every 10 s, at which so many of 5,000 requests failed, and so many a day and a
/// week ago.
fn bake(failed: u64, before: [Option<u64>; 2]) -> (ExitCode, Value) {
    let mut host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]);
    for _ in 0..2 {
        host = host.then(Scripted::Http("GET", HEALTH, 200, "ok"));
    }
    for look in 0..31 {
        host = host.then(Scripted::Http("GET", HEALTH, 200, "ok"));
        for (days, failed) in [(0, Some(failed)), (1, before[0]), (7, before[1])] {
            let counted = failed.map(|failed| (9_000 + look * 5_000, 90 + look * failed));
            let body = recorded(1_700_000_000 - days * 86_400 + look * 10, counted);
            host = host.then(Scripted::Http("POST", SERVER, 200, body));
        }
    }
    let flags = [
        ("checks", "health http://10.0.0.1/health"),
        ("duration", "10s"),
        ("bake", "5m"),
        ("bake-query", "http_requests_total{app=\"shop\"}"),
        ("prometheus-url", "http://10.0.0.9"),
    ];
    let (code, json) = run(&host, &flags);
    assert!(json["verdict"] == "rollback" || host.unanswered() == 0, "{:#?}", host.printed());
    (code, json)
}

#[test]
fn the_days_before_tell_what_is_usual() {
    for (failed, before, code, verdict, reason) in [
        (50, [Some(50), Some(50)], ExitCode::Done, "promote", "the check was good for 10s"),
        (
            250,
            [Some(50), Some(50)],
            ExitCode::Refused,
            "rollback",
            "the service is worse than itself on other days: errors ×5",
        ),
        // What is as bad every day is not the doing of the release.
        (250, [Some(250), Some(250)], ExitCode::Done, "promote", "the check was good for 10s"),
        // A server that does not remember leaves the checks.
        (250, [None, None], ExitCode::Done, "promote", "the check was good for 10s"),
        (
            250,
            [Some(50), None],
            ExitCode::Refused,
            "rollback",
            "the service is worse than itself on other days: errors ×5",
        ),
    ] {
        let (exit, json) = bake(failed, before);
        assert_eq!((exit, json["verdict"].as_str()), (code, Some(verdict)), "{failed} {before:?}: {}", json["reason"]);
        assert!(json["reason"].as_str().unwrap().contains(reason), "{}", json["reason"]);
        let is_certain = json["reason"].as_str().unwrap().contains("where 200 is enough");
        assert_eq!(is_certain, verdict == "rollback", "half of the budget is for the bake: {}", json["reason"]);
    }
}

#[test]
fn every_replica_is_asked_beside_the_days_before() {
    const METRICS: &str = "http://shop.example/metrics";
    let replicas = [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
    let mut host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]).resolving("shop.example", &replicas);
    for look in 0..6 {
        for failed_per_look in [0, 80] {
            // Nothing fails until the release is promoted.
            let failed = u64::saturating_sub(look, 2) * failed_per_look;
            let ok = look * 100 - failed;
            let counted =
                format!("http_requests_total{{code=\"200\"}} {ok}\nhttp_requests_total{{code=\"500\"}} {failed}\n");
            host = host.then(Scripted::Http("GET", METRICS, 200, counted.leak()));
        }
        if look >= 2 {
            for days in [0, 1, 7] {
                let body = recorded(1_700_000_000 - days * 86_400 + look * 10, Some((9_000 + look * 5_000, 90)));
                host = host.then(Scripted::Http("POST", SERVER, 200, body));
            }
        }
    }
    let flags = [
        ("checks", "error-rate < 5%"),
        ("metrics-url", METRICS),
        ("duration", "10s"),
        ("bake", "5m"),
        ("bake-query", "http_requests_total{app=\"shop\"}"),
        ("prometheus-url", "http://10.0.0.9"),
    ];
    let (_, json) = run(&host, &flags);
    let expected = "`error-rate < 5%` failed on 3 looks in a row: 40% of 600 requests";
    assert!(json["reason"].as_str().unwrap().contains(expected), "{}", json["reason"]);
}
