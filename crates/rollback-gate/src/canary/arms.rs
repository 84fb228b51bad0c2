//! Canary and stable as their processes count: what grew in each between two looks.

use std::time::Duration;

use slipway_core::Result;

use super::bound::Bound;
use super::comparison::Comparison;
use super::ledger::{Ledger, Metric};
use super::process::{Counts, Rule};
use super::recorded::Recorded;
use crate::ask::Asked;
use crate::counters::Counters;
use crate::endpoint::Endpoint;
use crate::exposition::Exposition;
use crate::histogram::Histogram;
use crate::moved;
use crate::traffic::{Gap, Names, Traffic};

/// The name of the metric of failed requests.
pub(crate) const ERRORS: &str = "errors";
/// The name of the metric of slow requests.
pub(crate) const LATENCY: &str = "latency";
/// The percentiles of stable at whose buckets' bounds durations are compared.
const PERCENTILES: [u32; 3] = [50, 90, 99];
/// The requests of stable from which its percentiles are known well enough to choose bounds.
const LEAST_HISTORY: f64 = 100.0;

/// What a metric counted so far, by part: requests that are bad, and all.
type Totals = Vec<Vec<(f64, f64)>>;

/// Where the counts of the two come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sides<'a> {
    /// From each process itself.
    Targets([&'a [Endpoint]; 2]),
    /// From a Prometheus server.
    Recorded,
}

/// The two groups of processes and what was learned from them.
#[derive(Debug)]
pub(crate) struct Arms {
    canary: Counters,
    stable: Counters,
    /// What a Prometheus server recorded of the two, and whether that was more than at the last comparison.
    recorded: [(Recorded, bool); 2],
    rule: Rule,
    ledger: Ledger,
    /// What each had counted when both were last read whole.
    before: Option<[Totals; 2]>,
    /// All that was compared in this run.
    compared: Vec<Vec<Counts>>,
    since: Duration,
    until: Duration,
}

impl Arms {
    /// Begins, or goes on with what an earlier watch learned.
    pub(crate) fn new(mut ledger: Ledger, rule: Rule) -> Self {
        ledger.bounds.iter_mut().for_each(|(_, bound)| bound.restart());
        Self {
            canary: Counters::default(),
            stable: Counters::default(),
            recorded: Default::default(),
            rule,
            ledger,
            before: None,
            compared: Vec::new(),
            since: Duration::ZERO,
            until: Duration::ZERO,
        }
    }

    /// Begins to count anew: what was counted so far was the doing of the version before.
    pub(crate) fn forget(&mut self) {
        (self.canary, self.stable, self.before) = (Counters::default(), Counters::default(), None);
        self.recorded = Default::default();
    }

    /// What stable counted, for checks that it may fail as well.
    pub(crate) fn stable_traffic(&self, names: &Names) -> Traffic {
        Traffic::read(&self.stable, names)
    }

    /// What of the canary moved most away from stable.
    pub(crate) fn moved(&self, names: &Names) -> Option<String> {
        moved::from_stable(&Traffic::read(&self.canary, names).found, &self.stable, &self.canary)
    }

    /// Takes in a look at both. Only looks at which every process answered are compared, so that both cover the same time; what a
    /// process counted meanwhile is in the next one.
    ///
    /// # Errors
    /// If the metrics are unclear, so that a person has to choose.
    pub(crate) fn look(
        &mut self,
        at: Duration,
        sides: Sides<'_>,
        answers: [&[&Asked]; 2],
        names: &Names,
    ) -> Result<Comparison> {
        let missing = self.learn(at, sides, answers, names)?;
        let (seconds, why) = ((self.until - self.since).as_secs_f64(), missing.unwrap_or_default());
        Ok(Comparison::new(&self.ledger, &self.compared, seconds, why))
    }

    /// Takes in what a check counted, bad requests and all, and gives the evidence that their share is above its bound.
    pub(crate) fn hold_against(&mut self, check: &str, bound: f64, (bad, all): (f64, f64)) -> f64 {
        let bounds = &mut self.ledger.bounds;
        let place = bounds.iter().position(|(known, _)| known == check).unwrap_or_else(|| {
            bounds.push((check.to_owned(), Bound::default()));
            bounds.len() - 1
        });
        bounds[place].1.observe(bound, bad, all)
    }

    /// What was learned, for the record.
    pub(crate) fn into_ledger(self) -> Ledger {
        self.ledger
    }

    /// Why nothing was learned, if so.
    fn learn(
        &mut self,
        at: Duration,
        sides: Sides<'_>,
        [canary, stable]: [&[&Asked]; 2],
        names: &Names,
    ) -> Result<Option<String>> {
        let read = match sides {
            Sides::Targets([canaries, stables]) => {
                let read = count(&mut self.canary, at, canaries, canary, names);
                read.and(count(&mut self.stable, at, stables, stable, names))
            }
            Sides::Recorded => self.count_recorded([canary, stable], names),
        };
        if let Err(why) = read {
            return Ok(Some(why));
        }
        let (canary, stable) = (Traffic::read(&self.canary, names), Traffic::read(&self.stable, names));
        if self.ledger.metrics.is_empty() {
            match self.open(&stable, names) {
                Ok(metrics) => self.ledger.metrics = metrics,
                Err(gap) => return why(gap).map(Some),
            }
        }
        let now = match (totals(&self.ledger, &canary), totals(&self.ledger, &stable)) {
            (Ok(canary), Ok(stable)) => [canary, stable],
            (Err(gap), _) => return why(gap).map(|why| Some(format!("the canary: {why}"))),
            (_, Err(gap)) => return why(gap).map(|why| Some(format!("stable: {why}"))),
        };
        match &self.before {
            None => self.since = at,
            Some(before) => {
                for (place, metric) in self.ledger.metrics.iter_mut().enumerate() {
                    let counts: Vec<Counts> = (0..metric.parts.len())
                        .map(|part| {
                            let grown = |arm: usize| {
                                let (bad, all) = now[arm][place][part];
                                let (bad_before, all_before) = before[arm][place][part];
                                ((bad - bad_before).max(0.0), (all - all_before).max(0.0))
                            };
                            let ((canary_bad, canary_all), (stable_bad, stable_all)) = (grown(0), grown(1));
                            Counts { canary_bad, canary_all, stable_bad, stable_all }
                        })
                        .collect();
                    metric.observe(&counts, &self.rule);
                    if self.compared.len() <= place {
                        self.compared.push(vec![Counts::default(); counts.len()]);
                    }
                    for (sum, counts) in self.compared[place].iter_mut().zip(&counts) {
                        sum.add(counts);
                    }
                }
            }
        }
        self.until = at;
        self.before = Some(now);
        Ok(None)
    }

    /// Takes in what the server recorded since. The two are compared when both have grown, so that both cover the same time.
    fn count_recorded(&mut self, answers: [&[&Asked]; 2], names: &Names) -> std::result::Result<(), String> {
        let sides = self.recorded.iter_mut().zip([&mut self.canary, &mut self.stable]).zip(answers);
        for (((recorded, has_grown), counters), answers) in sides {
            *has_grown |= recorded.observe(counters, answers, names)?;
        }
        if !self.recorded.iter().all(|(_, has_grown)| *has_grown) {
            return Err("the server scraped nothing new".into());
        }
        self.recorded.iter_mut().for_each(|(_, has_grown)| *has_grown = false);
        Ok(())
    }

    /// The time since both were last read whole.
    pub(crate) fn since(&self, at: Duration) -> Duration {
        at.saturating_sub(self.until)
    }

    /// The metrics that can be compared, chosen by stable alone and before anything is compared.
    fn open(&self, stable: &Traffic, names: &Names) -> std::result::Result<Vec<Metric>, Gap> {
        let mut metrics = Vec::new();
        let errors = stable.requests.as_ref().and_then(|requests| requests.errors.as_ref());
        if let Ok(_) | Err(Gap::Unclear(_)) = errors {
            errors.map_err(Clone::clone)?;
            metrics.push(Metric::new(ERRORS, &[None]));
        }
        match &stable.durations {
            Ok(_) => {
                let history = Traffic::history(&self.stable, names).durations?;
                if history.count() < LEAST_HISTORY {
                    let why = format!(
                        "stable has served {} requests, and its percentiles need {LEAST_HISTORY}",
                        history.count()
                    );
                    return Err(Gap::Missing(why));
                }
                let bounds = bounds(&history);
                if !bounds.is_empty() {
                    metrics.push(Metric::new(LATENCY, &bounds));
                }
            }
            Err(Gap::Unclear(error)) => return Err(Gap::Unclear(error.clone())),
            Err(Gap::Missing(_)) => {}
        }
        match (metrics.is_empty(), errors.err()) {
            (true, Some(gap)) => Err(gap.clone()),
            _ => Ok(metrics),
        }
    }
}

/// Takes in the answers of one group.
fn count(
    counters: &mut Counters,
    at: Duration,
    targets: &[Endpoint],
    answers: &[&Asked],
    names: &Names,
) -> std::result::Result<(), String> {
    let mut read = Ok(());
    for (index, (target, answer)) in targets.iter().zip(answers).enumerate() {
        let counted = answer.as_ref().map_err(Clone::clone).and_then(|answer| {
            let exposition = Exposition::parse(&answer.body)?;
            counters.observe(index, at, &exposition, |name| names.wants(name))
        });
        read = read.and(counted.map_err(|why| format!("{target}: {why}")));
    }
    read
}

/// The bounds of the buckets that hold stable's percentiles.
pub(super) fn bounds(history: &Histogram) -> Vec<Option<f64>> {
    let mut bounds: Vec<Option<f64>> = Vec::new();
    for percentile in PERCENTILES {
        let Some((lower, upper)) = history.quantile(percentile) else { continue };
        let bound = Some(if upper.is_finite() { upper } else { lower });
        if bound > Some(0.0) && !bounds.contains(&bound) {
            bounds.push(bound);
        }
    }
    bounds
}

/// What a group counted so far, by metric and part.
fn totals(ledger: &Ledger, traffic: &Traffic) -> std::result::Result<Totals, Gap> {
    let of_part = |bound: Option<f64>| match bound {
        None => {
            let requests = traffic.requests.as_ref().map_err(Clone::clone)?;
            Ok((requests.errors.clone()?, requests.all))
        }
        Some(bound) => {
            let histogram = traffic.durations.as_ref().map_err(Clone::clone)?;
            let within = histogram.up_to(bound).ok_or_else(|| {
                Gap::Missing(format!("the histogram has no bucket that ends at {bound} s, as stable's had"))
            })?;
            Ok((histogram.count() - within, histogram.count()))
        }
    };
    ledger.metrics.iter().map(|metric| metric.parts.iter().map(|part| of_part(part.bound)).collect()).collect()
}

fn why(gap: Gap) -> Result<String> {
    match gap {
        Gap::Missing(why) => Ok(why),
        Gap::Unclear(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_step_counts_from_its_own_beginning() {
        let rule = Rule::catching(1.25);
        let mut arms = Arms::new(Ledger::default(), rule);
        arms.hold_against("error-rate < 5%", 0.05, (0.0, 1000.0));
        let ledger = arms.into_ledger();
        let mut next = Arms::new(ledger.clone(), rule);
        let before = ledger.bounds[0].1.clone().observe(0.05, 0.0, 1000.0);
        let found = next.hold_against("error-rate < 5%", 0.05, (90.0, 900.0));
        assert!(found > 100.0 * before, "{found} {before}");
    }
}
