//! Gauges as one process showed them last.

use crate::counters::Series;
use crate::exposition::Exposition;

/// The gauges of one scrape.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Gauges(Vec<(Series, f64)>);

impl Gauges {
    /// Takes those from a scrape that are wanted by name. What is no finite number is left out: it says nothing.
    pub(crate) fn read(scrape: &Exposition<'_>, wanted: impl Fn(&str) -> bool) -> Self {
        let samples = scrape.samples.iter().filter(|sample| sample.value.is_finite() && wanted(sample.name));
        Self(samples.map(|sample| (sample.into(), sample.value)).collect())
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Series, f64)> {
        self.0.iter().map(|(series, value)| (series, *value))
    }
}
