//! TruffleHog's JSON lines: secrets that were found. No finding is no line, so that an empty file says as much as a scanner that did not
//! run; the last line of TruffleHog's log, which it writes beside the findings with `--json`, tells them apart.

use serde_json::Value;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::Report;

pub(super) const KIND: Kind = Kind {
    word: "trufflehog",
    form: "trufflehog secrets.jsonl verified == 0",
    condition: Some("findings == 0"),
    metrics: &[
        Metric { name: "findings", unit: Unit::Count, value: Source::Counts(&["findings"]) },
        Metric { name: "verified", unit: Unit::Count, value: Source::Counts(&["verified"]) },
    ],
    samples: ("lines", "line"),
    takes_allow: false,
    reading: Reading::Whole(read),
};

fn read(text: &[u8]) -> Result<Report, String> {
    let text = std::str::from_utf8(text).map_err(|_| "it is not UTF-8".to_owned())?;
    let mut report = Report::default();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value: Value =
            serde_json::from_str(line).map_err(|error| format!("line {} is not JSON: {error}", number + 1))?;
        if value.get("DetectorName").is_some() {
            report.add("findings", 1.0);
            report.add("verified", f64::from(u8::from(value["Verified"] == true)));
        } else if value["msg"] != "finished scanning" && value.get("level").is_none() {
            return Err(format!("line {} is neither a finding nor of the log", number + 1));
        } else if let Some(time) = value["ts"].as_str().filter(|_| value["msg"] == "finished scanning") {
            report.made_at(time);
        }
        report.add("lines", 1.0);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_and_the_log_are_told_apart() {
        let finished = r#"{"level":"info-0","ts":"2026-11-26T12:00:00Z","logger":"trufflehog","msg":"finished scanning","chunks":9,"verified_secrets":1}"#;
        let finding = r#"{"SourceMetadata":{"Data":{"Git":{"commit":"abc","file":"a.env","line":3}}},"SourceName":"trufflehog - git","DetectorType":2,"DetectorName":"AWS","Verified":true,"Raw":"AKIA","Redacted":"AKIA"}"#;
        let unverified = finding.replace("true", "false");
        let report = read(format!("{finding}\n{unverified}\n{finished}\n").as_bytes()).unwrap();
        assert_eq!((report.count("findings"), report.count("verified"), report.count("lines")), (2.0, 1.0, 3.0));
        assert_eq!(read(finished.as_bytes()).unwrap().count("findings"), 0.0);
        assert_eq!(read(b"\n").unwrap().count("lines"), 0.0);
        assert!(read(b"{\"a\":1}").is_err() && read(b"trufflehog: not found").is_err());
    }
}
