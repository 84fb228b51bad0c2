//! [release-please](https://github.com/googleapis/release-please/blob/main/docs/manifest-releaser.md).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::semantic_release::is_word;
use super::{Source, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "release-please",
    sources: &[
        Source::new("release-please-config.json", Format::JSON),
        Source::new(".release-please-config.json", Format::JSON),
    ],
    programs: &[],
    read,
};

/// What is read here, or is about how pull requests and releases look.
const KNOWN: [&str; 25] = [
    "packages",
    "release-type",
    "bump-minor-pre-major",
    "bump-patch-for-minor-pre-major",
    "versioning",
    "changelog-sections",
    "changelog-path",
    "changelog-host",
    "skip-changelog",
    "include-component-in-tag",
    "include-v-in-tag",
    "include-v-in-release-name",
    "tag-separator",
    "component",
    "package-name",
    "initial-version",
    "extra-files",
    "version-file",
    "pull-request-title-pattern",
    "pull-request-header",
    "pull-request-footer",
    "draft-pull-request",
    "separate-pull-requests",
    "always-update",
    "extra-label",
];

fn read(settings: &Value, draft: &mut Draft) {
    draft.set("mode", "pull-request");
    let packages = settings["packages"].as_object();
    let alone = packages.filter(|packages| packages.len() == 1).and_then(|packages| packages.get("."));
    let of = |key: &str| alone.map(|alone| &alone[key]).filter(|value| !value.is_null()).unwrap_or(&settings[key]);
    match (packages, alone) {
        (Some(packages), None) => components(settings, packages, draft),
        _ => match prefix(&of, None) {
            Some(prefix) => draft.set("tag-prefix", prefix),
            None => draft.note(
                "the component in the tags is the name in a package file: set `tag-prefix` to what they begin with"
                    .into(),
            ),
        },
    }
    rules(&of, draft);
    if of("skip-changelog") != &Value::Bool(true) {
        draft.set("changelog", of("changelog-path").as_str().unwrap_or("CHANGELOG.md"));
    }
    if let Some(initial) = of("initial-version").as_str() {
        draft.set("initial-version", initial);
    }
    let files: Vec<&str> = of("extra-files").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for file in of("extra-files").as_array().into_iter().flatten().filter(|file| !file.is_string()) {
        draft.without("extra-files", file);
    }
    if !files.is_empty() {
        draft.note(format!("`extra-files` by annotations: check `version-files` for {}", files.join(", ")));
    }
    draft.note("what pull requests say to override a commit, and `Release-As`, are not read".into());
    draft.unknown(settings, &KNOWN);
    alone.into_iter().for_each(|alone| draft.unknown(alone, &KNOWN));
}

/// What tags begin with; nothing if that depends on a package file.
fn prefix<'a>(of: &impl Fn(&str) -> &'a Value, component: Option<&str>) -> Option<String> {
    let v = if of("include-v-in-tag") == &Value::Bool(false) { "" } else { "v" };
    if of("include-component-in-tag") == &Value::Bool(false) {
        return Some(v.into());
    }
    let component = of("component").as_str().or_else(|| of("package-name").as_str()).or(component)?;
    // Of a scoped npm package, the scope is left out.
    let component =
        component.rsplit_once('/').filter(|_| component.starts_with('@')).map_or(component, |(_, name)| name);
    Some(format!("{component}{}{v}", of("tag-separator").as_str().unwrap_or("-")))
}

fn components(settings: &Value, packages: &serde_json::Map<String, Value>, draft: &mut Draft) {
    for (path, package) in packages {
        let of = |key: &str| Some(&package[key]).filter(|value| !value.is_null()).unwrap_or(&settings[key]);
        let folder = path.rsplit('/').next().unwrap_or(path);
        match prefix(&of, Some(folder).filter(|_| path != ".")) {
            Some(prefix) => draft.component(of("component").as_str().unwrap_or(folder), path, prefix),
            None => draft.note("the component of `.` is the name in a package file".into()),
        }
        draft.unknown(package, &KNOWN);
    }
    draft.note(
        "a component without a name of its own is called after its folder here; package files can say otherwise".into(),
    );
}

fn rules<'a>(of: &impl Fn(&str) -> &'a Value, draft: &mut Draft) {
    let is = |key: &str| of(key) == &Value::Bool(true);
    match (is("bump-minor-pre-major"), is("bump-patch-for-minor-pre-major")) {
        (true, true) => draft.set("zero-major", "cargo"),
        (true, false) => draft.set("zero-major", "minor"),
        (false, true) => draft.without("bump-patch-for-minor-pre-major", &true.into()),
        (false, false) => {}
    }
    match of("versioning").as_str() {
        None | Some("default") => {}
        Some("always-bump-patch") => draft.set("bump", "patch"),
        Some("always-bump-minor") => draft.set("bump", "minor"),
        Some("always-bump-major") => draft.set("bump", "major"),
        Some(other) => draft.without("versioning", &other.into()),
    }
    let Some(sections) = of("changelog-sections").as_array() else {
        draft.rule("perf", "patch");
        draft.rule("revert", "patch");
        return;
    };
    for section in sections.iter().filter(|section| section["hidden"] != Value::Bool(true)) {
        match section["type"].as_str() {
            Some("feat" | "fix") => {}
            Some("feature") => draft.rule("feature", "minor"),
            Some(kind) if is_word(kind) => draft.rule(kind, "patch"),
            _ => draft.without("changelog-sections", section),
        }
    }
}
