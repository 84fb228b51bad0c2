//! `mode: history`: deployments, rollbacks and verdicts of every environment, and its figures.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use slipway_core::git::CommitId;
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table, text};
use slipway_core::{EnvironmentName, context, order};
use slipway_gitops::{Deployment, Ledger, Release, Verdict, VerdictEntry};

use crate::figures::{Figures, figures};
use crate::overview::Overview;
use crate::shown::length;

/// The most events that the summary shows of an environment; the `json` output has them all.
const ROWS: usize = 50;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What happened, newest first, with the figures of each environment.
#[derive(Debug, Default)]
pub(crate) struct History {
    environments: Vec<(EnvironmentName, Vec<Event>, Figures)>,
    /// The days that are told; none for all.
    days: Option<u64>,
}

/// A deployment, a rollback or a verdict.
#[derive(Clone, Debug)]
struct Event {
    time: i64,
    kind: &'static str,
    commit: CommitId,
    release: Release,
    /// Who decided, or why it was taken back.
    note: String,
    /// The deployment that a rollback takes back or a verdict is about.
    of: Option<CommitId>,
}

impl Event {
    fn of_deployment(deployment: &Deployment) -> Self {
        let rollback = deployment.rollback.as_ref();
        Self {
            time: deployment.time,
            kind: if rollback.is_some() { "rollback" } else { "deployment" },
            commit: deployment.commit.clone(),
            release: deployment.release.clone(),
            note: rollback.map(|rollback| rollback.reason.clone()).unwrap_or_default(),
            of: rollback.map(|rollback| rollback.of.clone()),
        }
    }

    fn of_verdict(entry: &VerdictEntry) -> Self {
        let kind = match entry.record.verdict {
            Verdict::Promote => "verdict-promote",
            Verdict::Hold => "verdict-hold",
            Verdict::Rollback => "verdict-rollback",
        };
        Self {
            time: entry.time,
            kind,
            commit: entry.commit.clone(),
            release: entry.record.release.clone(),
            note: entry.record.decided_by.clone(),
            of: Some(entry.record.config_commit.clone()),
        }
    }

    fn words(&self) -> String {
        let of = self.of.as_ref().map(CommitId::short).unwrap_or_default();
        match self.kind {
            "deployment" => "deployed".into(),
            "rollback" => format!("**rolled back** {}", code(of)),
            verdict => format!("verdict: {} on {}", verdict.trim_start_matches("verdict-"), code(of)),
        }
    }

    fn to_json(&self) -> Value {
        let images: Vec<String> = self.release.images.iter().map(ToString::to_string).collect();
        json!({
            "time": context::rfc3339(self.time),
            "kind": self.kind,
            "component": self.release.component,
            "version": self.release.version,
            "images": images,
            "commit": self.commit,
            "of": self.of,
            "note": self.note,
            "source-commit": self.release.source_commit,
            "workflow-run": self.release.workflow_run,
        })
    }
}

impl History {
    /// What happened in so many days; 0 for all.
    pub(crate) fn of(overview: &Overview, days: u64) -> Self {
        let period = i64::try_from(days).unwrap_or(i64::MAX).saturating_mul(DAY);
        let since = if days == 0 { 0 } else { overview.now.saturating_sub(period).max(1) };
        let of_environment = |name: &EnvironmentName| {
            let ledgers: Vec<&Ledger> = overview
                .ledgers
                .iter()
                .map(|state| &state.ledger)
                .filter(|ledger| ledger.target.environment == *name)
                .collect();
            let deployments = ledgers.iter().flat_map(|ledger| &ledger.deployments).map(Event::of_deployment);
            let verdicts = ledgers.iter().flat_map(|ledger| &ledger.verdicts.entries).map(Event::of_verdict);
            // Verdicts first: where both are of one second, the verdict came later.
            let mut events: Vec<Event> = verdicts.chain(deployments).filter(|event| event.time >= since).collect();
            order::sort_by_key(&mut events, |event| std::cmp::Reverse(event.time));
            let figures = figures(ledgers.into_iter(), &overview.commit_times, since, overview.now);
            (name.clone(), events, figures)
        };
        let environments = overview.environments.iter().map(|environment| of_environment(&environment.name)).collect();
        Self { environments, days: Some(days).filter(|days| *days > 0) }
    }

    /// By environment: events, newest first, and figures.
    pub(crate) fn to_json(&self) -> Value {
        let of_environment = |(name, events, figures): &(EnvironmentName, Vec<Event>, Figures)| {
            let events: Vec<Value> = events.iter().map(Event::to_json).collect();
            (name.to_string(), json!({ "events": events, "figures": figures }))
        };
        self.environments.iter().map(of_environment).collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    pub(crate) fn summary(&self) -> String {
        let period = self.days.map(|days| format!(" of {days} days")).unwrap_or_default();
        let mut summary = format!("### History{period}\n\n");
        if self.environments.is_empty() {
            summary += "Nothing was ever deployed.\n";
        }
        for (name, events, figures) in &self.environments {
            summary += &format!("#### {}\n\n{}\n\n", text(name.as_str()), line(figures));
            let rows = events.iter().take(ROWS).map(|event| {
                [
                    context::day_and_time(event.time),
                    text(event.release.component.as_str()),
                    event.words(),
                    code(event.release.version.as_str()),
                    code(event.commit.short()),
                    text(&event.note),
                ]
            });
            if !events.is_empty() {
                summary += &table(["Time (UTC)", "Component", "What", "Version", "Commit", "By, or why"], rows);
                summary.push('\n');
            }
            if events.len() > ROWS {
                summary += &format!("{} more stand in the `json` output.\n\n", events.len() - ROWS);
            }
        }
        summary
    }
}

/// The figures in one sentence; what is not known is said so.
fn line(figures: &Figures) -> String {
    let Figures { deployments, deployments_per_week, lead_time, lead_time_of, failed, time_to_restore, .. } = figures;
    if *deployments == 0 {
        return "No deployment.".into();
    }
    let lead = match lead_time {
        Some(time) => format!("lead time {} (median of {lead_time_of})", length(*time)),
        None => "lead time not known: no source commit can be read here".into(),
    };
    let rate = figures.change_failure_rate.unwrap_or_default() * 100.0;
    let restore = match (time_to_restore, failed) {
        (Some(time), _) => format!("time to restore {} (median)", length(*time)),
        (None, 0) => "nothing to restore".into(),
        (None, _) => "not restored yet".into(),
    };
    format!(
        "{} ({deployments_per_week} a week) · {lead} · {failed} failed ({rate:.1} %) · {restore}",
        counted(*deployments, "deployment")
    )
}
