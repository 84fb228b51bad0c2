//! The e-process of one metric.

use serde::{Deserialize, Serialize};

use super::dispersion::Dispersion;
use super::mixture::{BETTER, Mixture, WORSE};

/// Half of the stake is bet from the first look on, the rest spread over the others up to this one, so that a fault that begins late
/// is seen soon.
const STARTS: u32 = 240;

/// A share of bad requests that is negligible: a service without failures could never show that the canary fails no more often.
const NEGLIGIBLE: f64 = 0.001;

/// What was counted between two looks: requests, and those among them that were bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// Bad requests of the canary.
    pub canary_bad: f64,
    /// Requests of the canary.
    pub canary_all: f64,
    /// Bad requests of stable.
    pub stable_bad: f64,
    /// Requests of stable.
    pub stable_all: f64,
}

impl Counts {
    /// The canary's share of the bad requests, if a request is `ratio` times as often bad there.
    pub(super) fn share(&self, ratio: f64) -> f64 {
        let weighted = ratio * self.canary_all;
        weighted / (weighted + self.stable_all)
    }

    /// Adds what was counted after.
    pub(super) fn add(&mut self, other: &Self) {
        self.canary_bad += other.canary_bad;
        self.canary_all += other.canary_all;
        self.stable_bad += other.stable_bad;
        self.stable_all += other.stable_all;
    }

    /// Whether both served requests.
    pub(super) fn is_comparable(&self) -> bool {
        self.canary_all > 0.0 && self.stable_all > 0.0
    }
}

/// What counts as worse, and what as good enough: how many times as often a request may be bad on the canary as on stable.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// The canary is rolled back for being worse than this.
    pub tolerated: f64,
    /// The canary is promoted for being better than this.
    pub feared: f64,
}

impl Rule {
    /// From the regression that is worth catching.
    pub fn catching(regression: f64) -> Self {
        Self { tolerated: regression, feared: (regression * 1.2).max(1.5) }
    }
}

/// What was learned about one metric so far. It is all that a later run needs to go on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Process {
    looks: u32,
    dispersion: Dispersion,
    against: Mixture,
    favour: Mixture,
    #[serde(default)]
    negligible: Mixture,
}

impl Process {
    /// Takes in a look.
    pub fn observe(&mut self, counts: &Counts, rule: &Rule) {
        self.looks += 1;
        let dispersion = self.dispersion.estimate();
        let skew = self.dispersion.skew(counts);
        self.against.bet(counts, rule.tolerated, &WORSE, dispersion, skew, stake(self.looks));
        self.favour.bet(counts, rule.feared, &BETTER, dispersion, skew, if self.looks == 1 { 1.0 } else { 0.0 });
        let once = if self.looks == 1 { 1.0 } else { 0.0 };
        self.negligible.bet_on_share(counts.canary_bad, counts.canary_all, NEGLIGIBLE, &BETTER, once);
        self.dispersion.observe(counts);
    }

    /// The evidence that the canary is worse than tolerated. It exceeds `1 / a` with a probability of at most `a` if it is not.
    pub fn against(&self) -> f64 {
        self.against.value()
    }

    /// The evidence that the canary is better than feared, likewise; or that so few requests are bad on it that it does not matter how
    /// many are on stable, which takes twice as much.
    pub fn favour(&self) -> f64 {
        self.favour.value().max(self.negligible.value() / 2.0)
    }

    /// How many times as often a request is bad on the canary, and where that lies, roughly, with a certainty of 95 %.
    pub fn estimate(&self) -> (f64, [f64; 2]) {
        self.dispersion.interval()
    }
}

/// What is added to the bets at a look, counted from 1: all looks together get no more than 1.
pub(super) fn stake(look: u32) -> f64 {
    match look {
        1 => 0.5,
        2..=STARTS => 0.5 / f64::from(STARTS - 1),
        _ => 0.0,
    }
}
