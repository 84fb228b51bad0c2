//! [GitVersion](https://gitversion.net/docs/reference/configuration).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::semantic_release::is_word;
use super::{Source, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "GitVersion",
    sources: &[
        Source::new("GitVersion.yml", Format::YAML),
        Source::new("GitVersion.yaml", Format::YAML),
        Source::new(".GitVersion.yml", Format::YAML),
    ],
    programs: &[],
    read,
};

/// The branches that it knows by name, and the names of branches that those stand for.
const BRANCHES: [(&str, &str); 7] = [
    ("main", "main"),
    ("master", "master"),
    ("develop", "develop"),
    ("release", "release/*"),
    ("feature", "feature/*"),
    ("hotfix", "hotfix/*"),
    ("support", "support/*"),
];

fn read(settings: &Value, draft: &mut Draft) {
    draft.set("mode", "tag");
    // Every commit makes a version to it, a patch unless a branch or a message asks for more.
    draft.rule("*", "patch");
    match settings["tag-prefix"].as_str() {
        None | Some("[vV]" | "[vV]?" | "v" | "(v|V)") => draft.set("tag-prefix", "v"),
        Some(prefix) if prefix.is_empty() || is_word(prefix) => draft.set("tag-prefix", prefix),
        Some(_) => draft.without("tag-prefix", &settings["tag-prefix"]),
    }
    if let Some(version) = settings["next-version"].as_str() {
        draft.set(
            "initial-version",
            if version.matches('.').count() == 1 { format!("{version}.0") } else { version.into() },
        );
    }
    branches(settings, draft);
    draft.note("versions of commits that are not released (`1.3.0-beta.4+12`) are not made; builds are told apart by `type=sha`".into());
    for key in
        ["major-version-bump-message", "minor-version-bump-message", "patch-version-bump-message", "no-bump-message"]
    {
        if !settings[key].is_null() {
            draft.note(format!("`{key}` gives way to Conventional Commits"));
        }
    }
    let known =
        ["workflow", "mode", "assembly-versioning-scheme", "assembly-file-versioning-scheme", "update-build-number"];
    let read = ["tag-prefix", "next-version", "branches"];
    let looks = [
        "assembly-informational-format",
        "commit-date-format",
        "tag-pre-release-weight",
        "commit-message-incrementing",
    ];
    let messages =
        ["major-version-bump-message", "minor-version-bump-message", "patch-version-bump-message", "no-bump-message"];
    draft.unknown(settings, &[&known[..], &read, &looks, &messages].concat());
}

fn branches(settings: &Value, draft: &mut Draft) {
    let (mut channels, mut rules) = (Vec::new(), Vec::new());
    for (name, branch) in settings["branches"].as_object().into_iter().flatten() {
        let Some((_, pattern)) = BRANCHES.iter().find(|(known, _)| known == name) else {
            if name != "pull-request" && name != "unknown" {
                draft.without("branches", &name.as_str().into());
            }
            continue;
        };
        if !branch["regex"].is_null() {
            draft.note(format!("the `regex` of the branch `{name}` is not read; `{pattern}` is proposed"));
        }
        let label = branch["label"].as_str().or_else(|| branch["tag"].as_str()).unwrap_or_default();
        match (*pattern, label) {
            ("main" | "master", _) => channels.push((*pattern).to_owned()),
            ("support/*", _) => channels.push("support/*=maintenance".into()),
            (_, label) if is_word(label) && *pattern == "develop" => channels.push(format!("develop={label}")),
            _ => {}
        }
        match branch["increment"].as_str().map(str::to_ascii_lowercase).as_deref() {
            Some(step @ ("major" | "minor" | "patch")) if pattern.ends_with("/*") => {
                rules.push(format!("{pattern}={step}"))
            }
            _ => {}
        }
    }
    if !channels.is_empty() {
        draft.set("channels", channels.join("\n"));
    }
    if !rules.is_empty() {
        draft.set("branch-rules", rules.join("\n"));
    }
}
