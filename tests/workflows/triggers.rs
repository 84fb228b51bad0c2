//! When workflows start, by GitHub's own parser: act runs whatever it is told to, and ignores branches and paths.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;
use testbed::{node24, workspace};

/// A starter, what happens, and whether it starts: for a push the ref, for other events the type of the activity, if it has any.
const CASES: &[(&str, &str, &str, bool)] = &[
    ("release", "push", "refs/heads/$default-branch", true),
    ("release", "push", "refs/heads/topic", false),
    ("release", "push", "refs/tags/v1.5.0", false),
    ("release", "pull_request", "opened", true),
    ("release", "workflow_dispatch", "", true),
    ("release", "schedule", "", false),
    ("gitops", "push", "refs/heads/$default-branch", true),
    ("gitops", "push", "refs/tags/v1.5.0", false),
    ("gitops", "release", "published", true),
    ("gitops", "release", "edited", false),
    ("security", "push", "refs/heads/$default-branch", true),
    ("security", "push", "refs/heads/topic", false),
    ("security", "pull_request", "synchronize", true),
    ("security", "schedule", "", true),
    ("rollback", "workflow_dispatch", "", true),
    ("rollback", "push", "refs/heads/$default-branch", false),
    ("drill", "schedule", "", true),
    ("drill", "workflow_dispatch", "", true),
    ("drill", "push", "refs/heads/$default-branch", false),
];

fn parsed() -> BTreeMap<String, Value> {
    let parser = workspace().join("target/tools/workflow-parser/parse.cjs");
    assert!(parser.is_file(), "GitHub's parser is not installed: run `cargo verify --only workflow-parser`");
    let folders = [".github/workflows", ".github/workflow-templates"];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(workspace().join(folder)).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    let files: Vec<PathBuf> =
        files.filter(|file| file.extension().is_some_and(|extension| extension == "yml")).collect();
    let node = node24().unwrap_or_else(|reason| panic!("{reason}"));
    let output = Command::new(node).arg(parser).args(files).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn githubs_own_parser_takes_every_workflow() {
    let wrong: Vec<_> = parsed().into_iter().filter(|(_, answer)| answer["errors"] != serde_json::json!([])).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn starters_start_when_they_should() {
    let parsed = parsed();
    for (starter, event, what, expected) in CASES {
        let ending = format!("workflow-templates/{starter}.yml");
        let answer = parsed.iter().find(|(file, _)| file.ends_with(&ending));
        let (_, answer) = answer.unwrap_or_else(|| panic!("there is no starter `{starter}`"));
        let starts = answer["events"].get(event).is_some_and(|filters| covers(filters, what));
        assert_eq!(starts, *expected, "{starter}: {event} {what}: {}", answer["events"]);
    }
}

/// Whether an event's filters let something through.
fn covers(filters: &Value, what: &str) -> bool {
    if let Some(types) = filters["types"].as_array().filter(|types| !types.is_empty()) {
        return types.iter().any(|kind| kind == what);
    }
    let refs = [("refs/heads/", "branches", "tags"), ("refs/tags/", "tags", "branches")];
    let Some((name, own, other)) =
        refs.iter().find_map(|(prefix, own, other)| Some((what.strip_prefix(prefix)?, own, other)))
    else {
        return true;
    };
    match filters[own].as_array() {
        Some(patterns) => patterns.iter().filter_map(Value::as_str).any(|pattern| matches(pattern, name)),
        // A filter on branches alone keeps tags out, and the other way round.
        None => filters.get(other).is_none(),
    }
}

/// Whether a pattern with at most one `*` covers a name.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.trim_end_matches('*').len() {
        length if length == pattern.len() => pattern == name,
        length => {
            name.strip_prefix(&pattern[..length]).is_some_and(|rest| pattern.ends_with("**") || !rest.contains('/'))
        }
    }
}
