//! A preview in Markdown.

use slipway_core::text::counted;
use slipway_core::text::markdown::{code, text};

use super::answer::{Answer, Preview};
use super::event::Method;
use crate::decision::Decision;
use crate::file_change;
use crate::plan::Plan;
use crate::report::{commit_table, notes, title};
use crate::version::Bump;

/// Writes the preview, with so many rows in each table.
pub(crate) fn summary(plan: &Plan, preview: &Preview, rows: usize) -> String {
    body(plan, preview, rows) + &notes(plan)
}

/// The preview without the release notes.
pub(super) fn body(plan: &Plan, preview: &Preview, rows: usize) -> String {
    let mut summary = format!("### {}\n\n{}\n", title(plan), verdict(plan, preview));
    if preview.answers.len() > 1 {
        summary += "\nIt depends on how it is merged:\n\n";
        for answer in &preview.answers {
            summary += &format!("- {}\n", line(answer));
        }
    }
    if let Some(fault) = &preview.title_fault {
        summary += &format!("\n**Title:** {}\n", text(fault));
    }
    if let Some(refusal) = &plan.refusal {
        summary += &format!("\n**Held:** {}\n", text(&refusal.to_string()));
    }
    let (own, waiting): (Vec<&Decision>, Vec<&Decision>) =
        plan.commits.iter().partition(|decision| preview.own.contains(&decision.commit.id));
    // The merge itself is worth a row only if it asks for something, by the title or the branch in its message.
    let is_trial = |decision: &Decision| preview.trial.as_ref() == Some(&decision.commit.id);
    let own: Vec<&Decision> =
        own.into_iter().filter(|decision| !is_trial(decision) || decision.bump != Bump::None).collect();
    let what = if preview.request.is_some() { "This pull request" } else { "This group of the merge queue" };
    let count = own.iter().filter(|decision| !is_trial(decision)).count();
    let (adds, listed) = if preview.squashed.is_empty() {
        (format!("{what} adds {}", counted(count, "commit")), own)
    } else {
        let count = counted(preview.squashed.len(), "commit");
        (format!("{what} adds {count}, squashed into one"), own.into_iter().chain(&preview.squashed).collect())
    };
    if listed.is_empty() {
        summary += &format!("\n{what} adds no commit that counts.\n");
    } else {
        summary += &format!("\n{adds}:\n\n{}", commit_table(&listed, listed.len(), rows));
    }
    if !waiting.is_empty() {
        let branch = code(&preview.branch);
        let count = counted(waiting.len(), "commit");
        summary +=
            &format!("\nAlready waiting on {branch}, {count}:\n\n{}", commit_table(&waiting, waiting.len(), rows));
    }
    summary + &file_change::summary(&plan.changes, rows)
}

fn verdict(plan: &Plan, preview: &Preview) -> String {
    let branch = code(&preview.branch);
    let merging = match &preview.request {
        Some(request) => format!("Merging #{} into {branch}", request.number),
        None => format!("This group, merged into {branch},"),
    };
    let tag = plan.tag.as_ref().map(|tag| code(tag.as_str())).unwrap_or_default();
    let how = match preview.method {
        Some(method) if preview.answers.len() > 1 => format!(", {},", way(method)),
        _ => String::new(),
    };
    let verdict = if plan.bump == Bump::None { "releases nothing".into() } else { format!("releases {tag}") };
    let elsewhere = if preview.is_elsewhere {
        "\nWhat is checked out is something else; the commits were read from the remote, and nothing of them was run."
    } else {
        ""
    };
    format!("{merging}{how} {verdict} ({}).{elsewhere}", text(&plan.reason))
}

fn way(method: Method) -> &'static str {
    match method {
        Method::Merge => "with its commits",
        Method::Squash => "squashed",
        Method::Rebase => "rebased",
    }
}

fn line(answer: &Answer) -> String {
    let ways: Vec<String> = answer
        .methods
        .iter()
        .map(|method| match (method, &answer.squash_title) {
            (Method::Squash, Some(title)) => format!("squashed as “{}”", text(title)),
            (method, _) => way(*method).into(),
        })
        .collect();
    let version = match &answer.version {
        Some(version) if answer.bump != Bump::None => {
            format!("{} ({})", code(&version.to_string()), answer.bump.word())
        }
        _ => "nothing".into(),
    };
    format!("{}: {version}, {}", ways.join(" or "), text(&answer.reason))
}
