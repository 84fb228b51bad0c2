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
"#), @r##"
    semantic-release
    tag-prefix: api-v
    initial-version: 1.0.0
    channels: main 1.x=maintenance beta=beta next *.x=maintenance
    release-rules: revert=patch docs(README)=patch perf=none breaking=minor
    # it releases major versions at once; here they wait for `allow-major`
    # the distribution channel of the branch `next` is for the step that publishes
    # `plugins: @semantic-release/exec` has no counterpart
    # `releaseRules: {"emoji":":x:","release":"patch"}` has no counterpart
    "##);
    insta::assert_snapshot!(proposed("package.json", r#"{"name": "x", "release": {"branches": "main"}}"#), @r##"
    semantic-release
    tag-prefix: v
    initial-version: 1.0.0
    channels: main
    release-rules: perf=patch revert=patch
    # it releases major versions at once; here they wait for `allow-major`
    # with its preset `angular`, `feat!:` is not breaking; here it is
    "##);
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
}"#), @r##"
    release-please
    tag-prefix: v
    zero-major: minor
    changelog: CHANGES.md
    initial-version: 1.0.0
    release-rules: deps=patch
    # what pull requests say to override a commit, and `Release-As`, are not read
    # `plugins: ["sentence-case"]` has no counterpart
    "##);
    insta::assert_snapshot!(proposed("release-please-config.json", r#"{
  "tag-separator": "/", "packages": {"services/api": {"component": "api"}, "libs/ui": {"package-name": "@acme/ui", "include-v-in-tag": false}}
}"#), @r##"
    release-please
    changelog: CHANGELOG.md
    release-rules: perf=patch revert=patch
    - api services/api api/v
    - ui libs/ui ui/
    # a component without a name of its own is called after its folder here; package files can say otherwise
    # what pull requests say to override a commit, and `Release-As`, are not read
    "##);
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
"#), @r##"
    cocogitto
    tag-prefix: v
    zero-major: minor
    channels: main release/**
    changelog: CHANGELOG.md
    release-rules: perf=patch
    - api services/api api-v
    # `pre_bump_hooks` are steps of the workflow here
    # it refuses merge commits unless `ignore_merge_commits` is set; here they count for nothing
    # `generate_mono_repository_global_tag: false` has no counterpart
    "##);
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
"#), @r##"
    git-cliff
    tag-prefix: release-
    initial-version: 0.3.0
    zero-major: minor
    release-rules: minor=minor more=minor *=patch
    # `git.skip_tags: beta` has no counterpart
    # the templates and groups of its changelog have no counterpart
    "##);
    assert!(
        proposed("cliff.toml", "[git]\ntag_pattern = \"v?[0-9]+\"")
            .contains("# `git.tag_pattern: v?[0-9]+` has no counterpart")
    );
}

#[test]
fn others_are_read() {
    insta::assert_snapshot!(proposed(".versionrc", r#"{"tagPrefix": "", "scripts": {"postbump": "x"}}"#), @r##"
    commit-and-tag-version
    tag-prefix: 
    zero-major: cargo
    changelog: CHANGELOG.md
    release-rules: *=patch
    # `scripts: {"postbump":"x"}` has no counterpart
    "##);
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
"#), @r##"
    python-semantic-release
    tag-prefix: 
    zero-major: minor
    channels: main master next=beta
    changelog: CHANGELOG.md
    version-files: pyproject.toml
    release-rules: perf=patch improvement=minor
    "##);
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

#[test]
fn gitversion_is_read() {
    insta::assert_snapshot!(proposed("GitVersion.yml", r"
mode: ContinuousDelivery
tag-prefix: '[vV]'
next-version: 2.1
branches:
  main: {increment: Patch}
  develop: {label: alpha, increment: Minor}
  feature: {increment: Minor, regex: '^features?[/-]'}
  hotfix: {increment: Patch}
  pull-request: {label: pr}
  spike: {}
ignore: {sha: []}
"), @r##"
    GitVersion
    tag-prefix: v
    initial-version: 2.1.0
    channels: main develop=alpha
    branch-rules: feature/*=minor hotfix/*=patch
    release-rules: *=patch
    # the `regex` of the branch `feature` is not read; `feature/*` is proposed
    # `branches: spike` has no counterpart
    # versions of commits that are not released (`1.3.0-beta.4+12`) are not made; builds are told apart by `type=sha`
    # `ignore: {"sha":[]}` has no counterpart
    "##);
    assert!(proposed("GitVersion.yml", "tag-prefix: '[a-z]+-'").contains("# `tag-prefix: [a-z]+-` has no counterpart"));
}
