//! [cocogitto](https://docs.cocogitto.io/reference/config.html).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::semantic_release::is_word;
use super::{Source, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "cocogitto",
    sources: &[Source::new("cog.toml", Format::TOML), Source::new(".config/cog.toml", Format::TOML)],
    programs: &[],
    read,
};

fn read(settings: &Value, draft: &mut Draft) {
    let prefix = settings["tag_prefix"].as_str().unwrap_or_default();
    draft.set("mode", "release");
    draft.set("tag-prefix", prefix);
    // Below 1.0 it never makes a major version.
    draft.set("zero-major", "minor");
    branches(&settings["branch_whitelist"], draft);
    for (kind, rule) in settings["commit_types"].as_object().into_iter().flatten() {
        let is = |key: &str| rule[key] == Value::Bool(true);
        match (is("bump_minor"), is("bump_patch")) {
            _ if !is_word(kind) => draft.without("commit_types", &kind.as_str().into()),
            (true, _) => draft.rule(kind, "minor"),
            (false, true) => draft.rule(kind, "patch"),
            (false, false) => {}
        }
    }
    if settings["disable_changelog"] != Value::Bool(true) {
        draft.set("changelog", settings["changelog"]["path"].as_str().unwrap_or("CHANGELOG.md"));
    }
    let packages =
        if settings["monorepo"].is_null() { &settings["packages"] } else { &settings["monorepo"]["packages"] };
    let separator = settings["monorepo_version_separator"].as_str().unwrap_or("-");
    for (name, package) in packages.as_object().into_iter().flatten() {
        draft.component(name, package["path"].as_str().unwrap_or(name), format!("{name}{separator}{prefix}"));
    }
    let hooks = ["pre_bump_hooks", "post_bump_hooks", "pre_package_bump_hooks", "post_package_bump_hooks"];
    for key in hooks.into_iter().filter(|key| settings[*key].as_array().is_some_and(|hooks| !hooks.is_empty())) {
        draft.note(format!("`{key}` are steps of the workflow here"));
    }
    if settings["ignore_merge_commits"] != Value::Bool(true) {
        draft.note("it refuses merge commits unless `ignore_merge_commits` is set; here they count for nothing".into());
    }
    let known = [
        "tag_prefix",
        "branch_whitelist",
        "commit_types",
        "disable_changelog",
        "changelog",
        "monorepo",
        "packages",
        "monorepo_version_separator",
        "ignore_merge_commits",
        "ignore_fixup_commits",
        "from_latest_tag",
        "git_hooks",
        "scopes",
        "skip_untracked",
        "skip_ci",
        "bump_profiles",
        "generate_mono_repository_package_tags",
    ];
    draft.unknown(settings, &[&known[..], &hooks[..]].concat());
}

fn branches(branches: &Value, draft: &mut Draft) {
    let mut lines: Vec<&str> = Vec::new();
    for branch in branches.as_array().into_iter().flatten() {
        match branch.as_str() {
            Some(name) if !name.contains(|c: char| c.is_whitespace() || "[]{}!?=".contains(c)) => lines.push(name),
            _ => draft.without("branch_whitelist", branch),
        }
    }
    if !lines.is_empty() {
        draft.set("channels", lines.join("\n"));
    }
}
