//! Taking in the scrapes of a look: what the processes counted since the release is in service, each and all together.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::Duration;

use litemap::LiteMap;
use slipway_core::text::quoted;
use slipway_core::{Error, ErrorKind, order};

use crate::check::{Asked, Check, Reads, Test};
use crate::counters::{Counters, Series, started};
use crate::endpoint::Endpoint;
use crate::exposition::Exposition;
use crate::gauges::Gauges;
use crate::inputs::Inputs;
use crate::moved;
use crate::resource::{Choice, Resource, Samples, Usage};
use crate::traffic::{Finding, Found, Gap, Traffic};

/// The counter of Kubernetes that knows of every restart.
pub(crate) const RESTARTS: &str = "kube_pod_container_status_restarts_total";
/// The input that picks a container of it.
const RESTARTS_METRIC: &str = "restarts-metric";

/// The answers of one target: one for each of its addresses, if it is a name that has several.
pub(crate) type Scrape = Vec<(Option<IpAddr>, Asked)>;

/// What the processes tell beside their traffic.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vitals {
    /// The traffic of each, by its name, if there are several.
    pub(crate) processes: Vec<(String, Traffic)>,
    /// The use of resources, by the word of the check, for each process that tells it.
    pub(crate) usages: LiteMap<&'static str, Finding<Vec<(String, Usage)>>>,
    /// How often a process was started anew.
    pub(crate) restarts: Option<Finding<u32>>,
    /// Requests and errors at every look so far.
    pub(crate) past: Rc<Vec<Point>>,
    /// Requests and errors since the processes started, and how long ago that was.
    pub(crate) lifetime: Option<Point>,
}

/// Requests and errors up to a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) at: Duration,
    pub(crate) all: f64,
    pub(crate) errors: f64,
}

/// The scraped processes.
#[derive(Debug)]
pub(crate) struct Scraper<'a> {
    inputs: &'a Inputs,
    targets: &'a [Endpoint],
    reads: Vec<Reads>,
    counters: Counters,
    processes: LiteMap<(usize, Option<IpAddr>), usize>,
    names: LiteMap<usize, String>,
    gauges: LiteMap<usize, Gauges>,
    past: Rc<Vec<Point>>,
}

impl<'a> Scraper<'a> {
    /// Begins without a scrape.
    pub(crate) fn new(inputs: &'a Inputs, checks: &[Check], targets: &'a [Endpoint]) -> Self {
        let reads = checks.iter().filter_map(|check| match &check.test {
            Test::Measurement(measurement) => Some(measurement.reads()),
            Test::Probe(_) | Test::Inquiry(_) => None,
        });
        Self {
            inputs,
            targets,
            reads: reads.collect(),
            counters: Counters::default(),
            processes: LiteMap::new(),
            names: LiteMap::new(),
            gauges: LiteMap::new(),
            past: Rc::default(),
        }
    }

    /// Forgets what was counted so far: it was the doing of the version before.
    pub(crate) fn forget(&mut self) {
        self.counters = Counters::default();
        self.past = Rc::default();
    }

    /// What moved most since the first scrape.
    pub(crate) fn moved(&self, found: &Found) -> Option<String> {
        moved::since_first(found, &self.counters)
    }

    /// Takes in what the targets answered at a time since the gate's start; `now` is in Unix seconds. Gives what was counted, if anything
    /// ever was, and why a scrape of now is no evidence.
    pub(crate) fn read(&mut self, at: Duration, now: f64, scrapes: &[Scrape]) -> (Option<Traffic>, Option<String>) {
        let mut unread = None;
        self.gauges.clear();
        for (target, (endpoint, scrape)) in self.targets.iter().zip(scrapes).enumerate() {
            let mut seen = Vec::new();
            for (address, answer) in scrape {
                let name = || address.map_or(endpoint.to_string(), |address| format!("{endpoint} at {address}"));
                let read = answer.as_ref().map_err(Clone::clone).and_then(|answer| Exposition::parse(&answer.body));
                let read = read.and_then(|exposition| {
                    let started = started(&exposition);
                    // Several addresses of a load balancer can lead to one process, which would count as often.
                    if started.is_some() && address.is_some() && seen.contains(&started) {
                        return Ok(());
                    }
                    seen.push(started);
                    let next = self.processes.len();
                    let process = *self.processes.entry((target, *address)).or_insert(next);
                    self.names.entry(process).or_insert_with(name);
                    self.take(process, at, &exposition)
                });
                if let Err(why) = read {
                    unread.get_or_insert(format!("{}: {why}", name()));
                }
            }
        }
        if self.counters.is_empty() {
            return (None, unread);
        }
        let mut traffic = Traffic::read(&self.counters, &self.inputs.names);
        if self.reads.iter().any(|reads| matches!(reads, Reads::Past))
            && let Ok((all, errors)) = totals(&traffic)
        {
            Rc::make_mut(&mut self.past).push(Point { at, all, errors });
        }
        self.reads.iter().for_each(|reads| self.add(*reads, now, &mut traffic));
        traffic.missing.clone_from(&unread);
        (Some(traffic), unread)
    }

    /// Works out what a measurement reads.
    fn add(&self, reads: Reads, now: f64, traffic: &mut Traffic) {
        let Traffic { vitals, found, .. } = traffic;
        match reads {
            Reads::Sums => {}
            Reads::Processes if vitals.processes.is_empty() => vitals.processes = self.each(),
            Reads::Processes => {}
            Reads::Resource(resource) => {
                let usages = self.usages(resource);
                if let Ok(usages) = &usages {
                    let read = order::set(usages.iter().map(|(_, usage)| usage.read.as_str()));
                    found.resources.insert(resource.word, read.into_iter().collect::<Vec<_>>().join(", "));
                }
                vitals.usages.insert(resource.word, usages);
            }
            Reads::Restarts => vitals.restarts = Some(self.restarts()),
            Reads::Past => {
                vitals.past = Rc::clone(&self.past);
                vitals.lifetime = self.lifetime(now);
            }
        }
    }

    fn take(&mut self, process: usize, at: Duration, exposition: &Exposition<'_>) -> Result<(), String> {
        let names = &self.inputs.names;
        let wanted = |metric: &str| {
            self.reads.iter().find_map(|reads| match reads {
                Reads::Resource(resource) => resource.wants(metric),
                Reads::Restarts => (metric == RESTARTS).then_some(true),
                Reads::Sums | Reads::Processes | Reads::Past => None,
            })
        };
        self.gauges.insert(process, Gauges::read(exposition, |metric| wanted(metric) == Some(false)));
        self.counters.observe(process, at, exposition, |metric| names.wants(metric) || wanted(metric) == Some(true))
    }

    fn name(&self, process: usize) -> String {
        self.names.get(&process).cloned().unwrap_or_default()
    }

    /// What each process counted, if there are several.
    fn each(&self) -> Vec<(String, Traffic)> {
        let several = self.counters.each().nth(1).is_some();
        let each = self.counters.each().filter(|_| several);
        each.map(|(process, target)| (self.name(process), Traffic::of_one(&self.counters, target, &self.inputs.names)))
            .collect()
    }

    /// What the processes that could be read now use of a resource.
    fn usages(&self, resource: &Resource) -> Finding<Vec<(String, Usage)>> {
        let nothing = Choice::default();
        let choice = self.inputs.choices.get(resource.word).unwrap_or(&nothing);
        let mut usages = Vec::new();
        let mut missing: Option<Gap> = None;
        for (process, target) in self.counters.each() {
            let Some(gauges) = self.gauges.get(&process) else { continue };
            let samples =
                Samples { gauges: gauges.all().collect(), increases: target.increases(), window: target.window() };
            match resource.find(&samples, choice) {
                Ok(usage) => usages.push((self.name(process), usage)),
                Err(Gap::Missing(why)) => missing = Some(missing.unwrap_or(Gap::Missing(why))),
                Err(unclear) => return Err(unclear),
            }
        }
        match (usages.is_empty(), missing) {
            (true, Some(Gap::Missing(why))) => Err(Gap::Unclear(resource.missing(&why))),
            (true, _) => Err(Gap::Missing("nothing was scraped".into())),
            (false, _) => Ok(usages),
        }
    }

    fn restarts(&self) -> Finding<u32> {
        let named = self.inputs.choices.get("restarts").and_then(|choice| choice.metric.as_ref());
        let increases = self.counters.increases();
        let told = increases
            .iter()
            .filter(|(series, _)| series.name == RESTARTS && named.is_none_or(|named| named.selects(series)));
        let told: Vec<(&Series, f64)> = told.map(|(series, increase)| (*series, *increase)).collect();
        let containers = order::set(told.iter().filter_map(|(series, _)| series.label("container")));
        if containers.len() > 1 {
            let containers = quoted(&mut containers.into_iter().take(8));
            let message = format!("`{RESTARTS}` tells of more than one container: {containers}");
            let hint = format!(
                "name the one that is meant in the input `{RESTARTS_METRIC}`, such as `{RESTARTS}{{container=\"shop\"}}`"
            );
            return Err(Gap::Unclear(Error::new(ErrorKind::AmbiguousMatch, message).hint(hint)));
        }
        let own = match told.is_empty() {
            true => self.counters.each().all(|(_, target)| target.started().is_some()),
            false => false,
        };
        match (told.is_empty(), own) {
            (false, _) => Ok(told.iter().fold(0.0, |sum, (_, increase)| sum + increase) as u32),
            (true, true) => Ok(self.counters.restarts()),
            // What was seen is certain, but there may be more.
            (true, false) if self.counters.restarts() > 0 => Ok(self.counters.restarts()),
            (true, false) => Err(Gap::Missing(format!(
                "not every target tells when its process started: neither `process_start_time_seconds` nor `{RESTARTS}` is there"
            ))),
        }
    }

    /// What was counted since the first of the processes started.
    fn lifetime(&self, now: f64) -> Option<Point> {
        let started = self.counters.each().filter_map(|(_, target)| target.started());
        let first = started
            .fold(None, |first: Option<f64>, started| Some(first.map_or(started, |first| first.min(started))))?;
        let (all, errors) = totals(&Traffic::history(&self.counters, &self.inputs.names)).ok()?;
        let at = Duration::try_from_secs_f64(now - first).ok()?;
        Some(Point { at, all, errors })
    }
}

fn totals(traffic: &Traffic) -> Finding<(f64, f64)> {
    let requests = traffic.requests.as_ref().map_err(Clone::clone)?;
    Ok((requests.all, requests.errors.clone()?))
}
