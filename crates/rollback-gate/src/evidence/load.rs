//! Load tests: what `k6 run --summary-export` and `artillery run --output` write.

use serde_json::Value;

use super::kind::{Kind, Metric, Reading, Source, Unit};
use super::report::Report;

pub(super) const KIND: Kind = Kind {
    word: "load",
    form: "load summary.json p95 < 2s",
    condition: None,
    metrics: &[
        Metric { name: "p95", unit: Unit::Seconds, value: Source::Peak("p95") },
        Metric { name: "p99", unit: Unit::Seconds, value: Source::Peak("p99") },
        Metric { name: "error-rate", unit: Unit::Percent, value: Source::Report(error_rate) },
    ],
    samples: ("requests", "request"),
    takes_allow: false,
    reading: Reading::Json(read),
};

fn error_rate(report: &Report) -> Option<f64> {
    let requests = report.count("requests");
    (requests > 0.0).then(|| 100.0 * report.count("failed") / requests)
}

fn read(value: &Value) -> Result<Report, String> {
    if value.get("aggregate").is_some() {
        artillery(&value["aggregate"])
    } else if value.get("metrics").is_some() {
        k6(&value["metrics"])
    } else {
        Err("it is neither of k6 nor of Artillery".into())
    }
}

/// `handleSummary` puts the numbers below `values`, `--summary-export` does not; times are milliseconds.
fn k6(metrics: &Value) -> Result<Report, String> {
    let number = |metric: &str, key: &str| {
        let metric = &metrics[metric];
        metric["values"][key].as_f64().or_else(|| metric[key].as_f64())
    };
    let mut report = Report::default();
    let requests = number("http_reqs", "count").ok_or("it has no `http_reqs`")?;
    let failed = number("http_req_failed", "rate").or_else(|| number("http_req_failed", "value"));
    report.add("requests", requests);
    report.add("failed", failed.ok_or("it has no `http_req_failed`")? * requests);
    for (name, key) in [("p95", "p(95)"), ("p99", "p(99)")] {
        if let Some(milliseconds) = number("http_req_duration", key) {
            report.peaks.insert(name, milliseconds / 1000.0);
        }
    }
    Ok(report)
}

fn artillery(aggregate: &Value) -> Result<Report, String> {
    let counters = aggregate["counters"].as_object().ok_or("it has no `counters`")?;
    let count = |name: &str| counters.get(name).and_then(Value::as_f64).unwrap_or_default();
    let mut report = Report::default();
    report.add("requests", count("http.requests"));
    // Answers of the server's fault, and requests without an answer.
    let failed = counters.iter().filter(|(name, _)| name.starts_with("http.codes.5") || name.starts_with("errors."));
    report.add("failed", failed.filter_map(|(_, count)| count.as_f64()).fold(0.0, |sum, count| sum + count));
    let times = &aggregate["summaries"]["http.response_time"];
    for name in ["p95", "p99"] {
        if let Some(milliseconds) = times[name].as_f64() {
            report.peaks.insert(name, milliseconds / 1000.0);
        }
    }
    if let Some(last) = aggregate["lastMetricAt"].as_f64().or_else(|| aggregate["lastCounterAt"].as_f64()) {
        report.made = Some(last as i64);
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_tools_are_read() {
        let exported = r#"{"metrics":{"http_reqs":{"count":2000,"rate":33.3},"http_req_failed":{"passes":20,"fails":1980,"value":0.01},
            "http_req_duration":{"avg":120.5,"p(90)":200,"p(95)":250.5}}}"#;
        let handled = r#"{"metrics":{"http_reqs":{"type":"counter","values":{"count":2000,"rate":33.3}},"http_req_failed":{"values":{"rate":0.01}},
            "http_req_duration":{"values":{"p(95)":250.5}}}}"#;
        let artillery = r#"{"aggregate":{"counters":{"http.requests":2000,"http.codes.200":1980,"http.codes.503":15,"errors.ETIMEDOUT":5},
            "summaries":{"http.response_time":{"p95":250.5,"p99":300.1}},"lastMetricAt":1795694400000},"intermediate":[]}"#;
        for text in [exported, handled, artillery] {
            let report = read(&serde_json::from_str(text).unwrap()).unwrap();
            assert_eq!(
                (report.count("requests"), error_rate(&report), report.peaks[&"p95"]),
                (2000.0, Some(1.0), 0.2505)
            );
        }
        for (text, why) in [
            ("{}", "it is neither of k6 nor of Artillery"),
            ("{\"metrics\":{}}", "it has no `http_reqs`"),
            ("{\"metrics\":{\"http_reqs\":{\"count\":5}}}", "it has no `http_req_failed`"),
            ("{\"aggregate\":{}}", "it has no `counters`"),
        ] {
            assert_eq!(read(&serde_json::from_str(text).unwrap()).unwrap_err(), why);
        }
    }
}
