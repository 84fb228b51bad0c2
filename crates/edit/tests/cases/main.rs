//! The conformance cases: each is an operation, an input, and the exact bytes or the kind of error that it must give.
#![expect(clippy::disallowed_methods, reason = "reads the shared case file where there is one")]
#![expect(clippy::expect_used, reason = "a broken case file is a failure of the test")]

mod images;
mod set;

use std::path::Path;

use serde_json::{Value, json};
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

fn problems<'a>(cases: impl Iterator<Item = &'a Value>) -> Vec<String> {
    cases.filter_map(|case| Some(format!("{} {} {}", case["id"], case["operation"], problem(case)?))).collect()
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
    let formats = ["yaml", "k8s", "kustomization", "helm-values", "helm-chart", "argocd", "compose", "flux"];
    let operations = ["set", "multi", "set-image", "kustomize-set-image", "helm-set-image"];
    let is_ours = |case: &&Value| {
        formats.contains(&case["format"].as_str().expect("format"))
            && operations.contains(&case["operation"]["op"].as_str().expect("op"))
    };
    let ours: Vec<_> = cases.iter().filter(is_ours).collect();
    let problems = problems(ours.iter().copied());
    println!(
        "{} of {} shared cases pass; {} are of other formats",
        ours.len() - problems.len(),
        ours.len(),
        cases.len() - ours.len()
    );
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

fn changes(operation: Value, input: &str, expected: &str) -> Value {
    json!({"operation": operation, "input": input, "expected": expected, "changed": input != expected})
}

fn refused(operation: Value, input: &str, kind: &str) -> Value {
    json!({"operation": operation, "input": input, "expected_error": kind})
}

fn assert_all_pass(cases: &[Value]) {
    let problems = problems(cases.iter());
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The operation with one more key.
fn with(mut operation: Value, key: &str, value: impl Into<Value>) -> Value {
    operation[key] = value.into();
    operation
}
