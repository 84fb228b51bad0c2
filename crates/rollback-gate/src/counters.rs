//! Raw counters, differenced between scrapes: how much each grew since the first scrape, whatever restarted meanwhile.
//!
//! `rate()` and `increase()` of a monitoring system extrapolate; these are the counts themselves.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use litemap::LiteMap;
use slipway_core::order;

use crate::exposition::{Exposition, Sample};

/// The metric of every Prometheus client that tells when its process started, in Unix seconds.
const START_TIME: &str = "process_start_time_seconds";
/// Some exporters compute the start time anew at every scrape, so it wavers a little.
const START_TIME_TOLERANCE: f64 = 1.0;

/// How often counters may go back without a start time that explains it.
const RESETS: u32 = 2;

/// A metric with its labels, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) labels: Vec<(String, String)>,
}

impl fmt::Display for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for (place, (name, value)) in self.labels.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            write!(f, "{}{name}=\"{value}\"", if place == 0 { '{' } else { ',' })?;
        }
        f.write_str(if self.labels.is_empty() { "" } else { "}" })
    }
}

impl From<&Sample<'_>> for Series {
    fn from(sample: &Sample<'_>) -> Self {
        let labels = sample.labels.iter().map(|(name, value)| ((*name).to_owned(), value.as_ref().to_owned()));
        let mut labels: Vec<(String, String)> = labels.collect();
        order::sort(&mut labels);
        Self { name: sample.name.into(), labels }
    }
}

impl Series {
    /// The value of a label.
    pub(crate) fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The counters of all targets.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    targets: LiteMap<usize, Target>,
    /// What the targets say of their metrics' types.
    types: LiteMap<String, String>,
}

/// The counters of one scraped process.
#[derive(Debug)]
pub(crate) struct Target {
    first: Duration,
    latest: Duration,
    started: Option<f64>,
    restarts: u32,
    is_mixed: bool,
    series: BTreeMap<Series, Count>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Count {
    first: f64,
    latest: f64,
    increase: f64,
}

impl Counters {
    /// Takes in a scrape of a target at a time since the gate's start. The first one of a target is where counting starts: a series
    /// that appears later has grown from zero. `wanted` picks the series by name, among them only counters.
    ///
    /// # Errors
    /// Why the scrape is no evidence, for people.
    pub(crate) fn observe(
        &mut self,
        target: usize,
        at: Duration,
        scrape: &Exposition<'_>,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<(), String> {
        let current = read(scrape, wanted)?;
        let started = started(scrape);
        for (name, kind) in &scrape.types {
            self.types.insert((*name).to_owned(), (*kind).to_owned());
        }
        let Some(target) = self.targets.get_mut(&target) else {
            let first = |(series, latest)| (series, Count { first: latest, latest, increase: 0.0 });
            let series = order::map(current.into_iter().map(first));
            let first = Target { first: at, latest: at, started, restarts: 0, is_mixed: false, series };
            self.targets.insert(target, first);
            return Ok(());
        };
        target.advance(at, started, current);
        if target.is_mixed {
            return Err("the answers come from more than one process: list each one in `metrics-url`".into());
        }
        Ok(())
    }

    /// How much each series grew, summed over the targets.
    pub(crate) fn increases(&self) -> LiteMap<&Series, f64> {
        self.sums(&|count| count.increase)
    }

    /// What each series showed at the first scrape, summed over the targets: all that was counted before.
    pub(crate) fn firsts(&self) -> LiteMap<&Series, f64> {
        self.sums(&|count| count.first)
    }

    fn sums(&self, of: &dyn Fn(&Count) -> f64) -> LiteMap<&Series, f64> {
        let mut sums = LiteMap::new();
        for (series, count) in self.targets.values().flat_map(|target| &target.series) {
            *sums.entry(series).or_insert(0.0) += of(count);
        }
        sums
    }

    /// Each process that was scraped, with its number.
    pub(crate) fn each(&self) -> impl Iterator<Item = (usize, &Target)> {
        self.targets.iter().map(|(number, target)| (*number, target))
    }

    /// What each series shows, summed over the targets: all since the processes started.
    pub(crate) fn levels(&self) -> LiteMap<&Series, f64> {
        self.sums(&|count| count.latest)
    }

    /// The names of all series.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        order::set(self.targets.values().flat_map(|target| target.series.keys()).map(|series| series.name.as_str()))
    }

    /// What a `# TYPE` line says of a metric.
    pub(crate) fn kind(&self, metric: &str) -> Option<&str> {
        self.types.get(metric).map(String::as_str)
    }

    /// What `# TYPE` lines say of all metrics.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = (&str, &str)> {
        self.types.iter().map(|(metric, kind)| (metric.as_str(), kind.as_str()))
    }

    /// The time that the counts cover: from the first scrape of any target to the latest.
    pub(crate) fn window(&self) -> Duration {
        let first = self.targets.values().map(|target| target.first).min().unwrap_or_default();
        let latest = self.targets.values().map(|target| target.latest).max().unwrap_or_default();
        latest.saturating_sub(first)
    }

    /// How often a target started anew.
    pub(crate) fn restarts(&self) -> u32 {
        self.targets.values().map(|target| target.restarts).sum()
    }

    /// Whether any target was scraped.
    pub(crate) fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }
}

impl Target {
    /// How much each series grew.
    pub(crate) fn increases(&self) -> LiteMap<&Series, f64> {
        let mut increases = LiteMap::new();
        for (series, count) in &self.series {
            increases.insert(series, count.increase);
        }
        increases
    }

    /// The time from the first scrape to the latest.
    pub(crate) fn window(&self) -> Duration {
        self.latest.saturating_sub(self.first)
    }

    /// When the process started, in Unix seconds, if it tells.
    pub(crate) fn started(&self) -> Option<f64> {
        self.started
    }

    fn advance(&mut self, at: Duration, started: Option<f64>, current: BTreeMap<Series, f64>) {
        let moved = self.started.zip(started).map_or(0.0, |(before, now)| now - before);
        self.is_mixed |= moved < -START_TIME_TOLERANCE;
        let restarted = match started {
            Some(_) => moved > START_TIME_TOLERANCE,
            // Without a start time a restart shows by a counter that went back; the others of its process went back as well.
            None => current.iter().any(|(series, value)| self.series.get(series).is_some_and(|c| *value < c.latest)),
        };
        if restarted {
            self.restarts += 1;
            self.is_mixed |= started.is_none() && self.restarts > RESETS;
            self.series.values_mut().for_each(|count| count.latest = 0.0);
        }
        for (series, value) in current {
            let count = self.series.entry(series).or_default();
            // A counter that went back although nothing restarted was reset on its own.
            count.increase += if value < count.latest { value } else { value - count.latest };
            count.latest = value;
        }
        self.started = started.or(self.started);
        self.latest = at;
    }
}

/// When the process behind a scrape started, in Unix seconds, if it tells.
pub(crate) fn started(scrape: &Exposition<'_>) -> Option<f64> {
    scrape.samples.iter().find(|sample| sample.name == START_TIME).map(|sample| sample.value)
}

fn read(scrape: &Exposition<'_>, wanted: impl Fn(&str) -> bool) -> Result<BTreeMap<Series, f64>, String> {
    let mut current = BTreeMap::new();
    for sample in scrape.samples.iter().filter(|sample| wanted(sample.name)) {
        if !sample.value.is_finite() || sample.value < 0.0 {
            return Err(format!("`{}` has the value {}, which no counter has", sample.name, sample.value));
        }
        if current.insert(Series::from(sample), sample.value).is_some() {
            return Err(format!("`{}` has two samples with the same labels", sample.name));
        }
    }
    Ok(current)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn observe(counters: &mut Counters, target: usize, text: &str) -> Result<(), String> {
        let at = Duration::from_secs(counters.targets.values().map(|target| target.latest.as_secs()).sum::<u64>() + 1);
        counters.observe(target, at, &Exposition::parse(text.as_bytes()).unwrap(), |name| name == "n")
    }

    /// What the scrapes of one target, separated by `|`, sum up to.
    fn increase(scrapes: &str) -> f64 {
        let mut counters = Counters::default();
        for scrape in scrapes.split('|') {
            observe(&mut counters, 0, &scrape.replace(';', "\n")).unwrap();
        }
        counters.increases().values().sum()
    }

    #[test]
    fn increases_survive_restarts() {
        for (scrapes, expected) in [
            ("n 5", 0.0),
            ("n 5|n 5", 0.0),
            ("n 5|n 8|n 8|n 10", 5.0),
            // A series that was not there when its target was has grown from zero.
            ("up 1|n 3", 3.0),
            ("n{s=\"200\"} 7|n{s=\"200\"} 8;n{s=\"500\"} 2", 3.0),
            // A reset is seen by a counter that went back, and then all of them started anew.
            ("n 5|n 2", 2.0),
            ("n{s=\"200\"} 90;n{s=\"500\"} 5|n{s=\"200\"} 10;n{s=\"500\"} 6", 16.0),
            // A start time tells a restart that the counters do not show.
            ("process_start_time_seconds 100;n 5|process_start_time_seconds 200;n 9", 9.0),
            ("process_start_time_seconds 100;n 5|process_start_time_seconds 100.4;n 9", 4.0),
            // A series that a restart took away and that comes back was zero in between.
            ("process_start_time_seconds 1;n 5|process_start_time_seconds 9|process_start_time_seconds 9;n 6", 6.0),
            ("n 5|up 1|n 6", 1.0),
            ("other 1|other 2", 0.0),
        ] {
            assert_eq!(increase(scrapes), expected, "{scrapes}");
        }
    }

    #[test]
    fn counters_that_go_back_again_and_again_are_several_processes() {
        let mut counters = Counters::default();
        for text in ["n 1000", "n 1500", "n 1000", "n 1500", "n 1000", "n 1500"] {
            observe(&mut counters, 0, text).unwrap();
        }
        assert!(observe(&mut counters, 0, "n 1000").unwrap_err().contains("more than one process"));
    }

    #[test]
    fn targets_are_summed() {
        let mut counters = Counters::default();
        for (target, text) in [(0, "n{b=\"1\",a=\"2\"} 10"), (1, "n{a=\"2\",b=\"1\"} 90"), (0, "n{a=\"2\",b=\"1\"} 11")]
        {
            observe(&mut counters, target, text).unwrap();
        }
        observe(&mut counters, 1, "n{b=\"1\",a=\"2\"} 3").unwrap();
        assert_eq!(counters.increases().values().copied().collect::<Vec<_>>(), [4.0]);
        assert_eq!((counters.restarts(), counters.window()), (1, Duration::from_secs(6)));
    }

    #[test]
    fn what_is_no_evidence_is_refused() {
        for (text, why) in [
            ("n NaN", "`n` has the value NaN, which no counter has"),
            ("n +Inf", "`n` has the value inf, which no counter has"),
            ("n -1", "`n` has the value -1, which no counter has"),
            ("n 1e400", "`n` has the value inf, which no counter has"),
            ("n{a=\"1\"} 1\nn{a=\"1\"} 1", "`n` has two samples with the same labels"),
        ] {
            assert_eq!(observe(&mut Counters::default(), 0, text).unwrap_err(), why);
        }
        let mut counters = Counters::default();
        for started in ["300", "500"] {
            observe(&mut counters, 0, &format!("process_start_time_seconds {started}\nn 1")).unwrap();
        }
        for started in ["300", "500"] {
            let mixed = observe(&mut counters, 0, &format!("process_start_time_seconds {started}\nn 1")).unwrap_err();
            assert!(mixed.contains("more than one process"), "{mixed}");
        }
    }
}
