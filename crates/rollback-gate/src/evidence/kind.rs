//! What a kind of report is.

use serde_json::Value;

use super::allow::AllowList;
use super::report::Report;

/// A kind of report: a module with an entry in the table of `mod.rs`.
#[derive(Debug)]
pub(super) struct Kind {
    /// The word that a line begins with.
    pub(super) word: &'static str,
    /// An example, for hints.
    pub(super) form: &'static str,
    /// The condition where a line states none.
    pub(super) condition: Option<&'static str>,
    /// What can be compared; the first is meant where a line names none.
    pub(super) metrics: &'static [Metric],
    /// The count without which the report is empty, and what it counts.
    pub(super) samples: (&'static str, &'static str),
    /// Whether findings can be accepted for a while.
    pub(super) takes_allow: bool,
    pub(super) reading: Reading,
}

/// How a report is read.
#[derive(Debug)]
pub(super) enum Reading {
    /// At once, as JSON.
    Json(fn(&Value) -> Result<Report, String>),
    /// At once, as bytes.
    Whole(fn(&[u8]) -> Result<Report, String>),
    /// In pieces, however long it is.
    Pieces(fn() -> Box<dyn Pieces>),
}

/// A report that comes in pieces.
pub(super) trait Pieces {
    /// Takes in the next bytes.
    fn push(&mut self, piece: &[u8]) -> Result<(), String>;

    /// What it says, without what is accepted.
    fn finish(self: Box<Self>, allowed: &mut AllowList) -> Result<Report, String>;
}

/// Something that a report is compared by.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    pub(super) value: Source,
}

/// What a number is computed from; there is none if that is not there.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source {
    /// The sum of these counts.
    Counts(&'static [&'static str]),
    /// A peak.
    Peak(&'static str),
    /// The report as a whole.
    Report(fn(&Report) -> Option<f64>),
    /// The report and its base, which a line has to name.
    Base(fn(&Report, &Report) -> Option<f64>),
    /// The age of the newest thing that the report lists, in seconds.
    Age,
}

impl Metric {
    /// Whether it is compared with a base.
    pub(super) fn needs_base(&self) -> bool {
        matches!(self.value, Source::Base(_))
    }

    /// Its value, at a time in milliseconds since the Unix epoch.
    pub(super) fn of(&self, report: &Report, base: Option<&Report>, now: i64) -> Option<f64> {
        match self.value {
            Source::Counts(names) => Some(names.iter().map(|name| report.count(name)).sum()),
            Source::Peak(name) => report.peaks.get(name).copied(),
            Source::Report(value) => value(report),
            Source::Base(value) => value(report, base?),
            // Clocks differ: what is yet to come for a moment is new.
            Source::Age => Some(now.saturating_sub(report.latest?).max(0) as f64 / 1000.0),
        }
    }
}

/// What a number means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Unit {
    Count,
    /// 0 to 100.
    Percent,
    Seconds,
}

/// The findings of scanners.
pub(super) const SEVERITIES: &[Metric] = &[
    Metric { name: "critical", unit: Unit::Count, value: Source::Counts(&["critical"]) },
    Metric { name: "high", unit: Unit::Count, value: Source::Counts(&["critical", "high"]) },
    Metric { name: "medium", unit: Unit::Count, value: Source::Counts(&["critical", "high", "medium"]) },
    Metric {
        name: "findings",
        unit: Unit::Count,
        value: Source::Counts(&["critical", "high", "medium", "low", "unrated"]),
    },
];
