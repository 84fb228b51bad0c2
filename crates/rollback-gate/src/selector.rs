//! Which series an input means: `name` or `name{label="value"}`.

use std::fmt;
use std::str::FromStr;

use slipway_core::{Error, ErrorKind, Result};

use crate::counters::Series;
use crate::exposition::Exposition;

/// A metric and what some of its labels must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Selector(Series);

impl Selector {
    /// The metric.
    pub(crate) fn metric(&self) -> &str {
        &self.0.name
    }

    /// Whether a series is meant, whatever other labels it has.
    pub(crate) fn selects(&self, series: &Series) -> bool {
        series.name == self.0.name && self.0.labels.iter().all(|(name, value)| series.label(name) == Some(value))
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || {
            Error::new(ErrorKind::InvalidInput, format!("`{text}` is not a metric"))
                .hint("write one such as `container_memory_working_set_bytes{container=\"shop\"}`")
        };
        // As a sample it would have a value.
        let sample = format!("{text} 0");
        let read = Exposition::parse(sample.as_bytes()).map_err(|_| wrong())?;
        match &read.samples[..] {
            [sample] if !text.contains(['\n', '#']) && (text.ends_with('}') || text == sample.name) => {
                Ok(Self(sample.into()))
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_names_a_metric_and_labels() {
        let series = |text: &str| text.parse::<Selector>().unwrap().0;
        for (selector, of, selects) in [
            ("m", "m", true),
            ("m", "m{a=\"1\"}", true),
            ("m{a=\"1\"}", "m{b=\"2\",a=\"1\"}", true),
            ("m{a=\"1\"}", "m{a=\"2\"}", false),
            ("m{a=\"1\"}", "m", false),
            ("m", "n", false),
        ] {
            assert_eq!(selector.parse::<Selector>().unwrap().selects(&series(of)), selects, "{selector} {of}");
        }
        assert_eq!("m{ a = \"\\\"}\" }".parse::<Selector>().unwrap().to_string(), "m{a=\"\\\"}\"}");
        for text in [
            "",
            "m n",
            "m{",
            "m{a=1}",
            "m{a=~\"x\"}",
            "m{} or vector(1)",
            "m{a=\"\"} or vector(1) or {x=\"\"}",
            "# m",
            "m 5",
        ] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }
}
