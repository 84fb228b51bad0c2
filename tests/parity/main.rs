//! The same case through the native program and through `dist/` under Node gives the same outputs and exit code.
#![expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "tests make their own files")]

mod config_updater;
mod image_tag;
mod version_bump;

use testbed::{ActionRun, Runner};

/// The moment that all cases run in.
const NOW: (&str, &str) = ("SLIPWAY_NOW", "2026-03-04T05:06:07.089Z");

/// Runs a case both ways, each in a world of its own, and gives the native run if they agree.
#[track_caller]
fn both(case: &str, run: impl Fn(Runner) -> ActionRun) -> ActionRun {
    let native = run(Runner::Native);
    let node = run(Runner::Node);
    assert_eq!(
        native.code, node.code,
        "{case}\nnative: {}{}\nnode: {}{}",
        native.stdout, native.stderr, node.stdout, node.stderr
    );
    assert_eq!(native.outputs, node.outputs, "{case}");
    assert_eq!(native.summary, node.summary, "{case}");
    native
}
