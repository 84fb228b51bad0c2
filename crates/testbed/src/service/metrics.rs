//! The service's `/metrics`, in the Prometheus text exposition format 0.0.4.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

/// Upper bounds in seconds: the defaults of the Prometheus client libraries.
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What was counted since the start.
#[derive(Default)]
pub(super) struct Metrics {
    requests: BTreeMap<(String, u16), u64>,
    buckets: [u64; BUCKETS.len()],
    seconds: f64,
    observations: u64,
}

impl Metrics {
    /// Counts one answered request.
    pub(super) fn observe(&mut self, method: &str, status: u16, duration: Duration) {
        *self.requests.entry((method.to_owned(), status)).or_default() += 1;
        let seconds = duration.as_secs_f64();
        for (bucket, bound) in self.buckets.iter_mut().zip(BUCKETS) {
            if seconds <= bound {
                *bucket += 1;
            }
        }
        self.seconds += seconds;
        self.observations += 1;
    }

    /// The text of a scrape; `started` is the Unix time of the start in seconds.
    pub(super) fn render(&self, version: &str, started: f64) -> String {
        let mut text = String::new();
        self.write(&mut text, version, started).expect("writing to a string never fails");
        text
    }

    fn write(&self, text: &mut String, version: &str, started: f64) -> std::fmt::Result {
        writeln!(text, "# HELP http_requests_total Requests answered, by method and status.")?;
        writeln!(text, "# TYPE http_requests_total counter")?;
        for ((method, status), count) in &self.requests {
            writeln!(text, "http_requests_total{{method=\"{method}\",status=\"{status}\"}} {count}")?;
        }
        writeln!(text, "# HELP http_request_duration_seconds Time to answer a request.")?;
        writeln!(text, "# TYPE http_request_duration_seconds histogram")?;
        for (bound, count) in BUCKETS.iter().zip(self.buckets) {
            writeln!(text, "http_request_duration_seconds_bucket{{le=\"{bound}\"}} {count}")?;
        }
        writeln!(text, "http_request_duration_seconds_bucket{{le=\"+Inf\"}} {}", self.observations)?;
        writeln!(text, "http_request_duration_seconds_sum {}", self.seconds)?;
        writeln!(text, "http_request_duration_seconds_count {}", self.observations)?;
        writeln!(text, "# HELP process_start_time_seconds Start of the process, Unix time in seconds.")?;
        writeln!(text, "# TYPE process_start_time_seconds gauge")?;
        writeln!(text, "process_start_time_seconds {started:.3}")?;
        writeln!(text, "# HELP build_info The version that runs.")?;
        writeln!(text, "# TYPE build_info gauge")?;
        let version = version.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n");
        writeln!(text, "build_info{{version=\"{version}\"}} 1")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_labels_are_escaped() {
        let mut metrics = Metrics::default();
        metrics.observe("GET", 200, Duration::from_millis(5));
        metrics.observe("GET", 200, Duration::from_millis(30));
        metrics.observe("GET", 500, Duration::from_secs(20));
        let text = metrics.render("1\"\\\n", 1.5);
        for line in [
            "http_requests_total{method=\"GET\",status=\"200\"} 2",
            "http_requests_total{method=\"GET\",status=\"500\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.005\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.025\"} 1",
            "http_request_duration_seconds_bucket{le=\"0.05\"} 2",
            "http_request_duration_seconds_bucket{le=\"1\"} 2",
            "http_request_duration_seconds_bucket{le=\"10\"} 2",
            "http_request_duration_seconds_bucket{le=\"+Inf\"} 3",
            "http_request_duration_seconds_count 3",
            "process_start_time_seconds 1.500",
            r#"build_info{version="1\"\\\n"} 1"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }
}
