//! What a backtest tells.

use serde_json::{Value, json};
use slipway_core::context::rfc3339;
use slipway_core::text::counted;
use slipway_core::text::markdown::{block, code, table, text};

use super::Backtest;
use super::cause::Verdict;
use super::replay::Replayed;
use super::settings::Proposal;
use crate::version::Bump;

/// So many differences the table has.
const ROWS: usize = 50;
/// So many notes on another tool's settings are told.
const NOTES: usize = 20;

/// The figures, for the `json` output.
pub(crate) fn digest(backtest: &Backtest) -> Value {
    json!({
        "releases": backtest.releases.len(),
        "compared": backtest.compared,
        "same": backtest.same,
        "held": backtest.held,
        "causes": backtest.causes,
        "suggestions": backtest.suggestions,
    })
}

/// The whole in Markdown.
pub(crate) fn summary(backtest: &Backtest) -> String {
    let mut summary = format!("### {}\n\n", title(backtest));
    if backtest.held > 0 {
        let waited = if backtest.held == 1 {
            "1 of them is a major release"
        } else {
            &format!("{} of them are major releases", backtest.held)
        };
        summary += &format!("{waited}, and would have waited for `allow-major`.\n\n");
    }
    summary += &suggestions(backtest);
    summary += &spellings(backtest);
    if !backtest.causes.is_empty() {
        let rows = backtest.causes.iter().map(|(cause, count)| {
            let verdict = if cause.verdict() == Verdict::Different { "differs" } else { "not compared" };
            [text(cause.about()), verdict.into(), count.to_string()]
        });
        summary += &table(["Why", "", "Releases"], rows);
    }
    let different = || backtest.releases.iter().rev().filter(|release| release.verdict == Verdict::Different);
    let count = different().count();
    if count > 0 {
        summary += "\nWhat differs, newest first:\n\n";
        summary += &table(["Release", "Date", "After", "Was", "Ours", "Why"], different().take(ROWS).map(row));
        if count > ROWS {
            summary += &format!("\nand {} more, in the output `json`\n", count - ROWS);
        }
    }
    backtest.proposals.iter().for_each(|proposal| summary += &proposed(backtest, proposal));
    summary
}

fn title(backtest: &Backtest) -> String {
    let total = backtest.releases.len();
    if total == 0 {
        return "Backtest: no release to compare with".into();
    }
    let rest = total - backtest.compared;
    let rest = if rest == 0 { String::new() } else { format!(" ({rest} not compared)") };
    format!("Backtest: {} of {} the same{rest}", backtest.same, counted(backtest.compared, "past release"))
}

fn suggestions(backtest: &Backtest) -> String {
    let mut told = String::new();
    for (place, suggestion) in backtest.suggestions.iter().enumerate() {
        let setting = code(&format!("{}: {}", suggestion.input, suggestion.value));
        let before = place.checked_sub(1).map_or(backtest.same, |place| backtest.suggestions[place].same);
        let with = if place == 0 { "With" } else { "And with" };
        let lost = match suggestion.lost {
            0 => String::new(),
            1 => "; 1 that agreed does not then".into(),
            many => format!("; {many} that agreed do not then"),
        };
        let waited = match suggestion.waited {
            0 => "",
            _ => &format!(
                "; in {} such commits came first, and waited for others",
                counted(suggestion.waited, "release")
            ),
        };
        told +=
            &format!("- {with} {setting} it would agree in {} instead of {before}{lost}{waited}.\n", suggestion.same);
    }
    if told.is_empty() { told } else { format!("{told}\n") }
}

fn spellings(backtest: &Backtest) -> String {
    let names: Vec<String> = backtest
        .spellings
        .iter()
        .map(|spelling| {
            let prefix = if spelling.prefix.is_empty() { "`\"\"`".into() } else { code(&spelling.prefix) };
            format!("{prefix} ({})", spelling.count)
        })
        .collect();
    if names.is_empty() {
        return String::new();
    }
    format!("Tags with another `tag-prefix`: {}.\n\n", names.join(", "))
}

/// The inputs that another tool's settings become, as they stand in a workflow.
fn proposed(backtest: &Backtest, proposal: &Proposal) -> String {
    let mut told = format!("\n#### From {} ({})\n\n", proposal.tool, code(&proposal.file));
    if !proposal.with.is_empty() {
        let lines = proposal.with.iter().map(|(name, value)| format!("  {name}: {}\n", yaml(value)));
        told += &block("yaml", &format!("with:\n{}", lines.collect::<String>()));
    }
    if let Some(same) = proposal.same {
        told += &format!("\nWith these rules it would agree in {same} of {}.\n", backtest.compared);
    } else if let Some(prefix) = proposal.value("tag-prefix").filter(|_| proposal.components.is_empty()) {
        told += &format!("\nTo try it, run again with `tag-prefix: {}`.\n", yaml(prefix));
    }
    if !proposal.components.is_empty() {
        let rows = proposal
            .components
            .iter()
            .map(|component| [code(&component.name), code(&component.path), code(&component.prefix)]);
        told += &format!("\nOne run for each of these:\n\n{}", table(["`component`", "`paths`", "`tag-prefix`"], rows));
    }
    if !proposal.notes.is_empty() {
        let notes = proposal.notes.iter().take(NOTES).map(|note| format!("- {}\n", note_text(note)));
        told += &format!("\n{}", notes.collect::<String>());
        if proposal.notes.len() > NOTES {
            told += &format!("- and {} more, in the output `json`\n", proposal.notes.len() - NOTES);
        }
    }
    told
}

/// A note, in which what stands between backticks is code.
fn note_text(note: &str) -> String {
    let pieces = note.split('`').enumerate();
    pieces.map(|(place, piece)| if place % 2 == 1 { code(piece) } else { text(piece) }).collect()
}

/// A value as YAML: a block of lines, a plain word where nothing can be misread, else in double quotes.
fn yaml(value: &str) -> String {
    let is_plain = |line: &str| {
        line.starts_with(|c: char| c.is_ascii_alphabetic())
            && line.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.=()".contains(c))
    };
    let is_word =
        !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&value.to_lowercase().as_str());
    let is_version = value.split('.').count() == 3 && value.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if value.contains('\n') && value.lines().all(|line| !line.chars().any(char::is_control)) {
        let lines = value.lines().map(|line| format!("\n    {line}"));
        format!("|{}", lines.collect::<String>())
    } else if (is_plain(value) && is_word) || is_version {
        value.into()
    } else {
        // Every JSON text is a YAML text in double quotes.
        Value::from(value).to_string()
    }
}

fn row(release: &Replayed) -> [String; 6] {
    let step = |bump: Option<Bump>| bump.map(|bump| bump.word().to_owned()).unwrap_or_default();
    let ours = match (&release.ours, release.bump) {
        (Some(version), bump) => format!("{} {}", step(bump), code(&version.to_string())),
        (None, bump) => step(bump),
    };
    let about = release.cause.map(|cause| text(cause.about())).unwrap_or_default();
    let reason = if release.reason.is_empty() { String::new() } else { format!(": {}", note_text(&release.reason)) };
    [
        code(release.tag.as_str()),
        release.time.map(date).unwrap_or_default(),
        release.previous.as_ref().map(|tag| code(tag.as_str())).unwrap_or_default(),
        step(release.actual),
        ours,
        format!("{about}{reason}"),
    ]
}

/// The day, in UTC.
fn date(seconds: i64) -> String {
    rfc3339(seconds.saturating_mul(1000)).split('T').next().unwrap_or_default().into()
}
