//! Reports of the pipeline as evidence, before a deployment.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;

use rollback_gate::RollbackGate;
use serde_json::Value;
use slipway_core::host::scripted::{Scripted, ScriptedHost};
use slipway_core::{ExitCode, driver};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
const JUNIT: &str = "<testsuites><testsuite><testcase classname='a' name='one'/><testcase classname='a' name='two'/></testsuite></testsuites>";
const LCOV: &str = "SF:a.rs\nLF:100\nLH:85\nend_of_record\n";
const SARIF: &str = r#"{"runs":[{"tool":{"driver":{"name":"Trivy","rules":[{"id":"CVE-1","properties":{"security-severity":"9.8"}}]}},
    "results":[{"ruleId":"CVE-1","level":"error"}]}]}"#;
const CLEAN: &str = r#"{"runs":[{"tool":{"driver":{"name":"Trivy"}},"results":[]}]}"#;

struct Said {
    code: ExitCode,
    json: Value,
    summary: String,
}

impl Said {
    fn told(&self) -> (ExitCode, &str, &str) {
        (
            self.code,
            self.json["verdict"].as_str().unwrap_or_default(),
            self.json["reason"].as_str().or(self.json["error"]["message"].as_str()).unwrap_or_default(),
        )
    }
}

fn host(files: &[(&str, &str)]) -> ScriptedHost {
    let host = ScriptedHost::new(&[
        ("GITHUB_OUTPUT", "/out"),
        ("GITHUB_STEP_SUMMARY", "/summary"),
        ("GITHUB_SHA", COMMIT),
        ("SLIPWAY_NOW", "2026-11-26T12:00:00.000Z"),
    ]);
    let host = host.file("/workspace/README.md", "# shop");
    files.iter().fold(host, |host, (name, content)| host.file(&format!("/workspace/{name}"), content))
}

fn run(host: &ScriptedHost, inputs: &[(&str, &str)]) -> Said {
    let flags: BTreeMap<String, String> =
        inputs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let code = ScriptedHost::block_on(driver::run::<RollbackGate, _>(host.clone(), flags)).unwrap();
    let written = host.content("/out").unwrap();
    let json = serde_json::from_str(written.lines().find(|line| line.starts_with('{')).unwrap()).unwrap();
    Said { code, json, summary: host.content("/summary").unwrap_or_default() }
}

/// Judges reports of this commit.
fn judge(files: &[(&str, &str)], evidence: &str) -> Said {
    run(&host(files), &[("evidence", evidence), ("evidence-commit", COMMIT)])
}

#[test]
fn reports_that_are_good_promote() {
    let files = [("reports/a.xml", JUNIT), ("reports/b.xml", JUNIT), ("lcov.info", LCOV), ("trivy.sarif", CLEAN)];
    let said = judge(
        &files,
        "junit reports/*.xml pass-rate >= 100%\ncoverage lcov.info >= 80%\nsarif trivy.sarif critical == 0",
    );
    assert_eq!(said.told(), (ExitCode::Done, "promote", "all 3 reports are good"));
    let evidence = &said.json["evidence"];
    assert_eq!((&evidence[0]["samples"], &evidence[0]["value"]), (&4.into(), &"100%".into()));
    assert_eq!((&evidence[1]["standing"], &evidence[1]["commit"]), (&"good".into(), &COMMIT.into()));
    assert!(
        said.summary.contains("| `coverage lcov.info >= 80%` | good | 85% | 100 | `0123456` |"),
        "{}",
        said.summary
    );
}

#[test]
fn what_fails_is_decisive() {
    let files = [("trivy.sarif", SARIF), ("lcov.info", LCOV)];
    let said = judge(&files, "coverage lcov.info >= 80%\nsarif trivy.sarif critical == 0\njunit missing.xml");
    assert_eq!(said.told(), (ExitCode::Refused, "rollback", "`sarif trivy.sarif critical == 0` fails: 1"));
    let said = judge(&files, "coverage lcov.info >= 90%");
    assert_eq!(said.told().2, "`coverage lcov.info >= 90%` fails: 85%");
}

#[test]
fn what_is_missing_empty_or_of_another_commit_is_a_hold() {
    let of_another = SARIF.replace(
        "\"results\"",
        "\"versionControlProvenance\":[{\"revisionId\":\"fedcba9876543210fedcba9876543210fedcba98\"}],\"results\"",
    );
    for (content, evidence, why) in [
        (None, "junit a.xml", "`a.xml` is not there"),
        (None, "junit reports/*.xml", "`reports/*.xml` is not there"),
        (Some(""), "junit a.xml", "`a.xml`: it is empty"),
        (Some(" \n"), "coverage a.xml >= 1%", "`a.xml`: it is empty"),
        (Some("<testsuites/>"), "junit a.xml", "it is empty: it has no test"),
        (Some("{\"runs\":[]}"), "sarif a.xml", "`a.xml`: it has no run of a tool"),
        (Some("{\"runs\":[{"), "sarif a.xml", "`a.xml`: it is cut off"),
        (Some(&of_another), "sarif a.xml", "it is of commit `fedcba9`, and `0123456` is judged"),
        (Some("[]"), "policy a.xml", "it is empty: it has no result"),
        (Some(LCOV), "coverage a.xml drop <= 1% base b.xml", "the base `b.xml`: it is not there"),
        (Some(SARIF), "sarif a.xml allow list", "the list `list`: it is not there"),
    ] {
        let files: Vec<(&str, &str)> = content.map(|content| ("a.xml", content)).into_iter().collect();
        let said = judge(&files, evidence);
        let (code, verdict, reason) = said.told();
        assert_eq!((code, verdict), (ExitCode::Refused, "hold"), "{evidence}: {reason}");
        assert!(reason.starts_with(&format!("`{evidence}` has no evidence: ")), "{reason}");
        assert!(reason.ends_with(why), "{reason}");
    }
    // One of several is as bad as none.
    let said = judge(&[("a.xml", JUNIT), ("b.xml", "<testsuites/>")], "junit *.xml");
    assert_eq!(said.told().2, "`junit *.xml` has no evidence: `b.xml`: it is empty: it has no test");
    // Nothing tells of which commit it is.
    let said = run(&host(&[("a.xml", JUNIT)]), &[("evidence", "junit a.xml")]);
    let why = "`junit a.xml` has no evidence: it does not tell of which commit it is: add `artifact` and its name, or state it in \
               `evidence-commit`";
    assert_eq!(said.told(), (ExitCode::Refused, "hold", why));
}

#[test]
fn what_is_accepted_for_a_while_passes_until_it_expires() {
    let line = "sarif trivy.sarif critical == 0 allow .trivy-allow";
    let said = judge(&[("trivy.sarif", SARIF), (".trivy-allow", "CVE-1 until 2026-11-26 no fix yet\n")], line);
    assert_eq!(said.told().1, "promote");
    let said = judge(&[("trivy.sarif", SARIF), (".trivy-allow", "CVE-1 until 2026-11-25 no fix yet\n")], line);
    assert_eq!(said.told().1, "rollback");
    assert_eq!(said.json["evidence"][0]["why"], "`CVE-1` was accepted until 2026-11-25 only");
    // A list that cannot be read accepts nothing, and nothing is sure.
    let said = judge(&[("trivy.sarif", SARIF), (".trivy-allow", "CVE-1\n")], line);
    assert_eq!(said.told().1, "hold");
}

#[test]
fn a_base_tells_what_is_worse() {
    let failing = JUNIT.replace("name='two'/>", "name='two'><failure/></testcase>");
    let line = "junit a.xml new-failures == 0 base main.xml";
    assert_eq!(judge(&[("a.xml", &failing), ("main.xml", &failing)], line).told().1, "promote");
    assert_eq!(judge(&[("a.xml", &failing), ("main.xml", JUNIT)], line).told().2, format!("`{line}` fails: 1"));
    let line = "coverage a.info drop <= 1% base main.info";
    let before = LCOV.replace("LH:85", "LH:87");
    assert_eq!(judge(&[("a.info", LCOV), ("main.info", &before)], line).told().2, format!("`{line}` fails: 2%"));
}

#[test]
fn a_hold_can_be_let_through() {
    let inputs = [("evidence", "junit a.xml"), ("fail-on", "rollback")];
    assert_eq!(run(&host(&[]), &inputs).told().0, ExitCode::Done);
    let failing = host(&[("lcov.info", LCOV)]);
    let inputs = [("evidence", "coverage lcov.info >= 90%"), ("fail-on", "rollback"), ("evidence-commit", COMMIT)];
    assert_eq!(run(&failing, &inputs).told().0, ExitCode::Refused);
    let inputs = [inputs[0], inputs[2], ("fail-on", "never")];
    let said = run(&failing, &inputs);
    assert_eq!((said.told().0, said.told().1), (ExitCode::Done, "rollback"));
}

#[test]
fn a_stated_commit_is_one() {
    for stated in ["é123456", "main", "0123"] {
        let said = run(&host(&[("a.xml", JUNIT)]), &[("evidence", "junit a.xml"), ("evidence-commit", stated)]);
        let message = said.json["error"]["message"].as_str().unwrap_or_default();
        assert!(said.code == ExitCode::Invalid && message.ends_with("is not a commit"), "{stated}: {message}");
    }
    // The beginning of one is enough.
    let said = run(&host(&[("a.xml", JUNIT)]), &[("evidence", "junit a.xml"), ("evidence-commit", &COMMIT[..7])]);
    assert_eq!(said.told().1, "promote");
}

#[test]
fn reports_stand_beside_a_watch() {
    let health = "https://shop.example/health";
    let inputs = [("checks", "health https://shop.example/health"), ("duration", "10s"), ("evidence-commit", COMMIT)];
    let watched = |host: ScriptedHost| (0..2).fold(host, |host, _| host.then(Scripted::Http("GET", health, 200, "")));
    let with = |evidence| [&inputs[..], &[("evidence", evidence)]].concat();
    let said = run(&watched(host(&[("a.info", LCOV)])), &with("coverage a.info >= 80%"));
    assert_eq!(said.told(), (ExitCode::Done, "promote", "the check was good for 10s; the report is good"));
    let said = run(&watched(host(&[])), &with("coverage a.info >= 80%"));
    assert_eq!(said.told().2, "`coverage a.info >= 80%` has no evidence: `a.info` is not there");
    // A report that fails needs no watch.
    let said = run(&host(&[("a.info", LCOV)]), &with("coverage a.info >= 90%"));
    assert_eq!((said.told().1, said.json["plan"]["looks"].as_array().unwrap().len()), ("rollback", 0));
}

#[test]
fn reports_alone_roll_nothing_back() {
    let inputs =
        [("evidence", "junit a.xml"), ("on-failure", "rollback"), ("environment", "production"), ("component", "shop")];
    let said = run(&host(&[]), &inputs);
    let message = said.json["error"]["message"].as_str().unwrap_or_default();
    assert!(said.code == ExitCode::Invalid && message.contains("there is nothing to roll back"), "{}", said.json);
    let said = run(&host(&[]), &[&inputs[..1], &inputs[2..]].concat());
    assert_eq!((said.told().1, &said.json["record-commit"]), ("hold", &"".into()));
    assert!(said.summary.contains("the service"), "{}", said.summary);
}
