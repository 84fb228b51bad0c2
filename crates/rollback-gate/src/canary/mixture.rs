//! Bets on several alternatives at once.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::gamma::ln_rising;
use super::process::Counts;

/// How many times worse than allowed the canary may be.
pub(super) static WORSE: LazyLock<Vec<f64>> = LazyLock::new(|| geometric(1.15, 30.0, 12));
/// How much better than feared it may be.
pub(super) static BETTER: LazyLock<Vec<f64>> = LazyLock::new(|| geometric(1.0 / 1.1, 1.0 / 8.0, 10));
/// Wealth is cut here, which only makes it smaller than it is.
const MOST: f64 = 1e300;

/// What a stake of 1 became that was spread over the alternatives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Mixture {
    /// By alternative; empty before the first look.
    wealth: Vec<f64>,
}

impl Mixture {
    /// Adds to the stake and bets on what a look shows: the beta-binomial likelihood of each alternative, `null` times its factor,
    /// against that of `null` itself.
    pub(super) fn bet(&mut self, counts: &Counts, null: f64, factors: &[f64], dispersion: f64, skew: f64, stake: f64) {
        self.stake(factors.len(), stake);
        let bad = counts.canary_bad + counts.stable_bad;
        if bad == 0.0 || !counts.is_comparable() {
            return;
        }
        let concentration = 1.0 / dispersion - 1.0;
        let likelihood = |ratio: f64| {
            let share = counts.share(ratio);
            let share = share + (1.0 - 2.0 * share) * skew;
            ln_rising(share * concentration, counts.canary_bad)
                + ln_rising((1.0 - share) * concentration, counts.stable_bad)
        };
        let expected = likelihood(null);
        self.grow(factors, &|factor| likelihood(null * factor) - expected);
    }

    /// The same on the share of bad requests of one group: the binomial likelihood of each alternative, the `bound` times its factor,
    /// against that of the bound itself. What would be a share above 1 gets no part of the stake.
    pub(super) fn bet_on_share(&mut self, bad: f64, all: f64, bound: f64, factors: &[f64], stake: f64) {
        self.stake(factors.len(), stake);
        if all > 0.0 {
            let good = (all - bad).max(0.0);
            self.grow(factors, &|factor| bad * factor.ln() + good * ((1.0 - bound * factor) / (1.0 - bound)).ln());
        }
    }

    fn stake(&mut self, alternatives: usize, stake: f64) {
        self.wealth.resize(alternatives, 0.0);
        for wealth in &mut self.wealth {
            *wealth += stake;
        }
    }

    /// Multiplies what stands on each alternative by its likelihood, given as a logarithm.
    fn grow(&mut self, factors: &[f64], likelihood: &dyn Fn(f64) -> f64) {
        for (wealth, factor) in self.wealth.iter_mut().zip(factors) {
            *wealth = (*wealth * likelihood(*factor).exp()).min(MOST);
        }
    }

    /// The e-value: the mean over the alternatives.
    pub(super) fn value(&self) -> f64 {
        let count = self.wealth.len().max(1) as f64;
        self.wealth.iter().map(|wealth| wealth / count).sum()
    }
}

/// Numbers from the first to the last, each the same number of times the one before.
pub(super) fn geometric(first: f64, last: f64, count: i32) -> Vec<f64> {
    let step = (last / first).ln() / f64::from(count - 1);
    (0..count).map(|index| first * (step * f64::from(index)).exp()).collect()
}
