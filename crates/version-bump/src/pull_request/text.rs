//! The words of the release pull request.

use semver::Version;
use slipway_core::ComponentName;
use slipway_core::git::{BranchName, TagName};
use slipway_core::github::OpenProposal;
use slipway_core::text::markdown::{code, text};

use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::version::Bump;

/// GitHub takes 65,536 characters.
const LIMIT: usize = 60_000;
/// What the text begins with; nobody sees it.
const MARKER: &str = "<!-- slipway:version-bump:release ";

/// The text: what merging releases, and the notes.
pub(super) fn body(inputs: &Inputs, plan: &Plan, version: &Version, tag: &TagName, branch: &BranchName) -> String {
    let component =
        inputs.component().map_or(String::new(), |name| format!(" of {}", code(ComponentName::as_str(name))));
    let previous =
        plan.previous.as_ref().map_or(String::new(), |previous| format!(" after {}", code(&previous.to_string())));
    let mut body = format!(
        "{MARKER}version={version} -->\nMerging this releases {}{component} as {}: {}{previous} ({}).\n",
        code(&version.to_string()),
        code(tag.as_str()),
        plan.bump.word(),
        text(&plan.reason)
    );
    if plan.bump == Bump::Major {
        body += "\n> **This is a major release.** Merging it is the approval that it needs.\n";
    }
    if plan.notes.chars().count() <= LIMIT {
        body += &format!("\n{}\n", plan.notes.trim_end());
    } else {
        body += "\nThe notes are too long for this place; they come with the release.\n";
    }
    body += &format!(
        "\n---\nversion-bump keeps this pull request up to date on {}, and leaves it alone once somebody else commits there.\n",
        code(branch.as_str())
    );
    body
}

/// The text of one that is closed because there is nothing left to release.
pub(super) fn closed(open: &OpenProposal) -> String {
    format!("Closed by version-bump: there is nothing left to release.\n\n{}", without_marker(&open.body))
}

fn without_marker(body: &str) -> &str {
    match body.strip_prefix(MARKER).and_then(|rest| rest.split_once("-->")) {
        Some((_, rest)) => rest.trim_start(),
        None => body,
    }
}

/// The version that a text says it releases.
pub(super) fn version(body: &str) -> Option<Version> {
    let (version, _) = body.strip_prefix(MARKER)?.strip_prefix("version=")?.split_once(' ')?;
    version.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_from_the_beginning_alone() {
        let marked = "<!-- slipway:version-bump:release version=1.5.0-rc.1+b -->\nMerging";
        assert_eq!(version(marked), Some("1.5.0-rc.1+b".parse().unwrap()));
        assert_eq!(version(&format!("x {marked}")), None);
        assert_eq!(version("<!-- slipway:version-bump:release version=1.5 -->"), None);
        assert_eq!(without_marker(marked), "Merging");
        assert_eq!(without_marker("plain"), "plain");
    }
}
