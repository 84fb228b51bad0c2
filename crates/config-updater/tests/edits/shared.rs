//! The shared conformance cases.

use testbed::{EditCase, Runner};

/// Cases that wait for operations and formats of `slipway_edit`.
const WAITING: &[&str] = &["cu-100", "cu-103", "cu-138", "cu-139", "cu-141", "cu-147"];

#[test]
fn every_case_comes_out_as_expected() {
    let Some(cases) = EditCase::all() else {
        eprintln!("NOT RUN: the shared conformance file is not beside the workspace");
        return;
    };
    assert!(cases.len() >= 85, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let (_, differences) = case.run(Runner::Native);
        if differences.is_empty() == WAITING.contains(&case.id.as_str()) {
            wrong.push(format!("{} {}: {}", case.id, case.title, differences.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
