//! The same case through the native program and through `dist/` under Node gives the same outputs and exit code.
#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "tests make their own files"
)]

mod config_updater;
mod gate_checks;
mod gate_sources;
mod image_tag;
mod native;
mod rollback_gate;
mod tag_parts;
mod version_bump;

use std::collections::BTreeSet;

use testbed::{ActionRun, Runner};

/// The moment that all cases run in.
const NOW: (&str, &str) = ("SLIPWAY_NOW", "2026-03-04T05:06:07.089Z");

/// Runs a case both ways, each in a world of its own, and gives the native run if they agree.
#[track_caller]
fn both(case: &str, run: impl Fn(Runner) -> ActionRun) -> ActionRun {
    let native = run(Runner::Native);
    agree(case, &native, &run(Runner::Node));
    native
}

/// Checks that two runs ended alike and told the same.
#[track_caller]
fn agree(case: &str, native: &ActionRun, node: &ActionRun) {
    assert_eq!(
        native.code, node.code,
        "{case}\nnative: {}{}\nnode: {}{}",
        native.stdout, native.stderr, node.stdout, node.stderr
    );
    let names: BTreeSet<&String> = native.outputs.keys().chain(node.outputs.keys()).collect();
    for name in names {
        same(&format!("{case}: {name}"), native.outputs.get(name), node.outputs.get(name));
    }
    same(&format!("{case}: the summary"), Some(&native.summary), Some(&node.summary));
}

/// Compares two texts, and shows the lines that differ.
#[track_caller]
fn same(what: &str, native: Option<&String>, node: Option<&String>) {
    let lines = |text: Option<&String>| text.map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    let (left, right) = (lines(native).unwrap_or_default(), lines(node).unwrap_or_default());
    let differing: Vec<_> = left.iter().zip(&right).filter(|(native, node)| native != node).collect();
    assert!(native == node, "{what} differs in {differing:#?}: {} lines and {}", left.len(), right.len());
}
