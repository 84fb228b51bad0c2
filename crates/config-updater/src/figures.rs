//! The four DORA figures of an environment, from its record alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use slipway_core::git::CommitId;
use slipway_core::order;
use slipway_gitops::{Ledger, Verdict};

const DAY: i64 = 24 * 60 * 60 * 1000;

/// How an environment is delivered to. Times are in milliseconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Figures {
    /// Deployments that are no rollbacks.
    pub(crate) deployments: usize,
    /// Deployments in a week of the period, which counts as a week at least.
    pub(crate) deployments_per_week: f64,
    /// The median time from a commit to the first deployment of what was built from it.
    pub(crate) lead_time: Option<i64>,
    /// Deployments that the lead time rests on: those whose commit can be read.
    pub(crate) lead_time_of: usize,
    /// Deployments that were taken back, or judged so.
    pub(crate) failed: usize,
    /// The share of deployments that failed.
    pub(crate) change_failure_rate: Option<f64>,
    /// The median time from a failed deployment to the next one, which restored the service.
    pub(crate) time_to_restore: Option<i64>,
}

/// The figures of some ledgers together; what was deployed before `since` does not count.
pub(crate) fn figures<'l>(
    ledgers: impl Iterator<Item = &'l Ledger>,
    times: &BTreeMap<CommitId, i64>,
    since: i64,
    now: i64,
) -> Figures {
    let mut figures = Figures::default();
    let (mut leads, mut restores) = (Vec::new(), Vec::new());
    let mut first = now;
    for ledger in ledgers {
        let judged = ledger.verdicts.entries.iter().filter(|entry| entry.record.verdict == Verdict::Rollback);
        let taken_back = ledger.deployments.iter().filter_map(|deployment| Some(&deployment.rollback.as_ref()?.of));
        let failed: BTreeSet<&CommitId> = order::set(judged.map(|entry| &entry.record.config_commit).chain(taken_back));
        let mut built: BTreeSet<&CommitId> = BTreeSet::new();
        let oldest_first = ledger.deployments.iter().enumerate().rev();
        for (index, deployment) in oldest_first.filter(|(_, deployment)| deployment.rollback.is_none()) {
            let is_first = deployment.release.source_commit.as_ref().filter(|commit| built.insert(commit));
            if deployment.time < since {
                continue;
            }
            figures.deployments += 1;
            first = first.min(deployment.time);
            leads.extend(is_first.and_then(|commit| times.get(commit)).map(|made| (deployment.time - made).max(0)));
            if failed.contains(&deployment.commit) {
                figures.failed += 1;
                let restored = index.checked_sub(1).map(|next| ledger.deployments[next].time);
                restores.extend(restored.map(|restored| (restored - deployment.time).max(0)));
            }
        }
    }
    let start = if since > 0 { since } else { first };
    let weeks = ((now - start) as f64 / (7 * DAY) as f64).max(1.0);
    figures.deployments_per_week = rounded(figures.deployments as f64 / weeks);
    figures.lead_time_of = leads.len();
    figures.lead_time = median(leads);
    figures.change_failure_rate =
        (figures.deployments > 0).then(|| rounded(figures.failed as f64 / figures.deployments as f64));
    figures.time_to_restore = median(restores);
    figures
}

fn rounded(number: f64) -> f64 {
    (number * 1000.0).round() / 1000.0
}

/// Of an even number, the lower of the two in the middle: a time that was really measured.
fn median(mut times: Vec<i64>) -> Option<i64> {
    order::sort(&mut times);
    times.get(times.len().saturating_sub(1) / 2).copied()
}

#[cfg(test)]
mod tests {
    use slipway_gitops::{Deployment, RecordPlace, Release, Rollback, VerdictEntry, VerdictLog, VerdictRecord};

    use super::*;

    const HOUR: i64 = DAY / 24;

    fn id(letter: char) -> CommitId {
        letter.to_string().repeat(40).parse().unwrap()
    }

    fn release(source: Option<char>) -> Release {
        Release {
            component: "shop".parse().unwrap(),
            version: "1.0.0".parse().unwrap(),
            images: Vec::new(),
            environment: "production".parse().unwrap(),
            source_commit: source.map(id),
            workflow_run: None,
        }
    }

    /// From commit, hour, source commit and what is taken back, oldest first.
    fn ledger(deployments: &[(char, i64, Option<char>, Option<char>)], rolled_back: &[char]) -> Ledger {
        let deployments = deployments.iter().rev().map(|(commit, hour, source, of)| Deployment {
            commit: id(*commit),
            time: hour * HOUR,
            release: release(*source),
            rollback: of.map(|of| Rollback { of: id(of), reason: "slow".into() }),
        });
        let entries = rolled_back.iter().map(|commit| VerdictEntry {
            commit: id('9'),
            time: 0,
            record: VerdictRecord {
                verdict: Verdict::Rollback,
                release: release(None),
                config_commit: id(*commit),
                decided_by: "rollback-gate".into(),
                detail: serde_json::Value::Null,
            },
        });
        let target = release(None).target();
        let verdicts =
            VerdictLog { target: target.clone(), place: RecordPlace::Ref, tip: None, entries: entries.collect() };
        Ledger { target, deployments: deployments.collect(), verdicts }
    }

    #[test]
    fn the_four_figures() {
        let shop = ledger(
            &[
                ('a', 100, Some('1'), None),
                ('b', 200, Some('2'), None),
                ('c', 203, Some('1'), Some('b')),
                ('d', 300, Some('3'), None),
                ('e', 301, Some('3'), None),
                ('f', 310, None, None),
            ],
            &['d', 'b'],
        );
        let times = order::map([(id('1'), 90 * HOUR), (id('2'), 140 * HOUR), (id('3'), 280 * HOUR)]);
        let all = figures([&shop].into_iter(), &times, 0, 100 * HOUR + 28 * DAY);
        assert_eq!((all.deployments, all.failed, all.change_failure_rate), (5, 2, Some(0.4)));
        assert_eq!(all.deployments_per_week, 1.25);
        // 10, 60 and 20 hours; that `3` was deployed again is no change.
        assert_eq!((all.lead_time, all.lead_time_of), (Some(20 * HOUR), 3));
        // 3 hours by a rollback, 1 hour by the next deployment.
        assert_eq!(all.time_to_restore, Some(HOUR));

        let late = figures([&shop].into_iter(), &times, 250 * HOUR, 310 * HOUR);
        assert_eq!((late.deployments, late.failed, late.lead_time), (3, 1, Some(20 * HOUR)));
        assert_eq!(late.deployments_per_week, 3.0, "a period counts as a week at least");
        let nothing = figures([].into_iter(), &times, 0, HOUR);
        assert_eq!(nothing, Figures::default());
    }

    #[test]
    fn what_was_never_restored_has_no_time() {
        let shop = ledger(&[('a', 100, None, None)], &['a']);
        let found = figures([&shop].into_iter(), &BTreeMap::new(), 0, 101 * HOUR);
        assert_eq!((found.failed, found.time_to_restore, found.lead_time), (1, None, None));
    }
}
