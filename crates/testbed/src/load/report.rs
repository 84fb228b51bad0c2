//! What a load generator counted.

use std::collections::BTreeMap;
use std::time::Duration;

/// The answers of one second of the load.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Second {
    /// The requests that were due in it and are answered or failed.
    pub requests: u64,
    /// Those answered with a status of 500 or above.
    pub server_errors: u64,
    /// Those without a whole answer.
    pub transport_errors: u64,
}

/// The counts of a load; every request that ended is in exactly one of `by_status` and `transport_errors`.
#[derive(Clone, Debug, Default)]
pub struct LoadReport {
    /// Answers by status code.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests without a whole answer: refused, cut off, too late.
    pub transport_errors: u64,
    /// From when each answered request was due to the end of its answer, in the order of the answers.
    pub latencies: Vec<Duration>,
    /// Second by second, by when the requests were due.
    pub timeline: Vec<Second>,
}

impl LoadReport {
    /// All requests that ended.
    pub fn requests(&self) -> u64 {
        self.by_status.values().sum::<u64>() + self.transport_errors
    }

    /// Answers of one class: 2 for 200 to 299, and so on.
    pub fn class(&self, class: u16) -> u64 {
        self.by_status.range(class * 100..(class + 1) * 100).map(|(_, count)| count).sum()
    }

    /// Answers from 200 to 299.
    pub fn succeeded(&self) -> u64 {
        self.class(2)
    }

    /// Answers from 500 to 599.
    pub fn server_errors(&self) -> u64 {
        self.class(5)
    }

    /// The share of server and transport errors among all requests, from 0 to 1; 0 without requests.
    pub fn error_share(&self) -> f64 {
        let failed = self.server_errors() + self.transport_errors;
        failed as f64 / self.requests().max(1) as f64
    }

    /// The latency that the share `rank` (0.95 for p95) of the answers did not exceed; zero without answers.
    pub fn percentile(&self, rank: f64) -> Duration {
        let mut sorted = self.latencies.clone();
        sorted.sort_unstable();
        let index = (rank.clamp(0.0, 1.0) * sorted.len() as f64).ceil() as usize;
        sorted.get(index.max(1) - 1).copied().unwrap_or_default()
    }

    /// Counts a request that was due at `due` after the start; without a status it had no whole answer.
    pub(super) fn count(&mut self, due: Duration, latency: Duration, status: Option<u16>) {
        let index = due.as_secs() as usize;
        if self.timeline.len() <= index {
            self.timeline.resize(index + 1, Second::default());
        }
        let second = &mut self.timeline[index];
        second.requests += 1;
        if let Some(status) = status {
            *self.by_status.entry(status).or_default() += 1;
            self.latencies.push(latency);
            second.server_errors += u64::from(status >= 500);
        } else {
            self.transport_errors += 1;
            second.transport_errors += 1;
        }
    }

    /// Counts requests whose answers nobody waits for any more.
    pub(super) fn abandon(&mut self, requests: usize) {
        self.transport_errors += requests as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_answers_that_were_measured() {
        let mut report = LoadReport::default();
        assert_eq!(report.percentile(0.95), Duration::ZERO);
        for latency in (1..=20).rev() {
            report.count(Duration::ZERO, Duration::from_millis(latency), Some(200));
        }
        for (rank, expected) in [(0.0, 1), (0.5, 10), (0.95, 19), (0.951, 20), (1.0, 20)] {
            assert_eq!(report.percentile(rank), Duration::from_millis(expected), "{rank}");
        }
    }

    #[test]
    fn errors_stand_in_the_second_that_they_were_due() {
        let mut report = LoadReport::default();
        report.count(Duration::from_millis(2500), Duration::ZERO, Some(503));
        report.count(Duration::from_millis(100), Duration::ZERO, None);
        report.count(Duration::from_millis(2900), Duration::ZERO, Some(204));
        let second = |requests, server_errors, transport_errors| Second { requests, server_errors, transport_errors };
        assert_eq!(report.timeline, [second(1, 0, 1), second(0, 0, 0), second(2, 1, 0)]);
        assert_eq!((report.requests(), report.class(2), report.class(5)), (3, 1, 1));
        assert!((report.error_share() - 2.0 / 3.0).abs() < 1e-9);
    }
}
