//! What rollback-gate tells.

use std::time::Duration;

use serde_json::Value;
use slipway_core::report::OutputSpec;
use slipway_core::text::markdown::{code, table, text};
use slipway_core::{Error, ErrorKind, Report};
use slipway_gitops::{Shipped, Verdict};

use crate::analysis::{Phase, Replay, seconds};
use crate::apply::Outcome;
use crate::canary::{Calibration, Comparison};
use crate::chart::Series;
use crate::check::Observation;
use crate::engine::Decision;
use crate::evidence::short;
use crate::inputs::{FailOn, Inputs, Mode, OnFailure};
use crate::plan::Plan;
use crate::shown;
use crate::state::State;
use crate::tally::Tally;

/// How many commits of the release are listed at most.
const COMMITS: usize = 20;
/// How many charts a summary holds at most.
const CHARTS: usize = 8;

/// The table of outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new(
        "verdict",
        "`promote`, `hold` or `rollback`; empty in `await`, and in `plan` unless the release was rolled back already.",
    ),
    OutputSpec::new("reason", "The sentence that justifies the verdict."),
    OutputSpec::new("release", "Version that was judged; empty without `environment` and `component`."),
    OutputSpec::new("rolled-back", "`true` if the verified release was restored, by this run or by one before it."),
    OutputSpec::new("restored-version", "Version that was restored; empty if none was."),
    OutputSpec::new(
        "frozen",
        "`true` if the release is bad and nothing could be taken back, so that it is still deployed: nothing is verified, it is \
         irreversible, or somebody changed what it wrote.",
    ),
    OutputSpec::new("decided-by", "Who decided: `rollback-gate`, or the person who asked."),
    OutputSpec::new(
        "config-commit",
        "Commit of the config repository that is deployed now: the rollback, or else the deployment that was judged.",
    ),
    OutputSpec::new(
        "record-commit",
        "Commit of the record that holds the verdict, by this run or by one before it; empty if nothing was recorded.",
    ),
];

pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let mut report = Report::default();
    let decision = outcome.and_then(|outcome| outcome.decision.as_ref()).or(plan.decision.as_ref());
    let state = plan.state.as_ref();
    let restored = match outcome {
        Some(outcome) => outcome.restored.as_ref(),
        None => state.and_then(|state| state.restored.as_ref()).map(|newest| &newest.release),
    };
    let config_commit = outcome
        .and_then(|outcome| outcome.rollback_commit.as_ref())
        .or_else(|| state.map(|state| state.restored.as_ref().map_or(&state.judged.commit, |newest| &newest.commit)));
    let record_commit = outcome.and_then(|outcome| outcome.record_commit.as_ref());
    report.output("verdict", decision.map_or("", |decision| decision.verdict.as_str()));
    let invalid = plan.replay.as_ref().and_then(|replay| replay.reason.as_deref());
    report.output("reason", invalid.or(decision.map(|decision| decision.reason.as_str())).unwrap_or_default());
    report.output("release", state.map_or("", State::version));
    report.output("rolled-back", restored.is_some());
    report.output("restored-version", restored.map_or("", |release| release.version.as_str()));
    report.output("frozen", outcome.is_some_and(|outcome| outcome.obstacle.is_some()));
    report.output("decided-by", decision.map_or("", |_| plan.decided_by.as_str()));
    report.output("config-commit", config_commit.map_or("", |commit| commit.as_str()));
    report.output("record-commit", record_commit.map_or("", |commit| commit.as_str()));
    if let Some(compared) = plan.looks.last().and_then(|look| look.canary.as_ref()) {
        report.detail("canary", serde_json::to_value(compared).unwrap_or(Value::Null));
    }
    if let Some(calibration) = &plan.calibration {
        report.detail("calibration", serde_json::to_value(calibration).unwrap_or(Value::Null));
    }
    report.detail("evidence", serde_json::to_value(&plan.evidence).unwrap_or(Value::Null));
    report.detail("checks", serde_json::to_value(&plan.checks).unwrap_or(Value::Null));
    analyse(&mut report, plan);

    report.summary = summary(inputs, plan, decision, outcome);
    if inputs.ignores_config {
        report.warn(
            "reports alone are judged before a deployment, so nothing is recorded: add `checks` to judge what is deployed",
        );
    }
    for warning in plan.outlook.iter().flat_map(|outlook| &outlook.warnings) {
        report.warn(warning.clone());
    }
    if let Some(outcome) = outcome {
        warn(&mut report, outcome);
        let fails = |decision: &&Decision| inputs.fail_on != FailOn::Rollback || decision.verdict != Verdict::Hold;
        let refusal = decision.filter(fails).and_then(|decision| refusal(inputs, decision, state, outcome));
        report.refusal = refusal.map(|refusal| with_runbook(refusal, inputs));
    }
    report
}

/// The keys of an analysis in the `json` output, as recorded cases expect them.
fn analyse(report: &mut Report, plan: &Plan) {
    let replayed = plan.replay.as_ref().map(|replay| (replay.reason.is_none(), replay.analysis.as_ref()));
    let Some((valid, analysis)) = replayed.or_else(|| plan.analysis.as_ref().map(|analysis| (true, Some(analysis))))
    else {
        return;
    };
    report.detail("valid", valid);
    report.detail("run_phase", analysis.map_or(Phase::Error, |analysis| analysis.phase).name());
    if let Some(analysis) = analysis {
        report.detail("end_s", seconds(analysis.took));
        report.detail("metrics", analysis.metrics_as_json());
    }
}

fn summary(inputs: &Inputs, plan: &Plan, decision: Option<&Decision>, outcome: Option<&Outcome>) -> String {
    if let Some(calibration) = &plan.calibration {
        return calibrated(inputs, calibration);
    }
    let subject = plan.state.as_ref().map_or("the service".to_owned(), |state| {
        let release = &state.judged.release;
        format!(
            "{} in {}",
            code(&format!("{} {}", release.component, release.version)),
            code(release.environment.as_str())
        )
    });
    let mut summary = match decision {
        Some(Decision { verdict, reason }) => {
            let by =
                if inputs.request.is_some() { format!(", says {}", code(&plan.decided_by)) } else { String::new() };
            format!("### {} {subject}: **{}**{by}\n\n{}.\n\n", sign(*verdict), verdict.as_str(), prose(reason))
        }
        None if inputs.mode == Mode::Await => format!("### {subject} is in service\n\n"),
        None => format!("### Plan for {subject}\n\n"),
    };
    if let Some(outcome) = outcome {
        summary += &deeds(outcome);
    }
    if inputs.mode == Mode::Replay {
        return summary + &plan.replay.as_ref().map_or(String::new(), Replay::summary);
    }
    if decision.is_some_and(|decision| decision.verdict != Verdict::Promote) {
        summary += &plan.moved.as_ref().map_or(String::new(), |moved| format!("Look first at {}.\n\n", prose(moved)));
        summary += &plan.shipped.as_ref().map_or(String::new(), brought);
    }
    if let Some(rollout) = &plan.rollout {
        summary += &rollout.summary(outcome.and_then(|outcome| outcome.progress.as_ref()));
    }
    if let Some(runbook) = &inputs.telling.runbook {
        summary += &format!("What to do: <{runbook}>\n\n");
    }
    if !plan.evidence.is_empty() {
        let rows = plan.evidence.iter().map(|seen| {
            let Observation { standing, value, samples, why, .. } = &seen.observation;
            let samples = samples.map_or(String::new(), |samples| samples.to_string());
            let commit = seen.commit.as_ref().map_or(String::new(), |commit| code(short(commit)));
            [code(&seen.evidence), standing.name().into(), text(value), samples, commit, prose(why)]
        });
        summary += &table(["Evidence", "Stands", "Value", "Of", "Commit", "Why"], rows);
        summary += "\n";
    }
    if let Some(analysis) = &plan.analysis {
        summary += &analysis.summary();
        summary.push('\n');
    }
    let compared = plan.looks.last().and_then(|look| look.canary.as_ref());
    if let Some(compared) = compared {
        summary += &comparison(inputs, compared);
    }
    if !plan.looks.is_empty() && !plan.checks.is_empty() {
        let checks = inputs.checks.iter().enumerate();
        let series: Vec<Option<Series>> = checks.map(|(index, check)| Series::of(check, index, &plan.looks)).collect();
        summary += &table(
            ["Check", "Stands", "Value", "Threshold", "Requests", "Trend", "Looks good / bad / none", "Why"],
            plan.checks.iter().zip(&series).map(|(tally, series)| row(tally, series.as_ref())),
        );
        for chart in series.iter().flatten().take(CHARTS).map(Series::chart) {
            summary += &format!("\n{chart}");
        }
    }
    if decision.is_none() && inputs.has_looks() {
        summary += &expectation(inputs, plan);
    }
    if plan.checks.is_empty() || inputs.request.is_some() {
        return summary;
    }
    summary
        + "\nPlain thresholds give no guarantee against false rollbacks: how often a good release is rolled back depends on the \
           bounds and on chance.\n"
}

/// What the comparison would have done.
fn calibrated(inputs: &Inputs, calibration: &Calibration) -> String {
    let length = |seconds: Option<f64>| {
        seconds.map_or("not in any sensible time".into(), |seconds| shown::about(Duration::from_secs_f64(seconds)))
    };
    let rows = calibration.regressions.iter().map(|found| {
        [
            format!("{}x", found.regression),
            format!("{} of {}", found.rolled_back, calibration.watches),
            length(found.doubling),
            length(found.fivefold),
        ]
    });
    let history = shown::about(Duration::from_secs_f64(calibration.seconds));
    let budget = inputs.calibrate.as_ref().map_or(0.0, |calibrate| 1.0 / calibrate.limits.against);
    format!(
        "### Calibration over {history} of {} processes\n\nEach process was compared with the others for {}, as if it were a canary, \
         {} times in all. They were all the same, so every rollback would have been false.\n\n{}\n{}\n",
        calibration.processes,
        shown::duration(inputs.terms.duration),
        calibration.watches,
        table(["`regression`", "Rolled back", "A doubling is seen in", "Five times as many in"], rows),
        match calibration.advice {
            Some(regression) => format!(
                "`regression: {regression}x` is the least that keeps the budget of {}.",
                shown::percent(budget, 1.0)
            ),
            None => format!(
                "None of these keeps the budget of {}: compare the canary with a baseline of its own, in as many processes started at \
                 the same time.",
                shown::percent(budget, 1.0)
            ),
        }
    )
}

/// The canary beside stable.
fn comparison(inputs: &Inputs, compared: &Comparison) -> String {
    let Some(terms) = &inputs.canary else { return String::new() };
    let rows = compared.metrics.iter().map(|metric| {
        let counts = &metric.counts;
        let share = |bad: f64, all: f64| if all > 0.0 { shown::percent(bad, all) } else { String::new() };
        [
            text(&metric.name),
            format!("{} of {}", share(counts.canary_bad, counts.canary_all), counts.canary_all),
            format!("{} of {}", share(counts.stable_bad, counts.stable_all), counts.stable_all),
            text(&metric.estimate()),
            shown::figures(metric.against),
            shown::figures(metric.favour),
        ]
    });
    let head = ["Bad requests", "Canary", "Stable", "Ratio", "E that it is worse", "E that it is as good"];
    let mut summary = table(head, rows);
    summary += &format!(
        "\nAll in all E = {} that the canary is more than {} times as bad; {} is enough to roll back. A release that is not is rolled \
         back by this with a chance of at most {}, over all metrics, steps and runs. E = {} that it is as good; {} in every row is enough.\n\n",
        shown::figures(compared.against),
        terms.rule.tolerated,
        shown::figures(terms.limits.against),
        shown::percent(1.0, terms.limits.against),
        shown::figures(compared.favour),
        shown::figures(terms.limits.favour),
    );
    if !compared.why.is_empty() {
        summary += &format!("Nothing was learned at the last look: {}.\n\n", prose(&compared.why));
    }
    summary
}

/// A sentence of ours in which `code` is code.
fn prose(sentence: &str) -> String {
    let parts = sentence.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 0 { text(part) } else { code(part) }).collect()
}

/// The sign of a verdict.
pub(crate) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Promote => "✅",
        Verdict::Hold => "⏸️",
        Verdict::Rollback => "❌",
    }
}

fn row(tally: &Tally, series: Option<&Series>) -> [String; 8] {
    let nothing = Observation::none("it was not looked at");
    let seen = tally.latest.as_ref().unwrap_or(&nothing);
    [
        code(&tally.check),
        seen.standing.name().into(),
        text(&seen.value),
        text(threshold(&tally.check)),
        seen.samples.map_or(String::new(), |samples| samples.to_string()),
        series.map_or(String::new(), Series::trend),
        format!("{} / {} / {}", tally.good, tally.bad, tally.none),
        prose(&seen.why),
    ]
}

/// The commits of the release, where the fault may lie.
fn brought(shipped: &Shipped) -> String {
    let Shipped { commits, count, unknown } = shipped;
    if let Some(why) = unknown {
        return format!("What the release brought is not known: {}.\n\n", prose(why));
    }
    let shown = commits.iter().take(COMMITS);
    let mut lines: String =
        shown.map(|commit| format!("- {} {}\n", code(commit.id.short()), text(&commit.subject))).collect();
    if *count > COMMITS {
        lines += &format!("- and {} more\n", count - COMMITS);
    }
    if lines.is_empty() { lines } else { format!("What the release brought:\n\n{lines}\n") }
}

/// What a check is held against: `< 5%`.
fn threshold(check: &str) -> &str {
    // An address can hold these signs too; a comparison stands after a space.
    let start = [" <", " >", " ="].iter().filter_map(|sign| check.rfind(sign)).max();
    start.map_or("", |start| &check[start + 1..])
}

/// What was done, in sentences.
fn deeds(outcome: &Outcome) -> String {
    let mut deeds = String::new();
    if let Some(release) = &outcome.restored {
        let by =
            outcome.rollback_commit.as_ref().map_or(String::new(), |commit| format!(" by {}", code(commit.short())));
        deeds += &format!("Restored {}{by}", code(release.version.as_str()));
        deeds += &match &outcome.watch {
            Some(watch) => {
                let took = shown::seconds(watch.took as f64 / 1000.0);
                match watch.healthy {
                    Some(true) => format!("; it was healthy after {took}.\n\n"),
                    Some(false) => format!("; **it was not healthy within {took}**: {}.\n\n", prose(&watch.why)),
                    None => format!("; whether it is healthy is not known: {}.\n\n", prose(&watch.why)),
                }
            }
            None => ".\n\n".into(),
        };
    }
    if let Some(obstacle) = &outcome.obstacle {
        deeds += &format!("**Frozen, not rolled back:** {}.\n\n", prose(&obstacle.0.to_string()));
    }
    if let Some(commit) = &outcome.record_commit {
        deeds += &format!("The verdict is recorded by {}.\n\n", code(commit.short()));
    }
    deeds
}

/// What would be read, and what would lead to each verdict.
fn expectation(inputs: &Inputs, plan: &Plan) -> String {
    let mut expectation =
        table(["Check", "Reads, and is good if"], plan.rules.iter().map(|rule| [code(&rule.check), prose(&rule.rule)]));
    let (limit, duration) = (inputs.terms.failure_limit, shown::duration(inputs.terms.duration));
    expectation += &format!(
        "\nA look every {} for {duration}:\n\n\
         - **rollback** as soon as a check is bad on {limit} looks in a row; at the end, if a measurement is bad, or a `health` or \
         `version` check was not good once\n\
         - **hold** at the end, if there is no evidence for a measurement, a `health` or `version` check is bad on the last look \
         or was on {limit} looks in all, or the release was in service for less than half of the time\n\
         - **promote** at the end otherwise\n",
        shown::duration(inputs.interval)
    );
    if let Some(outlook) = &plan.outlook {
        expectation += "\nThe canary beside stable:\n\n";
        for power in &outlook.power {
            expectation += &format!("- {}\n", prose(&power.sentence));
        }
        for warning in &outlook.warnings {
            expectation += &format!("- ⚠️ {}\n", prose(warning));
        }
    }
    if let Some(state) = &plan.state {
        let verified = state.verified.as_ref().map(|verified| code(verified.release.version.as_str()));
        expectation += &match (inputs.on_failure, verified) {
            (OnFailure::Report, _) => "\nA rollback would be recorded, and nothing else done.\n".into(),
            (OnFailure::Rollback, Some(verified)) => format!("\nA rollback would restore {verified}.\n"),
            (OnFailure::Rollback, None) => {
                "\n**A rollback would be refused: no other release was ever verified here.**\n".into()
            }
        };
    }
    expectation
}

fn warn(report: &mut Report, outcome: &Outcome) {
    outcome.warnings.iter().for_each(|warning| report.warn(warning.clone()));
    let Some(watch) = &outcome.watch else { return };
    match watch.healthy {
        Some(false) => report.warn(format!("the restored release is not healthy: {}", watch.why)),
        None => report.warn(format!("whether the restored release is healthy is not known: {}", watch.why)),
        Some(true) if !watch.version_seen => {
            report.warn("no `version` check told whether it is the restored version that is healthy");
        }
        Some(true) => {}
    }
}

/// Why the answer is no.
fn refusal(inputs: &Inputs, decision: &Decision, state: Option<&State>, outcome: &Outcome) -> Option<Error> {
    let is_ill = outcome.watch.as_ref().is_some_and(|watch| watch.healthy == Some(false));
    // Who asks for a rollback and gets it was not told no, nor who takes any verdict for an answer.
    let is_welcome = inputs.request.is_some() || inputs.fail_on == FailOn::Never;
    let is_granted = is_welcome && outcome.obstacle.is_none() && !is_ill;
    if decision.verdict == Verdict::Promote || is_granted {
        return None;
    }
    let subject = state.map_or("the service".to_owned(), |state| format!("`{}`", state.version()));
    let message = format!("the verdict on {subject} is {}: {}", decision.verdict.as_str(), decision.reason);
    if let Some(obstacle) = &outcome.obstacle {
        let error =
            Error::new(kind_of(&obstacle.0), format!("{message}; frozen, not rolled back: {}", obstacle.0.message()));
        return Some(obstacle.0.hint_text().into_iter().fold(error, Error::hint));
    }
    let error = Error::new(ErrorKind::VerdictNegative, message);
    Some(match (&outcome.restored, decision.verdict) {
        (Some(release), Verdict::Rollback) => error.hint(match &outcome.watch {
            Some(watch) if watch.healthy == Some(false) => {
                format!("`{}` is restored but not healthy: {}", release.version, watch.why)
            }
            _ => format!("`{}` is restored: fix the release and deploy a new version", release.version),
        }),
        (None, Verdict::Rollback) if state.is_some() => {
            error.hint("the failing release is still deployed: `on-failure: rollback` would restore the verified one")
        }
        (None, Verdict::Rollback) => error.hint("the failing release is still deployed: take it back"),
        _ => error.hint("decide by hand, or run the gate again when there is evidence"),
    })
}

fn with_runbook(refusal: Error, inputs: &Inputs) -> Error {
    let Some(runbook) = &inputs.telling.runbook else { return refusal };
    let hint = refusal.hint_text().map_or(String::new(), |hint| format!("{hint}; "));
    refusal.hint(format!("{hint}see {runbook}"))
}

/// An obstacle is a refusal, whatever kind of error it was found as.
fn kind_of(error: &Error) -> ErrorKind {
    match error.kind() {
        kind @ (ErrorKind::NothingVerified | ErrorKind::RolledBack) => kind,
        _ => ErrorKind::VerdictNegative,
    }
}
