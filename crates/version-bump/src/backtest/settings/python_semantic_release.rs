//! [python-semantic-release](https://python-semantic-release.readthedocs.io/en/latest/configuration/configuration.html).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::semantic_release::is_word;
use super::{Source, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "python-semantic-release",
    sources: &[Source::new("pyproject.toml", Format::TOML).below(&["tool", "semantic_release"])],
    programs: &[],
    read,
};

fn read(settings: &Value, draft: &mut Draft) {
    draft.set("mode", "release");
    let format = settings["tag_format"].as_str().unwrap_or("v{version}");
    match format.strip_suffix("{version}") {
        Some(prefix) => draft.set("tag-prefix", prefix),
        None => draft.without("tag_format", &settings["tag_format"]),
    }
    if settings["major_on_zero"] == Value::Bool(false) {
        draft.set("zero-major", "minor");
    }
    branches(&settings["branches"], draft);
    let options = &settings["commit_parser_options"];
    let types = |key: &str| {
        options[key].as_array().into_iter().flatten().filter_map(Value::as_str).filter(|kind| is_word(kind))
    };
    if options["patch_tags"].is_null() {
        draft.rule("perf", "patch");
    }
    types("patch_tags").filter(|kind| *kind != "fix").for_each(|kind| draft.rule(kind, "patch"));
    types("minor_tags").filter(|kind| *kind != "feat").for_each(|kind| draft.rule(kind, "minor"));
    let changelog = &settings["changelog"];
    let file =
        changelog["default_templates"]["changelog_file"].as_str().or_else(|| changelog["changelog_file"].as_str());
    draft.set("changelog", file.unwrap_or("CHANGELOG.md"));
    let places = ["version_toml", "version_variables"];
    let places =
        places.iter().flat_map(|key| settings[*key].as_array().into_iter().flatten().filter_map(Value::as_str));
    let mut files: Vec<&str> = places.filter_map(|place| place.split(':').next()).collect();
    files.dedup();
    if !files.is_empty() {
        draft.set("version-files", files.join("\n"));
    }
    if !settings["build_command"].is_null() {
        draft.note("`build_command` is a step of the workflow here".into());
    }
    if let Some(parser) =
        settings["commit_parser"].as_str().filter(|parser| !["angular", "conventional"].contains(parser))
    {
        draft.without("commit_parser", &parser.into());
    }
}

fn branches(branches: &Value, draft: &mut Draft) {
    let mut lines: Vec<String> = Vec::new();
    for branch in branches.as_object().into_iter().flatten().map(|(_, branch)| branch) {
        let names: Vec<&str> = branch["match"].as_str().map(alternatives).unwrap_or_default();
        if names.is_empty() || !names.iter().all(|name| is_word(name)) {
            draft.without("branches", branch);
            continue;
        }
        let token = branch["prerelease_token"].as_str().unwrap_or("rc");
        let suffix = if branch["prerelease"] == Value::Bool(true) { format!("={token}") } else { String::new() };
        lines.extend(names.into_iter().map(|name| format!("{name}{suffix}")));
    }
    if !lines.is_empty() {
        draft.set("channels", lines.join("\n"));
    }
}

/// The names in a pattern such as `(main|master)`.
fn alternatives(pattern: &str) -> Vec<&str> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let pattern = pattern.strip_suffix('$').unwrap_or(pattern);
    pattern.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(pattern).split('|').collect()
}
