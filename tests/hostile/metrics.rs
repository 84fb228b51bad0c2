//! H75–H80 as rollback-gate meets them: what monitors and metrics may answer, and what they are taken for.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use testbed::{ActionRun, Runner, run_action};

use crate::server::Server;

fn answer(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn gate(runner: Runner, inputs: &[(&str, &str)]) -> ActionRun {
    let usual = [("duration", "400ms"), ("interval", "200ms")];
    let usual = usual.into_iter().filter(|(name, _)| inputs.iter().all(|(given, _)| given != name));
    let inputs: Vec<(&str, &str)> = usual.chain(inputs.iter().copied()).collect();
    run_action(runner, "rollback-gate", &inputs, &[], Path::new("/"))
}

/// The verdict and its reason, the same by both runners but for what a system adds.
#[track_caller]
fn verdict(inputs: &[(&str, &str)]) -> (String, String) {
    let told = [Runner::Native, Runner::Node].map(|runner| {
        let run = gate(runner, inputs);
        (run.output("verdict").to_owned(), run.output("reason").to_owned())
    });
    assert_eq!(told[0].0, told[1].0, "{told:?}");
    told[0].clone()
}

#[test]
fn h78_values_that_are_no_numbers_are_no_evidence() {
    for (body, expected, why) in [
        (r#"{"value":4}"#, "promote", ""),
        (r#"{"value":-0}"#, "promote", ""),
        (r#"{"value":5}"#, "rollback", "5"),
        (r#"{"value":"NaN"}"#, "hold", "`.value` is \"NaN\", which is no number"),
        (r#"{"value":"4"}"#, "hold", "`.value` is \"4\", which is no number"),
        (r#"{"value":null}"#, "hold", "`.value` is null, which is no number"),
        (r#"{"value":1e400}"#, "hold", "no JSON"),
        (r#"{"value":NaN}"#, "hold", "no JSON"),
        (r#"{"value":[]}"#, "hold", "`.value` is a list, which is no number"),
        (r#"{"value":{}}"#, "hold", "`.value` is an object, which is no number"),
        ("{}", "hold", "`.value` is not in the answer"),
        ("[]", "hold", "`.value` is not in the answer"),
        ("<html>Sign in</html>", "hold", "HTML instead of JSON"),
        ("", "hold", "no JSON"),
    ] {
        let server = Server::answering(answer(body));
        let (verdict, reason) = verdict(&[("checks", &format!("json {} .value < 5", server.url("/")))]);
        assert_eq!(verdict, expected, "{body}: {reason}");
        assert!(reason.contains(why), "{body}: {reason}");
    }
}

#[test]
fn h78_samples_that_no_counter_has_are_no_evidence() {
    const COUNTER: &str = "http_requests_total{status=\"200\"}";
    for (body, why) in [
        (format!("{COUNTER} NaN\n"), "which no counter has"),
        (format!("{COUNTER} +Inf\n"), "which no counter has"),
        (format!("{COUNTER} 1e400\n"), "which no counter has"),
        (format!("{COUNTER} -1\n"), "which no counter has"),
        (format!("{COUNTER} 5\n{COUNTER} 5\n"), "two samples with the same labels"),
        (format!("{COUNTER} \"5\"\n"), "is not a sample"),
        ("# only a comment\n".into(), "no target has a counter of requests"),
        (String::new(), "no target has a counter of requests"),
        ("{\"status\":\"success\",\"data\":{\"result\":[]}}".into(), "is not a sample"),
    ] {
        let server = Server::answering(answer(&body));
        let url = server.url("/metrics");
        let (verdict, reason) = verdict(&[("checks", "error-rate < 5%"), ("metrics-url", &url)]);
        assert_eq!(verdict, "hold", "{body}: {reason}");
        assert!(reason.contains(why), "{body}: {reason}");
    }
    // Two that fit are a question to a person.
    let server = Server::answering(answer("a_requests_total 5\nb_requests_total 5\n"));
    let run = gate(Runner::Native, &[("checks", "error-rate < 5%"), ("metrics-url", &server.url("/"))]);
    let json: Value = serde_json::from_str(run.output("json")).unwrap();
    assert_eq!((run.code, &json["error"]["kind"]), (2, &"ambiguous-match".into()), "{}", run.stdout);
}

#[test]
fn h79_samples_of_the_future_and_clocks_that_jump_change_nothing() {
    // Times of samples and a start of the process in the future say nothing about what was counted.
    let body = "http_requests_total{status=\"200\"} 5 99999999999999\nprocess_start_time_seconds 1e18\n";
    let server = Server::answering(answer(body));
    let url = server.url("/metrics");
    let (verdict, reason) = verdict(&[("checks", "error-rate < 5%\nslo 99.9% window 30d"), ("metrics-url", &url)]);
    assert_eq!(verdict, "hold", "{reason}");
    assert!(reason.contains("no request was counted"), "{reason}");
}

#[test]
fn h79_times_that_cannot_be_meant_are_wrong_inputs() {
    for (checks, name, value) in [
        ("slo 99.9% window 1000000h", "", ""),
        ("slo 99.9% window 30 d", "", ""),
        ("slo 99.9% window -30d", "", ""),
        ("slo 99.9% window 1h", "", ""),
        ("p95 < 1000000h", "", ""),
        ("p95 < -1s", "", ""),
        ("p95 < 5 m", "", ""),
        ("error-rate < 2s", "", ""),
        ("memory < 2s", "", ""),
        ("cpu < 0.7", "", ""),
        ("restarts < 5%", "", ""),
        ("throughput > 5%", "", ""),
        ("health http://127.0.0.1:1/", "duration", "1000000h"),
        ("health http://127.0.0.1:1/", "interval", "5 m"),
    ] {
        let inputs = [("checks", checks), ("metrics-url", "http://127.0.0.1:1/"), (name, value)];
        let inputs = &inputs[..if name.is_empty() { 2 } else { 3 }];
        for runner in [Runner::Native, Runner::Node] {
            let run = gate(runner, inputs);
            assert_eq!(run.code, 2, "{checks} {name} {value}: {}", run.stdout);
        }
    }
}

#[test]
fn h80_inputs_are_metrics_and_never_parts_of_a_query() {
    for metric in [
        "m{a=\"\"} or vector(1) or {x=\"\"}",
        "m\"} or vector(1) or {x=",
        "m{a=~\".*\"}",
        "m{a=\"1\"}[5m]",
        "m\n# TYPE x counter",
        "rate(m[5m])",
    ] {
        let inputs = [("checks", "memory < 80%"), ("metrics-url", "http://127.0.0.1:1/"), ("memory-metric", metric)];
        for runner in [Runner::Native, Runner::Node] {
            let run = gate(runner, &inputs);
            assert_eq!(run.code, 2, "{metric}: {}", run.stdout);
            assert!(run.stdout.contains("is not a metric"), "{metric}: {}", run.stdout);
        }
    }
}

#[test]
fn h75_checks_ask_no_metadata_service() {
    for host in ["169.254.169.254", "[fd00:ec2::254]", "2852039166", "0xa9fea9fe", "metadata.google.internal"] {
        for check in ["json http://HOST/ .a < 5", "uptime http://HOST/", "health http://HOST/ .status == \"ok\""] {
            let checks = check.replace("HOST", host);
            for runner in [Runner::Native, Runner::Node] {
                let run = gate(runner, &[("checks", &checks)]);
                let json: Value = serde_json::from_str(run.output("json")).unwrap();
                assert_eq!((run.code, &json["error"]["kind"]), (2, &"forbidden-address".into()), "{checks}");
            }
        }
    }
}

#[test]
fn h76_headers_of_an_input_reach_their_origin_alone() {
    let other = Server::answering(answer(r#"{"value":1}"#));
    let there = other.url("/there");
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {there}\r\ncontent-length: 0\r\n\r\n");
    let server = Server::answering(redirect);
    let checks = format!("json {} .value < 5", server.url("/"));
    let headers = format!("{} X-Api-Key: s3cret", server.url(""));
    for runner in [Runner::Native, Runner::Node] {
        let run = gate(runner, &[("checks", &checks), ("headers", &headers)]);
        assert_eq!((run.code, run.output("verdict")), (0, "promote"), "{}", run.stdout);
        assert!(!format!("{}{}{}", run.stdout, run.stderr, run.summary).contains("s3cret"));
    }
    assert!(
        server.heads().iter().all(|head| head.to_lowercase().contains("x-api-key: s3cret")),
        "{:?}",
        server.heads()
    );
    assert!(other.heads().iter().all(|head| !head.contains("s3cret")) && !other.heads().is_empty());
}

#[test]
fn h77_monitors_that_never_end_end() {
    let endless = Server::start(|_, mut connection| {
        connection.say("HTTP/1.1 200 OK\r\n\r\n[");
        while connection.say([b'1'; 4096]) {}
    });
    let slow = Server::start(|_, mut connection| {
        connection.say("HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n");
        while connection.say("1") && connection.wait(Duration::from_millis(100)) {}
    });
    let bomb = Server::answering("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\u{1f}x");
    for (server, why) in [(&endless, "sent more than"), (&slow, "in time"), (&bomb, "compressed body")] {
        for runner in [Runner::Native, Runner::Node] {
            let start = Instant::now();
            let run = gate(runner, &[("checks", &format!("json {} .value < 5", server.url("/")))]);
            let reason = run.output("reason");
            assert_eq!(run.output("verdict"), "hold", "{reason}");
            assert!(reason.contains(why), "{reason}");
            assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        }
    }
}
