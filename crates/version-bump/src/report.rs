//! What version-bump tells.

use semver::Version;
use serde::Serialize;
use serde_json::Value;
use slipway_core::git::CommitId;
use slipway_core::github::{Commented, KeptProposal, comment_refused};
use slipway_core::report::OutputSpec;
use slipway_core::text::counted;
use slipway_core::text::markdown::{code, table, text};
use slipway_core::{ComponentName, Report};

use crate::apply::Outcome;
use crate::backtest;
use crate::decision::Decision;
use crate::file_change;
use crate::plan::Plan;
use crate::preview;
use crate::version::Bump;

/// So many commits the table in the summary has.
const ROWS: usize = 100;

/// The table of outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new("released", "`true` if HEAD, or a release commit on it, carries the release tag as the run ends."),
    OutputSpec::new(
        "releases",
        "JSON list for a matrix: of each component that has something to release, or is released on this commit, `component`, `version`, \
         `tag`, `bump`, `previous-version`, `commit`, `released` and `approval-required`.",
    ),
    OutputSpec::new("version", "The next version; the current one if `bump` is `none`, and empty if there is none."),
    OutputSpec::new("previous-version", "The last release before, or on, this commit; empty before the first."),
    OutputSpec::new("tag", "The tag of `version`; empty without one."),
    OutputSpec::new(
        "commit",
        "The commit to build: the one that carries the release tag, else HEAD. With version files it is a release commit on HEAD.",
    ),
    OutputSpec::new("release-url", "Address of the release on GitHub; empty without one."),
    OutputSpec::new("pull-request", "Number of the release pull request that is open; empty without one."),
    OutputSpec::new("bump", "`none`, `patch`, `minor` or `major`."),
    OutputSpec::new("major", "First number of `version`."),
    OutputSpec::new("minor", "Second number of `version`."),
    OutputSpec::new("patch", "Third number of `version`."),
    OutputSpec::new("prerelease", "What stands after the hyphen in `version`; empty for others."),
    OutputSpec::new("notes", "Release notes in Markdown; empty if there are no commits since the last release."),
    OutputSpec::new("approval-required", "`true` if a major release waits for `allow-major`."),
    OutputSpec::new("commit-count", "How many commits there are since the last release."),
];

/// What a component has released on this commit, or would release.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Entry<'a> {
    component: &'a str,
    version: &'a Version,
    tag: &'a str,
    bump: &'static str,
    previous_version: Option<&'a Version>,
    commit: &'a CommitId,
    released: bool,
    approval_required: bool,
}

impl<'a> Entry<'a> {
    /// The entry of a plan; nothing if there is nothing to release and nothing was released.
    pub(crate) fn new(
        component: Option<&'a ComponentName>,
        plan: &'a Plan,
        outcome: Option<&'a Outcome>,
    ) -> Option<Self> {
        let released = is_released(plan, outcome);
        let (version, tag) = plan.version.as_ref().zip(plan.tag.as_ref())?;
        (released || plan.bump != Bump::None).then(|| Self {
            component: component.map_or("", ComponentName::as_str),
            version,
            tag: tag.as_str(),
            bump: plan.bump.word(),
            previous_version: plan.previous.as_ref(),
            commit: commit(plan, outcome),
            released,
            approval_required: plan.approval_required,
        })
    }
}

/// Entries as the output has them.
pub(crate) fn list(entries: &[Entry<'_>]) -> Value {
    // Texts and numbers cannot fail to serialize.
    serde_json::to_value(entries).unwrap_or_default()
}

fn is_released(plan: &Plan, outcome: Option<&Outcome>) -> bool {
    plan.is_released || outcome.is_some_and(|outcome| outcome.created.is_some())
}

pub(crate) fn report(component: Option<&ComponentName>, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let is_released = is_released(plan, outcome);
    let mut report = Report::default();
    let version = plan.version.as_ref();
    let number = |pick: fn(&Version) -> u64| version.map_or(String::new(), |version| pick(version).to_string());
    report.output("released", is_released);
    report.output("releases", list(Entry::new(component, plan, outcome).as_slice()));
    report.output("version", shown(version));
    report.output("previous-version", shown(plan.previous.as_ref()));
    report.output("tag", plan.tag.as_ref().map(ToString::to_string).unwrap_or_default());
    report.output("commit", commit(plan, outcome).to_string());
    report.output("release-url", release_url(plan, outcome));
    let pull_request = outcome.and_then(|outcome| outcome.pull_request.as_ref()).and_then(KeptProposal::open);
    report.output("pull-request", pull_request.map(|number| number.to_string()).unwrap_or_default());
    report.output("bump", plan.bump.word());
    report.output("major", number(|version| version.major));
    report.output("minor", number(|version| version.minor));
    report.output("patch", number(|version| version.patch));
    report.output("prerelease", version.map(|version| version.pre.to_string()).unwrap_or_default());
    report.output("notes", plan.notes.clone());
    report.output("approval-required", plan.approval_required);
    report.output("commit-count", plan.commit_count);
    report.summary = match (&plan.preview, &plan.backtest) {
        (Some(preview), _) => preview::summary(plan, preview, ROWS),
        (None, Some(backtest)) => backtest::summary(backtest),
        (None, None) => summary(plan, is_released, outcome),
    };
    if let Some(backtest) = &plan.backtest {
        report.detail("backtest", backtest::digest(backtest));
    }
    for notice in plan.notices.iter().chain(&plan.effects.notices) {
        report.notice(notice.clone());
    }
    for warning in &plan.warnings {
        report.warn(warning.clone());
    }
    if let Some(Commented::Refused(why)) = outcome.and_then(|outcome| outcome.comment.as_ref()) {
        report.warn(comment_refused(why));
    }
    report.refusal.clone_from(&plan.refusal);
    if plan.preview.is_some() {
        report.tell_refusal();
    }
    report
}

/// The commit that carries the release, or that would.
fn commit<'a>(plan: &'a Plan, outcome: Option<&'a Outcome>) -> &'a CommitId {
    let made = outcome.and_then(|outcome| outcome.commit.as_ref());
    made.or(plan.carried.as_ref()).unwrap_or(&plan.head)
}

fn release_url(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let published = outcome.and_then(|outcome| outcome.release_url.as_ref());
    published.or(plan.release_url.as_ref()).cloned().unwrap_or_default()
}

fn shown(version: Option<&Version>) -> String {
    version.map(ToString::to_string).unwrap_or_default()
}

fn summary(plan: &Plan, is_released: bool, outcome: Option<&Outcome>) -> String {
    let mut summary = format!("### {}\n\n", title(plan));
    summary += &format!("{} ({}).\n", verdict(plan, is_released, outcome), text(&plan.reason));
    summary += &told(plan, outcome);
    if let Some(refusal) = &plan.refusal {
        summary += &format!("\n**Held:** {}\n", text(&refusal.to_string()));
    }
    if !plan.commits.is_empty() {
        summary += &format!("\n{} since the last release:\n\n", counted(plan.commit_count, "commit"));
        summary += &commit_table(&plan.commits.iter().collect::<Vec<_>>(), plan.commit_count, ROWS);
    }
    summary += &file_change::summary(&plan.changes, ROWS);
    summary += &notes(plan);
    if !plan.ignored_tags.is_empty() {
        let names: Vec<String> = plan.ignored_tags.iter().take(10).map(|name| code(name)).collect();
        summary += &format!("\nTags that name no version: {}\n", names.join(", "));
    }
    summary
}

/// A table of commits with what each asks for, and how many more than so many rows there are.
pub(crate) fn commit_table(decisions: &[&Decision], count: usize, rows: usize) -> String {
    let shown = decisions.iter().take(rows).map(|decision| {
        let commit = &decision.commit;
        [
            code(commit.id.short()),
            commit.said.kind.as_deref().map(code).unwrap_or_default(),
            if decision.bump == Bump::None { String::new() } else { decision.bump.word().into() },
            text(&commit.subject),
            text(&commit.said.reason),
        ]
    });
    let table = table(["Commit", "Type", "Bump", "Subject", "Why"], shown);
    if count > rows { format!("{table}\nand {} more\n", count - rows) } else { table }
}

/// The release notes, folded up.
pub(crate) fn notes(plan: &Plan) -> String {
    if plan.bump == Bump::None || plan.notes.is_empty() {
        return String::new();
    }
    format!("\n<details><summary>Release notes</summary>\n\n{}\n</details>\n", plan.notes)
}

/// The versions before and after.
pub(crate) fn title(plan: &Plan) -> String {
    match (&plan.previous, &plan.version) {
        (Some(previous), None) => format!("No version after {}", code(&previous.to_string())),
        (None, None) => "No release yet".into(),
        (Some(previous), Some(version)) if previous == version => format!("Version {}", code(&version.to_string())),
        (Some(previous), Some(version)) => {
            format!("{} → {} ({})", code(&previous.to_string()), code(&version.to_string()), plan.bump.word())
        }
        (None, Some(version)) => format!("First release: {}", code(&version.to_string())),
    }
}

fn verdict(plan: &Plan, is_released: bool, outcome: Option<&Outcome>) -> String {
    if let Some(published) = outcome.and_then(|outcome| outcome.pull_request.as_ref()) {
        return format!("The release pull request #{} is {}", published.number, published.done.told());
    }
    let tag = plan.tag.as_ref().map(|tag| code(tag.as_str())).unwrap_or_default();
    let commit = code(commit(plan, outcome).short());
    if outcome.is_some_and(|outcome| outcome.created.is_some()) {
        format!("Tagged {commit} as {tag}")
    } else if is_released && !plan.effects.is_empty() {
        let state = if outcome.is_some() { "Completed" } else { "Not complete:" };
        format!("{state} {tag}, which {commit} carries")
    } else if is_released {
        format!("Nothing to do: {commit} carries {tag}")
    } else if plan.create.is_some() {
        format!("The next tag is {tag}")
    } else if plan.effects.overtaken.is_some() {
        format!("Not released: the branch has moved on, and {tag} is left to the run of its newest commit")
    } else if plan.refusal.is_some() && plan.version.is_none() {
        "Nothing can be released".into()
    } else if plan.refusal.is_some() {
        format!("Would be tagged {tag}, but is not")
    } else {
        "Nothing to release".into()
    }
}

/// What was, or would be, written beside the tag.
fn told(plan: &Plan, outcome: Option<&Outcome>) -> String {
    let mut lines = Vec::new();
    let effects = &plan.effects;
    match outcome {
        Some(done) => {
            if let (Some(commit), Some(planned)) = (&done.commit, &effects.commit) {
                lines.push(format!("release commit {} on {}", code(commit.short()), code(planned.branch.as_str())));
            }
            lines.extend(done.release_url.as_ref().map(|url| format!("release on GitHub: {}", text(url))));
            lines.extend(done.floating_tags.iter().map(|tag| format!("{} leads here", code(tag.as_str()))));
            lines.extend(done.dispatched.iter().map(|name| format!("started {}", code(name))));
        }
        None => {
            let commit = effects.commit.as_ref();
            lines.extend(commit.map(|commit| format!("a release commit on {}", code(commit.branch.as_str()))));
            lines.extend(effects.page.as_ref().map(|_| "a release on GitHub".to_owned()));
            lines
                .extend(effects.floating_tags.iter().map(|tag| format!("{} would lead here", code(tag.name.as_str()))));
            lines.extend(effects.dispatches.iter().map(|new| format!("{} would be started", code(&new.name()))));
        }
    }
    if lines.is_empty() { String::new() } else { format!("\n- {}\n", lines.join("\n- ")) }
}
