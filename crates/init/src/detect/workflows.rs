//! Workflows that are there: those that call Slipway already, and those that do by hand what it does.

use super::{Detector, is_workflow};
use crate::findings::{Adopted, Findings, Previous};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: is_workflow, detect };

/// What calls of our pipelines begin with.
const OURS: &str = "slipway-release/slipway/.github/workflows/";

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for path in snapshot.paths.iter().filter(|path| is_workflow(path)) {
        let content = snapshot.content(path).unwrap_or_default();
        for line in content.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let Some((_, call)) = line.split_once(OURS) else { continue };
            let Some((pipeline, _)) = call.split_once(".yml@") else { continue };
            let adopted = Adopted { pipeline: pipeline.into(), file: path.clone() };
            if !findings.adopted.contains(&adopted) {
                findings.adopted.push(adopted);
            }
        }
        let edits = ["yq ", "kustomize edit set image", "sed -i"].iter().find(|word| content.contains(**word));
        if let Some(word) = edits.filter(|_| content.contains("git push")) {
            let previous = Previous { page: "yq-and-push", tool: "", file: path.clone(), replace: None };
            findings.previous.push(Previous { tool: word.trim(), ..previous });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_ours_and_edits_by_hand_are_found() {
        let ours = "jobs:\n  r:\n    uses: slipway-release/slipway/.github/workflows/release.yml@0123 # v0.1.0\n  # uses: slipway-release/slipway/.github/workflows/drill.yml@v0\n";
        let hand = "jobs:\n  d:\n    steps:\n      - run: |\n          yq e '.a = 1' -i x.yaml\n          git push\n";
        let found = super::super::found(
            &DETECTOR,
            [(".github/workflows/release.yml", ours), (".github/workflows/deploy.yml", hand)],
        );
        assert_eq!(
            found.adopted,
            [Adopted { pipeline: "release".into(), file: ".github/workflows/release.yml".into() }]
        );
        assert_eq!((found.previous[0].page, found.previous[0].tool), ("yq-and-push", "yq"));
    }
}
