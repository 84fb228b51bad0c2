//! What version-bump tells.

use semver::Version;
use slipway_core::Report;
use slipway_core::report::OutputSpec;
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table, text};

use crate::apply::Outcome;
use crate::backtest;
use crate::plan::Plan;
use crate::version::Bump;

/// So many commits the table in the summary has.
const ROWS: usize = 100;

/// The table of outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new("released", "`true` if HEAD carries the release tag as the run ends."),
    OutputSpec::new("version", "The next version; the current one if `bump` is `none`, and empty if there is none."),
    OutputSpec::new("previous-version", "The last release before, or on, this commit; empty before the first."),
    OutputSpec::new("tag", "The tag of `version`; empty without one."),
    OutputSpec::new("bump", "`none`, `patch`, `minor` or `major`."),
    OutputSpec::new("major", "First number of `version`."),
    OutputSpec::new("minor", "Second number of `version`."),
    OutputSpec::new("patch", "Third number of `version`."),
    OutputSpec::new("prerelease", "What stands after the hyphen in `version`; empty for others."),
    OutputSpec::new("notes", "Release notes in Markdown; empty if there are no commits since the last release."),
    OutputSpec::new("approval-required", "`true` if a major release waits for `allow-major`."),
    OutputSpec::new("commit-count", "How many commits there are since the last release."),
];

pub(crate) fn report(plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let created = outcome.and_then(|outcome| outcome.created.as_ref());
    let is_released = plan.is_released || created.is_some();
    let mut report = Report::default();
    let version = plan.version.as_ref();
    let number = |pick: fn(&Version) -> u64| version.map_or(String::new(), |version| pick(version).to_string());
    report.output("released", is_released);
    report.output("version", shown(version));
    report.output("previous-version", shown(plan.previous.as_ref()));
    report.output("tag", plan.tag.as_ref().map(ToString::to_string).unwrap_or_default());
    report.output("bump", plan.bump.word());
    report.output("major", number(|version| version.major));
    report.output("minor", number(|version| version.minor));
    report.output("patch", number(|version| version.patch));
    report.output("prerelease", version.map(|version| version.pre.to_string()).unwrap_or_default());
    report.output("notes", plan.notes.clone());
    report.output("approval-required", plan.approval_required);
    report.output("commit-count", plan.commit_count);
    report.summary = summary(plan, is_released, created.is_some());
    if let Some(backtest) = &plan.backtest {
        report.summary = backtest::summary(backtest);
        report.detail("backtest", backtest::digest(backtest));
    }
    for warning in &plan.warnings {
        report.warn(warning.clone());
    }
    report.refusal = plan.refusal.clone();
    report
}

fn shown(version: Option<&Version>) -> String {
    version.map(ToString::to_string).unwrap_or_default()
}

fn summary(plan: &Plan, is_released: bool, is_created: bool) -> String {
    let mut summary = format!("### {}\n\n", title(plan));
    summary += &format!("{} ({}).\n", verdict(plan, is_released, is_created), text(&plan.reason));
    if let Some(refusal) = &plan.refusal {
        summary += &format!("\n**Held:** {}\n", text(&refusal.to_string()));
    }
    if !plan.commits.is_empty() {
        let head = format!("\n{} since the last release:\n\n", counted(plan.commit_count, "commit"));
        let rows = plan.commits.iter().take(ROWS).map(|decision| {
            let commit = &decision.commit;
            [
                code(commit.id.short()),
                commit.said.kind.as_deref().map(code).unwrap_or_default(),
                if decision.bump == Bump::None { String::new() } else { decision.bump.word().into() },
                text(&commit.subject),
                text(&commit.said.reason),
            ]
        });
        summary += &head;
        summary += &table(["Commit", "Type", "Bump", "Subject", "Why"], rows);
        if plan.commit_count > ROWS {
            summary += &format!("\nand {} more\n", plan.commit_count - ROWS);
        }
    }
    if plan.bump != Bump::None && !plan.notes.is_empty() {
        summary += &format!("\n<details><summary>Release notes</summary>\n\n{}\n</details>\n", plan.notes);
    }
    if !plan.ignored_tags.is_empty() {
        let names: Vec<String> = plan.ignored_tags.iter().take(10).map(|name| code(name)).collect();
        summary += &format!("\nTags that name no version: {}\n", names.join(", "));
    }
    summary
}

fn title(plan: &Plan) -> String {
    match (&plan.previous, &plan.version) {
        (_, None) => "No release yet".into(),
        (Some(previous), Some(version)) if previous == version => format!("Version {}", code(&version.to_string())),
        (Some(previous), Some(version)) => {
            format!("{} → {} ({})", code(&previous.to_string()), code(&version.to_string()), plan.bump.word())
        }
        (None, Some(version)) => format!("First release: {}", code(&version.to_string())),
    }
}

fn verdict(plan: &Plan, is_released: bool, is_created: bool) -> String {
    let tag = plan.tag.as_ref().map(|tag| code(tag.as_str())).unwrap_or_default();
    if is_created {
        format!("Tagged {} as {tag}", code(plan.head.short()))
    } else if is_released {
        format!("Nothing to do: {} carries {tag}", code(plan.head.short()))
    } else if plan.create.is_some() {
        format!("The next tag is {tag}")
    } else if plan.refusal.is_some() {
        format!("Would be tagged {tag}, but is not")
    } else {
        "Nothing to release".into()
    }
}
