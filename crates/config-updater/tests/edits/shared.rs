//! The shared conformance cases.

use testbed::{EditCase, Runner};

#[test]
fn every_case_comes_out_as_expected() {
    let Some(cases) = EditCase::all() else { return };
    assert!(cases.len() >= 85, "{} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let (_, differences) = case.run(Runner::Native);
        if !differences.is_empty() {
            wrong.push(format!("{} {}: {}", case.id, case.title, differences.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}
