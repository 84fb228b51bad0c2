//! Helm charts.

use super::{Detector, environment};
use crate::findings::{Findings, RuntimeKind};
use crate::snapshot::{Snapshot, directory, file_name};

pub(super) const DETECTOR: Detector =
    Detector { wants: |path| file_name(path).starts_with("values") && super::is_yaml(path), detect };

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for chart in snapshot.named(&["Chart.yaml"]) {
        findings.runtime(RuntimeKind::Kubernetes, "helm", chart, "a Helm chart");
    }
    for path in &snapshot.paths {
        let name = file_name(path);
        if !(name.starts_with("values") && super::is_yaml(path)) {
            continue;
        }
        if let Some(environment) = environment::of_file_name(name) {
            findings.environment(environment, None, path);
        } else if let Some((environment, below)) = environment::of_path(path) {
            findings.environment(environment, Some(below), path);
        }
        if directory(path).is_empty() {
            findings.runtime(RuntimeKind::Kubernetes, "helm", path, "values of a Helm chart");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_and_its_values_are_found() {
        let found = super::super::found(
            &DETECTOR,
            [("charts/shop/Chart.yaml", ""), ("charts/shop/values-staging.yaml", ""), ("envs/prod/values.yaml", "")],
        );
        assert_eq!(found.runs_on(RuntimeKind::Kubernetes).map(|runtime| runtime.deployer), Some("helm"));
        let environments: Vec<(&str, Option<&str>)> =
            found.environments.iter().map(|found| (found.name.as_str(), found.path.as_deref())).collect();
        assert_eq!(environments, [("staging", None), ("prod", Some("envs/prod"))]);
    }
}
