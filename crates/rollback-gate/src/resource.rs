//! How much of a resource a process uses: of its container's limit, else of its node's total.
//!
//! A kind of resource is a table of [`Source`]s, in the module of its check. What is found is one usage a process; where two sources
//! or two series fit, a person has to choose.

use std::time::Duration;

use litemap::LiteMap;
use slipway_core::order;
use slipway_core::{Error, ErrorKind, Result};

use crate::counters::Series;
use crate::selector::Selector;
use crate::traffic::{Finding, Gap};

/// Limits above this are none: languages show the largest number there is where nothing limits them.
const UNLIMITED: f64 = 4e18;
/// The most series that are listed where several fit.
const LISTED: usize = 8;
/// File systems that hold no data, or whose size never changes.
const PSEUDO: [&str; 9] =
    ["tmpfs", "devtmpfs", "squashfs", "iso9660", "ramfs", "overlay", "nsfs", "rootfs", "fuse.lxcfs"];

/// Whose resource it is; the narrower comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Container,
    Process,
    Node,
}

/// What a metric of usage tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tells {
    /// A gauge of what is used.
    Used,
    /// A gauge of what is left.
    Free,
    /// A gauge of the share that is used, from 0 to 1.
    Share,
    /// A counter of seconds of processor time.
    Seconds,
    /// A counter of seconds by `mode`, `idle` among them.
    Idle,
}

impl Tells {
    /// Whether it is a counter.
    pub(crate) fn is_counter(self) -> bool {
        matches!(self, Self::Seconds | Self::Idle)
    }
}

/// Where a limit or a total is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Total {
    /// A gauge whose labels do not contradict those of the usage.
    Gauge(&'static str),
    /// One gauge divided by another.
    Quotient(&'static str, &'static str),
    /// A gauge with a label `resource` of this value.
    Resource(&'static str, &'static str),
    /// The number of processors that a counter is split by.
    Processors(&'static str),
}

/// A metric that tells a usage.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) scope: Scope,
    pub(crate) usage: &'static str,
    pub(crate) tells: Tells,
    /// A label that a series must have, if only some count.
    pub(crate) only: Option<(&'static str, &'static str)>,
    /// Labels over which series are summed.
    pub(crate) over: &'static [&'static str],
    /// Limits and totals, the limit of a container before the total of a node.
    pub(crate) totals: &'static [Total],
}

/// The input that gives a limit, and how it is read.
pub(crate) type LimitInput = (&'static str, fn(&str) -> Result<f64>);

/// What the checks of a resource know of it.
#[derive(Debug)]
pub(crate) struct Resource {
    /// The word of the check.
    pub(crate) word: &'static str,
    pub(crate) sources: &'static [Source],
    /// The input that names the usage.
    pub(crate) metric_input: &'static str,
    /// The input that gives the limit and how it is read, if there is one.
    pub(crate) limit_input: Option<LimitInput>,
}

/// What inputs say of a resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Choice {
    /// The usage that is meant.
    pub(crate) metric: Option<Selector>,
    /// The limit, in bytes or processors.
    pub(crate) limit: Option<f64>,
}

/// How much of a resource a process uses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Usage {
    /// From 0 on; none if that takes another look.
    pub(crate) share: Option<f64>,
    /// What it was read from.
    pub(crate) read: String,
}

/// The samples of one process.
#[derive(Debug)]
pub(crate) struct Samples<'a> {
    pub(crate) gauges: Vec<(&'a Series, f64)>,
    /// What counters grew by.
    pub(crate) increases: LiteMap<&'a Series, f64>,
    pub(crate) window: Duration,
}

impl Resource {
    /// The metrics that tell its use.
    pub(crate) fn usages(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.sources.iter().map(|source| source.usage)
    }

    /// Whether a metric is read as a counter, and whether it is read at all.
    pub(crate) fn wants(&self, metric: &str) -> Option<bool> {
        self.sources.iter().find_map(|source| {
            if source.usage == metric {
                return Some(source.tells.is_counter());
            }
            let is_total = source.totals.iter().any(|total| match total {
                Total::Gauge(name) | Total::Resource(name, _) => *name == metric,
                Total::Quotient(one, other) => *one == metric || *other == metric,
                Total::Processors(_) => false,
            });
            if is_total {
                return Some(false);
            }
            source
                .totals
                .iter()
                .any(|total| matches!(total, Total::Processors(name) if *name == metric))
                .then_some(true)
        })
    }

    /// The one usage that a process tells.
    pub(crate) fn find(&self, samples: &Samples<'_>, choice: &Choice) -> Finding<Usage> {
        let mut without_total = None;
        for scope in [Scope::Container, Scope::Process, Scope::Node] {
            let mut usages: Vec<Usage> = Vec::new();
            for source in self.sources.iter().filter(|source| source.scope == scope) {
                for (labels, series) in source.groups(samples, choice.metric.as_ref()) {
                    let limit = choice.limit.filter(|_| source.scope != Scope::Node);
                    match source.read(&labels, &series, samples, limit) {
                        Some(usage) => usages.push(usage),
                        None => without_total = Some(source.usage),
                    }
                }
            }
            match &usages[..] {
                [] => {}
                [usage] => return Ok(usage.clone()),
                several => return Err(self.unclear(several)),
            }
        }
        Err(Gap::Missing(match without_total {
            Some(metric) => format!("`{metric}` is there, but neither a limit nor a total to compare it with"),
            None => format!("no target tells its {}", self.word),
        }))
    }

    fn unclear(&self, several: &[Usage]) -> Gap {
        let mut listed: Vec<String> = several.iter().take(LISTED).map(|usage| format!("`{}`", usage.read)).collect();
        if several.len() > LISTED {
            listed.push(format!("and {} more", several.len() - LISTED));
        }
        let message = format!("more than one metric tells the {}: {}", self.word, listed.join(", "));
        Gap::Unclear(Error::new(ErrorKind::AmbiguousMatch, message).hint(format!(
            "name the one that is meant in the input `{}`, with a label such as `{{container=\"shop\"}}` where that tells them apart",
            self.metric_input
        )))
    }

    /// The error where nothing is told at all.
    pub(crate) fn missing(&self, why: &str) -> Error {
        let error = Error::new(ErrorKind::NotFound, format!("`{}` cannot be judged: {why}", self.word));
        let limit =
            self.limit_input.map_or(String::new(), |(input, _)| format!(", or say the limit in the input `{input}`"));
        error.hint(format!("list an address in `metrics-url` that tells it, such as a node exporter{limit}"))
    }
}

type Labels<'a> = Vec<(&'a str, &'a str)>;
type Group<'a> = Vec<(&'a Series, f64)>;

impl Source {
    /// The series of the usage, those together that are summed.
    fn groups<'a>(&self, samples: &Samples<'a>, named: Option<&Selector>) -> LiteMap<Labels<'a>, Group<'a>> {
        let all: Group<'a> = match self.tells.is_counter() {
            true => samples.increases.iter().map(|(series, value)| (*series, *value)).collect(),
            false => samples.gauges.clone(),
        };
        let is_meant = |series: &Series| {
            series.name == self.usage
                && named.is_none_or(|named| named.selects(series))
                && self.only.is_none_or(|(label, value)| series.label(label) == Some(value))
                && !series.label("fstype").is_some_and(|kind| PSEUDO.contains(&kind))
        };
        let meant: Group<'a> = all.into_iter().filter(|(series, _)| is_meant(series)).collect();
        // A cgroup of all containers of a pod stands beside theirs.
        let is_container =
            |series: &Series| series.label("container").is_some_and(|name| !name.is_empty() && name != "POD");
        let has_containers = meant.iter().any(|(series, _)| is_container(series));
        let mut groups: LiteMap<Labels<'a>, Group<'a>> = LiteMap::new();
        for (series, value) in meant.into_iter().filter(|(series, _)| !has_containers || is_container(series)) {
            groups.entry(self.kept(series)).or_default().push((series, value));
        }
        groups
    }

    fn kept<'a>(&self, series: &'a Series) -> Labels<'a> {
        let labels = series.labels.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        labels.filter(|(name, _)| !self.over.contains(name)).collect()
    }

    fn read(&self, labels: &Labels<'_>, group: &Group<'_>, samples: &Samples<'_>, limit: Option<f64>) -> Option<Usage> {
        let sum = |chosen: &dyn Fn(&Series) -> bool| {
            group.iter().filter(|(series, _)| chosen(series)).fold(0.0, |sum, (_, value)| sum + value)
        };
        let used = sum(&|_| true);
        let shown = || {
            let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Series { name: self.usage.into(), labels }.to_string()
        };
        let seconds = samples.window.as_secs_f64();
        if matches!(self.tells, Tells::Share | Tells::Idle) {
            let share = match self.tells {
                Tells::Share => Some(used),
                _ => (used > 0.0).then(|| 1.0 - sum(&|series| series.label("mode") == Some("idle")) / used),
            };
            return Some(Usage { share, read: shown() });
        }
        let (total, told) = match limit {
            Some(limit) => (limit, limit.to_string()),
            None => self.totals.iter().find_map(|total| self.total(*total, labels, samples))?,
        };
        let share = match self.tells {
            Tells::Free => Some(1.0 - used / total),
            Tells::Seconds => (seconds > 0.0).then(|| used / seconds / total),
            _ => Some(used / total),
        };
        Some(Usage { share, read: format!("{} / {told}", shown()) })
    }

    fn total(&self, total: Total, labels: &Labels<'_>, samples: &Samples<'_>) -> Option<(f64, String)> {
        let agrees =
            |series: &Series| labels.iter().all(|(name, value)| series.label(name).is_none_or(|found| found == *value));
        let gauge = |metric: &str, resource: Option<&str>| {
            let fitting = samples.gauges.iter().filter(|(series, value)| {
                let is_it = series.name == metric && resource.is_none_or(|kind| series.label("resource") == Some(kind));
                is_it && agrees(series) && *value > 0.0 && *value < UNLIMITED
            });
            let (sum, count) = fitting.fold((0.0, 0), |(sum, count), (_, value)| (sum + value, count + 1));
            (count == 1 || (count > 1 && !self.over.is_empty())).then_some(sum)
        };
        match total {
            Total::Gauge(metric) => Some((gauge(metric, None)?, metric.into())),
            Total::Resource(metric, kind) => {
                Some((gauge(metric, Some(kind))?, format!("{metric}{{resource=\"{kind}\"}}")))
            }
            Total::Quotient(one, other) => {
                Some((gauge(one, None)? / gauge(other, None)?, format!("({one} / {other})")))
            }
            Total::Processors(metric) => {
                let series = samples.increases.keys().filter(|series| series.name == metric);
                let processors = order::set(series.filter_map(|series| series.label("cpu"))).len();
                (processors > 0).then(|| (processors as f64, format!("the processors of {metric}")))
            }
        }
    }
}
