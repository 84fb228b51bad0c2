//! Tells what was found, what is proposed and why, and what is left to do.

use slipway_core::Report;
use slipway_core::report::OutputSpec;
use slipway_core::text::markdown::{block, code, table, text};
use slipway_core::text::{counted, shorten};

use crate::apply::Outcome;
use crate::diff;
use crate::findings::{Findings, RuntimeKind};
use crate::inputs::Inputs;
use crate::migration::page;
use crate::plan::{Plan, State};

/// How much of a value a table shows, in characters.
const SHOWN: usize = 120;

/// Every output.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new("files", "The files that are proposed and not there yet, as a JSON array of paths."),
    OutputSpec::new("written", "The files that were written, as a JSON array of paths."),
];

/// Builds the report.
pub(crate) fn report(inputs: &Inputs, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let mut report = Report::default();
    // Who was asked has seen the proposal.
    if inputs.yes || !plan.asks || outcome.is_none() {
        report.summary = proposal(plan);
    }
    report.summary += &ending(plan, outcome);
    report.output("files", plan.writes().map(|file| file.path.clone()).collect::<Vec<_>>());
    report.output("written", outcome.map(|outcome| outcome.written.clone()).unwrap_or_default());
    for path in &plan.passed_over {
        report.warn(format!("passed over: {path}"));
    }
    report
}

/// Everything that is proposed.
pub(crate) fn proposal(plan: &Plan) -> String {
    let mut summary = String::from("## What was found\n\n");
    summary += &table(["What", "Where"], found(plan));
    summary += "\n## What is proposed\n\n";
    summary += &table(["File", "", "Why"], proposed(plan));
    let rows = values(plan);
    if !rows.is_empty() {
        summary += "\n### Values taken from this repository\n\n";
        summary += &table(["Pipeline", "Input", "Value", "Because of"], rows);
    }
    if !plan.passed.is_empty() {
        summary += "\n### Not proposed\n\n";
        summary += &list(plan.passed.iter().map(|passed| format!("{}: {}", passed.name, text_with_code(&passed.why))));
    }
    let new: String = plan.writes().map(|file| diff::new_file(&file.path, &file.text)).collect();
    if !new.is_empty() {
        summary += &format!("\n## The change\n\n{}", block("diff", &new));
    }
    summary += &takeover(plan);
    if !plan.by_hand.is_empty() {
        summary += "\n## To set by hand\n\n";
        summary += &list(plan.by_hand.iter().map(|step| text_with_code(step)));
    }
    summary
}

/// The inputs that were set, and why; those that went for the same reason stand together.
fn values(plan: &Plan) -> Vec<[String; 4]> {
    let mut rows: Vec<[String; 4]> = Vec::new();
    for choice in &plan.chosen {
        for setting in &choice.settings {
            let (name, why) = (choice.name.to_owned(), text_with_code(&setting.why));
            let value = match setting.value.as_deref() {
                None => "taken out".to_owned(),
                // JSON is better read where it is written.
                Some(value) if value.starts_with('[') => "see below".to_owned(),
                Some(value) => code(&in_one_line(value)),
            };
            let is_alike = |row: &&mut [String; 4]| row[0] == name && row[2] == value && row[3] == why;
            match rows.iter_mut().find(is_alike).filter(|_| setting.value.is_none()) {
                Some(row) => row[1] += &format!(", {}", code(&setting.input)),
                None => rows.push([name, code(&setting.input), value, why]),
            }
        }
    }
    rows
}

/// What the tools before say that no pipeline takes, and the lines that a person can change.
fn takeover(plan: &Plan) -> String {
    let previous = plan.previous();
    let mut summary = String::new();
    if previous.is_empty() && plan.unused.is_empty() && plan.findings.notes.is_empty() {
        return summary;
    }
    summary += "\n## Coming from other tools\n\n";
    let mut pages: Vec<&str> = Vec::new();
    let pages = previous.iter().filter(|previous| {
        let is_first = !pages.contains(&previous.page);
        pages.push(previous.page);
        is_first
    });
    summary += &list(
        pages.map(|previous| format!("{} ({}): {}", text(previous.tool), code(&previous.file), page(previous.page))),
    );
    let unused = plan.unused.iter().map(|setting| {
        let value = in_one_line(setting.value.as_deref().unwrap_or_default());
        format!(
            "{} would be {}, by {}; no pipeline above takes it",
            code(&setting.input),
            code(&value),
            text_with_code(&setting.why)
        )
    });
    summary += &list(unused.chain(plan.findings.notes.iter().map(|note| text_with_code(note))));
    let lines: String =
        previous.iter().filter_map(|previous| Some(diff::line(&previous.file, previous.replace.as_ref()?))).collect();
    if !lines.is_empty() {
        summary += &format!("\nTo be changed by hand, when you like:\n\n{}", block("diff", &lines));
    }
    summary
}

fn found(plan: &Plan) -> Vec<[String; 2]> {
    let Findings { languages, builds, runtimes, environments, systems, .. } = &plan.findings;
    let mut rows =
        vec![[format!("default branch {}", code(&plan.repository.default_branch)), plan.repository.why_default.into()]];
    if let Some((prefix, count)) = &plan.repository.tags {
        let example = format!("{prefix}1.2.3");
        rows.push([format!("tags such as {}", code(&example)), counted(*count, "tag")]);
    }
    rows.extend(languages.iter().map(|language| [language.name.into(), code(&language.file)]));
    rows.extend(builds.iter().map(|build| ["an image is built".into(), code(&build.file)]));
    rows.extend(runtimes.iter().map(|runtime| {
        let kind = match runtime.kind {
            RuntimeKind::Kubernetes => format!("Kubernetes, by {}", runtime.deployer),
            RuntimeKind::Ecs => "Amazon ECS".into(),
            RuntimeKind::Host => "a machine by SSH".into(),
        };
        [kind, format!("{}: {}", code(&runtime.file), text_with_code(&runtime.why))]
    }));
    rows.extend(environments.iter().map(|found| [format!("environment {}", code(&found.name)), code(&found.file)]));
    rows.extend(systems.iter().map(|system| [system.name.into(), code(&system.file)]));
    rows
}

fn proposed(plan: &Plan) -> Vec<[String; 3]> {
    let why = |path: &str| {
        let choice = plan.chosen.iter().find(|choice| {
            path.ends_with(&format!("/{}.yml", choice.name)) || path.ends_with(&format!("/slipway-{}.yml", choice.name))
        });
        choice.map_or_else(
            || "the environments and components above, for all four actions".into(),
            |choice| text_with_code(&choice.why),
        )
    };
    let state = |state| match state {
        State::New => "new",
        State::Same => "there already",
        State::Kept => "another file is there, and stays",
    };
    let mut rows: Vec<[String; 3]> =
        plan.files.iter().map(|file| [code(&file.path), state(file.state).into(), why(&file.path)]).collect();
    if rows.is_empty() {
        rows.push(["nothing".into(), String::new(), "nothing here needs more than it has".into()]);
    }
    rows
}

fn ending(plan: &Plan, outcome: Option<&Outcome>) -> String {
    match outcome {
        Some(outcome) if outcome.written.is_empty() => "\nNothing was written.\n".into(),
        Some(outcome) => {
            let files: Vec<String> = outcome.written.iter().map(|path| code(path)).collect();
            format!("\nWritten: {}. Nothing is committed: look at it, then commit it on a branch.\n", files.join(", "))
        }
        None if plan.writes().next().is_none() => "\nNothing is to be written.\n".into(),
        None => format!("\nNothing was written. {} writes the change above.\n", code("slipway init --yes")),
    }
}

/// Our own words, in which what stands between backticks may come from elsewhere.
fn text_with_code(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(place, part)| if place % 2 == 1 { code(part) } else { text(part) }).collect()
}

/// A value of several lines, as far as a table has room for it.
fn in_one_line(value: &str) -> String {
    shorten(&value.lines().map(str::trim).collect::<Vec<_>>().join(", "), SHOWN)
}

fn list(items: impl Iterator<Item = String>) -> String {
    items.map(|item| format!("- {item}\n")).collect()
}
