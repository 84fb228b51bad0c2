//! Raw counters as a Prometheus server recorded them: every sample since the last look, so that what restarts in between is seen.

use std::time::Duration;

use super::history::{Answer, ByTime, arrange};
use crate::check::Asked;
use crate::counters::Counters;
use crate::exposition::Exposition;
use crate::provider::prometheus;
use crate::traffic::Names;

/// How far back is asked at least: a server takes a while to scrape again.
const LEAST: Duration = Duration::from_secs(5 * 60);
/// How far beyond the last look.
const MARGIN: Duration = Duration::from_secs(60);

/// Counters that are asked for by a selector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    /// Such as `http_requests_total{version="1.5.0"}`.
    pub(super) selector: String,
    /// The days before, at the same hour; none for now.
    pub(super) days: &'static [u8],
}

impl Query {
    /// The queries for the samples of the time since the last look.
    pub(crate) fn texts(&self, since: Duration) -> Vec<String> {
        let seconds = (since + MARGIN).max(LEAST).as_secs();
        let text = |offset: String| format!("{}[{seconds}s]{offset}", self.selector);
        match self.days {
            [] => vec![text(String::new())],
            days => days.iter().map(|days| text(format!(" offset {days}d"))).collect(),
        }
    }
}

/// The samples that were counted.
#[derive(Debug, Default)]
pub(super) struct Recorded {
    /// The processes with the time of their newest sample, in milliseconds.
    processes: Vec<(String, u64)>,
    /// Whether counting began.
    has_begun: bool,
}

impl Recorded {
    /// Takes in what the server answers to each query; tells whether there is something new in it. Of the first answers only the newest
    /// samples count: there counting begins.
    ///
    /// # Errors
    /// Why it is no evidence, for people.
    pub(super) fn observe(
        &mut self,
        counters: &mut Counters,
        answers: &[&Asked],
        names: &Names,
    ) -> Result<bool, String> {
        let mut is_new = false;
        for (place, answer) in answers.iter().enumerate() {
            let answer = answer.as_ref().map_err(Clone::clone)?;
            let read: Result<Answer, _> = serde_json::from_slice(&answer.body);
            let recorded = match read {
                Ok(read) if answer.status == 200 && read.data.result_type == "matrix" => read.data.result,
                _ => return Err(complaint(answer.status, &answer.body)),
            };
            for (process, samples) in arrange(&recorded, names).map_err(|error| error.to_string())? {
                is_new |= self.count(counters, format!("{place} {process}"), samples, names)?;
            }
        }
        if self.processes.is_empty() {
            return Err("the query found no counters".into());
        }
        self.has_begun = true;
        Ok(is_new)
    }

    fn count(
        &mut self,
        counters: &mut Counters,
        process: String,
        samples: ByTime<'_>,
        names: &Names,
    ) -> Result<bool, String> {
        let place = self.processes.iter().position(|(known, _)| *known == process).unwrap_or_else(|| {
            // One that came later has grown from zero, but when it began nobody knows.
            let newest = samples.iter().next_back().map(|(time, _)| *time).unwrap_or_default();
            let before = if self.has_begun { 0 } else { newest.saturating_sub(1) };
            self.processes.push((process, before));
            self.processes.len() - 1
        });
        let known = self.processes[place].1;
        let mut is_new = false;
        for (time, samples) in samples.into_iter().filter(|(time, _)| *time > known) {
            let scrape = Exposition { samples, ..Exposition::default() };
            counters.observe(place, Duration::from_millis(time), &scrape, |name| names.wants(name))?;
            self.processes[place].1 = time;
            is_new = true;
        }
        Ok(is_new)
    }
}

/// What the server has to say instead of counters.
fn complaint(status: u16, body: &[u8]) -> String {
    match prometheus::complaint(&serde_json::from_slice(body).unwrap_or_default()) {
        Some(complaint) => format!("Prometheus says: {complaint}"),
        None => format!("status {status}, and no raw samples"),
    }
}

/// Refuses what is no selector of raw counters.
pub(super) fn check_selector(text: &str) -> slipway_core::Result<()> {
    // What stands in quotes may be anything.
    let outside: Vec<&str> = text.split('"').step_by(2).collect();
    let is_computed = outside.iter().any(|part| part.contains(['(', '[', ')', ']']) || part.contains(" offset "));
    let is_selector = text.ends_with('}') || text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
    if is_computed || !is_selector {
        return Err(crate::errors::invalid(format!("`{text}` is no selector of raw counters"))
            .hint("write one such as `http_requests_total{version=\"1.5.0\"}`, without `rate` or a range"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Answer as Body;
    use crate::traffic::Traffic;

    /// An answer with the counter of processes: `name time=value …`.
    fn answer(processes: &[&str]) -> Asked {
        let series = processes.iter().map(|process| {
            let mut words = process.split(' ');
            let name = words.next().unwrap();
            let values =
                words.map(|word| word.split_once('=').unwrap()).map(|(time, value)| format!("[{time},\"{value}\"]"));
            let values = values.collect::<Vec<_>>().join(",");
            let labels = format!("\"__name__\":\"http_requests_total\",\"status\":\"200\",\"instance\":\"{name}\"");
            format!("{{\"metric\":{{{labels}}},\"values\":[{values}]}}")
        });
        let series = series.collect::<Vec<_>>().join(",");
        let body = format!("{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{series}]}}}}");
        Ok(Body { status: 200, body: body.into_bytes() })
    }

    #[test]
    fn every_sample_counts_once() {
        let (mut recorded, mut counters, names) = (Recorded::default(), Counters::default(), Names::default());
        for (processes, is_new, all) in [
            // What was before the first look does not count.
            (&["a 10=500 25=600", "b 11=50 26=60"][..], true, 0.0),
            (&["a 10=500 25=600", "b 11=50 26=60"], false, 0.0),
            (&["a 25=600 40=610", "b 26=60"], true, 10.0),
            // It restarted between two looks, which a look at the newest sample alone would not show.
            (&["a 25=600 40=610 55=5 70=700", "b 26=60 71=61"], true, 711.0),
            // One that is gone keeps what it counted; one that comes is counted from its first sample on.
            (&["b 71=61", "c 80=7 95=9"], true, 713.0),
        ] {
            let asked = answer(processes);
            assert_eq!(recorded.observe(&mut counters, &[&asked], &names), Ok(is_new), "{processes:?}");
            assert_eq!(Traffic::read(&counters, &names).requests.unwrap().all, all, "{processes:?}");
        }
    }

    #[test]
    fn what_is_no_evidence_says_why() {
        let error = |status, body: &str| Ok(Body { status, body: body.as_bytes().into() });
        for (asked, why) in [
            (Err("refused".into()), "refused"),
            (error(400, "{\"status\":\"error\",\"error\":\"parse error\"}"), "Prometheus says: parse error"),
            (error(503, "<html>"), "status 503, and no raw samples"),
            (error(200, "{\"data\":{\"resultType\":\"vector\",\"result\":[]}}"), "status 200, and no raw samples"),
            (answer(&[]), "the query found no counters"),
            (answer(&["a 1=NaN"]), "`http_requests_total` has the value NaN, which no counter has"),
        ] {
            let observed = Recorded::default().observe(&mut Counters::default(), &[&asked], &Names::default());
            assert_eq!(observed.unwrap_err(), why);
        }
    }

    #[test]
    fn queries_are_for_raw_samples() {
        let query = |days| Query { selector: "n{a=\"b\"}".into(), days };
        assert_eq!(query(&[]).texts(Duration::ZERO), ["n{a=\"b\"}[300s]"]);
        assert_eq!(
            query(&[1, 7]).texts(Duration::from_secs(600)),
            ["n{a=\"b\"}[660s] offset 1d", "n{a=\"b\"}[660s] offset 7d"]
        );
        for (text, is_fine) in [
            ("n", true),
            ("n{path=\"/a(b)\"}", true),
            ("{job=\"shop\"}", true),
            ("rate(n[1m])", false),
            ("n[5m]", false),
            ("n{a=\"b\"} offset 1d", false),
            ("sum(n{a=\"b\"})", false),
        ] {
            assert_eq!(check_selector(text).is_ok(), is_fine, "{text}");
        }
    }
}
