//! JUnit XML: tests that passed and failed.

use quick_xml::events::Event;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::Report;
use super::xml::{attribute, events};

pub(super) const KIND: Kind = Kind {
    word: "junit",
    form: "junit reports/*.xml pass-rate >= 100%",
    condition: Some("pass-rate >= 100%"),
    metrics: &[
        Metric { name: "pass-rate", unit: Unit::Percent, value: Source::Report(share) },
        Metric { name: "failed", unit: Unit::Count, value: Source::Counts(&["failed"]) },
        Metric {
            name: "new-failures",
            unit: Unit::Count,
            value: Source::Base(|report, base| Some(new_failures(report, base))),
        },
        Metric { name: "tests", unit: Unit::Count, value: Source::Counts(&["tests"]) },
    ],
    samples: ("tests", "test"),
    takes_allow: false,
    reading: Reading::Whole(read),
};

/// Skipped tests passed nothing.
fn share(report: &Report) -> Option<f64> {
    let tests = report.count("tests");
    (tests > 0.0).then(|| 100.0 * (tests - report.count("failed")) / tests)
}

fn new_failures(report: &Report, base: &Report) -> f64 {
    report.failed.iter().filter(|name| !base.failed.contains(name)).count() as f64
}

fn read(text: &[u8]) -> Result<Report, String> {
    let mut report = Report::default();
    let mut case: Option<(String, bool, bool)> = None;
    let mut is_junit = false;
    events(text, &mut |event| {
        match event {
            Event::Start(element) | Event::Empty(element) => match element.local_name().as_ref() {
                "testsuites" | "testsuite" => {
                    is_junit = true;
                    if let Some(time) = attribute(element, "timestamp") {
                        report.made_at(&time);
                    }
                }
                "testcase" => {
                    let name = |key| attribute(element, key).unwrap_or_default();
                    case = Some((format!("{} {}", name("classname"), name("name")), false, false));
                }
                "failure" | "error" => case.iter_mut().for_each(|(_, failed, _)| *failed = true),
                "skipped" => case.iter_mut().for_each(|(_, _, skipped)| *skipped = true),
                "property" if attribute(element, "name").is_some_and(|name| is_commit_property(&name)) => {
                    report.made_of(&attribute(element, "value").unwrap_or_default());
                }
                _ => {}
            },
            _ => {}
        }
        let ends_case = match event {
            Event::Empty(element) => element.local_name().as_ref() == "testcase",
            Event::End(element) => element.local_name().as_ref() == "testcase",
            _ => false,
        };
        if ends_case && let Some((name, failed, skipped)) = case.take() {
            if failed {
                report.add("failed", 1.0);
                report.failed.push(name);
            }
            report.add(if skipped && !failed { "skipped" } else { "tests" }, 1.0);
        }
    })?;
    if is_junit { Ok(report) } else { Err("it has no `testsuite`".into()) }
}

fn is_commit_property(name: &str) -> bool {
    matches!(name, "commit" | "git.commit" | "git_commit" | "GITHUB_SHA" | "vcs.revision" | "revision")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passed_failed_and_skipped_tests_are_told_apart() {
        let text = br#"<?xml version="1.0" encoding="utf-8"?><testsuites tests="4">
            <testsuite name="pytest" errors="0" failures="1" tests="4" timestamp="2026-11-26T12:00:00.000000+00:00">
            <properties><property name="git.commit" value="0123456789abcdef0123456789abcdef01234567"/></properties>
            <testcase classname="t.a" name="one" time="0.1"/><testcase classname="t.a" name="two"><failure message="&lt;no&gt;">x</failure></testcase>
            <testcase classname="t.a" name="three"><skipped type="pytest.skip"/></testcase>
            <testcase classname="t.a" name="four"><system-out><![CDATA[<failure>]]></system-out></testcase></testsuite></testsuites>"#;
        let report = read(text).unwrap();
        assert_eq!((report.count("tests"), report.count("failed"), report.count("skipped")), (3.0, 1.0, 1.0));
        assert_eq!(report.failed, ["t.a two"]);
        assert_eq!(report.commits, ["0123456789abcdef0123456789abcdef01234567"]);
        assert_eq!(report.made, Some(1_795_694_400_000));
        let base = Report { failed: vec!["t.a two".into()], ..Report::default() };
        assert_eq!((new_failures(&report, &base), new_failures(&report, &Report::default())), (0.0, 1.0));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (text, why) in [
            ("<html><body/></html>", "it has no `testsuite`"),
            ("<testsuite><testcase name='x'>", "it is cut off"),
            ("", "it has no `testsuite`"),
        ] {
            assert_eq!(read(text.as_bytes()).unwrap_err(), why);
        }
        assert_eq!(share(&read(b"<testsuite/>").unwrap()), None);
    }
}
