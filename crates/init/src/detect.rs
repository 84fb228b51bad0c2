//! What can be found in a repository: one detector a file, one row in the table.

mod argo;
mod compose;
mod dockerfile;
mod ecs;
pub(crate) mod environment;
mod flux;
mod helm;
mod images;
mod kustomize;
mod languages;
mod manifests;
mod metadata_action;
mod release_tools;
mod systems;
mod workflows;

use crate::findings::Findings;
use crate::snapshot::Snapshot;

/// Finds one kind of thing.
pub(crate) struct Detector {
    /// Whether the content of a file is needed, by its path.
    wants: fn(&str) -> bool,
    /// Notes what it finds.
    detect: fn(&Snapshot, &mut Findings),
}

/// Every detector. Who brings releases to a cluster is asked in this order.
const DETECTORS: &[Detector] = &[
    languages::DETECTOR,
    dockerfile::DETECTOR,
    argo::DETECTOR,
    flux::DETECTOR,
    helm::DETECTOR,
    kustomize::DETECTOR,
    manifests::DETECTOR,
    ecs::DETECTOR,
    compose::DETECTOR,
    images::DETECTOR,
    release_tools::DETECTOR,
    metadata_action::DETECTOR,
    workflows::DETECTOR,
    systems::DETECTOR,
];

/// Whether the content of a file is needed by any detector.
pub(crate) fn wants(path: &str) -> bool {
    DETECTORS.iter().any(|detector| (detector.wants)(path))
}

/// Everything that is found.
pub(crate) fn findings(snapshot: &Snapshot) -> Findings {
    let mut findings = Findings::default();
    for detector in DETECTORS {
        (detector.detect)(snapshot, &mut findings);
    }
    findings
}

/// Whether a file is YAML, and so may be a manifest.
fn is_yaml(path: &str) -> bool {
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// Whether a file is a workflow of GitHub's.
fn is_workflow(path: &str) -> bool {
    path.starts_with(".github/workflows/") && is_yaml(path)
}

#[cfg(test)]
fn found<'a>(detector: &Detector, files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Findings {
    let mut findings = Findings::default();
    let snapshot = Snapshot::new(files);
    for path in &snapshot.paths {
        assert!((detector.wants)(path) || snapshot.content(path) == Some(""), "{path} would not be read");
    }
    (detector.detect)(&snapshot, &mut findings);
    findings
}
