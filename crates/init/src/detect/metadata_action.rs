//! Steps of docker/metadata-action, which image-tag can take over by a change of one line.

use slipway_edit::Format;

use super::{Detector, is_workflow};
use crate::findings::{Findings, Previous, Replace};
use crate::snapshot::Snapshot;

pub(super) const DETECTOR: Detector = Detector { wants: is_workflow, detect };

/// The action.
const ACTION: &str = "docker/metadata-action@";
/// What takes its place.
const IMAGE_TAG: &str = "slipway-release/slipway/actions/image-tag@v0";

fn detect(snapshot: &Snapshot, findings: &mut Findings) {
    for path in snapshot.paths.iter().filter(|path| is_workflow(path)) {
        let Some(content) = snapshot.content(path) else { continue };
        for (number, line) in content.lines().enumerate() {
            let Some(at) = line.find(ACTION).filter(|at| line[..*at].trim_end().ends_with("uses:")) else { continue };
            let replace =
                Replace { line: number + 1, before: line.into(), after: format!("{}{IMAGE_TAG}", &line[..at]) };
            findings.previous.push(Previous {
                page: "metadata-action",
                tool: "docker/metadata-action",
                file: path.clone(),
                replace: Some(replace),
            });
        }
        settings(content, path, findings);
    }
}

/// Takes what the step names and how: images and tags.
fn settings(content: &str, path: &str, findings: &mut Findings) {
    let Ok(workflow) = Format::YAML.read(content) else { return };
    let workflow = workflow.to_json();
    let jobs = workflow["jobs"].as_object().into_iter().flatten();
    let steps = jobs.flat_map(|(_, job)| job["steps"].as_array().into_iter().flatten());
    for step in steps.filter(|step| step["uses"].as_str().is_some_and(|uses| uses.starts_with(ACTION))) {
        for input in ["images", "tags", "flavor"] {
            if let Some(value) = step["with"][input].as_str() {
                let why = format!("the step of docker/metadata-action in `{path}`");
                findings.setting(input, Some(value.trim_end().into()), why);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_becomes_a_proposal_of_one_line() {
        let workflow = "jobs:\n  build:\n    steps:\n      - name: meta\n        uses: docker/metadata-action@v5 # old\n        with:\n          images: ghcr.io/acme/shop\n          tags: |\n            type=sha\n            type=ref,event=branch\n";
        let found = super::super::found(&DETECTOR, [(".github/workflows/ci.yml", workflow)]);
        let replace = found.previous[0].replace.as_ref().expect("a line");
        assert_eq!((replace.line, replace.after.trim()), (5, "uses: slipway-release/slipway/actions/image-tag@v0"));
        let values: Vec<_> = found.settings.iter().filter_map(|setting| setting.value.as_deref()).collect();
        assert_eq!(values, ["ghcr.io/acme/shop", "type=sha\ntype=ref,event=branch"]);
        assert!(super::super::found(&DETECTOR, [(".github/workflows/a.yml", "jobs: [")]).previous.is_empty());
    }
}
