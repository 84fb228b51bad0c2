//! Tables of what the rules do on the same simulated traffic.

use crate::rules::CONTENDERS;
use crate::simulation::{Figure, simulate};
use crate::traffic::{Effect, Setting, World};

/// The promise, at 100 requests a second and more, of which one percent fails, and equal traffic: seconds to a rollback, in the median.
pub(crate) const PROMISES: [(Effect, f64); 3] =
    [(Effect::Times(2.0), 375.0), (Effect::Times(5.0), 75.0), (Effect::Plus(0.05), 75.0)];
/// The most false rollbacks, in percent.
pub(crate) const FALSE_LIMIT: f64 = 1.0;

/// Traffic of the tables: requests a second of each group, and the share that fails.
pub(crate) const TRAFFIC: [(f64, f64); 6] =
    [(10.0, 0.001), (10.0, 0.01), (100.0, 0.001), (100.0, 0.01), (1000.0, 0.001), (1000.0, 0.01)];

/// Equal traffic: how often a good canary is rolled back within an hour, and how soon a bad one.
pub(crate) fn equal_traffic(runs: usize) -> bool {
    let mut missed = false;
    for world in [World::Steady, World::Noisy, World::Incident] {
        let title = format!("a good canary, {}: rolled back within 1 h, % of {runs}", world.name());
        let settings = TRAFFIC.map(|(rps, baseline)| Setting::equal(rps, baseline, Effect::None, world));
        missed |= table(
            &title,
            &settings,
            runs,
            |figure| format!("{:.2}", figure.percent),
            |_, figure| figure.percent > FALSE_LIMIT,
        );
    }
    for (effect, limit) in PROMISES {
        let title = format!("{}: median seconds to a rollback; - if half are not seen within 1 h", effect.name());
        let settings = TRAFFIC.map(|(rps, baseline)| Setting::equal(rps, baseline, effect, World::Steady));
        missed |= table(
            &title,
            &settings,
            runs,
            |figure| figure.median.map_or("-".into(), |s| format!("{s:.0}")),
            |setting, figure| {
                setting.canary >= 100.0
                    && setting.baseline >= 0.01
                    && figure.median.is_none_or(|seconds| seconds > limit)
            },
        );
    }
    missed
}

/// A table with a column for each setting; ours with its default is held to the limit.
fn table(
    title: &str,
    settings: &[Setting],
    runs: usize,
    cell: fn(&Figure) -> String,
    is_missed: impl Fn(&Setting, &Figure) -> bool,
) -> bool {
    println!("\n{title}");
    print!("{:<36}", "requests/s each, share that fails");
    for setting in settings {
        print!(" {:>10}", format!("{}/{}%", setting.canary, setting.baseline * 100.0));
    }
    println!();
    let figures = simulate(settings, &CONTENDERS, runs);
    for (row, contender) in CONTENDERS.iter().enumerate() {
        print!("{:<36}", contender.name);
        for of_setting in &figures {
            print!(" {:>10}", cell(&of_setting[row]));
        }
        println!();
    }
    let misses = settings.iter().zip(&figures).filter(|(setting, figures)| is_missed(setting, &figures[0])).count();
    if misses > 0 {
        println!("EXCEEDED in {misses} columns");
    }
    misses > 0
}

/// Where the guarantee is known to be weaker, the figures as they are.
pub(crate) fn weak_spots(runs: usize) -> bool {
    println!("\nunequal traffic, drift, cold and late canaries: % rolled back within 1 h, median seconds");
    let at = |canary, stable, effect, world| Setting { canary, stable, baseline: 0.01, effect, world };
    let settings = [
        at(100.0, 900.0, Effect::None, World::Steady),
        at(100.0, 900.0, Effect::None, World::Noisy),
        at(10.0, 90.0, Effect::None, World::Noisy),
        at(100.0, 900.0, Effect::Times(2.0), World::Noisy),
        at(10.0, 990.0, Effect::None, World::Noisy),
        at(100.0, 100.0, Effect::None, World::Drift),
        at(100.0, 100.0, Effect::None, World::ColdStart),
        at(100.0, 100.0, Effect::Times(2.0), World::Late),
    ];
    let figures = simulate(&settings, &CONTENDERS, runs);
    for (setting, figures) in settings.iter().zip(&figures) {
        println!("{}", setting.name());
        for (contender, figure) in CONTENDERS.iter().zip(figures) {
            let median = figure.median.map_or("-".into(), |seconds| format!("{seconds:.0}"));
            println!("  {:<36} {:>6.2} {median:>6}", contender.name, figure.percent);
        }
    }
    // A tenth of the traffic is what most canaries get.
    let exceeded = figures[..3].iter().any(|figures| figures[0].percent > FALSE_LIMIT);
    if exceeded {
        println!("EXCEEDED");
    }
    exceeded
}
