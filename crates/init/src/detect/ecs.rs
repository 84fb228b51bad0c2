//! Amazon ECS: task definitions, and workflows that deploy them.

use super::{Detector, environment, is_workflow};
use crate::findings::{Findings, RuntimeKind};
use crate::snapshot::{Snapshot, file_name};

pub(super) const DETECTOR: Detector = Detector {
    wants: |path| {
        path.ends_with(".json") && !path.ends_with("package-lock.json") && is_small_name(path) || is_workflow(path)
    },
    detect,
};

/// Words that a workflow that deploys to ECS holds.
const WORDS: [&str; 3] =
    ["amazon-ecs-deploy-task-definition", "aws ecs update-service", "aws ecs register-task-definition"];

/// Task definitions go by many names, but none lies among packages.
fn is_small_name(path: &str) -> bool {
    !path.contains("node_modules/") && !path.contains("testdata/")
}

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for (path, document) in snapshot.documents() {
        if document["containerDefinitions"].is_array() {
            findings.runtime(RuntimeKind::Ecs, "ecs", path, "a task definition");
            findings.setting("task-definition", Some(path.into()), format!("the task definition in `{path}`"));
            if let Some((environment, below)) = environment::of_path(path) {
                findings.environment(environment, Some(below), path);
            } else if let Some(environment) = environment::of_file_name(file_name(path)) {
                findings.environment(environment, None, path);
            }
        }
    }
    for path in snapshot.paths.iter().filter(|path| is_workflow(path)) {
        let content = snapshot.content(path).unwrap_or_default();
        if let Some(word) = WORDS.iter().find(|word| content.contains(**word)) {
            findings.runtime(RuntimeKind::Ecs, "ecs", path, format!("`{word}`"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn task_definitions_and_deployments_are_found() {
        let definition = r#"{"family": "shop", "containerDefinitions": [{"image": "a"}]}"#;
        let found = super::super::found(&DETECTOR, [("ecs/task.staging.json", definition), ("tsconfig.json", "{")]);
        assert_eq!(found.runs_on(RuntimeKind::Ecs).map(|runtime| runtime.file.as_str()), Some("ecs/task.staging.json"));
        assert_eq!(found.environments[0].name, "staging");
        let workflow = "jobs:\n  d:\n    steps:\n      - run: aws ecs update-service --force-new-deployment\n";
        let found = super::super::found(&DETECTOR, [(".github/workflows/ci.yml", workflow)]);
        assert!(found.runs_on(RuntimeKind::Ecs).is_some());
    }
}
