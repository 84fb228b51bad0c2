//! The sample service as a real process.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "a test talks to the real process")]
#![expect(clippy::expect_used, reason = "helpers of tests")]

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use testbed::{Release, Service, get};

const PROGRAM: &str = env!("CARGO_BIN_EXE_sample-service");
const LIMIT: Duration = Duration::from_secs(5);

fn start(release: &Release) -> Service {
    Service::start(Path::new(PROGRAM), release).expect("a started service")
}

fn status(service: &Service, path: &str) -> u16 {
    get(&format!("{}{path}", service.url())).expect("an answer").status
}

#[test]
fn it_works_and_fails_as_its_release_says() {
    let service = start(&Release { error_share: 0.3, latency_ms: 0, ..Release::version("1.5.0") });
    let failures = (0..20).filter(|_| status(&service, "/") == 500).count();
    assert_eq!(failures, 6);
    let version = get(&format!("{}/version", service.url())).expect("an answer").json();
    assert_eq!(version["version"], "1.5.0");
    let scrape = get(&format!("{}/metrics", service.url())).expect("an answer");
    assert_eq!(scrape.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    for line in [
        "http_requests_total{method=\"GET\",status=\"200\"} 14",
        "http_requests_total{method=\"GET\",status=\"500\"} 6",
        "http_request_duration_seconds_count 20",
        "build_info{version=\"1.5.0\"} 1",
    ] {
        assert!(scrape.text().lines().any(|found| found == line), "{line}\n{}", scrape.text());
    }
}

#[test]
fn it_is_healthy_once_it_has_started_or_never() {
    let mut service = start(&Release { startup_ms: 150, ..Release::version("1.0.0") });
    assert_eq!(status(&service, "/health"), 503);
    service.wait_until_healthy(LIMIT).expect("healthy in time");
    let mut service = start(&Release { healthy: false, ..Release::version("1.0.0") });
    service.wait_until_healthy(Duration::from_millis(50)).expect_err("never healthy");
    assert_eq!(status(&service, "/"), 200, "it works all the same");
}

#[test]
fn it_drains_what_is_in_flight_before_it_ends() {
    let mut service = start(&Release { latency_ms: 600, ..Release::version("1.0.0") });
    let mut open = TcpStream::connect(service.address()).expect("a connection");
    let mut ask_health = || {
        open.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").expect("a request");
        let mut answer = [0; 512];
        let length = open.read(&mut answer).expect("an answer");
        String::from_utf8_lossy(&answer[..length]).into_owned()
    };
    assert!(ask_health().starts_with("HTTP/1.1 200"));
    let url = service.url();
    let in_flight = std::thread::spawn(move || get(&url).expect("an answer").status);
    std::thread::sleep(Duration::from_millis(100));
    service.terminate();
    std::thread::sleep(Duration::from_millis(50));
    let health = ask_health();
    assert!(health.starts_with("HTTP/1.1 503") && health.ends_with(r#"{"status":"draining"}"#), "{health}");
    get(&service.url()).expect_err("no new connections");
    assert_eq!(in_flight.join().expect("a finished request"), 200);
    assert_eq!(service.wait(LIMIT), Some(0));
}

#[test]
fn dropping_the_handle_ends_the_process() {
    let service = start(&Release::version("1.0.0"));
    let url = service.url();
    drop(service);
    get(&url).expect_err("nobody listens any more");
}

#[test]
fn it_never_outlives_whoever_holds_its_stdin() {
    use std::process::{Command, Stdio};
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, Release::version("1.0.0").to_bytes()).expect("a release file");
    let mut child = Command::new(PROGRAM)
        .args([file.path().as_os_str(), "0".as_ref()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("a started service");
    std::thread::sleep(Duration::from_millis(50));
    assert!(child.try_wait().expect("a child").is_none());
    drop(child.stdin.take());
    assert!(child.wait().expect("a child").success());
}

#[test]
fn a_file_that_is_no_release_does_not_start() {
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let output = std::process::Command::new(PROGRAM).args([file.path().as_os_str(), "0".as_ref()]).output();
    let output = output.expect("a program");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a release file"));
}
