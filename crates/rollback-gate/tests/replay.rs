//! `mode: replay` over the shared cases: the phases of Argo Rollouts, case for case.

use testbed::{GateCase, Runner};

#[test]
fn every_case_ends_as_upstream() {
    let Some(cases) = GateCase::all() else { return };
    assert_eq!(cases.len(), 95);
    let differences: Vec<String> = cases
        .iter()
        .flat_map(|case| {
            let (run, json) = case.run(Runner::Native, "argo-rollouts");
            case.differences(&run, &json).into_iter().map(|difference| format!("{}: {difference}", case.id()))
        })
        .collect();
    assert!(differences.is_empty(), "{differences:#?}");
}
