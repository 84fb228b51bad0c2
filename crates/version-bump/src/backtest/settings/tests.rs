use super::*;

/// What a tool's settings become: inputs, components and notes, one a line.
fn proposed(file: &'static str, text: &str) -> String {
    let files = Files(BTreeMap::from([(file, text.to_owned())]));
    let proposals = proposals(&files);
    let lines = proposals.iter().flat_map(|proposal| {
        let with = proposal.with.iter().map(|(name, value)| format!("{name}: {}", value.replace('\n', " ")));
        let components = proposal.components.iter();
        let components =
            components.map(|component| format!("- {} {} {}", component.name, component.path, component.prefix));
        let notes = proposal.notes.iter().map(|note| format!("# {note}"));
        std::iter::once(proposal.tool.to_owned()).chain(with).chain(components).chain(notes).collect::<Vec<_>>()
    });
    // Inputs that are there or not as others land do not matter here.
    lines
        .filter(|line| !line.starts_with("# what would be"))
        .filter(|line| !line.starts_with("mode"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn semantic_release_is_read() {
    insta::assert_snapshot!(proposed(".releaserc", r#"
branches: [main, 1.x, {name: beta, prerelease: true}, {name: next, channel: next}, "+([0-9])?(.{+([0-9]),x}).x"]
tagFormat: "api-v${version}"
plugins:
  - ["@semantic-release/commit-analyzer", {preset: conventionalcommits, releaseRules: [
      {type: docs, scope: README, release: patch}, {type: perf, release: false}, {breaking: true, release: minor},
      {emoji: ":x:", release: patch}]}]
  - "@semantic-release/exec"
"#), @"");
    insta::assert_snapshot!(proposed("package.json", r#"{"name": "x", "release": {"branches": "main"}}"#), @"");
    assert_eq!(proposed("package.json", r#"{"name": "x"}"#), "");
    assert_eq!(proposed("package.json", "{"), "");
    assert_eq!(proposed("release.config.mjs", "throw 1"), "semantic-release\n# it is a program, and is not run");
    assert!(proposed(".releaserc.json", "{").starts_with("semantic-release\n# it cannot be read: "));
}

#[test]
fn release_please_is_read() {
    insta::assert_snapshot!(proposed("release-please-config.json", r#"{
  "release-type": "node", "include-component-in-tag": false, "bump-minor-pre-major": true,
  "changelog-sections": [{"type": "feat", "section": "F"}, {"type": "deps", "section": "D"}, {"type": "chore", "section": "C", "hidden": true}],
  "packages": {".": {"changelog-path": "CHANGES.md", "initial-version": "1.0.0"}}, "plugins": ["sentence-case"]
}"#), @"");
    insta::assert_snapshot!(proposed("release-please-config.json", r#"{
  "tag-separator": "/", "packages": {"services/api": {"component": "api"}, "libs/ui": {"package-name": "@acme/ui", "include-v-in-tag": false}}
}"#), @"");
}

#[test]
fn cocogitto_is_read() {
    insta::assert_snapshot!(proposed("cog.toml", r#"
tag_prefix = "v"
branch_whitelist = ["main", "release/**"]
pre_bump_hooks = ["cargo build"]
generate_mono_repository_global_tag = false
[commit_types]
perf = { bump_patch = true }
ex = { changelog_title = "x" }
[packages.api]
path = "services/api"
"#), @"");
}

#[test]
fn git_cliff_is_read() {
    insta::assert_snapshot!(proposed("cliff.toml", r#"
[git]
tag_pattern = "^release-[0-9].*"
skip_tags = "beta"
[bump]
breaking_always_bump_major = false
initial_tag = "v0.3.0"
custom_minor_increment_regex = "minor|more"
"#), @"");
    assert!(
        proposed("cliff.toml", "[git]\ntag_pattern = \"v?[0-9]+\"")
            .contains("# `git.tag_pattern: v?[0-9]+` has no counterpart")
    );
}

#[test]
fn others_are_read() {
    insta::assert_snapshot!(proposed(".versionrc", r#"{"tagPrefix": "", "scripts": {"postbump": "x"}}"#), @"");
    insta::assert_snapshot!(proposed("pyproject.toml", r#"
[tool.semantic_release]
tag_format = "{version}"
major_on_zero = false
version_toml = ["pyproject.toml:project.version"]
[tool.semantic_release.branches.main]
match = "(main|master)"
[tool.semantic_release.branches.next]
match = "next"
prerelease = true
prerelease_token = "beta"
[tool.semantic_release.commit_parser_options]
minor_tags = ["feat", "improvement"]
patch_tags = ["fix", "perf"]
"#), @"");
    assert_eq!(proposed("pyproject.toml", "[tool.black]\nline-length = 88"), "");
}

#[test]
fn ranges_are_told_from_names() {
    for (branch, expected) in
        [("1.x", true), ("1.2.x", true), ("x", false), (".x", false), ("1.2.3.x", false), ("v1.x", false)]
    {
        assert_eq!(is_range(branch), expected, "{branch}");
    }
}
