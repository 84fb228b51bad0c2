//! Inputs and answers that are wrong, endless or hostile.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::world::gate;

/// A server that answers every request with the same bytes, for ever if they are to be repeated. Dropping it stops it.
pub(crate) struct Server {
    pub(crate) address: String,
    stop: Arc<AtomicBool>,
}

impl Server {
    pub(crate) fn start(answer: &'static str, is_endless: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let _ = stream.read(&mut [0; 4096]);
                let mut written = stream.write_all(answer.as_bytes());
                let more = [b'x'; 64 * 1024];
                while is_endless && written.is_ok() && !stopped.load(Ordering::SeqCst) {
                    written = stream.write_all(&more);
                }
            }
        });
        Self { address, stop }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // The thread waits for one more connection.
        let _ = std::net::TcpStream::connect(&self.address);
    }
}

fn quick(inputs: &[(&str, &str)]) -> crate::world::Said {
    let usual = [("duration", "600ms"), ("interval", "200ms")];
    let usual = usual.into_iter().filter(|(name, _)| inputs.iter().all(|(given, _)| given != name));
    let inputs: Vec<(&str, &str)> = usual.chain(inputs.iter().copied()).collect();
    gate(&inputs, &[], &std::env::temp_dir())
}

#[test]
fn wrong_inputs_are_refused_before_anything_is_asked() {
    for (inputs, kind, message) in [
        (&[][..], "invalid-input", "input `checks`: there is nothing to judge by"),
        (&[("checks", "# none\n\n")], "invalid-input", "input `checks`: there is no check in it"),
        (&[("checks", "p95 < 5")], "invalid-input", "input `checks`: `p95 < 5`: `5` has no unit"),
        (&[("checks", "error-rate < 5%")], "invalid-input", "input `metrics-url`: `error-rate < 5%` needs the metrics"),
        (&[("checks", "health http://x/\nhealth http://x/")], "invalid-input", "`health http://x/` is listed twice"),
        (&[("checks", "health http://169.254.169.254/latest")], "forbidden-address", "is refused"),
        (&[("checks", "health http://2852039166/")], "forbidden-address", "is refused"),
        (&[("checks", "health https://good@evil/")], "invalid-input", "user name or password"),
        (&[("checks", "version http://x/ == release")], "invalid-input", "needs to know what is deployed"),
        (&[("checks", "health http://x/"), ("on-failure", "rollback")], "invalid-input", "input `on-failure`"),
        (
            &[("checks", "health http://x/"), ("environment", "staging")],
            "invalid-input",
            "input `component`: it is missing",
        ),
        (&[("checks", "health http://x/"), ("duration", "1000000h")], "invalid-input", "longer than 30 days"),
        (&[("checks", "health http://x/"), ("duration", "5 m")], "invalid-input", "`5 m` is not a duration"),
        (&[("checks", "health http://x/"), ("duration", "0s")], "invalid-input", "nothing can be seen in no time"),
        (&[("checks", "health http://x/"), ("interval", "1ms")], "invalid-input", "shorter than 100ms"),
        (&[("checks", "health http://x/"), ("duration", "30d")], "invalid-input", "more than 10000 looks"),
        (
            &[("checks", "health http://x/"), ("duration-metric", "latency_ms")],
            "invalid-input",
            "its name ends with `_ms`",
        ),
        (&[("checks", "health http://x/"), ("failure-limit", "0")], "invalid-input", "input `failure-limit`: it is 0"),
        (
            &[("checks", "health http://x/"), ("metrics-url", "http://x/\nhttp://x/")],
            "invalid-input",
            "is listed twice",
        ),
    ] {
        let said = quick(inputs);
        let error = &said.json["error"];
        assert_eq!((said.run.code, error["kind"].as_str()), (2, Some(kind)), "{inputs:?} {error}");
        assert!(error["message"].as_str().unwrap().contains(message), "{inputs:?} {error}");
    }
    let all = quick(&[("checks", "p95 < 5\nhealt http://x/"), ("interval", "soon")]);
    let message = all.json["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("3 inputs are wrong: "), "{message}");
}

#[test]
fn what_is_no_metric_is_no_evidence() {
    let endless = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n# ";
    for (answer, is_endless, why) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n<!doctype html>", false, "HTML came instead of metrics"),
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", false, "status 404"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"a\":", false, "line 1 of the metrics is not a sample"),
        ("HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\na_requests_total NaN\n", false, "has the value NaN"),
        ("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1\r\n\r\nx", false, "compressed body"),
        ("HTTP/1.1 302 Found\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", false, "redirected more than 5 times"),
        ("nonsense\r\n\r\n", false, "failed"),
        (endless, true, "sent more than 16777216 bytes"),
    ] {
        let server = Server::start(answer, is_endless);
        let url = format!("http://{}/", server.address);
        let said = quick(&[("checks", "error-rate < 5%"), ("metrics-url", &url)]);
        assert_eq!((said.run.code, said.run.output("verdict")), (1, "hold"), "{answer} {}", said.run.stdout);
        let reason = said.run.output("reason");
        assert!(reason.starts_with("`error-rate < 5%` has no evidence: ") && reason.contains(why), "{answer} {reason}");
    }
}

#[test]
fn a_redirect_takes_no_header_to_another_origin() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let answer =
        format!("HTTP/1.1 302 x\r\nlocation: http://{}/b\r\ncontent-length: 0\r\n\r\n", other.local_addr().unwrap());
    let server = Server::start(Box::leak(answer.into_boxed_str()), false);
    let seen = std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        let mut request = [0; 4096];
        let length = stream.read(&mut request).unwrap();
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n{\"a\": 1}");
        String::from_utf8_lossy(&request[..length]).to_lowercase()
    });
    let origin = format!("http://{}", server.address);
    let headers = format!("{origin} Authorization: Bearer s3cret\n{origin} X-Api-Key: s3cret");
    let said = quick(&[("checks", &format!("json {origin}/a .a == 1")), ("headers", &headers)]);
    let request = seen.join().unwrap();
    assert!(request.starts_with("get /b ") && !request.contains("s3cret"), "{request}");
    assert!(!said.run.stdout.contains("s3cret"), "{}", said.run.stdout);
}

#[test]
fn a_service_that_cannot_be_reached_fails() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let said = quick(&[("checks", &format!("health http://{closed}/health"))]);
    assert_eq!((said.run.code, said.run.output("verdict")), (1, "rollback"));
    assert!(said.run.output("reason").contains("was not good once in 600ms"), "{}", said.run.output("reason"));
    let endless = Server::start("HTTP/1.1 200 OK\r\n\r\n", true);
    let said = quick(&[("checks", &format!("health http://{}/health", endless.address))]);
    assert!(said.run.output("reason").contains("sent more than"), "{}", said.run.output("reason"));
}

#[test]
fn two_metrics_that_fit_ask_for_an_input() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 40\r\n\r\na_requests_total 1\nb_requests_total 1\n  \n";
    let server = Server::start(answer, false);
    let url = format!("http://{}/", server.address);
    let inputs = [("checks", "error-rate < 5%"), ("metrics-url", url.as_str())];
    let said = quick(&inputs);
    assert_eq!((said.run.code, &said.json["error"]["kind"]), (2, &"ambiguous-match".into()), "{}", said.run.stdout);
    assert!(said.json["error"]["hint"].as_str().unwrap().contains("`requests-metric`"));
    let named = quick(&[&inputs[..], &[("requests-metric", "a_requests_total")]].concat());
    assert_eq!(named.run.output("verdict"), "hold");
}
