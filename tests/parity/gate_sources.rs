//! What rollback-gate judges by beside a service: reports of the pipeline, a canary beside stable, recorded counters.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use testbed::{ActionRun, GitHub, HostedRepository, Repository, Runner, run_action};

use crate::{NOW, both};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const JUNIT: &str = "<testsuites><testsuite timestamp='2026-03-04T01:02:03'><testcase classname='größe' name='one'/></testsuite></testsuites>";
const SARIF: &str = r#"{"runs":[{"tool":{"driver":{"name":"Trivy","rules":[{"id":"CVE-1","properties":{"security-severity":"9.8"}}]}},
    "results":[{"ruleId":"CVE-1","level":"error"}]}]}"#;

/// Every kind of report, good; one list accepts what one of them found.
fn reports() -> Repository {
    let work = Repository::new();
    for (name, content) in [
        ("reports/a.xml", JUNIT),
        ("reports/b.xml", JUNIT),
        ("lcov.info", "SF:a.rs\nLF:100\nLH:85\nend_of_record\n"),
        ("cobertura.xml", "<coverage lines-valid='200' lines-covered='175' timestamp='1772600000000'/>"),
        ("trivy.sarif", SARIF),
        ("accepted", "CVE-1 until 2026-03-31 no fix yet\n"),
        ("secrets.jsonl", "{\"level\":\"info-0\",\"ts\":\"2026-03-04T01:00:00Z\",\"msg\":\"finished scanning\"}\n"),
        ("sonar.json", "{\"projectStatus\":{\"status\":\"OK\"}}"),
        (
            "ecr.json",
            "{\"imageScanStatus\":{\"status\":\"COMPLETE\"},\"imageScanFindings\":{\"findingSeverityCounts\":{\"HIGH\":2}}}",
        ),
        ("conftest.json", "[{\"filename\":\"a.yaml\",\"successes\":4}]"),
        (
            "k6.json",
            "{\"metrics\":{\"http_reqs\":{\"count\":2000},\"http_req_failed\":{\"value\":0.01},\"http_req_duration\":{\"p(95)\":250.5}}}",
        ),
        ("backups.json", "[{\"time\":\"2026-03-04T04:05:06.123456789Z\"}]"),
        ("empty.xml", "\u{feff}"),
        ("cut.sarif", "{\"runs\":[{"),
    ] {
        work.write(name, content);
    }
    work
}

const GOOD: &str = "junit reports/*.xml\ncoverage lcov.info >= 85%\ncoverage cobertura.xml drop <= 0% base cobertura.xml\n\
    sarif trivy.sarif critical == 0 allow accepted\ntrufflehog secrets.jsonl\nsonarqube sonar.json\necr ecr.json\n\
    policy conftest.json\nload k6.json p95 < 300ms\nbackup backups.json age < 24h";

#[test]
fn reports_of_the_pipeline() {
    let work = reports();
    for (case, evidence, verdict) in [
        ("good reports", GOOD, "promote"),
        ("a finding", "junit reports/*.xml\nsarif trivy.sarif", "rollback"),
        ("a report that is missing", "junit missing/**/*.xml", "hold"),
        ("a report that is empty", "junit empty.xml", "hold"),
        ("a report that is cut off", "sarif cut.sarif", "hold"),
        ("a backup that is old", "backup backups.json age < 1h", "rollback"),
        ("an artifact without a run", "junit reports/a.xml artifact tests", "hold"),
    ] {
        let run = both(case, |runner| {
            let inputs = [("evidence", evidence), ("evidence-commit", COMMIT)];
            run_action(runner, "rollback-gate", &inputs, &[NOW, ("GITHUB_SHA", COMMIT)], work.path())
        });
        assert_eq!(run.output("verdict"), verdict, "{case}: {}{}", run.stdout, run.stderr);
    }
    let wrong = both("lines that are wrong", |runner| {
        let inputs = [("evidence", "junti a.xml\ncoverage c.xml\nload k6.json p95 < 2"), ("evidence-commit", "é")];
        run_action(runner, "rollback-gate", &inputs, &[NOW], work.path())
    });
    assert_eq!(wrong.code, 2, "{}", wrong.stdout);
}

#[test]
fn an_artifact_tells_of_which_commit_a_report_is() {
    let (work, github) = (reports(), GitHub::start());
    github.add(HostedRepository::new("acme/shop"));
    github.upload_artifact("acme/shop", 7, "tests", COMMIT, "2026-03-04T05:00:00Z");
    let api = github.api_url();
    for (name, verdict) in [("tests", "promote"), ("coverage", "hold")] {
        let run = both(name, |runner| {
            let variables = [
                NOW,
                ("GITHUB_SHA", COMMIT),
                ("GITHUB_REPOSITORY", "acme/shop"),
                ("GITHUB_RUN_ID", "7"),
                ("GITHUB_API_URL", api.as_str()),
            ];
            let line = format!("sonarqube sonar.json artifact {name}");
            let inputs = [("evidence", line.as_str()), ("github-token", "s3cret")];
            run_action(runner, "rollback-gate", &inputs, &variables, work.path())
        });
        assert_eq!(run.output("verdict"), verdict, "{name}: {}{}", run.stdout, run.stderr);
    }
}

/// A process whose counters grow by so many requests and failed ones at every scrape.
struct Process {
    url: String,
    address: std::net::SocketAddr,
    is_over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Process {
    fn start(grows: (u64, u64)) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let is_over = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_over);
        let counted = Mutex::new((0, 0));
        let thread = std::thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let mut counted = counted.lock().unwrap();
                *counted = (counted.0 + grows.0, counted.1 + grows.1);
                // Who hangs up is not answered.
                let _ = answer(stream, *counted);
            }
        });
        Self { url: format!("http://{address}/metrics"), address, is_over, thread: Some(thread) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(std::thread::JoinHandle::join);
    }
}

fn answer(mut stream: TcpStream, (all, failed): (u64, u64)) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut part = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => return Ok(()),
            read => request.extend_from_slice(&part[..read]),
        }
    }
    let body =
        format!("n_requests_total{{status=\"200\"}} {}\nn_requests_total{{status=\"500\"}} {failed}\n", all - failed);
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

/// A run with nothing but what counts decide, and not times: the comparison at its end.
fn without_times(mut run: ActionRun) -> ActionRun {
    let mut json: Value = serde_json::from_str(run.output("json")).unwrap();
    let compared = &mut json["canary"];
    if let Some(compared) = compared.as_object_mut() {
        compared.remove("seconds");
    }
    let compared = serde_json::to_string_pretty(compared).unwrap();
    run.outputs.retain(|name, _| name == "verdict" || name == "reason");
    run.outputs.insert("canary".into(), compared);
    run.summary.clear();
    run
}

#[test]
fn a_canary_beside_stable() {
    let run = both("a canary that is worse", |runner| {
        let (canary, stable) = (Process::start((1_000, 300)), Process::start((1_000, 10)));
        let work = Repository::new();
        let inputs =
            [("canary", canary.url.as_str()), ("stable", &stable.url), ("duration", "20s"), ("interval", "200ms")];
        without_times(run_action(runner, "rollback-gate", &inputs, &[], work.path()))
    });
    assert_eq!((run.code, run.output("verdict")), (1, "rollback"), "{}{}", run.stdout, run.stderr);
    assert!(run.output("canary").contains("\"against\""), "{}", run.output("canary"));
}

#[test]
fn recorded_counters_are_calibrated() {
    let series = (0..4).map(|place| {
        let (instance, status, grows) = (place / 2, ["200", "500"][place % 2], [1_485, 15][place % 2]);
        let values = (0..100).map(|point| format!("[{},\"{}\"]", 1_700_000_000 + point * 15, point * grows));
        let values = values.collect::<Vec<_>>().join(",");
        format!(
            "{{\"metric\":{{\"__name__\":\"n_requests_total\",\"instance\":\"{instance}\",\"status\":\"{status}\"}},\"values\":[{values}]}}"
        )
    });
    let series = series.collect::<Vec<_>>().join(",");
    let work = Repository::new();
    let history = format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}");
    work.write("history.json", history);
    let run = both("calibrate", |runner: Runner| {
        let inputs = [("mode", "calibrate"), ("calibrate-file", "history.json")];
        run_action(runner, "rollback-gate", &inputs, &[NOW], work.path())
    });
    assert!(run.code == 0 && run.summary.contains("is the least that keeps the budget of 1%"), "{}", run.summary);
}
