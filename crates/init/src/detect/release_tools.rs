//! The settings of other release tools, as version-bump's backtest reads them.

use slipway_core::text::shorten;
use version_bump::settings::{Files, file_names, proposals};

use super::{Detector, is_workflow};
use crate::findings::{Findings, Previous};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector =
    Detector { wants: |path| file_names().contains(&path) || is_workflow(path), detect };

/// Tools: the name in the settings, and the name of the migration page.
const PAGES: [(&str, &str); 2] = [("semantic-release", "semantic-release"), ("release-please", "release-please")];
/// The longest note that is repeated, in characters.
const LONGEST: usize = 300;

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    let files = file_names().into_iter().filter_map(|name| Some((name, snapshot.content(name)?.to_owned())));
    for proposal in proposals(&Files::new(files)) {
        let (tool, file) = (proposal.tool, &proposal.file);
        let page = PAGES.iter().find(|(name, _)| *name == tool).map_or("other-release-tools", |(_, page)| page);
        findings.previous.push(Previous { page, tool, file: file.clone(), replace: None });
        // How it is released is the starter's business; pipelines that only tag, or keep a pull request, say so themselves.
        for (input, value) in &proposal.with {
            findings.setting(input, Some(value.clone()), format!("what `{file}` says to {tool}"));
        }
        for component in &proposal.components {
            findings.notes.push(format!(
                "{tool} releases `{}` in `{}` on its own, with tags that begin with `{}`: one run of version-bump for each such component, with `component`, `paths` and `tag-prefix`",
                component.name, component.path, component.prefix
            ));
        }
        findings.notes.extend(proposal.notes.iter().map(|note| shorten(&format!("{tool}: {note}"), LONGEST)));
    }
    for path in snapshot.paths.iter().filter(|path| is_workflow(path)) {
        let content = snapshot.content(path).unwrap_or_default();
        let uses = ["googleapis/release-please-action", "cycjimmy/semantic-release-action", "npx semantic-release"];
        let pages = ["release-please", "semantic-release", "semantic-release"];
        for (word, page) in uses.iter().zip(pages) {
            if content.contains(word) && !findings.previous.iter().any(|known| known.page == page) {
                findings.previous.push(Previous { page, tool: page, file: path.clone(), replace: None });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(found: &Findings, input: &str) -> Option<String> {
        found.settings.iter().find(|setting| setting.input == input).and_then(|setting| setting.value.clone())
    }

    #[test]
    fn settings_become_inputs() {
        let semantic =
            r#"{"branches": ["main", {"name": "next", "prerelease": "rc"}], "tagFormat": "api-v${version}"}"#;
        let found = super::super::found(&DETECTOR, [(".releaserc.json", semantic)]);
        assert_eq!(value(&found, "channels").as_deref(), Some("main\nnext=rc"));
        assert_eq!(value(&found, "tag-prefix").as_deref(), Some("api-v"));
        let gitversion = "tag-prefix: '[vV]'\nbranches: {feature: {increment: Minor}}\n";
        let found = super::super::found(&DETECTOR, [("GitVersion.yml", gitversion)]);
        assert_eq!(value(&found, "branch-rules").as_deref(), Some("feature/*=minor"));
        assert_eq!(found.previous[0].tool, "GitVersion");
    }

    #[test]
    fn packages_of_release_please_become_components() {
        let settings = r#"{"packages": {"services/api": {"component": "api"}}}"#;
        let found = super::super::found(&DETECTOR, [("release-please-config.json", settings)]);
        assert!(found.notes.iter().any(|note| note.contains("`api` in `services/api`")), "{:?}", found.notes);
    }
}
