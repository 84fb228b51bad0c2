//! [semantic-release](https://semantic-release.gitbook.io/semantic-release/usage/configuration).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::{Source, Tool, is_range};

pub(super) const TOOL: Tool = Tool {
    name: "semantic-release",
    sources: &[
        // YAML is a superset of JSON.
        Source::new(".releaserc", Format::YAML),
        Source::new(".releaserc.json", Format::YAML),
        Source::new(".releaserc.yaml", Format::YAML),
        Source::new(".releaserc.yml", Format::YAML),
        Source::new("package.json", Format::JSON).below(&["release"]),
    ],
    programs: &[
        "release.config.js",
        "release.config.cjs",
        "release.config.mjs",
        "release.config.ts",
        ".releaserc.js",
        ".releaserc.cjs",
        ".releaserc.mjs",
        ".releaserc.ts",
    ],
    read,
};

fn read(settings: &Value, draft: &mut Draft) {
    draft.set("mode", "release");
    let format = settings["tagFormat"].as_str().unwrap_or("v${version}");
    match format.strip_suffix("${version}") {
        Some(prefix) => draft.set("tag-prefix", prefix),
        None => draft.without("tagFormat", &settings["tagFormat"]),
    }
    draft.set("initial-version", "1.0.0");
    draft.note("it releases major versions at once; here they wait for `allow-major`".into());
    branches(&settings["branches"], draft);
    plugins(settings, draft);
    if !settings["extends"].is_null() {
        draft.note("`extends` leads to settings elsewhere, which are not read".into());
    }
    let known = ["tagFormat", "branches", "plugins", "extends", "repositoryUrl", "dryRun", "ci", "debug", "preset"];
    draft.unknown(settings, &[&known[..], &["releaseRules", "analyzeCommits", "generateNotes"]].concat());
}

fn branches(branches: &Value, draft: &mut Draft) {
    let mut lines: Vec<String> = Vec::new();
    let alone = [branches.clone()];
    let list = match branches {
        Value::Null => {
            draft.note("its default branches `next` and `next-major` are not proposed as channels".into());
            lines.extend(["main", "master", "beta=beta", "alpha=alpha", "*.x=maintenance"].map(String::from));
            &[]
        }
        Value::Array(list) => list.as_slice(),
        _ => &alone,
    };
    for branch in list {
        let Some(name) = branch.as_str().or_else(|| branch["name"].as_str()) else { continue };
        let range = branch["range"].as_str();
        if name.starts_with("+([0-9])") {
            lines.push("*.x=maintenance".into());
        } else if name.contains(|c: char| "+()[]{}!".contains(c)) || name.chars().any(char::is_whitespace) {
            draft.without("branches", branch);
        } else if let Some(range) = range {
            lines.push(format!("{name}={range}"));
        } else {
            lines.push(match &branch["prerelease"] {
                Value::Bool(true) => format!("{name}={name}"),
                Value::String(identifier) if !identifier.contains('$') => format!("{name}={identifier}"),
                Value::String(_) => {
                    draft.without("branches", branch);
                    continue;
                }
                _ if is_range(name) => format!("{name}=maintenance"),
                _ => name.into(),
            });
        }
        if !branch["channel"].is_null() {
            draft.note(format!("the distribution channel of the branch `{name}` is for the step that publishes"));
        }
    }
    if !lines.is_empty() {
        draft.set("channels", lines.join("\n"));
    }
}

fn plugins(settings: &Value, draft: &mut Draft) {
    draft.rule("perf", "patch");
    draft.rule("revert", "patch");
    let mut analyzer = settings;
    for plugin in settings["plugins"].as_array().into_iter().flatten() {
        let (name, options) = match plugin {
            Value::Array(pair) => (pair.first().and_then(Value::as_str), pair.get(1).unwrap_or(&Value::Null)),
            _ => (plugin.as_str(), &Value::Null),
        };
        match name.unwrap_or_default() {
            "@semantic-release/commit-analyzer" => analyzer = options,
            "@semantic-release/release-notes-generator" | "@semantic-release/github" => {}
            "@semantic-release/changelog" => {
                draft.set("changelog", options["changelogFile"].as_str().unwrap_or("CHANGELOG.md"));
            }
            "@semantic-release/npm" => draft.set("version-files", "package.json"),
            "@semantic-release/git" => {
                draft.note("the release commit holds the version files and the changelog, not other assets".into());
            }
            _ => draft.without("plugins", plugin),
        }
    }
    let preset = analyzer["preset"].as_str().or_else(|| settings["preset"].as_str()).unwrap_or("angular");
    match preset {
        "angular" => draft.note("with its preset `angular`, `feat!:` is not breaking; here it is".into()),
        "conventionalcommits" => {}
        other => draft.without("preset", &other.into()),
    }
    for rule in analyzer["releaseRules"].as_array().into_iter().flatten() {
        release_rule(rule, draft);
    }
    if !analyzer["parserOpts"].is_null() {
        draft.without("parserOpts", &analyzer["parserOpts"]);
    }
}

fn release_rule(rule: &Value, draft: &mut Draft) {
    let bump = match &rule["release"] {
        Value::Bool(false) => Some("none"),
        Value::String(word) => ["major", "minor", "patch"].into_iter().find(|bump| bump == word),
        _ => None,
    };
    let known = ["type", "scope", "release", "breaking", "revert"];
    let is_known = rule.as_object().is_some_and(|rule| rule.keys().all(|key| known.contains(&key.as_str())));
    let kind = match (&rule["breaking"], &rule["revert"], rule["type"].as_str()) {
        (Value::Bool(true), Value::Null, None) => Some("breaking"),
        (Value::Null, Value::Bool(true), None) => Some("revert"),
        (Value::Null, Value::Null, Some(kind)) if is_word(kind) => Some(kind),
        (Value::Null, Value::Null, None) if rule["scope"].is_string() => Some("*"),
        _ => None,
    };
    match (kind.filter(|_| is_known), rule["scope"].as_str(), bump) {
        (Some(kind), None, Some(bump)) => draft.rule(kind, bump),
        (Some(kind), Some(scope), Some(bump)) if is_word(scope) => draft.rule(&format!("{kind}({scope})"), bump),
        _ => draft.without("releaseRules", rule),
    }
}

/// Whether it is one type or scope, and no pattern.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./".contains(c))
}
