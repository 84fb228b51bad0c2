//! [standard-version and commit-and-tag-version](https://github.com/conventional-changelog/conventional-changelog-config-spec).

use serde_json::Value;
use slipway_edit::Format;

use super::draft::Draft;
use super::{Source, Tool};

pub(super) const TOOL: Tool = Tool {
    name: "commit-and-tag-version",
    sources: &[
        Source::new(".versionrc", Format::JSON),
        Source::new(".versionrc.json", Format::JSON),
        Source::new("package.json", Format::JSON).below(&["commit-and-tag-version"]),
        Source::new("package.json", Format::JSON).below(&["standard-version"]),
    ],
    programs: &[".versionrc.js", ".versionrc.cjs"],
    read,
};

fn read(settings: &Value, draft: &mut Draft) {
    draft.set("mode", "release");
    draft.set("tag-prefix", settings["tagPrefix"].as_str().unwrap_or("v"));
    // Below 1.0 a breaking change is a minor version to it, and a feature a patch.
    draft.set("zero-major", "cargo");
    // It releases whenever it is run, as a patch if nothing asks for more.
    draft.rule("*", "patch");
    if let Some(branch) = settings["releaseBranch"].as_str() {
        draft.set("channels", branch);
    }
    draft.set("changelog", settings["infile"].as_str().unwrap_or("CHANGELOG.md"));
    let files: Vec<&str> = settings["bumpFiles"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|file| file.as_str().or_else(|| file["filename"].as_str()))
        .collect();
    if !files.is_empty() {
        draft.set("version-files", files.join("\n"));
    }
    let known = ["tagPrefix", "releaseBranch", "infile", "bumpFiles", "packageFiles", "types", "header", "preMajor"];
    let looks =
        ["commitUrlFormat", "compareUrlFormat", "issueUrlFormat", "userUrlFormat", "releaseCommitMessageFormat"];
    draft.unknown(settings, &[&known[..], &looks[..], &["sign", "silent", "verify", "noVerify", "preset"]].concat());
}
