//! A small version of `cargo xtask bench rollback-gate`: what is promised of the canary test, on seeded traffic.
#![expect(
    dead_code,
    clippy::disallowed_types,
    clippy::print_stdout,
    reason = "tests; the benchmark beside them uses the rest"
)]

mod bars;
mod budget;
mod rules;
mod simulation;
mod speed;
mod tables;
mod traffic;

use crate::budget::{EQUAL, rates};
use crate::rules::{BUDGET, CONTENDERS};
use crate::simulation::simulate;
use crate::tables::{FALSE_LIMIT, PROMISES};
use crate::traffic::{Effect, Setting, World};

/// Few enough for a program that is not optimized.
const RUNS: usize = 60;

#[test]
fn a_good_canary_is_not_rolled_back() {
    let settings =
        [World::Steady, World::Noisy, World::Incident].map(|world| Setting::equal(100.0, 0.01, Effect::None, world));
    let unequal = Setting { canary: 100.0, stable: 900.0, ..settings[1] };
    for figures in simulate(&[&settings[..], &[unequal]].concat(), &CONTENDERS[..1], RUNS) {
        assert!(figures[0].percent <= FALSE_LIMIT, "{figures:?}");
    }
}

#[test]
fn a_bad_canary_is_seen_as_soon_as_promised() {
    let settings = PROMISES.map(|(effect, _)| Setting::equal(100.0, 0.01, effect, World::Steady));
    for (figures, (effect, limit)) in simulate(&settings, &CONTENDERS[..1], RUNS).iter().zip(PROMISES) {
        assert!(figures[0].median.is_some_and(|seconds| seconds <= limit), "{effect:?} {figures:?}");
    }
}

#[test]
fn what_others_do_is_told_apart() {
    let figures = simulate(&[Setting::equal(100.0, 0.01, Effect::None, World::Noisy)], &CONTENDERS[2..], RUNS);
    let percent = |name: &str| figures[0][CONTENDERS.iter().position(|c| c.name == name).unwrap() - 2].percent;
    assert!(percent("mSPRT 1%") > 10.0 && percent("<= 1.5x stable of 1m") > 90.0, "{figures:?}");
    assert_eq!(percent("error rate <= 5% of 5m, 3 may fail"), 0.0);
}

#[test]
fn the_budget_of_a_release_holds_over_metrics_and_steps() {
    for (effect, world) in [(Effect::None, World::Noisy), (Effect::Times(1.25), World::Steady)] {
        assert!(rates(&EQUAL, effect, world, RUNS).ledger <= 100.0 * BUDGET, "{effect:?} {world:?}");
    }
}
