//! What a check saw, and what that means.

use serde::Serialize;
use slipway_core::Result;

use crate::traffic::{Gap, Traffic};

/// What a check saw at one look.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Observation {
    /// Good, bad or no evidence.
    pub standing: Standing,
    /// What was seen, for people; empty if nothing was.
    pub value: String,
    /// The same as a number, in the unit of the check's bound, if it is one.
    #[serde(skip)]
    pub amount: Option<f64>,
    /// The requests that a measurement rests on; none if nothing was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// When it was so.
    #[serde(skip)]
    pub time: Time,
    /// Whether it stays as it is until somebody does something, so that no other look is needed.
    #[serde(skip)]
    pub is_final: bool,
    /// Why there is no evidence, or what else is to be said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// When what was seen was so, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// When it was looked at.
    Now,
    /// Since then, and still when it was looked at.
    Since(i64),
    /// Until then; somebody else measured it.
    Until(i64),
}

/// Where a check stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// The condition holds.
    Good,
    /// The condition does not hold.
    Bad,
    /// Nobody knows.
    None,
}

impl Standing {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::None => "no evidence",
        }
    }
}

impl Observation {
    /// What a probe saw.
    pub(crate) fn probed(is_good: bool, value: impl Into<String>) -> Self {
        let standing = if is_good { Standing::Good } else { Standing::Bad };
        let (value, why) = (value.into(), String::new());
        Self { standing, value, amount: None, samples: None, time: Time::Now, is_final: false, why }
    }

    /// What was measured; a good value counts only if nothing speaks against concluding so.
    pub(super) fn measured(traffic: &Traffic, is_good: bool, value: String, samples: u64) -> Self {
        match &traffic.reservation {
            Some(why) if is_good => Self::none(why),
            _ => Self { samples: Some(samples), ..Self::probed(is_good, value) },
        }
    }

    /// The same with the value as a number, which a chart can show; no number where no value was seen.
    pub(crate) fn amounting(self, amount: f64) -> Self {
        Self { amount: Some(amount).filter(|_| !self.value.is_empty()), ..self }
    }

    /// The same, of a certain time.
    pub(super) fn at(self, time: Time) -> Self {
        Self { time, ..self }
    }

    /// The same, unless it was so before the release came into service, at a time in milliseconds since the Unix epoch: then it may be
    /// the doing of another version.
    pub(crate) fn not_before(self, arrival: i64) -> Self {
        match self.time {
            Time::Since(time) | Time::Until(time) if time < arrival => {
                Self::none(format!("{} is from before the release came into service", self.value))
            }
            _ => self,
        }
    }

    /// Whether it rests on nothing that an earlier one did not rest on.
    pub(crate) fn is_same(&self, earlier: &Self) -> bool {
        let is_measured = self.samples.is_some() || matches!(self.time, Time::Until(_));
        is_measured && (self.samples, self.time) == (earlier.samples, earlier.time)
    }

    /// The same, and it will not change by itself.
    pub(super) fn for_good(self) -> Self {
        Self { is_final: true, ..self }
    }

    /// No evidence, and why.
    pub(crate) fn none(why: impl Into<String>) -> Self {
        Self { standing: Standing::None, why: why.into(), ..Self::probed(false, "") }
    }

    /// No evidence because of a gap in the metrics.
    pub(super) fn gap(gap: &Gap) -> Result<Self> {
        match gap {
            Gap::Missing(why) => Ok(Self::none(why)),
            Gap::Unclear(error) => Err(error.clone()),
        }
    }

    /// Too few requests to say anything.
    pub(super) fn too_few(samples: u64, minimum: u64) -> Self {
        let why = match samples {
            0 => "no request was counted".into(),
            1 => format!("1 request was counted, and {minimum} are needed"),
            _ => format!("{samples} requests were counted, and {minimum} are needed"),
        };
        Self { samples: Some(samples), ..Self::none(why) }
    }
}
