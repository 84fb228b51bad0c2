//! Results of policies: what `conftest test --output json` prints, or what `opa eval --format json` does for a set of messages.

use serde_json::Value;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::Report;

pub(super) const KIND: Kind = Kind {
    word: "policy",
    form: "policy conftest.json failures == 0",
    condition: Some("failures == 0"),
    metrics: &[
        Metric { name: "failures", unit: Unit::Count, value: Source::Counts(&["failures"]) },
        Metric { name: "warnings", unit: Unit::Count, value: Source::Counts(&["warnings"]) },
    ],
    samples: ("results", "result"),
    takes_allow: false,
    reading: Reading::Json(read),
};

fn read(value: &Value) -> Result<Report, String> {
    let mut report = Report::default();
    if let Some(files) = value.as_array() {
        for file in files {
            let count = |key: &str| file[key].as_array().map_or(0, Vec::len) as f64;
            if file.get("successes").is_none() && file.get("failures").is_none() {
                return Err("it is no output of conftest".into());
            }
            report.add("failures", count("failures"));
            report.add("warnings", count("warnings"));
            // A file that no policy looked at passed nothing.
            report
                .add("results", file["successes"].as_f64().unwrap_or_default() + count("failures") + count("warnings"));
        }
        return Ok(report);
    }
    if let Some(errors) = value["errors"].as_array().filter(|errors| !errors.is_empty()) {
        return Err(format!("opa met {} errors", errors.len()));
    }
    let results = value["result"].as_array().ok_or("it is no output of conftest or opa")?;
    for expression in results.iter().flat_map(|result| result["expressions"].as_array().into_iter().flatten()) {
        report.add("results", 1.0);
        match &expression["value"] {
            Value::Bool(allowed) => report.add("failures", f64::from(u8::from(!allowed))),
            Value::Array(messages) => report.add("failures", messages.len() as f64),
            _ => return Err("an expression of opa is neither a boolean nor a set of messages".into()),
        }
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Result<(f64, f64, f64), String> {
        let value = serde_json::from_str(text).map_err(|error| error.to_string())?;
        read(&value).map(|report| (report.count("failures"), report.count("warnings"), report.count("results")))
    }

    #[test]
    fn both_tools_are_read() {
        let conftest = r#"[{"filename":"deploy.yaml","namespace":"main","successes":4,"failures":[{"msg":"runs as root"}],"warnings":[{"msg":"no limit"}]},
            {"filename":"service.yaml","namespace":"main","successes":5}]"#;
        assert_eq!(counts(conftest), Ok((1.0, 1.0, 11.0)));
        let opa = |value: &str| {
            format!("{{\"result\":[{{\"expressions\":[{{\"value\":{value},\"text\":\"data.main.deny\"}}]}}]}}")
        };
        assert_eq!(counts(&opa("[]")), Ok((0.0, 0.0, 1.0)));
        assert_eq!(counts(&opa("[\"no\",\"never\"]")), Ok((2.0, 0.0, 1.0)));
        assert_eq!(counts(&opa("false")), Ok((1.0, 0.0, 1.0)));
        // An undefined decision has no result, and is none.
        assert_eq!(counts("{\"result\":[]}"), Ok((0.0, 0.0, 0.0)));
        assert_eq!(counts("[]"), Ok((0.0, 0.0, 0.0)));
        for wrong in ["{}", "[{}]", "x", "{\"errors\":[{}]}"] {
            assert!(counts(wrong).is_err(), "{wrong}");
        }
    }
}
