//! Simulated traffic: what two groups of processes count in an hour, looked at every 15 seconds.

use rand_distr::{Binomial, Distribution, Gamma, Normal, Poisson};
use rand_pcg::Pcg64Mcg;
use rollback_gate::canary::Counts;

/// Seconds between two looks.
pub(crate) const INTERVAL: f64 = 15.0;
/// Looks in an hour.
pub(crate) const LOOKS: usize = 240;

/// What the canary does to its requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Effect {
    /// Nothing: it is as good as stable.
    None,
    /// They fail so many times as often.
    Times(f64),
    /// So large a share more of them fails.
    Plus(f64),
}

/// What happens around it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum World {
    /// Chance alone.
    Steady,
    /// Each group's error rate wavers from look to look, with a coefficient of variation of one half.
    Noisy,
    /// An incident of five minutes hits both groups: three percent more requests fail.
    Incident,
    /// The canary is cold and fails three times as many requests in its first minute.
    ColdStart,
    /// Each group's error rate drifts on its own, with a coefficient of variation of one fifth, and forgets in ten minutes.
    Drift,
    /// What the canary does begins after half an hour.
    Late,
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Setting {
    /// Requests a second.
    pub(crate) canary: f64,
    pub(crate) stable: f64,
    /// The share of stable's requests that fails.
    pub(crate) baseline: f64,
    pub(crate) effect: Effect,
    pub(crate) world: World,
}

impl Effect {
    /// What it is called in the tables.
    pub(crate) fn name(self) -> String {
        match self {
            Self::None => "no regression".into(),
            Self::Times(factor) => format!("{factor} times the errors"),
            Self::Plus(share) => format!("{} points more errors", share * 100.0),
        }
    }
}

impl World {
    /// What it is called in the tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Steady => "chance alone",
            Self::Noisy => "noisy",
            Self::Incident => "an incident that both share",
            Self::ColdStart => "a cold start",
            Self::Drift => "slow drift of each",
            Self::Late => "after half an hour",
        }
    }
}

impl Setting {
    /// The same traffic for both.
    pub(crate) fn equal(rps: f64, baseline: f64, effect: Effect, world: World) -> Self {
        Self { canary: rps, stable: rps, baseline, effect, world }
    }

    /// What it is called in the tables.
    pub(crate) fn name(&self) -> String {
        let Self { canary, stable, baseline, effect, world } = self;
        format!("{canary}/{stable} requests/s, {}% fail, {}, {}", baseline * 100.0, effect.name(), world.name())
    }

    /// A number that tells it from others.
    pub(crate) fn seed(&self) -> u64 {
        let (factor, share) = match self.effect {
            Effect::None => (1.0, 0.0),
            Effect::Times(factor) => (factor, 0.0),
            Effect::Plus(share) => (1.0, share),
        };
        let numbers = [self.canary, self.stable, self.baseline, factor, share, f64::from(self.world as u8)];
        numbers
            .iter()
            .fold(17, |seed: u64, number| seed.rotate_left(11) ^ number.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    /// What is counted at each look.
    pub(crate) fn simulate(&self, looks: usize, random: &mut Pcg64Mcg) -> Vec<Counts> {
        let mut drifts = [Drift::begin(random), Drift::begin(random)];
        (0..looks)
            .map(|look| {
                let at = look as f64 * INTERVAL;
                let [canary_noise, stable_noise] = match self.world {
                    World::Noisy => [wavering(random), wavering(random)],
                    World::Drift => drifts.each_mut().map(|drift| drift.advance(random)),
                    _ => [1.0, 1.0],
                };
                let (mut canary, mut stable) = (self.baseline, self.baseline);
                if self.world != World::Late || at >= 1800.0 {
                    canary = match self.effect {
                        Effect::None => canary,
                        Effect::Times(factor) => canary * factor,
                        Effect::Plus(share) => canary + share,
                    };
                }
                match self.world {
                    World::Incident if (1200.0..1500.0).contains(&at) => {
                        canary += 0.03;
                        stable += 0.03;
                    }
                    World::ColdStart if at < 60.0 => canary *= 3.0,
                    _ => {}
                }
                let (canary_all, canary_bad) = serve(self.canary, canary * canary_noise, random);
                let (stable_all, stable_bad) = serve(self.stable, stable * stable_noise, random);
                Counts { canary_bad, canary_all, stable_bad, stable_all }
            })
            .collect()
    }
}

/// Requests between two looks, and those among them that fail.
fn serve(a_second: f64, error_rate: f64, random: &mut Pcg64Mcg) -> (f64, f64) {
    let all: f64 = Poisson::new(a_second * INTERVAL).map_or(0.0, |requests| requests.sample(random));
    let failed = Binomial::new(all as u64, error_rate.min(1.0)).map_or(0, |failures| failures.sample(random));
    (all, failed as f64)
}

/// A factor with a mean of 1 and a coefficient of variation of one half.
fn wavering(random: &mut Pcg64Mcg) -> f64 {
    Gamma::new(4.0, 0.25).map_or(1.0, |noise| noise.sample(random))
}

/// The logarithm of a factor that forgets where it was.
struct Drift(f64);

impl Drift {
    const SPREAD: f64 = 0.2;
    const MEMORY: f64 = 600.0;

    fn begin(random: &mut Pcg64Mcg) -> Self {
        Self(Self::SPREAD * standard(random))
    }

    fn advance(&mut self, random: &mut Pcg64Mcg) -> f64 {
        let kept = (-INTERVAL / Self::MEMORY).exp();
        self.0 = kept * self.0 + Self::SPREAD * (1.0 - kept * kept).sqrt() * standard(random);
        self.0.exp()
    }
}

fn standard(random: &mut Pcg64Mcg) -> f64 {
    Normal::new(0.0, 1.0).map_or(0.0, |normal| normal.sample(random))
}
