//! Checks: one line of the input `checks` each. A kind of check is a module with an entry in [`KINDS`].

mod alarm;
mod argocd;
mod cloudwatch;
mod command;
mod container;
mod cpu;
mod disk;
mod error_rate;
mod grammar;
mod health;
mod json;
mod latency;
mod literal;
mod memory;
mod observation;
mod path;
mod pods;
mod preset;
mod query;
mod restarts;
mod slo;
mod slo_query;
mod sorts;
#[cfg(test)]
mod tests;
mod throughput;
mod uptime;
mod usage;
mod version;

pub(crate) use observation::{Observation, Standing, Time};
pub(crate) use preset::{PRESET, Preset, complete};
pub(crate) use sorts::{Answer, Asked, Deployed, Inquiry, Measurement, Probe, Reads, Test, measure};
pub(crate) use uptime::Falls;

use std::str::FromStr;

use slipway_core::{Error, Result};

use crate::endpoint::without_secrets;
use crate::errors::unknown;
use crate::resource::Resource;

/// Every resource whose use a check reads.
pub(crate) static RESOURCES: [&Resource; 3] = [&cpu::RESOURCE, &memory::RESOURCE, &disk::RESOURCE];

/// Every kind of check.
const KINDS: [Kind; 22] = [
    health::KIND,
    version::KIND,
    uptime::KIND,
    json::KIND,
    error_rate::KIND,
    latency::P50,
    latency::P90,
    latency::P95,
    latency::P99,
    throughput::KIND,
    cpu::KIND,
    memory::KIND,
    disk::KIND,
    restarts::KIND,
    slo::KIND,
    query::KIND,
    argocd::KIND,
    container::KIND,
    pods::KIND,
    cloudwatch::KIND,
    alarm::KIND,
    command::KIND,
];

/// A kind of check: the word it begins with and how the rest is read.
struct Kind {
    word: &'static str,
    /// An example, for hints.
    form: &'static str,
    parse: fn(&str) -> Result<Test>,
}

/// A check as its author wrote it, and what it does.
#[derive(Debug)]
pub(crate) struct Check {
    /// Its line in its normal form, which is how it is shown and recorded: an address in it has no query.
    pub(crate) text: String,
    pub(crate) test: Test,
}

impl Check {
    /// The number that it is held against, if it is one.
    pub(crate) fn bound(&self) -> Option<f64> {
        match &self.test {
            Test::Probe(_) => None,
            Test::Measurement(measurement) => measurement.bound(),
            Test::Inquiry(inquiry) => inquiry.bound(),
        }
    }

    /// The share of failed requests that it is held against, if it is one.
    pub(crate) fn failed_share(&self) -> Option<f64> {
        match &self.test {
            Test::Measurement(measurement) => measurement.failed_share(),
            Test::Probe(_) | Test::Inquiry(_) => None,
        }
    }

    /// The word that it begins with.
    pub(crate) fn word(&self) -> &str {
        self.text.split(' ').next().unwrap_or_default()
    }
}

impl FromStr for Check {
    type Err = Error;

    fn from_str(line: &str) -> Result<Self> {
        let end = line.find(|c: char| c.is_whitespace() || "<>=!".contains(c)).unwrap_or(line.len());
        let (word, rest) = line.split_at(end);
        let kind = KINDS.iter().find(|kind| kind.word == word).ok_or_else(|| {
            let known = KINDS.map(|kind| (kind.word, kind.form));
            unknown(format!("`{}` is not a check", shown(line)), word, &known)
        })?;
        let test = (kind.parse)(rest.trim()).map_err(|error| {
            error.context(format!("`{}`", shown(line))).or_hint(&format_args!("write `{}`", kind.form))
        })?;
        let text = match &test {
            Test::Probe(probe) => probe.to_string(),
            Test::Measurement(measurement) => measurement.to_string(),
            Test::Inquiry(inquiry) => inquiry.to_string(),
        };
        Ok(Self { text, test })
    }
}

/// The line as it may be shown, though its address was refused.
fn shown(line: &str) -> String {
    line.split_whitespace().map(without_secrets).collect::<Vec<_>>().join(" ")
}
