//! The gate under a virtual clock: five minutes in milliseconds, every answer by a transcript.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use rollback_gate::RollbackGate;
use serde_json::Value;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::{ExitCode, driver};

const HEALTH: &str = "https://shop.example/health";
const VERSION: &str = "https://shop.example/version";
const METRICS: &str = "https://shop.example/metrics";

/// What the service answers at one look.
#[derive(Clone, Copy)]
struct Answers {
    health: u16,
    version: &'static str,
    /// Requests and errors so far; nothing if the metrics do not answer.
    counted: Option<(u64, u64)>,
}

const GOOD: Answers = Answers { health: 200, version: "1.5.0", counted: None };

/// What the gate said.
struct Said {
    code: ExitCode,
    verdict: String,
    reason: String,
    looks: Vec<u64>,
    printed: Vec<String>,
}

/// Runs the gate with its defaults over the looks.
fn gate(looks: impl Iterator<Item = Answers>) -> Said {
    let mut host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]);
    for look in looks {
        let (status, metrics) = match look.counted {
            Some((all, errors)) => {
                let ok = format!("http_requests_total{{status=\"200\"}} {}\n", all - errors);
                (200, ok + &format!("http_requests_total{{status=\"500\"}} {errors}\n"))
            }
            None => (503, String::new()),
        };
        host = host
            .then(Scripted::Http("GET", HEALTH, look.health, ""))
            .then(Scripted::Http("GET", VERSION, 200, look.version))
            .then(Scripted::Http("GET", METRICS, status, metrics.leak()));
    }
    let checks = format!("health {HEALTH}\nversion {VERSION} == 1.5.0\nerror-rate < 5%");
    let flags = [("checks", checks.as_str()), ("metrics-url", METRICS)];
    let flags: BTreeMap<String, String> = flags.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let code = ScriptedHost::block_on(driver::run::<RollbackGate, _>(host.clone(), flags)).unwrap();
    assert_eq!(host.unanswered(), 0, "{:#?}", host.printed());
    let written = host.content("/out").unwrap();
    let json: Value = serde_json::from_str(written.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    let looks = json["plan"]["looks"].as_array().into_iter().flatten();
    Said {
        code,
        verdict: text("verdict"),
        reason: text("reason"),
        looks: looks.filter_map(|look| look["at"].as_u64()).collect(),
        printed: host.printed(),
    }
}

/// A service with this many requests and errors a look.
fn counting(requests: u64, errors: u64) -> impl Iterator<Item = Answers> {
    (0..).map(move |look| Answers { counted: Some((1000 + look * requests, 100 + look * errors)), ..GOOD })
}

#[test]
fn five_minutes_have_thirty_one_looks() {
    let said = gate(counting(100, 1).take(31));
    assert_eq!((said.code, said.verdict.as_str()), (ExitCode::Done, "promote"), "{}", said.reason);
    assert_eq!(said.looks, (0..=30).map(|look| look * 10_000).collect::<Vec<_>>());
    assert_eq!(
        said.printed[6],
        "1:00 · 4:00 left · health: good (200) · version: good (1.5.0) · error-rate: good (1%)"
    );
}

#[test]
fn what_was_before_the_first_look_does_not_count() {
    // A tenth of all requests failed before, and none since.
    assert_eq!(gate(counting(100, 0).take(31)).verdict, "promote");
}

#[test]
fn what_fails_is_certain_after_half_a_minute() {
    let said = gate(counting(100, 20).take(4));
    assert_eq!((said.code, said.verdict.as_str()), (ExitCode::Refused, "rollback"));
    assert_eq!(said.reason, "`error-rate < 5%` failed on 3 looks in a row: 20% of 300 requests");
    assert_eq!(said.looks, [0, 10_000, 20_000, 30_000]);
}

#[test]
fn the_version_before_is_not_blamed_on_the_release() {
    let old = (0..6).map(|look| Answers { version: "1.4.0", counted: Some((1000 + look * 100, look * 90)), ..GOOD });
    let new = (0..25).map(|look| Answers { counted: Some((2000 + look * 100, 500)), ..GOOD });
    let said = gate(old.chain(new));
    assert_eq!(said.verdict, "promote", "{}", said.reason);
    assert!(
        said.printed[3].ends_with("error-rate: no evidence (the release is not in service yet)"),
        "{:?}",
        said.printed
    );
}

#[test]
fn a_restart_loses_no_errors() {
    // The process dies every minute and takes its counters along.
    let crashing =
        (0..4).map(|look| Answers { counted: Some([(500, 0), (600, 0), (90, 80), (180, 160)][look]), ..GOOD });
    let rest = (4..7).map(|look| Answers { counted: Some((look * 100, look * 60)), ..GOOD });
    let said = gate(crashing.chain(rest).take(5));
    assert_eq!(said.verdict, "rollback", "{}", said.reason);
}

#[test]
fn the_gates_own_requests_promote_nothing() {
    // Three a look: nobody but the gate.
    let said = gate(counting(3, 0).take(31));
    assert_eq!((said.code, said.verdict.as_str()), (ExitCode::Refused, "hold"));
    let why = "`error-rate < 5%` has no evidence: 90 requests were counted, and the gate itself sent 90";
    assert_eq!(said.reason, why);
}

#[test]
fn metrics_that_stop_leave_a_hold() {
    let said = gate(counting(100, 0).take(20).chain((0..11).map(|_| GOOD)));
    assert_eq!(said.verdict, "hold");
    assert_eq!(said.reason, "`error-rate < 5%` has no evidence: https://shop.example/metrics: status 503");
}

#[test]
fn a_release_that_goes_down_is_not_waited_for() {
    let down = (0..3).map(|_| Answers { health: 503, ..GOOD });
    let said = gate(counting(100, 0).take(10).chain(down));
    assert_eq!(said.reason, format!("`health {HEALTH}` failed on 3 looks in a row: 503"));
    assert_eq!(said.looks.len(), 13);
}
