//! Whether a share of bad requests is above a fixed bound: the sequential test that `error-rate < 5%` rests on beside a canary.

use serde::{Deserialize, Serialize};

use super::mixture::{Mixture, geometric};
use super::process::stake;

/// How many times the bound the share may be, in so many alternatives, and the largest share among them.
const ALTERNATIVES: (f64, f64, i32) = (1.15, 15.0, 10);
const LARGEST: f64 = 0.95;

/// What was learned about one bound so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bound {
    looks: u32,
    against: Mixture,
    /// What was counted at the last look of this run: bad requests, and all.
    #[serde(skip)]
    counted: (f64, f64),
}

impl Bound {
    /// Begins to count from 0, and keeps what was learned.
    pub(super) fn restart(&mut self) {
        self.counted = (0.0, 0.0);
    }

    /// Takes in what was counted since the run began, and gives the evidence that the share is above the bound. It exceeds `1 / a` with
    /// a probability of at most `a` if it is not, however often it is asked for.
    pub(crate) fn observe(&mut self, bound: f64, bad: f64, all: f64) -> f64 {
        let (bad_before, all_before) = self.counted;
        self.counted = (bad, all);
        self.looks += 1;
        let (bad, all) = ((bad - bad_before).max(0.0), (all - all_before).max(0.0));
        let (first, last, count) = ALTERNATIVES;
        let factors = geometric(first, last.min(LARGEST / bound).max(first), count);
        if bound * first < 1.0 {
            self.against.bet_on_share(bad, all, bound, &factors, stake(self.looks));
        }
        self.against.value()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_grows_where_the_share_is_above() {
        for (bound, bad, least, most) in [
            (0.05, 0.0, 0.0, 1.0),
            (0.05, 4.0, 0.0, 1.0),
            (0.05, 5.0, 0.0, 20.0),
            (0.05, 10.0, 100.0, f64::INFINITY),
            (0.001, 1.0, 100.0, f64::INFINITY),
            (0.5, 80.0, 100.0, f64::INFINITY),
            (0.9, 100.0, 0.0, f64::INFINITY),
        ] {
            let mut process = Bound::default();
            let evidence =
                (1..=20).map(|look| process.observe(bound, bad * f64::from(look), 100.0 * f64::from(look))).last();
            assert!(evidence.is_some_and(|e| (least..=most).contains(&e)), "{bound} {bad}: {evidence:?}");
        }
    }

    #[test]
    fn the_next_run_goes_on() {
        let mut process = Bound::default();
        process.observe(0.05, 20.0, 100.0);
        let recorded = serde_json::to_string(&process).unwrap();
        let mut again: Bound = serde_json::from_str(&recorded).unwrap();
        let mut in_memory = process.clone();
        in_memory.restart();
        let expected = process.observe(0.05, 29.0, 200.0);
        assert_eq!(again.observe(0.05, 9.0, 100.0), expected);
        assert_eq!(in_memory.observe(0.05, 9.0, 100.0), expected);
    }
}
