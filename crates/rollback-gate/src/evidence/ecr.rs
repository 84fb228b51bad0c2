//! What `aws ecr describe-image-scan-findings` prints.

use serde_json::Value;

use super::kind::{Kind, Reading, SEVERITIES};
use super::report::Report;

pub(super) const KIND: Kind = Kind {
    word: "ecr",
    form: "ecr scan-findings.json critical == 0",
    condition: Some("critical == 0"),
    metrics: SEVERITIES,
    samples: ("scans", "scan"),
    takes_allow: false,
    reading: Reading::Json(read),
};

/// What Amazon calls severities, and what they count as.
const NAMES: [(&str, &str); 6] = [
    ("CRITICAL", "critical"),
    ("HIGH", "high"),
    ("MEDIUM", "medium"),
    ("LOW", "low"),
    ("INFORMATIONAL", "unrated"),
    ("UNDEFINED", "unrated"),
];

fn read(answer: &Value) -> Result<Report, String> {
    let status = answer["imageScanStatus"]["status"].as_str().unwrap_or_default();
    if !matches!(status, "COMPLETE" | "ACTIVE") {
        return Err(format!("the scan's status is `{status}`"));
    }
    let counts = answer["imageScanFindings"]["findingSeverityCounts"].as_object();
    let counts = counts.ok_or("it has no `findingSeverityCounts`")?;
    let mut report = Report::default();
    for (severity, count) in counts {
        let name = NAMES.iter().find(|(name, _)| name == severity).map_or("critical", |(_, name)| name);
        report.add(name, count.as_f64().ok_or("a count is no number")?);
    }
    report.add("scans", 1.0);
    // The CLI prints times as RFC 3339 or, in its first version, as seconds.
    match &answer["imageScanFindings"]["imageScanCompletedAt"] {
        Value::Number(seconds) => report.made = seconds.as_f64().map(|seconds| (seconds * 1000.0) as i64),
        time => report.made_at(time.as_str().unwrap_or_default()),
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read_of_scans_that_are_complete() {
        let answer = r#"{"imageScanFindings":{"findings":[],"imageScanCompletedAt":1795694400.0,"findingSeverityCounts":{"CRITICAL":1,"HIGH":2,"UNDEFINED":4}},
            "registryId":"1","repositoryName":"shop","imageId":{"imageTag":"1.5.0"},"imageScanStatus":{"status":"COMPLETE"}}"#;
        let report = read(&serde_json::from_str(answer).unwrap()).unwrap();
        assert_eq!((report.count("critical"), report.count("high"), report.count("unrated")), (1.0, 2.0, 4.0));
        assert_eq!(report.made, Some(1_795_694_400_000));
        let pending = answer.replace("COMPLETE", "IN_PROGRESS");
        assert_eq!(read(&serde_json::from_str(&pending).unwrap()).unwrap_err(), "the scan's status is `IN_PROGRESS`");
        assert!(read(&serde_json::json!({"imageScanStatus": {"status": "COMPLETE"}})).is_err());
    }
}
