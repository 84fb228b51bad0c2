//! The sorts of check: one asks the service at each look, one reads what it counted, one asks somebody else about it.

use std::fmt;

use http::Response;
use slipway_core::Result;

use super::observation::{Observation, Standing};
use crate::ask::Asks;
use crate::endpoint::Endpoint;
use crate::lineage::{Lineage, Revision};
use crate::provider::Surroundings;
use crate::resource::Resource;
use crate::traffic::{Found, Traffic};

/// The sorts of check.
#[derive(Debug)]
pub(crate) enum Test {
    /// Asks an address at each look.
    Probe(Box<dyn Probe>),
    /// Reads what was counted since the first look.
    Measurement(Box<dyn Measurement>),
    /// Asks somebody else about the service at each look.
    Inquiry(Box<dyn Inquiry>),
}

impl Test {
    /// Whether it can judge only if the config repository says what is deployed.
    pub(crate) fn needs_release(&self) -> bool {
        match self {
            Self::Probe(probe) => probe.needs_release(),
            Self::Inquiry(inquiry) => inquiry.needs_release(),
            Self::Measurement(_) => false,
        }
    }

    /// Whether it tells when the release is in service.
    pub(crate) fn tells_arrival(&self) -> bool {
        match self {
            Self::Probe(probe) => probe.tells_arrival(),
            Self::Inquiry(inquiry) => inquiry.tells_arrival(),
            Self::Measurement(_) => false,
        }
    }
}

/// A check that asks an address.
pub(crate) trait Probe: fmt::Debug + fmt::Display {
    /// Where it asks.
    fn endpoint(&self) -> &Endpoint;

    /// What an answer means.
    fn judge(&self, answer: &Asked, deployed: Deployed<'_>) -> Observation;

    /// The uptime in seconds that an answer tells, for a check that watches whether it falls.
    fn uptime(&self, _: &Asked) -> Option<f64> {
        None
    }

    /// What it reads and when it is good, for people.
    fn rule(&self) -> String;

    /// Whether it can judge only if the config repository says what is deployed.
    fn needs_release(&self) -> bool {
        false
    }

    /// Whether it tells when the release is in service, so that what was counted before is not its doing.
    fn tells_arrival(&self) -> bool {
        false
    }
}

/// A check that reads counters.
pub(crate) trait Measurement: fmt::Debug + fmt::Display {
    /// What the counters mean. Fewer requests than `minimum` are no evidence.
    ///
    /// # Errors
    /// If the metrics are unclear, so that a person has to choose.
    fn judge(&self, traffic: &Traffic, minimum: u64) -> Result<Observation>;

    /// What it reads and when it is good, for people.
    fn rule(&self, found: &Found, minimum: u64) -> String;

    /// The number that it is held against, if it is one.
    fn bound(&self) -> Option<f64> {
        None
    }

    /// The share of failed requests that it is held against, if it is one.
    fn failed_share(&self) -> Option<f64> {
        None
    }

    /// What it reads beside what all processes counted together.
    fn reads(&self) -> Reads {
        Reads::Sums
    }
}

/// What a measurement reads beside what all processes counted together. Nothing else is worked out at a look.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reads {
    /// Nothing.
    Sums,
    /// What each process counted: it must hold for each.
    Processes,
    /// How much of a resource each process uses.
    Resource(&'static Resource),
    /// How often processes were started anew.
    Restarts,
    /// What was counted up to each look, and since the processes started.
    Past,
}

/// What the counters mean for all processes together, and for each that saw enough: a fault that only one of them has is a fault.
///
/// # Errors
/// As [`Measurement::judge`].
pub(crate) fn measure(measurement: &dyn Measurement, traffic: &Traffic, minimum: u64) -> Result<Observation> {
    let seen = measurement.judge(traffic, minimum)?;
    if seen.standing == Standing::Bad || !matches!(measurement.reads(), Reads::Processes) {
        return Ok(seen);
    }
    for (name, process) in &traffic.vitals.processes {
        let alone = measurement.judge(process, minimum)?;
        if alone.standing == Standing::Bad {
            return Ok(Observation { value: format!("{} at {name}", alone.value), ..alone });
        }
    }
    Ok(seen)
}

/// An answer, or the reason why there is none.
pub(crate) type Asked = std::result::Result<Answer, String>;

/// A check that asks somebody else about the service: who does not answer is no evidence.
pub(crate) trait Inquiry: fmt::Debug + fmt::Display {
    /// Who is asked what, at a time in milliseconds since 1970.
    ///
    /// # Errors
    /// If the inputs do not say who.
    fn asks(&self, surroundings: &Surroundings, now: i64) -> Result<Asks>;

    /// The revisions that an answer names, of which the lineage is to be known when it is judged.
    fn revisions(&self, _: &Asked) -> Vec<Revision> {
        Vec::new()
    }

    /// What an answer means; a program's exit code is its status.
    fn judge(&self, answer: &Asked, lineage: &Lineage) -> Observation;

    /// What it reads and when it is good, for people.
    fn rule(&self) -> String;

    /// The number that it is held against, if it is one.
    fn bound(&self) -> Option<f64> {
        None
    }

    /// The address that it asks, if its author wrote one.
    fn endpoint(&self) -> Option<&Endpoint> {
        None
    }

    /// Whether it asks the Prometheus server of the inputs.
    fn needs_prometheus(&self) -> bool {
        false
    }

    /// As [`Probe::needs_release`].
    fn needs_release(&self) -> bool {
        false
    }

    /// As [`Probe::tells_arrival`].
    fn tells_arrival(&self) -> bool {
        false
    }
}

/// What an address answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// What an answer with a good status says.
    ///
    /// # Errors
    /// The status, if it is another.
    pub(crate) fn body_if_good(&self) -> std::result::Result<&[u8], String> {
        match self.status {
            200..300 => Ok(&self.body),
            status => Err(format!("status {status}")),
        }
    }
}

impl From<Response<Vec<u8>>> for Answer {
    fn from(response: Response<Vec<u8>>) -> Self {
        Self { status: response.status().as_u16(), body: response.into_body() }
    }
}

/// Which version is expected in service.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Deployed<'a> {
    /// The release under judgement, if the config repository was asked.
    Release(Option<&'a str>),
    /// The one that was restored, whatever version a check names.
    Restored(&'a str),
}
