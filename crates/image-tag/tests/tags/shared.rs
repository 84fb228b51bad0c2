//! What docker/metadata-action answers to the same inputs, case by case. The cases run where their file lies beside the workspace.

use std::collections::BTreeMap;

use testbed::{Runner, TagCase};

/// Where the answer differs on purpose, and why: each is a row of the README.
const DIFFERENT: &[(&str, &str)] = &[
    ("match/lookbehind", LOOK_AROUND),
    ("ref/leading-dot-dash", FIRST_CHARACTER),
    ("list/quotes", FIRST_CHARACTER),
    ("ref/long-129", "a tag has at most 128 characters"),
    ("ref/html-escaping-none-for-ref", "values are inserted as they are, not HTML-escaped"),
    ("raw/latest-flavor-true-no-dup-name", "`latest` is listed once"),
    ("img/all-disabled-emits-bare-names", "without an enabled image there are no tags"),
    ("api/404", "labels stay empty where the API does not answer"),
    ("syntax/11", BLOCKS),
    ("syntax/12", BLOCKS),
    ("syntax/13", BLOCKS),
];

const BLOCKS: &str = "of Handlebars' helpers there are `if` and `unless`";
const FIRST_CHARACTER: &str = "a tag does not start with a dot or a hyphen";
const LOOK_AROUND: &str = "patterns run on an engine without look-around";

#[test]
fn shared_cases_agree_but_for_those_that_differ_on_purpose() {
    let Some(cases) = TagCase::all() else { return };
    let different: BTreeMap<&str, &str> = DIFFERENT.iter().copied().collect();
    let mut wrong = Vec::new();
    for case in &cases {
        let (_, differences) = case.run(Runner::Native);
        match (different.get(case.name.as_str()), differences.is_empty()) {
            (Some(why), true) => wrong.push(format!("{}: it agrees, but should differ: {why}", case.name)),
            (None, false) => wrong.push(format!("{}: {}", case.name, differences.join("\n"))),
            _ => {}
        }
    }
    eprintln!("{} cases ran, of which {} differ on purpose", cases.len(), different.len());
    assert!(wrong.is_empty(), "{} of {} are wrong:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
