//! The shared conformance cases. They run where their file lies beside the workspace.

use std::collections::BTreeMap;

use semver::Version;
use testbed::{ReleaseCase, Runner, Verdict};

#[test]
fn shared_cases() {
    let Some(cases) = ReleaseCase::all() else { return };
    let mut counts: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in &cases {
        let answer = case.run(Runner::Native);
        assert!(answer.1.as_ref().is_none_or(|next| Version::parse(next).is_ok()));
        let verdict = case.judge(&answer);
        counts.entry(&case.category).or_default()[verdict as usize] += 1;
        let told = format!("{} {}: {answer:?}", case.id, case.title);
        match verdict {
            Verdict::Expected => {}
            Verdict::Alternative => eprintln!("{told}, a listed alternative"),
            Verdict::Wrong => wrong.push(format!("{told}, not {:?}", case.expected())),
        }
    }
    eprintln!("category: as expected, listed alternative, wrong");
    for (category, count) in &counts {
        eprintln!("{category}: {count:?}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
