//! Argo CD, its image updater, and Argo Rollouts.

use super::{Detector, environment, is_workflow, is_yaml};
use crate::findings::{Findings, Previous, RuntimeKind};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: |path| is_yaml(path) && !is_workflow(path), detect };

/// What annotations of the image updater begin with.
const IMAGE_UPDATER: &str = "argocd-image-updater.argoproj.io/";

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (path, document) in snapshot.documents() {
        let group = document["apiVersion"].as_str().unwrap_or_default();
        if !group.starts_with("argoproj.io/") {
            continue;
        }
        match document["kind"].as_str().unwrap_or_default() {
            kind @ ("Application" | "ApplicationSet") => {
                findings.runtime(RuntimeKind::Kubernetes, "argocd", path, format!("an Argo CD {kind}"));
                if let Some((environment, below)) = environment::of_path(path) {
                    findings.environment(environment, Some(below), path);
                }
            }
            "Rollout" => findings.is_progressive = true,
            "AnalysisTemplate" | "ClusterAnalysisTemplate" => {
                previous(findings, "argo-rollouts", "Argo Rollouts analysis", path);
                findings.setting("analysis-templates", Some(path.into()), format!("the AnalysisTemplate in `{path}`"));
            }
            _ => {}
        }
        let annotations = document["metadata"]["annotations"].as_object();
        if annotations.is_some_and(|annotations| annotations.keys().any(|key| key.starts_with(IMAGE_UPDATER))) {
            previous(findings, "argocd-image-updater", "Argo CD Image Updater", path);
        }
    }
}

fn previous(findings: &mut Findings, page: &'static str, tool: &'static str, path: &str) {
    if !findings.previous.iter().any(|known| known.page == page) {
        findings.previous.push(Previous { page, tool, file: path.into(), replace: None });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn applications_annotations_and_templates_are_found() {
        let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  annotations:\n    argocd-image-updater.argoproj.io/image-list: shop=ghcr.io/acme/shop\n";
        let template = "apiVersion: argoproj.io/v1alpha1\nkind: AnalysisTemplate\n";
        let found =
            super::super::found(&DETECTOR, [("argocd/shop.yaml", application), ("argocd/success.yaml", template)]);
        assert_eq!(found.runs_on(RuntimeKind::Kubernetes).map(|runtime| runtime.deployer), Some("argocd"));
        let pages: Vec<&str> = found.previous.iter().map(|previous| previous.page).collect();
        assert_eq!(pages, ["argocd-image-updater", "argo-rollouts"]);
    }
}
