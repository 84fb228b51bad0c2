//! SonarQube's answer to `/api/qualitygates/project_status`.

use serde_json::Value;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::Report;

pub(super) const KIND: Kind = Kind {
    word: "sonarqube",
    form: "sonarqube quality-gate.json failed == 0",
    condition: Some("failed == 0"),
    metrics: &[Metric { name: "failed", unit: Unit::Count, value: Source::Counts(&["failed"]) }],
    samples: ("gates", "quality gate"),
    takes_allow: false,
    reading: Reading::Json(read),
};

fn read(answer: &Value) -> Result<Report, String> {
    let status = &answer["projectStatus"];
    let mut report = Report::default();
    match status["status"].as_str() {
        Some("OK") => {}
        Some("ERROR" | "WARN") => {
            let conditions = status["conditions"].as_array().into_iter().flatten();
            for condition in conditions.filter(|condition| condition["status"] == "ERROR") {
                let text = |key: &str| condition[key].as_str().unwrap_or_default().to_owned();
                report.add("failed", 1.0);
                report.notes.push(format!("`{}` is {}", text("metricKey"), text("actualValue")));
            }
            if report.count("failed") == 0.0 {
                report.add("failed", 1.0);
            }
        }
        Some("NONE") => return Err("no quality gate was computed".into()),
        _ => return Err("it has no `projectStatus`".into()),
    }
    report.add("gates", 1.0);
    report.made_of(answer["revision"].as_str().unwrap_or_default());
    Ok(report)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_status_is_read() {
        let answer = r#"{"projectStatus":{"status":"ERROR","conditions":[{"status":"ERROR","metricKey":"new_coverage","comparator":"LT",
            "errorThreshold":"85","actualValue":"82.5"},{"status":"OK","metricKey":"new_bugs","actualValue":"0"}],"ignoredConditions":false}}"#;
        let report = read(&serde_json::from_str(answer).unwrap()).unwrap();
        assert_eq!((report.count("failed"), report.notes), (1.0, vec!["`new_coverage` is 82.5".to_owned()]));
        assert_eq!(read(&json!({"projectStatus": {"status": "OK"}})).unwrap().count("failed"), 0.0);
        assert_eq!(read(&json!({"projectStatus": {"status": "NONE"}})).unwrap_err(), "no quality gate was computed");
        assert_eq!(read(&json!({"errors": [{"msg": "x"}]})).unwrap_err(), "it has no `projectStatus`");
    }
}
