//! [git-cliff](https://git-cliff.org/docs/configuration).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::semantic_release::is_word;
use super::{Source, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "git-cliff",
    sources: &[
        Source::new("cliff.toml", Format::TOML),
        Source::new(".cliff.toml", Format::TOML),
        Source::new(".config/cliff.toml", Format::TOML),
        Source::new("cliff.yaml", Format::YAML),
    ],
    programs: &[],
    read,
};

fn read(settings: &Value, draft: &mut Draft) {
    let (git, bump) = (&settings["git"], &settings["bump"]);
    if let Some(pattern) = git["tag_pattern"].as_str() {
        match prefix(pattern) {
            Some(prefix) => draft.set("tag-prefix", prefix),
            None => draft.without("git.tag_pattern", &git["tag_pattern"]),
        }
    }
    if let Some(tag) = bump["initial_tag"].as_str() {
        let digits = tag.find(|c: char| c.is_ascii_digit()).unwrap_or(tag.len());
        draft.set("initial-version", &tag[digits..]);
    }
    let is_off = |key: &str| bump[key] == Value::Bool(false);
    match (is_off("breaking_always_bump_major"), is_off("features_always_bump_minor")) {
        (true, true) => draft.set("zero-major", "cargo"),
        (true, false) => draft.set("zero-major", "minor"),
        (false, true) => draft.without("bump.features_always_bump_minor", &false.into()),
        (false, false) => {}
    }
    if let Some(word) = bump["bump_type"].as_str() {
        draft.set("bump", word);
    }
    for (key, step) in [("custom_major_increment_regex", "major"), ("custom_minor_increment_regex", "minor")] {
        let Some(pattern) = bump[key].as_str() else { continue };
        let kinds: Vec<&str> = pattern.trim_start_matches("^(").trim_end_matches(")$").split('|').collect();
        if kinds.iter().all(|kind| is_word(kind) && !kind.contains('.')) {
            kinds.into_iter().for_each(|kind| draft.rule(kind, step));
        } else {
            draft.without(&format!("bump.{key}"), &bump[key]);
        }
    }
    // To it, every commit that is neither a feature nor breaking is a patch.
    draft.rule("*", "patch");
    if let Some(file) = settings["changelog"]["output"].as_str() {
        draft.set("changelog", file);
    }
    for key in ["skip_tags", "ignore_tags", "count_tags", "commit_preprocessors", "include_paths", "exclude_paths"] {
        if git[key].as_array().map_or(!git[key].is_null() && git[key] != "", |list| !list.is_empty()) {
            draft.without(&format!("git.{key}"), &git[key]);
        }
    }
    draft.note("the templates and groups of its changelog have no counterpart".into());
}

/// The literal text before the version in a pattern such as `v[0-9].*`.
fn prefix(pattern: &str) -> Option<String> {
    let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
    let end = ["[0-9]", "\\d", "(\\d", "([0-9]", "*"].into_iter().filter_map(|start| pattern.find(start)).min()?;
    let prefix = pattern[..end].replace("\\-", "-").replace("\\/", "/");
    prefix.chars().all(|c| c.is_alphanumeric() || "-_/@".contains(c)).then_some(prefix)
}
