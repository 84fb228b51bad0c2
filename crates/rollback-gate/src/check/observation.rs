//! What a check saw, and what that means.

use serde::Serialize;
use slipway_core::Result;

use crate::traffic::{Gap, Traffic};

/// What a check saw at one look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Observation {
    /// Good, bad or no evidence.
    pub standing: Standing,
    /// What was seen, for people; empty if nothing was.
    pub value: String,
    /// The requests that a measurement rests on; none if nothing was learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// Why there is no evidence, or what else is to be said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
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
    pub(super) fn probed(is_good: bool, value: impl Into<String>) -> Self {
        let standing = if is_good { Standing::Good } else { Standing::Bad };
        Self { standing, value: value.into(), samples: None, why: String::new() }
    }

    /// What was measured; a good value counts only if nothing speaks against concluding so.
    pub(super) fn measured(traffic: &Traffic, is_good: bool, value: String, samples: u64) -> Self {
        match (is_good, &traffic.reservation) {
            (true, Some(why)) => Self::none(why),
            (true, None) => Self { standing: Standing::Good, value, samples: Some(samples), why: String::new() },
            (false, _) => Self { standing: Standing::Bad, value, samples: Some(samples), why: String::new() },
        }
    }

    /// No evidence, and why.
    pub(crate) fn none(why: impl Into<String>) -> Self {
        Self { standing: Standing::None, value: String::new(), samples: None, why: why.into() }
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
