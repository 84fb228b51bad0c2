//! How long decisions take.

use std::hint::black_box;
use std::time::{Duration, Instant};

use rollback_gate::canary::{Process, Rule};

use crate::simulation::random;
use crate::traffic::{Effect, Setting, World};

const DECISIONS: usize = 10_000;
const LOOKS: usize = 40;
const LIMIT: Duration = Duration::from_secs(1);

/// Prints how long ten thousand decisions take, and returns whether that is too long.
pub(crate) fn check() -> bool {
    let rule = Rule::catching(1.25);
    let setting = Setting::equal(100.0, 0.01, Effect::None, World::Steady);
    let looks = setting.simulate(DECISIONS + LOOKS, &mut random(1, 1));
    let times = (0..3).map(|_| {
        let started = Instant::now();
        for decision in looks.windows(LOOKS).take(DECISIONS) {
            let mut process = Process::default();
            for look in decision {
                process.observe(look, &rule);
            }
            black_box((process.against(), process.favour()));
        }
        started.elapsed()
    });
    let took = times.min().unwrap_or_default();
    let exceeded = took > LIMIT;
    let mark = if exceeded { "  EXCEEDED" } else { "" };
    println!("\n{DECISIONS} decisions of {LOOKS} looks: {} ms, limit {} ms{mark}", took.as_millis(), LIMIT.as_millis());
    exceeded
}
