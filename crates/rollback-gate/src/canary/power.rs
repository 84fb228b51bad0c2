//! What the comparison can see at the traffic that there is.

use super::dispersion::prior_after;
use super::mixture::{Mixture, WORSE};
use super::process::{Counts, Rule, stake};

/// The looks that are worth computing ahead.
const MOST_LOOKS: u32 = 5_000;

/// The looks until a canary that is bad `factor` times as often is rolled back, about half of the time; none if it takes very long.
/// The counts are those of stable and the requests of the canary between two looks; `others` is how many more metrics share the
/// budget and see nothing.
pub(crate) fn looks_until_seen(counts: &Counts, factor: f64, rule: &Rule, limit: f64, others: usize) -> Option<u32> {
    if !counts.is_comparable() || counts.stable_bad <= 0.0 {
        return None;
    }
    let canary_bad = (counts.stable_bad / counts.stable_all * factor).min(1.0) * counts.canary_all;
    let expected = Counts { canary_bad, ..*counts };
    let mut against = Mixture::default();
    (1..=MOST_LOOKS).find(|look| {
        let dispersion = prior_after(*look - 1, &expected);
        against.bet(&expected, rule.tolerated, &WORSE, dispersion, 0.0, stake(*look));
        against.value() >= limit * (others as f64 + 1.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Beside what the simulation measures at 15 s a look: 330 s, 60 s, 1110 s, 105 s.
    #[test]
    fn it_foretells_what_the_simulation_measures() {
        let rule = Rule::catching(1.25);
        for (rps, baseline, factor, measured) in [
            (100.0, 0.01, 2.0, 330.0),
            (100.0, 0.01, 5.0, 60.0),
            (10.0, 0.01, 2.0, 1125.0),
            (10.0, 0.01, 5.0, 105.0),
            (1000.0, 0.01, 2.0, 285.0),
        ] {
            let all = rps * 15.0;
            let counts = Counts { canary_bad: 0.0, canary_all: all, stable_bad: all * baseline, stable_all: all };
            let seconds = f64::from(looks_until_seen(&counts, factor, &rule, 100.0, 0).unwrap()) * 15.0;
            assert!((0.7..1.4).contains(&(seconds / measured)), "{rps} {baseline} ×{factor}: {seconds} of {measured}");
        }
    }

    #[test]
    fn what_is_tolerated_is_never_seen() {
        let counts = Counts { canary_bad: 0.0, canary_all: 1500.0, stable_bad: 15.0, stable_all: 1500.0 };
        assert_eq!(looks_until_seen(&counts, 1.2, &Rule::catching(1.25), 100.0, 0), None);
        assert_eq!(looks_until_seen(&Counts { stable_bad: 0.0, ..counts }, 9.0, &Rule::catching(1.25), 100.0, 0), None);
    }
}
