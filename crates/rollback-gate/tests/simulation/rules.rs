//! The rules that are compared. Each says at which look it would roll back.

use rollback_gate::canary::{Counts, Process, Rule};

use crate::traffic::INTERVAL;

/// The rate of false rollbacks that the user allows.
pub(crate) const BUDGET: f64 = 0.01;
/// Looks in a minute.
const MINUTE: usize = (60.0 / INTERVAL) as usize;

/// A rule with the name it has in the tables.
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    /// The number of the look at which it rolls back, from 1 on.
    pub(crate) decide: fn(&[Counts]) -> Option<usize>,
}

/// Ours with its default first, then ours without a margin, then what others do.
pub(crate) const CONTENDERS: [Contender; 7] = [
    Contender { name: "slipway, 1.25x", decide: |looks| sequential(looks, 1.25) },
    Contender { name: "slipway, 1x", decide: |looks| sequential(looks, 1.0) },
    Contender {
        name: "error rate <= 5% of 5m, 3 may fail",
        decide: |looks| windowed(looks, 5, 3, |c| c.canary_bad > 0.05 * c.canary_all),
    },
    Contender { name: "<= 1.5x stable of 1m", decide: |looks| windowed(looks, 1, 0, worse_than_stable) },
    Contender { name: "<= 1.5x stable of 5m, 3 may fail", decide: |looks| windowed(looks, 5, 3, worse_than_stable) },
    Contender { name: "Mann-Whitney 98% every 5m", decide: rank_test },
    Contender { name: "mSPRT 1%", decide: mixture_ratio },
];

fn sequential(looks: &[Counts], tolerated: f64) -> Option<usize> {
    let rule = Rule::catching(tolerated);
    let mut process = Process::default();
    looks
        .iter()
        .position(|look| {
            process.observe(look, &rule);
            process.against() >= 1.0 / BUDGET
        })
        .map(|index| index + 1)
}

fn worse_than_stable(counts: &Counts) -> bool {
    counts.canary_bad * counts.stable_all > 1.5 * counts.stable_bad * counts.canary_all
}

fn sum(looks: &[Counts]) -> Counts {
    looks.iter().fold(Counts::default(), |sum, look| Counts {
        canary_bad: sum.canary_bad + look.canary_bad,
        canary_all: sum.canary_all + look.canary_all,
        stable_bad: sum.stable_bad + look.stable_bad,
        stable_all: sum.stable_all + look.stable_all,
    })
}

/// A condition on the last minutes, asked every minute, that may fail so many times.
fn windowed(looks: &[Counts], minutes: usize, limit: u32, fails: fn(&Counts) -> bool) -> Option<usize> {
    let mut failures = 0;
    (MINUTE..=looks.len()).step_by(MINUTE).find(|end| {
        failures += u32::from(fails(&sum(&looks[end.saturating_sub(minutes * MINUTE)..*end])));
        failures > limit
    })
}

/// The canary's error rates a minute against stable's by ranks, as canary judges do: rolls back if the whole 98 % interval of the
/// shift lies above a quarter of its estimate. First after ten minutes, for it needs points, then every five.
fn rank_test(looks: &[Counts]) -> Option<usize> {
    const Z: f64 = 2.326_347_874_040_841;
    let rate = |bad: f64, all: f64| if all > 0.0 { bad / all } else { 0.0 };
    let minutes: Vec<Counts> = looks.chunks_exact(MINUTE).map(sum).collect();
    (10..=minutes.len())
        .step_by(5)
        .find(|end| {
            let points = &minutes[..*end];
            let mut shifts: Vec<f64> = Vec::with_capacity(end * end);
            for canary in points {
                let above = rate(canary.canary_bad, canary.canary_all);
                shifts.extend(points.iter().map(|stable| above - rate(stable.stable_bad, stable.stable_all)));
            }
            shifts.sort_unstable_by(f64::total_cmp);
            let count = *end as f64;
            let spread = (count * count * (2.0 * count + 1.0) / 12.0).sqrt();
            let rank = (count * count / 2.0 - Z * spread - 0.5).max(0.0) as usize;
            let estimate = shifts[shifts.len() / 2];
            shifts[rank] > 0.25 * estimate.abs()
        })
        .map(|end| end * MINUTE)
}

/// The mixture sequential probability ratio test on the difference of two proportions, with a standard deviation of one percentage
/// point a priori.
fn mixture_ratio(looks: &[Counts]) -> Option<usize> {
    const PRIOR: f64 = 0.01 * 0.01;
    let mut total = Counts::default();
    looks
        .iter()
        .position(|look| {
            total = sum(&[total, *look]);
            let Counts { canary_bad, canary_all, stable_bad, stable_all } = total;
            let pooled = (canary_bad + stable_bad) / (canary_all + stable_all);
            let variance = pooled * (1.0 - pooled) * (1.0 / canary_all + 1.0 / stable_all);
            let difference = canary_bad / canary_all - stable_bad / stable_all;
            let ratio = (variance / (variance + PRIOR)).sqrt()
                * (PRIOR * difference * difference / (2.0 * variance * (variance + PRIOR))).exp();
            difference > 0.0 && ratio >= 1.0 / BUDGET
        })
        .map(|index| index + 1)
}
