//! Flux.

use super::{Detector, is_workflow, is_yaml};
use crate::findings::{Findings, RuntimeKind};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: |path| is_yaml(path) && !is_workflow(path), detect };

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (path, document) in snapshot.documents() {
        let group = document["apiVersion"].as_str().unwrap_or_default();
        let kind = document["kind"].as_str().unwrap_or_default();
        if group.contains(".toolkit.fluxcd.io/") && matches!(kind, "Kustomization" | "HelmRelease" | "GitRepository") {
            findings.runtime(RuntimeKind::Kubernetes, "flux", path, format!("a Flux {kind}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helm_release_of_flux_is_found() {
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n";
        let found = super::super::found(&DETECTOR, [("clusters/prod/shop.yaml", release)]);
        assert_eq!(found.runs_on(RuntimeKind::Kubernetes).map(|runtime| runtime.deployer), Some("flux"));
        let plain = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";
        assert!(super::super::found(&DETECTOR, [("k/kustomization.yaml", plain)]).runtimes.is_empty());
    }
}
