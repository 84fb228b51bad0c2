//! How one check fared over the looks.

use serde::Serialize;
use slipway_gitops::Verdict;

use crate::check::{Observation, Standing};
use crate::engine::Decision;

/// How a check fared so far; by default without a look.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// The check as it is shown.
    pub check: String,
    /// Looks at which it was good.
    pub good: u32,
    /// Looks at which it was bad.
    pub bad: u32,
    /// Looks without evidence.
    pub none: u32,
    /// What it saw last that was evidence, else what it saw last.
    pub latest: Option<Observation>,
    /// The evidence that a share is above the bound, where a canary is compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<f64>,
    /// Whether it asks the service itself, so that it is waited for until it was good.
    #[serde(skip)]
    pub(crate) is_probe: bool,
    /// Whether the release is not in service until it was good.
    #[serde(skip)]
    pub(crate) is_awaited: bool,
    /// Failed looks in a row, up to now.
    #[serde(skip)]
    pub(crate) streak: u32,
    /// Failed looks since the first good one.
    #[serde(skip)]
    pub(crate) failures: u32,
    /// Looks without evidence in a row, up to now.
    #[serde(skip)]
    pub(crate) silent: u32,
    /// Why there was no evidence, last time.
    #[serde(skip)]
    pub(crate) why: String,
}

impl Tally {
    /// Takes in what it saw at a look.
    pub(crate) fn add(&mut self, observation: &Observation) {
        match observation.standing {
            Standing::Good => {
                self.good += 1;
                self.streak = 0;
            }
            Standing::Bad => {
                let known = self.latest.as_ref().filter(|latest| latest.standing == Standing::Bad);
                let is_new = known.is_none_or(|known| !observation.is_same(known));
                self.bad += 1;
                self.streak += u32::from(is_new);
                self.failures += u32::from(self.good > 0);
            }
            Standing::None => {
                self.none += 1;
                self.silent += 1;
                self.why.clone_from(&observation.why);
                // A look that learned nothing leaves what was known before, for a while.
                if observation.samples.is_some() || self.standing() == Standing::None {
                    self.streak = 0;
                    self.latest = Some(observation.clone());
                }
                return;
            }
        }
        self.silent = 0;
        self.latest = Some(observation.clone());
    }

    /// Where it stands by what it saw last that was evidence.
    pub(crate) fn standing(&self) -> Standing {
        self.latest.as_ref().map_or(Standing::None, |latest| latest.standing)
    }

    /// Whether it is a probe that was not good yet.
    pub(crate) fn is_waiting(&self) -> bool {
        self.is_probe && self.good == 0
    }

    /// Whether it is bad, and will be as long as nobody does something.
    pub(crate) fn is_final(&self) -> bool {
        self.latest.as_ref().is_some_and(|latest| latest.is_final && latest.standing == Standing::Bad)
    }

    /// What it saw last, for people.
    pub(crate) fn seen(&self) -> String {
        match &self.latest {
            Some(Observation { value, samples: Some(samples), .. }) => format!("{value} of {samples} requests"),
            Some(Observation { value, .. }) => value.clone(),
            None => "nothing was seen".into(),
        }
    }

    /// A verdict that this check leads to.
    pub(crate) fn decide(&self, verdict: Verdict, reason: String) -> Decision {
        Decision { verdict, reason: format!("`{}` {reason}", self.check) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::Time;

    #[test]
    fn one_failure_seen_again_is_no_second_one() {
        let bad = |samples, time| Observation { samples, time, ..Observation::probed(false, "9") };
        for (seen, streak) in [
            (vec![bad(None, Time::Now); 3], 3),
            (vec![bad(None, Time::Since(1)); 3], 3),
            (vec![bad(Some(5), Time::Now); 3], 1),
            (vec![bad(None, Time::Until(60)); 3], 1),
            (vec![bad(None, Time::Until(60)), Observation::none("late"), bad(None, Time::Until(60))], 1),
            (vec![bad(None, Time::Until(60)), bad(None, Time::Until(120)), bad(None, Time::Until(120))], 2),
            (vec![bad(None, Time::Until(60)), Observation::probed(true, "1"), bad(None, Time::Until(180))], 1),
        ] {
            let mut tally = Tally::default();
            seen.iter().for_each(|observation| tally.add(observation));
            assert_eq!(tally.streak, streak, "{seen:?}");
        }
    }
}
