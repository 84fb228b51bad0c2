//! The budget of a release that is watched by five metrics in four steps, each by a run of its own.

use rollback_gate::canary::{Ledger, Metric, Process, Rule};

use crate::rules::BUDGET;
use crate::simulation::{in_parallel, random};
use crate::traffic::{Effect, Setting, World};

/// Requests a second of canary and stable in each step, for a quarter of an hour.
pub(crate) type Steps = [(f64, f64); 4];
/// Beside a baseline of the canary's size.
pub(crate) const EQUAL: Steps = [(20.0, 20.0), (50.0, 50.0), (100.0, 100.0), (100.0, 100.0)];
/// Beside all of stable.
pub(crate) const UNEQUAL: Steps = [(20.0, 180.0), (50.0, 150.0), (100.0, 100.0), (100.0, 100.0)];
const LOOKS: usize = 60;
/// The share of bad requests by metric.
const METRICS: [f64; 5] = [0.001, 0.01, 0.01, 0.05, 0.2];

/// How often a release was rolled back, in percent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rates {
    /// By the ledger.
    pub(crate) ledger: f64,
    /// If each metric in each step had a budget of its own.
    pub(crate) apart: f64,
}

/// Prints the rates, and returns whether the budget is exceeded.
pub(crate) fn check(runs: usize) -> bool {
    println!("\na good release, 5 metrics in 4 steps: rolled back, % of {runs}");
    println!("{:<48} {:>10} {:>20}", "", "one budget", "a budget for each");
    let mut exceeded = false;
    let tolerated = Effect::Times(1.25);
    for (name, steps, effect, world, is_promised) in [
        ("equal traffic, as good as stable", EQUAL, Effect::None, World::Steady, true),
        ("equal traffic, as good as stable, noisy", EQUAL, Effect::None, World::Noisy, true),
        ("equal traffic, just as bad as tolerated", EQUAL, tolerated, World::Steady, true),
        ("equal traffic, just as bad as tolerated, noisy", EQUAL, tolerated, World::Noisy, true),
        ("10 to 50 %, as good as stable, noisy", UNEQUAL, Effect::None, World::Noisy, true),
        ("10 to 50 %, just as bad as tolerated", UNEQUAL, tolerated, World::Steady, true),
        ("10 to 50 %, just as bad as tolerated, noisy", UNEQUAL, tolerated, World::Noisy, false),
    ] {
        let rates = rates(&steps, effect, world, runs);
        let over = is_promised && rates.ledger > 100.0 * BUDGET;
        println!("{name:<48} {:>10.2} {:>20.2}{}", rates.ledger, rates.apart, if over { "  EXCEEDED" } else { "" });
        exceeded |= over;
    }
    exceeded
}

pub(crate) fn rates(steps: &Steps, effect: Effect, world: World, runs: usize) -> Rates {
    let ends = in_parallel(runs, |run| release(steps, effect, world, run));
    let percent = |count: usize| 100.0 * count as f64 / runs as f64;
    Rates {
        ledger: percent(ends.iter().filter(|(ledger, _)| *ledger).count()),
        apart: percent(ends.iter().filter(|(_, apart)| *apart).count()),
    }
}

/// Whether a release is rolled back by its ledger, and whether it would be by metrics and steps apart.
fn release(steps: &Steps, effect: Effect, world: World, run: usize) -> (bool, bool) {
    let rule = Rule::catching(1.25);
    let limit = 1.0 / BUDGET;
    let metrics = (0..METRICS.len()).map(|place| Metric::new(place.to_string(), &[None]));
    let mut ledger = Ledger { metrics: metrics.collect(), ..Ledger::default() };
    let (mut is_over, mut is_over_apart) = (false, false);
    for (step, (canary, stable)) in steps.iter().copied().enumerate() {
        // What a run leaves in the record is all that the next one knows.
        ledger = serde_json::to_value(&ledger).and_then(serde_json::from_value).unwrap_or_default();
        let looks: Vec<_> = METRICS
            .iter()
            .enumerate()
            .map(|(metric, baseline)| {
                let setting = Setting { canary, stable, baseline: *baseline, effect, world };
                setting.simulate(LOOKS, &mut random((step * METRICS.len() + metric) as u64 + 77, run))
            })
            .collect();
        let mut apart = vec![Process::default(); METRICS.len()];
        for look in 0..LOOKS {
            for (metric, counts) in looks.iter().enumerate() {
                ledger.metrics[metric].observe(&[counts[look]], &rule);
                apart[metric].observe(&counts[look], &rule);
                is_over_apart |= apart[metric].against() >= limit;
            }
            is_over |= ledger.against() >= limit;
        }
    }
    (is_over, is_over_apart)
}
