//! A canary beside stable under a virtual clock, every answer by a transcript.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use rollback_gate::RollbackGate;
use serde_json::Value;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::{ExitCode, driver};

const CANARY: &str = "http://10.0.0.2/metrics";
const STABLE: &str = "http://10.0.0.1/metrics";

/// Requests, failed ones and slow ones so far; nothing if the metrics do not answer.
type Counted = Option<(u64, u64, u64)>;

struct Said {
    code: ExitCode,
    verdict: String,
    reason: String,
    looks: usize,
    json: Value,
    summary: String,
}

/// Runs the gate with its defaults over the looks at canary and stable.
fn gate(looks: impl Iterator<Item = (Counted, Counted)>, inputs: &[(&str, &str)]) -> Said {
    let mut host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out"), ("GITHUB_STEP_SUMMARY", "/summary")]);
    for (canary, stable) in looks {
        for (url, counted) in [(CANARY, canary), (STABLE, stable)] {
            let answer = match counted {
                Some((all, failed, slow)) => Scripted::Http("GET", url, 200, metrics(all, failed, slow).leak()),
                None => Scripted::Http("GET", url, 503, ""),
            };
            host = host.then(answer);
        }
    }
    let flags = [("canary", CANARY), ("stable", STABLE)].into_iter().chain(inputs.iter().copied());
    let flags: BTreeMap<String, String> = flags.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let code = ScriptedHost::block_on(driver::run::<RollbackGate, _>(host.clone(), flags)).unwrap();
    let written = host.content("/out").unwrap();
    let json: Value = serde_json::from_str(written.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    // A verdict that is certain ends the watch.
    assert!(host.unanswered() == 0 || json["verdict"] == "rollback", "{:#?}", host.printed());
    let text = |key: &str| json[key].as_str().unwrap_or_default().to_owned();
    Said {
        code,
        verdict: text("verdict"),
        reason: text("reason"),
        looks: json["plan"]["looks"].as_array().map_or(0, Vec::len),
        summary: host.content("/summary").unwrap_or_default(),
        json,
    }
}

fn metrics(all: u64, failed: u64, slow: u64) -> String {
    format!(
        "http_requests_total{{status=\"200\"}} {}\nhttp_requests_total{{status=\"500\"}} {failed}\n\
         http_request_duration_seconds_bucket{{le=\"0.1\"}} {}\n\
         http_request_duration_seconds_bucket{{le=\"1\"}} {}\n\
         http_request_duration_seconds_bucket{{le=\"+Inf\"}} {all}\n",
        all - failed,
        all - slow,
        all - slow / 10,
    )
}

/// So many requests at every look, and so many of them failed and slow.
fn steady(look: u64, all: u64, failed: u64, slow: u64) -> Counted {
    Some((5_000 + look * all, 50 + look * failed, 500 + look * slow))
}

fn looks(canary: (u64, u64, u64), stable: (u64, u64, u64)) -> impl Iterator<Item = (Counted, Counted)> {
    (0..).map(move |look| (steady(look, canary.0, canary.1, canary.2), steady(look, stable.0, stable.1, stable.2)))
}

#[test]
fn a_canary_that_is_as_good_is_promoted_at_the_end() {
    let said = gate(looks((5_000, 100, 500), (5_000, 100, 500)).take(31), &[]);
    assert_eq!((said.code, said.verdict.as_str(), said.looks), (ExitCode::Done, "promote", 31), "{}", said.reason);
    assert!(said.reason.starts_with("the canary is as good as stable: "), "{}", said.reason);
    let names: Vec<&str> = said.json["canary"]["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|metric| metric["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["errors", "slower than 0.1 s", "slower than 1 s"]);
    assert!(said.summary.contains("with a chance of at most 1%, over all metrics, steps and runs"), "{}", said.summary);
}

#[test]
fn a_canary_that_fails_more_is_rolled_back_at_once() {
    let said = gate(looks((5_000, 250, 500), (5_000, 50, 500)).take(31), &[]);
    assert_eq!((said.code, said.verdict.as_str(), said.looks), (ExitCode::Refused, "rollback", 5));
    assert!(said.reason.starts_with("the canary is worse than stable: errors ×5"), "{}", said.reason);
    assert!(said.reason.ends_with("where 100 is enough"), "{}", said.reason);
    assert!(said.json["canary"]["against"].as_f64().unwrap() >= 100.0);
}

#[test]
fn a_canary_that_is_slower_is_rolled_back() {
    let said = gate(looks((5_000, 50, 2_000), (5_000, 50, 500)).take(31), &[]);
    assert_eq!((said.verdict.as_str(), said.looks), ("rollback", 7), "{}", said.reason);
    assert!(said.reason.contains("slower than"), "{}", said.reason);
}

#[test]
fn what_is_not_certain_is_on_hold() {
    let said = gate(looks((200, 1, 20), (200, 1, 20)).take(31), &[]);
    assert_eq!((said.code, said.verdict.as_str()), (ExitCode::Refused, "hold"));
    assert!(said.reason.starts_with("whether the canary is as good as stable is not certain yet: "), "{}", said.reason);
}

#[test]
fn a_service_without_failures_is_promoted_once_it_served_enough() {
    // Nobody can be better than one that never fails: it is enough that next to nothing fails.
    for (requests, verdict) in [(5_000, "promote"), (100, "hold")] {
        let said = gate(looks((requests, 0, 0), (requests, 0, 0)).take(31), &[]);
        assert_eq!(said.verdict, verdict, "{requests}: {}", said.reason);
    }
    // Next to nothing is less than one in a thousand.
    let said = gate(looks((5_000, 10, 0), (5_000, 0, 0)).take(31), &[("regression", "100x")]);
    assert_ne!(said.verdict, "promote", "{}", said.reason);
}

#[test]
fn a_bound_that_chance_exceeds_is_no_reason_to_roll_back() {
    // 2 of 36 are more than 5 %, look after look.
    let looks = (0..).map(|look| {
        let canary = (5_000 + 36 * look.min(1), 50 + 2 * look.min(1), 500);
        (Some((canary.0, canary.1, canary.2)), steady(look, 5_000, 50, 500))
    });
    let said = gate(looks.take(31), &[("checks", "error-rate < 5%")]);
    assert_eq!(said.verdict, "hold", "{}", said.reason);
    assert!(
        said.reason.contains("fails at the end: 5.56% of 36 requests, which may be chance: E = "),
        "{}",
        said.reason
    );
    assert!(said.reason.ends_with("where 200 is enough"), "the budget is shared by two: {}", said.reason);
}

#[test]
fn a_fault_that_stable_shares_is_on_hold() {
    // Both fail a tenth of their requests, which the check would not stand.
    let said = gate(looks((5_000, 500, 500), (5_000, 500, 500)).take(31), &[("checks", "error-rate < 5%")]);
    assert_eq!((said.code, said.verdict.as_str(), said.looks), (ExitCode::Refused, "hold", 31));
    assert_eq!(
        said.reason,
        "`error-rate < 5%` has no evidence: 10% of the release, but 10% of stable as well: the fault is shared"
    );
}

#[test]
fn the_check_reads_the_canary() {
    let said = gate(
        looks((5_000, 500, 500), (5_000, 200, 500)).take(4),
        &[("checks", "error-rate < 5%"), ("regression", "50x")],
    );
    assert_eq!(said.reason, "`error-rate < 5%` failed on 3 looks in a row: 10% of 15000 requests");
}

#[test]
fn a_missing_scrape_loses_nothing() {
    let whole = gate(looks((5_000, 100, 500), (5_000, 100, 500)).take(31), &[]);
    let gaps =
        looks((5_000, 100, 500), (5_000, 100, 500)).take(31).enumerate().map(|(look, (canary, stable))| match look {
            5 => (None, stable),
            9 | 10 => (canary, None),
            _ => (canary, stable),
        });
    let said = gate(gaps, &[]);
    assert_eq!(said.verdict, "promote", "{}", said.reason);
    assert_eq!(said.json["canary"]["metrics"][0]["counts"], whole.json["canary"]["metrics"][0]["counts"]);
    // A canary that never answers is no good one.
    let said = gate(looks((1, 0, 0), (5_000, 100, 500)).take(31).map(|(_, stable)| (None, stable)), &[]);
    assert_eq!(said.verdict, "hold");
    assert_eq!(said.reason, "canary and stable were not compared: http://10.0.0.2/metrics: status 503");
}

#[test]
fn the_plan_tells_what_would_be_seen() {
    let said = gate(looks((1_000, 10, 100), (1_000, 10, 100)).take(2), &[("mode", "plan"), ("duration", "10m")]);
    assert_eq!((said.code, said.verdict.as_str()), (ExitCode::Done, ""));
    let power = &said.json["plan"]["outlook"]["power"];
    let doubling = power[0]["sentence"].as_str().unwrap();
    assert!(doubling.starts_with("errors: a doubling would be seen in about 4m"), "{doubling}");
    assert!(doubling.ends_with("at this traffic (100 and 100 requests/s, 1% of stable's are bad)"), "{doubling}");
    assert!(said.summary.contains(doubling), "{}", said.summary);
    let said = gate(looks((100, 1, 10), (100, 1, 10)).take(2), &[("mode", "plan"), ("duration", "1m")]);
    let warnings = said.json["plan"]["outlook"]["warnings"].to_string();
    assert!(warnings.contains("even five times as many failed requests"), "{warnings}");
    for (canary, warning) in [(500, "as far as the noise was estimated"), (50, "are known to exceed the budget")] {
        let said = gate(looks((canary, canary / 50, canary / 10), (1_000, 10, 100)).take(2), &[("mode", "plan")]);
        let warnings = said.json["plan"]["outlook"]["warnings"].to_string();
        assert!(warnings.contains(warning) && warnings.contains("a baseline of its own size"), "{warnings}");
    }
}

#[test]
fn inputs_that_are_wrong_are_refused() {
    for (inputs, message) in [
        (&[("stable", "")][..], "input `stable`: it is missing, and `canary` is given"),
        (&[("stable", CANARY)], "input `stable`: `http://10.0.0.2/metrics` is in `canary` as well"),
        (
            &[("canary", "http://10.0.0.2/metrics\nhttp://10.0.0.2/metrics")],
            "input `canary`: `http://10.0.0.2/metrics` is listed twice, so its requests would count twice",
        ),
        (&[("regression", "0.5x")], "input `regression`: `0.5x` is not a factor between 1 and 100"),
        (
            &[("false-rollback-budget", "0%")],
            "input `false-rollback-budget`: `0%` is not a share between 0.0001% and 20%",
        ),
        (&[("false-rollback-budget", "NaN%")], "is not a share between"),
        (
            &[("regression", "0.5x"), ("bake", "1m"), ("bake-query", "n"), ("prometheus-url", "http://10.0.0.3")],
            "input `regression`: `0.5x` is not a factor between 1 and 100",
        ),
    ] {
        let said = gate(std::iter::empty(), inputs);
        let error = said.json["error"]["message"].as_str().unwrap_or_default();
        assert!(said.code == ExitCode::Invalid && error.contains(message), "{}", said.json);
        assert!(!error.contains("inputs are wrong"), "one mistake is told once: {error}");
    }
}

#[test]
fn a_history_is_replayed() {
    let series = (0..4).map(|place| {
        let (instance, status) = (place / 2, if place % 2 == 0 { "200" } else { "500" });
        let values = (0..100).map(|point| {
            let value = point * if place % 2 == 0 { 1_485 } else { 15 };
            format!("[{},\"{value}\"]", 1_700_000_000 + point * 15)
        });
        let values = values.collect::<Vec<_>>().join(",");
        format!(
            "{{\"metric\":{{\"__name__\":\"http_requests_total\",\"instance\":\"{instance}\",\"status\":\"{status}\"}},\
             \"values\":[{values}]}}"
        )
    });
    let series = series.collect::<Vec<_>>().join(",");
    let history = format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}");
    let host = ScriptedHost::new(&[("GITHUB_OUTPUT", "/out"), ("GITHUB_STEP_SUMMARY", "/summary")])
        .file("/workspace/history.json", &history);
    let flags = [("mode", "calibrate"), ("calibrate-file", "history.json")];
    let flags = flags.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let code = ScriptedHost::block_on(driver::run::<RollbackGate, _>(host.clone(), flags)).unwrap();
    let written = host.content("/out").unwrap();
    let json: Value = serde_json::from_str(written.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    assert_eq!((code, &json["verdict"]), (ExitCode::Done, &"".into()));
    assert_eq!((&json["calibration"]["processes"], &json["calibration"]["advice"]), (&2.into(), &1.0.into()));
    let summary = host.content("/summary").unwrap();
    assert!(summary.contains("`regression: 1x` is the least that keeps the budget of 1%"), "{summary}");
}
