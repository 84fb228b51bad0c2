//! How much more than chance the canary's share wavers from look to look.

use serde::{Deserialize, Serialize};

use super::process::Counts;

/// What is assumed before anything was seen, and the looks that it weighs.
const PRIOR: (f64, f64) = (0.1, 10.0);
/// The least and the most.
const BOUNDS: (f64, f64) = (1e-5, 0.5);
/// A look with so many bad requests, less one, counts in full.
const FULL_WEIGHT: f64 = 20.0;
/// Standard errors by which the noise must exceed chance before it is corrected for.
const CERTAINTY: f64 = 2.0;

/// The running estimate of the intraclass correlation of the beta-binomial distribution: 0 if each bad request falls on one of the
/// two by chance alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Dispersion {
    looks: f64,
    canary_bad: f64,
    canary_all: f64,
    stable_bad: f64,
    stable_all: f64,
    weight: f64,
    sum: f64,
    /// The variance of the sum, were there chance alone.
    variance: f64,
}

impl Dispersion {
    /// What the looks so far say, for the next one: nothing that is seen at a look decides what that look is worth.
    pub(super) fn estimate(&self) -> f64 {
        let (prior, weight) = PRIOR;
        // The ratio of the two was estimated from the same looks.
        let correction = if self.looks > 1.0 { self.looks / (self.looks - 1.0) } else { 1.0 };
        ((weight * prior + self.sum * correction) / (weight + self.weight)).clamp(BOUNDS.0, BOUNDS.1)
    }

    /// How far noise moves the canary's share towards one half where the two serve unequal traffic, as a part of the distance between
    /// the share and its complement. A share is no linear function of the two error rates, so that their noise does not cancel in it.
    pub(super) fn skew(&self, counts: &Counts) -> f64 {
        let split = counts.share(1.0);
        if (0.4..=0.6).contains(&split) || !counts.is_comparable() {
            return 0.0;
        }
        let least = self.sum - CERTAINTY * self.variance.sqrt();
        (least / (PRIOR.1 + self.weight)).clamp(0.0, BOUNDS.1) / 2.0
    }

    /// Takes in a look.
    pub(super) fn observe(&mut self, counts: &Counts) {
        self.looks += 1.0;
        self.canary_bad += counts.canary_bad;
        self.canary_all += counts.canary_all;
        self.stable_bad += counts.stable_bad;
        self.stable_all += counts.stable_all;
        let bad = counts.canary_bad + counts.stable_bad;
        let weight = ((bad - 1.0) / FULL_WEIGHT).clamp(0.0, 1.0);
        if weight > 0.0 && counts.is_comparable() {
            let share = counts.share(self.ratio());
            let deviation = counts.canary_bad - bad * share;
            let excess = deviation * deviation / (bad * share * (1.0 - share)) - 1.0;
            self.weight += weight;
            self.sum += weight * excess / (bad - 1.0);
            self.variance += 2.0 * (weight / (bad - 1.0)).powi(2);
        }
    }

    /// How many times as often a request is bad on the canary as on stable, so far.
    pub(super) fn ratio(&self) -> f64 {
        if self.canary_all == 0.0 || self.stable_all == 0.0 {
            return 1.0;
        }
        (self.canary_bad + 0.5) / (self.stable_bad + 0.5) * (self.stable_all / self.canary_all)
    }

    /// How many times as often a request is bad on the canary, and where that lies with a certainty of about 95 %: by a normal
    /// approximation of its logarithm, widened by what the share wavers more than chance.
    pub(super) fn interval(&self) -> (f64, [f64; 2]) {
        let bad = (self.canary_bad + self.stable_bad) / self.looks.max(1.0);
        let wider = 1.0 + (bad - 1.0).max(0.0) * self.estimate();
        let variance = (1.0 / (self.canary_bad + 0.5) + 1.0 / (self.stable_bad + 0.5)) * wider;
        let (ratio, spread) = (self.ratio(), (1.96 * variance.sqrt()).exp());
        (ratio, [ratio / spread, ratio * spread])
    }
}

/// The estimate after looks at such counts at which nothing wavered more than chance.
pub(super) fn prior_after(looks: u32, counts: &Counts) -> f64 {
    let (prior, weight) = PRIOR;
    let bad = counts.canary_bad + counts.stable_bad;
    (weight * prior / (weight + f64::from(looks) * ((bad - 1.0) / FULL_WEIGHT).clamp(0.0, 1.0))).max(BOUNDS.0)
}
