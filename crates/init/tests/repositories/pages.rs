//! The pages that tell how to come from other tools.

use std::path::Path;

/// The pages that proposals lead to.
const PAGES: [&str; 8] = [
    "README",
    "argo-rollouts",
    "argocd-image-updater",
    "metadata-action",
    "other-release-tools",
    "release-please",
    "semantic-release",
    "yq-and-push",
];

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = text.lines().filter(|line| line.starts_with('#')).map(|line| line.trim_start_matches('#').trim());
    let anchor = |heading: &str| -> String {
        let kept = heading.to_lowercase().replace(' ', "-");
        kept.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_page_is_there_and_its_links_lead_somewhere() {
    let folder = testbed::workspace().join(".github/migrating");
    for page in PAGES {
        let path = folder.join(page).with_extension("md");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let links = text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(link, _)| link);
        for link in links.filter(|link| !link.starts_with("https://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target: &Path = &folder.join(file);
            let text = std::fs::read_to_string(target).unwrap_or_else(|error| panic!("{page}: `{link}`: {error}"));
            assert!(anchor.is_empty() || anchors(&text).iter().any(|known| known == anchor), "{page}: `{link}`");
        }
    }
}
