//! The conformance cases: each is an operation, an input, and the exact bytes or the kind of error that it must give.
#![expect(clippy::expect_used, reason = "a broken case file is a failure of the test")]

mod documents;
mod hcl;
mod images;
mod json;
mod lines;
mod missed;
mod python;
mod search;
mod set;
mod structure;
mod text;
mod toml;
mod xml;

use serde_json::{Value, json};
use slipway_edit::{Format, Operation};
use testbed::{EditCase, shared_case};

/// The format of the file that a case is written to, by the name of its format.
fn format(name: &str) -> Format {
    match name {
        "text" => Format::TEXT,
        _ => Format::of_file(EditCase::file_name_of(name), Format::ALL).expect(name),
    }
}

/// Runs one case; what is wrong with the outcome, if anything.
fn problem(format: Format, case: &Value) -> Option<String> {
    let input = case["input"].as_str().expect("input");
    let outcome =
        Operation::from_json(&case["operation"]).and_then(|operation| operation.apply(format.editable(), input));
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

fn problems<'a>(cases: impl Iterator<Item = (Format, &'a Value)>) -> Vec<String> {
    cases
        .filter_map(|(format, case)| Some(format!("{} {} {}", case["id"], case["operation"], problem(format, case)?)))
        .collect()
}

#[test]
fn the_shared_cases_pass() {
    let Some(cases) = shared_case::<Vec<Value>>("config-updater.json") else { return };
    let ours: Vec<_> = cases
        .iter()
        .filter(|case| case.get("files").is_none())
        .map(|case| (format(case["format"].as_str().expect("format")), case))
        .collect();
    let problems = problems(ours.iter().copied());
    println!(
        "{} of {} shared cases pass, and {} are of several files",
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
    assert_all_pass_in(Format::YAML, cases);
}

fn assert_all_pass_in(format: Format, cases: &[Value]) {
    let problems = problems(cases.iter().map(|case| (format, case)));
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The operation with one more key.
fn with(mut operation: Value, key: &str, value: impl Into<Value>) -> Value {
    operation[key] = value.into();
    operation
}
