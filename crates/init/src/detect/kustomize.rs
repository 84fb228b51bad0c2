//! Kustomizations and their overlays.

use super::{Detector, environment};
use crate::findings::{Findings, RuntimeKind};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: |_| false, detect };

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for path in snapshot.named(&["kustomization.yaml", "kustomization.yml", "Kustomization"]) {
        findings.runtime(RuntimeKind::Kubernetes, "kubectl", path, "a kustomization");
        if let Some((environment, below)) = environment::of_path(path) {
            findings.environment(environment, Some(below), path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlays_are_environments() {
        let files =
            ["base", "overlays/staging", "overlays/production"].map(|path| format!("deploy/{path}/kustomization.yaml"));
        let found = super::super::found(&DETECTOR, files.iter().map(|path| (path.as_str(), "")));
        let paths: Vec<Option<&str>> = found.environments.iter().map(|found| found.path.as_deref()).collect();
        assert_eq!(paths, [Some("deploy/overlays/production"), Some("deploy/overlays/staging")]);
    }
}
