//! Other CI systems.

use super::Detector;
use crate::findings::{Findings, System};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: |_| false, detect };

/// Systems: name, file at the top, and the folder of what we have for it.
const SYSTEMS: [(&str, &str, &str); 4] = [
    ("GitLab CI", ".gitlab-ci.yml", "gitlab"),
    ("Jenkins", "Jenkinsfile", "jenkins"),
    ("AWS CodeBuild", "buildspec.yml", "codebuild"),
    ("AWS CodeBuild", "buildspec.yaml", "codebuild"),
];

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (name, file, folder) in SYSTEMS {
        if snapshot.has(file) {
            findings.systems.push(System { name, file: file.into(), folder });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_known_by_their_files() {
        let found = super::super::found(&DETECTOR, [(".gitlab-ci.yml", ""), ("ci/Jenkinsfile", "")]);
        assert_eq!(found.systems.iter().map(|system| system.name).collect::<Vec<_>>(), ["GitLab CI"]);
    }
}
