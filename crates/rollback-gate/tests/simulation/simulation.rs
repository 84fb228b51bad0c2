//! Running rules over simulated hours.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use rand_pcg::Pcg64Mcg;
use rand_pcg::rand_core::SeedableRng;

use crate::rules::Contender;
use crate::traffic::{INTERVAL, LOOKS, Setting};

/// What a rule did in a setting.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figure {
    /// The hours, in percent, in which it rolled back.
    pub(crate) percent: f64,
    /// The seconds until then, in the median; none if it did not in half of the hours.
    pub(crate) median: Option<f64>,
}

/// The figures by setting and rule. All rules see the same hours.
pub(crate) fn simulate(settings: &[Setting], contenders: &[Contender], runs: usize) -> Vec<Vec<Figure>> {
    in_parallel(settings.len(), |place| {
        let setting = &settings[place];
        let mut ends = vec![Vec::with_capacity(runs); contenders.len()];
        for run in 0..runs {
            let looks = setting.simulate(LOOKS, &mut random(setting.seed(), run));
            for (ends, contender) in ends.iter_mut().zip(contenders) {
                ends.push((contender.decide)(&looks));
            }
        }
        ends.into_iter().map(figure).collect()
    })
}

/// Numbers that depend on nothing but these two.
pub(crate) fn random(seed: u64, run: usize) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed.wrapping_mul(1_000_003).wrapping_add(run as u64))
}

/// The results for 0, 1, 2 … in their order, computed on all processors.
pub(crate) fn in_parallel<T: Send>(count: usize, compute: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::with_capacity(count)));
    let work = || loop {
        let place = next.fetch_add(1, Ordering::Relaxed);
        if place >= count {
            return;
        }
        let result = compute(place);
        done.lock().unwrap_or_else(PoisonError::into_inner).push((place, result));
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_unstable_by_key(|(place, _)| *place);
    done.into_iter().map(|(_, result)| result).collect()
}

fn figure(mut ends: Vec<Option<usize>>) -> Figure {
    let count = ends.len();
    let rolled_back = ends.iter().flatten().count();
    ends.sort_unstable_by_key(|end| end.unwrap_or(usize::MAX));
    // The mean of the two in the middle.
    let middle = ends[(count - 1) / 2].zip(ends[count / 2]);
    Figure {
        percent: 100.0 * rolled_back as f64 / count as f64,
        median: middle.map(|(left, right)| (left + right) as f64 / 2.0 * INTERVAL),
    }
}
