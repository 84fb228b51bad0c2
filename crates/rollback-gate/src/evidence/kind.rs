//! What a kind of report is.

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
    pub(super) reading: Reading,
}

/// How a report is read.
#[derive(Debug)]
pub(super) enum Reading {
    /// At once.
    Whole(fn(&[u8]) -> Result<Report, String>),
    /// In pieces, however long it is.
    Pieces(fn() -> Box<dyn Pieces>),
}

/// A report that comes in pieces.
pub(super) trait Pieces {
    /// Takes in the next bytes.
    fn push(&mut self, piece: &[u8], allowed: &mut AllowList) -> Result<(), String>;

    /// What it says.
    fn finish(self: Box<Self>) -> Result<Report, String>;
}

/// Something that a report is compared by.
#[derive(Debug)]
pub(super) struct Metric {
    pub(super) name: &'static str,
    pub(super) unit: Unit,
    /// From the report, and from its base where one is named; none if there is nothing to compute it from.
    pub(super) value: fn(&Report, Option<&Report>) -> Option<f64>,
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
    Metric { name: "critical", unit: Unit::Count, value: |report, _| Some(report.count("critical")) },
    Metric {
        name: "high",
        unit: Unit::Count,
        value: |report, _| Some(report.count("critical") + report.count("high")),
    },
    Metric {
        name: "medium",
        unit: Unit::Count,
        value: |report, _| Some(report.count("critical") + report.count("high") + report.count("medium")),
    },
    Metric {
        name: "findings",
        unit: Unit::Count,
        value: |report, _| {
            Some(["critical", "high", "medium", "low", "unrated"].iter().map(|name| report.count(name)).sum())
        },
    },
];
