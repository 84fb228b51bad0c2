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

#[test]
fn a_clock_that_jumps_changes_nothing() {
    const HOUR: i64 = 3_600_000;
    for jump in [HOUR, -HOUR, 365 * 24 * HOUR, -100 * 365 * 24 * HOUR] {
        let host = (0..31).fold(ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]).jumping(jump), |host, look| {
            let counted = 1000 + look * 100;
            host.then(get(
                METRICS,
                format!("process_start_time_seconds 5\nhttp_requests_total{{status=\"200\"}} {counted}\n"),
            ))
        });
        let checks = "error-rate < 5%\nthroughput > 9/s\nrestarts == 0\nslo 99% window 30d";
        let (_, json, host) = gate_over(checks, &[("metrics-url", METRICS)], host);
        assert_eq!((host.unanswered(), &json["verdict"]), (0, &"promote".into()), "{jump}: {}", json["reason"]);
        let looks = json["plan"]["looks"].as_array().unwrap().iter().map(|look| look["at"].as_u64().unwrap());
        assert!(looks.eq((0..=30).map(|look| look * 10_000)), "{jump}");
    }
}

/// Runs the gate over looks at what each path answers, one after the other; a path may be asked of several addresses.
fn gate_over(checks: &str, inputs: &[(&str, &str)], host: ScriptedHost) -> (ExitCode, Value, ScriptedHost) {
    let mut flags: BTreeMap<String, String> = BTreeMap::from([("checks".to_owned(), checks.to_owned())]);
    flags.extend(inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let code = ScriptedHost::block_on(driver::run::<RollbackGate, _>(host.clone(), flags)).unwrap();
    let written = host.content("/out").unwrap();
    let json = written.lines().find(|line| line.starts_with('{')).unwrap();
    (code, serde_json::from_str(json).unwrap(), host)
}

fn get(url: &'static str, body: impl Into<String>) -> Scripted {
    Scripted::Http("GET", url, 200, body.into().leak())
}

#[test]
fn a_fault_that_one_of_many_replicas_has_is_seen() {
    let replicas: Vec<std::net::IpAddr> = (1..=40).map(|number| [10, 0, 0, number].into()).collect();
    let run = |errors: [u64; 2]| {
        let mut host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]).resolving("shop.example", &replicas);
        for look in 0..31 {
            for replica in 0..40 {
                let failed = look * errors[usize::from(replica == 17)];
                let ok = look * 100 - failed;
                host = host.then(get(
                    METRICS,
                    format!("http_requests_total{{code=\"200\"}} {ok}\nhttp_requests_total{{code=\"500\"}} {failed}\n"),
                ));
            }
        }
        let (_, json, _) = gate_over("error-rate < 5%", &[("metrics-url", METRICS)], host);
        (json["verdict"].clone(), json["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(run([1, 1]).0, "promote");
    // Two of a hundred requests in all fail, and eighty of a hundred there.
    let (verdict, reason) = run([0, 80]);
    assert_eq!(verdict, "rollback", "{reason}");
    let expected = "`error-rate < 5%` failed on 3 looks in a row: 80% at https://shop.example/metrics at 10.0.0.18 of 300 requests";
    assert_eq!(reason, expected);
}

#[test]
fn a_process_behind_several_addresses_is_one() {
    let addresses = [[10, 0, 0, 1].into(), [10, 0, 0, 2].into()];
    let run = |starts: [u32; 2]| {
        let mut host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]).resolving("shop.example", &addresses);
        for (look, start) in (0..31).flat_map(|look| starts.map(|start| (look, start))) {
            let all = look * 300;
            host =
                host.then(get(METRICS, format!("http_requests_total {all}\nprocess_start_time_seconds {start}.25\n")));
        }
        let (_, json, _) = gate_over("throughput > 50/s", &[("metrics-url", METRICS)], host);
        json["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!((run([5, 6]).as_str(), run([5, 5]).as_str()), ("promote", "rollback"));
}

#[test]
fn an_uptime_that_falls_again_and_again_is_a_rollback() {
    let run = |uptimes: &[u64]| {
        let host = uptimes.iter().fold(ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]), |host, uptime| {
            host.then(get(HEALTH, format!("{{\"status\":\"healthy\",\"uptime_seconds\":{uptime}}}")))
        });
        let (_, json, _) = gate_over(&format!("uptime {HEALTH} .uptime_seconds"), &[], host);
        (json["verdict"].as_str().unwrap().to_owned(), json["reason"].as_str().unwrap().to_owned())
    };
    let steady: Vec<u64> = (0..31).map(|look| 500 + look * 10).collect();
    assert_eq!(run(&steady).0, "promote");
    // The release comes into service.
    let begun: Vec<u64> = steady[..3].iter().copied().chain((0..28).map(|look| look * 10)).collect();
    assert_eq!(run(&begun).0, "promote");
    let looping = [500, 510, 3, 13, 2, 12, 1];
    let (verdict, reason) = run(&looping);
    assert_eq!(verdict, "rollback");
    assert!(reason.ends_with("and it fell 3 times while it was watched"), "{reason}");
}

#[test]
fn a_monitor_that_does_not_answer_is_a_hold_and_no_rollback() {
    const MONITOR: &str = "https://monitor.example/api";
    let run = |answers: &[(u16, &'static str)]| {
        let host = (0..31).fold(ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]), |host, look| {
            let (status, body) = answers[look % answers.len()];
            host.then(Scripted::Http("GET", MONITOR, status, body))
        });
        let (_, json, _) = gate_over(&format!("json {MONITOR} .data[0].open < 5"), &[], host);
        (json["verdict"].as_str().unwrap().to_owned(), json["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(run(&[(200, r#"{"data":[{"open":4}]}"#)]).0, "promote");
    assert_eq!(run(&[(200, r#"{"data":[{"open":5}]}"#)]).0, "rollback");
    for answer in [(503, ""), (200, r#"{"data":[]}"#), (200, r#"{"data":[{"open":"NaN"}]}"#), (200, "<html>")] {
        let (verdict, reason) = run(&[answer]);
        assert_eq!(verdict, "hold", "{reason}");
    }
}

#[test]
fn use_is_judged_and_told_and_what_cannot_be_known_is_an_error() {
    let metrics = |seconds: u64| {
        format!(
            "process_cpu_seconds_total {seconds}\ngo_sched_gomaxprocs_threads 2\nprocess_resident_memory_bytes 9e8\nprocess_start_time_seconds 5\n"
        )
    };
    let run = |checks: &str, inputs: &[(&str, &str)], per_look: u64| {
        let host = (0..31).fold(ScriptedHost::new(&[("GITHUB_OUTPUT", "/out")]), |host, look| {
            host.then(get(METRICS, metrics(look * per_look)))
        });
        let (_, json, _) = gate_over(checks, &[inputs, &[("metrics-url", METRICS)]].concat(), host);
        json
    };
    let json = run("cpu < 70%\nmemory < 95%\nrestarts == 0", &[("memory-limit", "1GB")], 10);
    assert_eq!(json["verdict"], "promote", "{}", json["reason"]);
    let rules = json["plan"]["rules"].as_array().unwrap();
    let expected = "process_cpu_seconds_total / go_sched_gomaxprocs_threads < 70%, in the process that uses most";
    assert_eq!(rules[0]["rule"], expected);
    let json = run("cpu < 70%", &[], 15);
    assert_eq!(
        (&json["verdict"], json["reason"].as_str().unwrap()),
        (&"rollback".into(), "`cpu < 70%` failed on 3 looks in a row: 75%")
    );
    for (check, message) in [
        (
            "memory < 80%",
            "`memory` cannot be judged: `process_resident_memory_bytes` is there, but neither a limit nor a total",
        ),
        ("disk < 85%", "`disk` cannot be judged: no target tells its disk"),
    ] {
        let json = run(check, &[], 1);
        let told = json["error"]["message"].as_str().unwrap();
        assert!(told.starts_with(message), "{told}");
    }
}

#[test]
fn a_spent_error_budget_is_a_hold() {
    let run = |errors_before: u64| {
        let host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out"), ("SLIPWAY_NOW", "2026-01-31T00:00:00.000Z")]);
        // Thirty days earlier.
        let started = 1_767_225_600;
        let host = (0..31).fold(host, |host, look| {
            host.then(get(
                METRICS,
                format!(
                    "http_requests_total{{status=\"200\"}} {}\nhttp_requests_total{{status=\"500\"}} {errors_before}\nprocess_start_time_seconds {started}\n",
                    1_000_000 - errors_before + look * 100
                ),
            ))
        });
        let (_, json, _) = gate_over("slo 99.9% window 30d", &[("metrics-url", METRICS)], host);
        (json["verdict"].as_str().unwrap().to_owned(), json["reason"].as_str().unwrap().to_owned())
    };
    assert_eq!(run(900).0, "promote", "{}", run(900).1);
    let (verdict, reason) = run(2000);
    assert_eq!(verdict, "hold", "{reason}");
    assert!(reason.contains("the error budget is spent: 199% of it"), "{reason}");
}
