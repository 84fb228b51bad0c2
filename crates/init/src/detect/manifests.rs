//! Kubernetes manifests.

use super::{Detector, environment, is_workflow, is_yaml};
use crate::findings::{Findings, RuntimeKind};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: |path| is_yaml(path) && !is_workflow(path), detect };

/// What runs images.
const KINDS: [&str; 6] = ["Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Rollout"];

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (path, document) in snapshot.documents() {
        let Some(kind) = document["kind"].as_str().filter(|kind| KINDS.contains(kind)) else { continue };
        if document["apiVersion"].is_null() {
            continue;
        }
        findings.runtime(RuntimeKind::Kubernetes, "kubectl", path, format!("a {kind}"));
        if let Some((environment, below)) = environment::of_path(path) {
            findings.environment(environment, Some(below), path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_images_is_found() {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\n";
        let found = super::super::found(
            &DETECTOR,
            [
                ("k8s/prod/shop.yaml", deployment),
                ("k8s/broken.yaml", "kind: [\n"),
                ("docs/kind.yaml", "kind: Deployment\n"),
            ],
        );
        assert_eq!(found.runtimes.len(), 1);
        assert_eq!(found.environments[0].path.as_deref(), Some("k8s/prod"));
    }
}
