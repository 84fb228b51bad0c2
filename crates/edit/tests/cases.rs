//! The conformance cases: each is an operation, an input, and the exact bytes or the kind of error that it must give.
#![expect(clippy::disallowed_methods, reason = "reads the shared case file where there is one")]

use std::path::Path;

use serde_json::Value;

use slipway_edit::{Format, Operation};

/// Where a folder around this workspace may hold cases that are not part of the repository.
const SHARED_CASES: &str = "shared/cases/config-updater.json";

/// Runs one case; what is wrong with the outcome, if anything.
fn problem(case: &Value) -> Option<String> {
    let input = case["input"].as_str().expect("input");
    let outcome = Operation::from_json(&case["operation"]).and_then(|operation| operation.apply(Format::YAML, input));
    match (outcome, case["expected_error"].as_str()) {
        (Ok(edited), Some(kind)) => Some(format!("is not refused as {kind} but gives\n{}", edited.text)),
        (Err(error), Some(kind)) if error.kind().name() == kind => None,
        (Err(error), _) => Some(format!("is refused as {}: {error}", error.kind().name())),
        (Ok(edited), None) if case["expected"] != edited.text => Some(format!("gives\n{}", edited.text)),
        (Ok(edited), None) if case["changed"] != !edited.changes.is_empty() => {
            Some(format!("reports the changes {:?}", edited.changes))
        }
        (Ok(_), None) => None,
    }
}

#[test]
fn the_shared_cases_pass() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(3);
    let Some(text) =
        folders.map(|folder| folder.join(SHARED_CASES)).find_map(|file| std::fs::read_to_string(file).ok())
    else {
        println!("SKIPPED: no {SHARED_CASES} beside this workspace");
        return;
    };
    let cases: Vec<Value> = serde_json::from_str(&text).expect("a list of cases");
    let families = ["yaml", "k8s", "kustomization", "helm-values", "helm-chart", "argocd", "compose", "flux"];
    let operations = ["set", "multi", "set-image", "kustomize-set-image", "helm-set-image"];
    let is_ours = |case: &&Value| {
        families.contains(&case["format"].as_str().expect("format"))
            && operations.contains(&case["operation"]["op"].as_str().expect("op"))
    };
    let ours: Vec<_> = cases.iter().filter(is_ours).collect();
    let failures: Vec<_> =
        ours.iter().filter_map(|case| Some(format!("{} ({}) {}", case["id"], case["title"], problem(case)?))).collect();
    println!(
        "{} of {} shared cases pass; {} are of other formats",
        ours.len() - failures.len(),
        ours.len(),
        cases.len() - ours.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
