//! Single machines: Compose files that are deployed, and workflows that go there by SSH.

use super::{Detector, is_workflow};
use crate::findings::{Findings, RuntimeKind};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: |path| is_workflow(path) || path == "Jenkinsfile", detect };

/// Words that a deployment to a machine by SSH holds.
const WORDS: [&str; 5] =
    ["appleboy/ssh-action", "appleboy/scp-action", "docker save", "ssh -o StrictHostKeyChecking", "ssh -i "];

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for path in snapshot.paths.iter().filter(|path| (DETECTOR.wants)(path)) {
        let content = snapshot.content(path).unwrap_or_default();
        if let Some(word) = WORDS.iter().find(|word| content.contains(**word)) {
            findings.runtime(RuntimeKind::Host, "ssh", path, format!("`{}`", word.trim()));
        }
    }
    if let Some(path) =
        snapshot.named(&["docker-compose.prod.yml", "docker-compose.production.yml", "compose.prod.yaml"]).next()
    {
        findings.runtime(RuntimeKind::Host, "ssh", path, "a Compose file for production");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployments_by_ssh_are_found() {
        let workflow = "jobs:\n  d:\n    steps:\n      - uses: appleboy/ssh-action@v1\n";
        let found = super::super::found(&DETECTOR, [(".github/workflows/deploy.yml", workflow)]);
        assert!(found.runs_on(RuntimeKind::Host).is_some());
        assert!(super::super::found(&DETECTOR, [("docker-compose.yml", "")]).runtimes.is_empty());
    }
}
