//! What config-updater tells.

use slipway_core::Report;
use slipway_core::git::{BranchName, CommitId};
use slipway_core::github::{CommentStanding, Commented, comment_refused};
use slipway_core::report::OutputSpec;
use slipway_core::text::markdown::{block, code, table, text};

use slipway_gitops::Release;

use crate::apply::Outcome;
use crate::edit::Change;
use crate::facts::Facts;
use crate::history::History;
use crate::inputs::{Inputs, Mode};
use crate::plan::Plan;
use crate::status;

/// The table of outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new("changed", "`true` if files were changed, in `plan` if they would be."),
    OutputSpec::new(
        "commit",
        "The deployment: the commit that was pushed (in `pull-request`, that is proposed), or the one that deployed this release \
         before if there was nothing to change.",
    ),
    OutputSpec::new(
        "branch",
        "Branch of the config repository, in `pull-request` the branch of the pull request; empty in `write`.",
    ),
    OutputSpec::new(
        "pull-request-url",
        "Page of the pull request, also of one that was closed; empty if there is none.",
    ),
    OutputSpec::new("environment", "Environment that is deployed to, by its name in `slipway.toml` and in the record."),
    OutputSpec::new("component", "Component that is deployed."),
    OutputSpec::new("version", "Version of the release; in a promotion, the one that is verified."),
    OutputSpec::new("images", "Images of the release as they are set, one a line."),
    OutputSpec::new("files", "The files that change, one a line."),
    OutputSpec::new("previous", "The image references that are replaced, one a line; `images` takes them as they are."),
    OutputSpec::new("diff", "The unified diff of the change; empty if there is none."),
    OutputSpec::new("rendered-diff", "The unified diff of what `render-command` prints; empty if there is none."),
];

pub(crate) fn report(inputs: &Inputs, facts: &Facts, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    // A comment that was written is no deployment.
    let mut report = deployment(plan, outcome.filter(|_| inputs.mode.acts()));
    match outcome.and_then(|outcome| outcome.comment.as_ref()) {
        Some(Commented::Refused(why)) => report.warn(comment_refused(why)),
        Some(Commented::Written(_)) | None => {}
    }
    if let CommentStanding::Unknown(why) = &facts.comment {
        report.warn(comment_refused(why));
    }
    if !inputs.mode.acts() {
        report.tell_refusal();
    }
    if let Some(shipped) = facts.shipped.as_ref().filter(|_| !plan.files.is_empty()) {
        report.detail("shipped", serde_json::json!(shipped));
        report.summary += &format!("\n{}", status::shipped(shipped));
    }
    if let Some(overview) = &facts.overview {
        match inputs.mode {
            Mode::History => {
                let history = History::of(overview, inputs.days);
                report.detail("history", history.to_json());
                report.summary = history.summary();
            }
            _ => {
                report.detail("status", status::to_json(overview));
                report.summary = status::summary(overview);
            }
        }
    }
    report
}

fn deployment(plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let mut report = Report::default();
    let files: Vec<&str> = plan.files.iter().map(|file| file.path.as_str()).collect();
    let changed = outcome.map_or(plan.refusals.is_empty() && !plan.files.is_empty(), |outcome| outcome.changed);
    let commit = outcome.and_then(|outcome| outcome.commit.as_ref()).or(plan.deployed_by.as_ref());
    report.output("changed", changed);
    report.output("commit", commit.map(CommitId::as_str).unwrap_or_default());
    let proposed = outcome.and_then(|outcome| outcome.branch.as_ref());
    let branch = proposed.or(plan.commit.as_ref().map(|commit| &commit.branch));
    report.output("branch", branch.map(BranchName::as_str).unwrap_or_default());
    let pull_request = outcome.and_then(|outcome| outcome.pull_request.as_ref());
    report.output("pull-request-url", pull_request.map(|kept| kept.url.as_str()).unwrap_or_default());
    for told in outcome.iter().flat_map(|outcome| &outcome.told) {
        report.warn(told.clone());
    }
    let images: Vec<String> =
        plan.release.iter().flat_map(|release| &release.images).map(ToString::to_string).collect();
    let of_release = |part: fn(&Release) -> &str| plan.release.as_ref().map(part).unwrap_or_default();
    report.output("environment", of_release(|release| release.environment.as_str()));
    report.output("component", of_release(|release| release.component.as_str()));
    report.output("version", of_release(|release| release.version.as_str()));
    report.output("images", images.join("\n"));
    report.output("files", files.join("\n"));
    report.output("previous", plan.previous.join("\n"));
    report.output("diff", plan.diff.as_str());
    report.output("rendered-diff", plan.rendered_diff.as_str());
    // In the `json` output these are lists.
    report.detail("images", images);
    report.detail("files", files);
    report.detail("previous", plan.previous.clone());
    report.refusal = plan.refusals.first().cloned();

    report.summary = format!("### {}\n\n", headline(plan, outcome, commit));
    for refusal in &plan.refusals {
        report.summary += &format!("Refused: {}\n\n", text(&refusal.to_string()));
    }
    if !plan.changes.is_empty() {
        report.summary += &table(["Where", "Value", "Before", "After"], plan.changes.iter().map(Change::row));
        report.summary += &format!("\n{}", block("diff", &plan.diff));
        if !plan.rendered_diff.is_empty() {
            report.summary += &format!("\nWhat is rendered:\n\n{}", block("diff", &plan.rendered_diff));
        }
    }
    report
}

fn headline(plan: &Plan, outcome: Option<&Outcome>, commit: Option<&CommitId>) -> String {
    let what = match &plan.release {
        Some(release) => text(&format!("{} {} in {}", release.component, release.version, release.environment)),
        None => "configuration".into(),
    };
    let by = commit.map(|commit| format!(" ({})", code(commit.short()))).unwrap_or_default();
    match outcome {
        _ if !plan.refusals.is_empty() => format!("Not deployed: {what}"),
        Some(Outcome { pull_request: Some(kept), .. }) => {
            let done = kept.done.told();
            format!("Pull request [#{}]({}) {done}: {what}", kept.number, kept.url)
        }
        _ if plan.files.is_empty() => format!("Nothing to change: {what}{by}"),
        None => format!("Would deploy: {what}"),
        Some(_) if commit.is_some() => format!("Deployed: {what}{by}"),
        Some(_) => format!("Written: {what}"),
    }
}
