//! From looks to a verdict: a pure function, the same under a real and a virtual clock.
//!
//! - **rollback** as soon as a check failed for good or on `failure-limit` looks in a row, or the canary is certain to be worse than stable; at the end, if a measurement fails or a probe was never
//!   good. A probe that was not good yet is waited for, because a release takes time to start.
//! - **hold** at the end, if it is not certain yet that the canary is as good as stable, if a measurement has no evidence, a probe failed again and again but not in a row, fails right now, or the
//!   release was in service for less than half of the time.
//! - **promote** at the end otherwise.

use std::time::Duration;

use serde::Serialize;
use slipway_gitops::Verdict;

use crate::canary::{Compared, Comparison, Limits};
use crate::check::{Check, Observation, Standing, Test};
use crate::shown;
use crate::tally::Tally;

/// A verdict and the sentence that justifies it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// What is concluded.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
}

/// What all checks saw at one time.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Look {
    /// Milliseconds since the first look.
    pub at: u64,
    /// By check, in their order.
    pub observations: Vec<Observation>,
    /// The canary beside stable, if they are compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canary: Option<Comparison>,
}

/// What a verdict needs to know beside the looks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// How long is looked.
    pub(crate) duration: Duration,
    /// The failed looks in a row that lead to a rollback.
    pub(crate) failure_limit: u32,
    /// The evidence that decides about a canary.
    pub(crate) limits: Option<Limits>,
}

/// The looks so far.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    terms: Terms,
    tallies: Vec<Tally>,
    /// When every probe had been good.
    up_since: Option<Duration>,
    /// The canary beside stable, so far.
    compared: Option<Comparison>,
}

/// What looks came to.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The decision that ended them before the time was over.
    pub(crate) certain: Option<Decision>,
    /// What they mean if the time is over.
    pub(crate) at_end: Decision,
    /// How the checks fared.
    pub(crate) tallies: Vec<Tally>,
}

impl Judged {
    /// The decision.
    pub(crate) fn decision(&self) -> &Decision {
        self.certain.as_ref().unwrap_or(&self.at_end)
    }
}

impl Engine {
    /// Begins without a look.
    pub(crate) fn new(checks: &[Check], terms: Terms) -> Self {
        let tallies = checks.iter().map(|check| {
            let is_probe = matches!(check.test, Test::Probe(_));
            Tally {
                check: check.text.clone(),
                is_probe,
                is_awaited: is_probe || check.test.tells_arrival(),
                ..Tally::default()
            }
        });
        Self { terms, tallies: tallies.collect(), up_since: None, compared: None }
    }

    /// Takes in a look; a decision ends the watch.
    pub(crate) fn look(&mut self, look: &Look) -> Option<Decision> {
        let bounds = look.canary.as_ref().map(|compared| compared.bounds.as_slice()).unwrap_or_default();
        for (tally, observation) in self.tallies.iter_mut().zip(&look.observations) {
            tally.add(observation);
            let bound = bounds.iter().find(|(check, _)| *check == tally.check);
            tally.evidence = bound.map(|(_, evidence)| *evidence).or(tally.evidence);
        }
        if self.up_since.is_none() && self.tallies.iter().all(|tally| !tally.is_awaited || tally.good > 0) {
            self.up_since = Some(Duration::from_millis(look.at));
        }
        self.compared.clone_from(&look.canary);
        if let Some(decision) = self.outdone() {
            return Some(decision);
        }
        let limit = self.terms.failure_limit;
        let in_a_row = |tally: &Tally| !tally.is_waiting() && tally.streak >= limit && self.doubt(tally).is_none();
        let failed = self.tallies.iter().find(|tally| tally.is_final() || in_a_row(tally))?;
        let times = match limit {
            _ if failed.is_final() => "for good".into(),
            1 => "on a look".into(),
            _ => format!("on {limit} looks in a row"),
        };
        Some(failed.decide(Verdict::Rollback, format!("failed {times}: {}", failed.seen())))
    }

    /// Judges looks that were taken until one of them was certain, or the time was over.
    pub(crate) fn judge(checks: &[Check], terms: Terms, looks: &[Look]) -> Judged {
        let mut engine = Self::new(checks, terms);
        let certain = looks.iter().map(|look| engine.look(look)).last().flatten();
        Judged { certain, at_end: engine.end(), tallies: engine.tallies }
    }

    /// The decision when the time is over.
    pub(crate) fn end(&self) -> Decision {
        let find = |test: &dyn Fn(&Tally) -> Option<Decision>| self.tallies.iter().find_map(test);
        let duration = shown::duration(self.terms.duration);
        let never_good = |tally: &Tally| {
            let reason = format!("was not good once in {duration}: {}", tally.seen());
            tally.is_waiting().then(|| tally.decide(Verdict::Rollback, reason))
        };
        let failing = |tally: &Tally| {
            let fails = !tally.is_probe && tally.standing() == Standing::Bad;
            let (verdict, doubt) = match self.doubt(tally) {
                Some(doubt) => (Verdict::Hold, doubt),
                None => (Verdict::Rollback, String::new()),
            };
            fails.then(|| tally.decide(verdict, format!("fails at the end: {}{doubt}", tally.seen())))
        };
        let without_evidence = |tally: &Tally| {
            let is_without = tally.standing() == Standing::None || tally.silent >= self.terms.failure_limit;
            is_without.then(|| tally.decide(Verdict::Hold, format!("has no evidence: {}", tally.why)))
        };
        let unsteady = |tally: &Tally| {
            let reason = match (tally.failures >= self.terms.failure_limit, tally.streak > 0) {
                (true, _) => {
                    format!("failed on {} looks, though never on {} in a row", tally.failures, self.terms.failure_limit)
                }
                (false, true) => format!("failed on the last look: {}", tally.seen()),
                (false, false) => return None,
            };
            tally.is_probe.then(|| tally.decide(Verdict::Hold, reason))
        };
        find(&never_good)
            .or_else(|| find(&failing))
            .or_else(|| find(&without_evidence))
            .or_else(|| find(&unsteady))
            .or_else(|| self.late())
            .or_else(|| self.undecided())
            .unwrap_or_else(|| self.promote(&duration))
    }

    /// Why what a check saw may be chance, where the budget of false rollbacks holds for it too.
    fn doubt(&self, tally: &Tally) -> Option<String> {
        let (evidence, limits) = tally.evidence.zip(self.terms.limits)?;
        let (found, enough) = (shown::figures(evidence), shown::figures(limits.against));
        (evidence < limits.against).then(|| format!(", which may be chance: E = {found} where {enough} is enough"))
    }

    /// Whether the release came into service so late that little was seen of it.
    fn late(&self) -> Option<Decision> {
        let up_since = self.up_since.unwrap_or(self.terms.duration);
        (up_since * 2 > self.terms.duration).then(|| Decision {
            verdict: Verdict::Hold,
            reason: format!(
                "the release came into service after {} of {}, so too little was seen of it",
                shown::clock(up_since),
                shown::clock(self.terms.duration)
            ),
        })
    }

    /// Whether the canary is worse than stable.
    fn outdone(&self) -> Option<Decision> {
        let (compared, limits) = self.compared.as_ref().zip(self.terms.limits)?;
        (compared.against >= limits.against).then(|| Decision {
            verdict: Verdict::Rollback,
            reason: format!(
                "the {} is worse than {}: {}, E = {} where {} is enough",
                limits.sides[0],
                limits.sides[1],
                compared.worst().map(Compared::shown).unwrap_or_default(),
                shown::figures(compared.against),
                shown::figures(limits.against)
            ),
        })
    }

    /// Whether it is still open that the canary is as good as stable.
    fn undecided(&self) -> Option<Decision> {
        let limits = self.terms.limits?;
        let nothing = Comparison::default();
        let compared = self.compared.as_ref().unwrap_or(&nothing);
        let reason = match compared.least_certain() {
            _ if compared.favour >= limits.favour => return None,
            Some(metric) => format!(
                "whether the {} is as good as {} is not certain yet: {}, E = {} where {} is enough to promote, and {} \
                 where {} is enough to roll back{}",
                limits.sides[0],
                limits.sides[1],
                metric.shown(),
                shown::figures(compared.favour),
                shown::figures(limits.favour),
                shown::figures(compared.against),
                shown::figures(limits.against),
                if compared.why.is_empty() { String::new() } else { format!("; at last {}", compared.why) }
            ),
            None => {
                let why = if compared.why.is_empty() { String::new() } else { format!(": {}", compared.why) };
                format!("{} and {} were not compared{why}", limits.sides[0], limits.sides[1])
            }
        };
        Some(Decision { verdict: Verdict::Hold, reason })
    }

    fn promote(&self, duration: &str) -> Decision {
        let count = self.tallies.len();
        let compared = self.compared.as_ref().and_then(Comparison::worst).filter(|_| self.terms.limits.is_some());
        let [one, other] = self.terms.limits.map_or(["", ""], |limits| limits.sides);
        let canary = compared.map(|metric| format!("the {one} is as good as {other}: {}", metric.shown()));
        let checks = match count {
            0 => {
                let verdict = if canary.is_some() { Verdict::Promote } else { Verdict::Hold };
                return Decision { verdict, reason: canary.unwrap_or_else(|| "there was nothing to judge".into()) };
            }
            1 => "the check was".into(),
            _ => format!("all {count} checks were"),
        };
        let failures: u32 = self.tallies.iter().filter(|tally| tally.is_probe).map(|tally| tally.failures).sum();
        let but = match failures {
            0 => String::new(),
            1 => ", but for 1 failed look that passed".into(),
            _ => format!(", but for {failures} failed looks that passed"),
        };
        Decision {
            verdict: Verdict::Promote,
            reason: format!(
                "{checks} good for {duration}{but}{}",
                canary.map_or(String::new(), |canary| format!("; {canary}"))
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms = Terms { duration: Duration::from_secs(100), failure_limit: 3, limits: None };

    #[test]
    fn a_release_that_argo_cd_brings_late_is_on_hold() {
        for (looks_before, verdict) in [(4, Verdict::Promote), (6, Verdict::Hold), (11, Verdict::Hold)] {
            let checks = ["argocd https://x shop".parse::<Check>().unwrap()];
            let mut engine = Engine::new(&checks, TERMS);
            for look in 0..=10 {
                let there = Observation::probed(true, "Synced and Healthy");
                let seen = if look < looks_before { Observation::none("it is elsewhere") } else { there };
                let look = Look { at: look * 10_000, observations: vec![seen], canary: None };
                assert_eq!(engine.look(&look), None);
            }
            assert_eq!(engine.end().verdict, verdict, "{}", engine.end().reason);
        }
    }

    /// Runs the engine under a virtual clock, a look every 10 s, over what one probe and one measurement saw: `g`ood, `b`ad, bad with
    /// nothing new (`s`tale), nothing learned (`n`), measured but undecided (`u`). Gives the number of looks and the decision.
    fn judge(probe: &str, measurement: &str) -> (usize, Decision) {
        let checks: Vec<Check> = ["health https://x/", "error-rate < 5%"].map(|line| line.parse().unwrap()).into();
        let mut engine = Engine::new(&checks, TERMS);
        let mut requests = 100;
        for (index, (probe, measurement)) in probe.chars().zip(measurement.chars()).enumerate() {
            requests += u64::from(measurement != 's');
            let observe = |seen: char, value: [&str; 2], samples: Option<u64>| match seen {
                'g' => Observation { samples, ..Observation::probed(true, value[0]) },
                'b' | 's' => Observation { samples, ..Observation::probed(false, value[1]) },
                'u' => Observation { samples, ..Observation::none("undecided") },
                _ => Observation::none("nothing was scraped"),
            };
            let observations =
                vec![observe(probe, ["200", "503"], None), observe(measurement, ["1%", "9%"], Some(requests))];
            if let Some(decision) = engine.look(&Look { at: index as u64 * 10_000, observations, canary: None }) {
                return (index + 1, decision);
            }
        }
        (probe.len(), engine.end())
    }

    #[test]
    fn looks_lead_to_a_verdict() {
        use Verdict::{Hold, Promote, Rollback};
        for (probe, measurement, looks, verdict, reason) in [
            ("ggggggggggg", "nnggggggggg", 11, Promote, "all 2 checks were good for 1m40s"),
            // A measurement that fails is certain after three looks in a row, but not by the same requests.
            (
                "ggggggggggg",
                "nbbbggggggg",
                4,
                Rollback,
                "`error-rate < 5%` failed on 3 looks in a row: 9% of 104 requests",
            ),
            ("ggggggggggg", "nbbgbbggggg", 11, Promote, "all 2 checks were good for 1m40s"),
            ("ggggggggggg", "nbssssssssg", 11, Promote, "all 2 checks were good for 1m40s"),
            ("ggggggggggg", "nbsssssssss", 11, Rollback, "`error-rate < 5%` fails at the end: 9% of 102 requests"),
            ("ggggggggggg", "gggggggggbb", 11, Rollback, "`error-rate < 5%` fails at the end: 9% of 111 requests"),
            (
                "ggggggggggg",
                "nbnnbnnbggg",
                8,
                Rollback,
                "`error-rate < 5%` failed on 3 looks in a row: 9% of 108 requests",
            ),
            ("ggggggggggg", "nbbubbubbug", 11, Promote, "all 2 checks were good for 1m40s"),
            // A release takes time to start; that it never does is certain only at the end.
            ("bbbbbgggggg", "nnnnnnggggg", 11, Promote, "all 2 checks were good for 1m40s"),
            (
                "bbbbbbbgggg",
                "nnnnnnngggg",
                11,
                Hold,
                "the release came into service after 1:10 of 1:40, so too little was seen of it",
            ),
            ("bbbbbbbbbbb", "nnnnnnnnnnn", 11, Rollback, "`health https://x/` was not good once in 1m40s: 503"),
            ("bbbbbbbbbbb", "ggggggggggg", 11, Rollback, "`health https://x/` was not good once in 1m40s: 503"),
            ("gggbbbggggg", "ggggggggggg", 6, Rollback, "`health https://x/` failed on 3 looks in a row: 503"),
            (
                "ggbbggbbggg",
                "ggggggggggg",
                11,
                Hold,
                "`health https://x/` failed on 4 looks, though never on 3 in a row",
            ),
            (
                "gggggbggbgg",
                "ggggggggggg",
                11,
                Promote,
                "all 2 checks were good for 1m40s, but for 2 failed looks that passed",
            ),
            ("ggggggggggb", "ggggggggggg", 11, Hold, "`health https://x/` failed on the last look: 503"),
            // Without evidence nobody knows.
            ("ggggggggggg", "nnnnnnnnnnn", 11, Hold, "`error-rate < 5%` has no evidence: nothing was scraped"),
            ("ggggggggggg", "ggggggggnnn", 11, Hold, "`error-rate < 5%` has no evidence: nothing was scraped"),
            ("ggggggggggg", "gggggggggnn", 11, Promote, "all 2 checks were good for 1m40s"),
            ("ggggggggggg", "ggggggggggu", 11, Hold, "`error-rate < 5%` has no evidence: undecided"),
            ("ggggggggggg", "gggggggbnnn", 11, Rollback, "`error-rate < 5%` fails at the end: 9% of 108 requests"),
        ] {
            let expected = (looks, Decision { verdict, reason: reason.into() });
            assert_eq!(judge(probe, measurement), expected, "{probe} {measurement}");
        }
    }

    #[test]
    fn a_limit_of_one_leaves_no_second_look() {
        let checks: Vec<Check> = vec!["health https://x/".parse().unwrap()];
        let mut engine = Engine::new(&checks, Terms { failure_limit: 1, ..TERMS });
        let look = |standing| Look {
            at: 0,
            observations: vec![Observation { standing, ..Observation::probed(true, "v") }],
            canary: None,
        };
        assert_eq!(engine.look(&look(Standing::Bad)), None, "it may still start");
        assert_eq!(engine.look(&look(Standing::Good)), None);
        let decision = engine.look(&look(Standing::Bad)).unwrap();
        assert_eq!(decision.reason, "`health https://x/` failed on a look: v");
    }
}
