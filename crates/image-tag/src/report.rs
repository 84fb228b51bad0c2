//! What image-tag tells.

use serde_json::json;
use slipway_core::Report;
use slipway_core::report::OutputSpec;
use slipway_core::text::markdown::{code, table, text};

use crate::apply::Outcome;
use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::outputs;
use crate::plan::Plan;
use crate::registry;

/// The table of outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new("version", "The first tag: what the image is called; empty if no rule fired."),
    OutputSpec::new("tags", "`name:tag` for every image and tag, one a line."),
    OutputSpec::new("tag-names", "The tags without image names, one a line."),
    OutputSpec::new("labels", "Labels for the image, `key=value`, one a line."),
    OutputSpec::new("annotations", "Annotations for the image, `level:key=value`, one a line."),
    OutputSpec::new("rules", "JSON object: the tag of every rule by its `id`; empty for a rule that made none."),
    OutputSpec::new(
        "digest",
        "Digest of the image: the `digest` input, or what `check`, `resolve` or `promote` found; empty if it is not known.",
    ),
    OutputSpec::new(
        "references",
        "`name@digest` for every image, one a line, as config-updater takes them; empty if the digest is not known.",
    ),
    OutputSpec::new("exists", "In `check`: `true` if the image is there and need not be built, else `false`."),
    OutputSpec::new("changed", "In `promote`: `true` if tags were written; in `plan` if they would be; else `false`."),
    OutputSpec::new("bake-file-tags", "File with the tags, for docker/bake-action; empty where no runner cleans up."),
    OutputSpec::new("bake-file-labels", "File with the labels, for docker/bake-action."),
    OutputSpec::new("bake-file-annotations", "File with the annotations, for docker/bake-action."),
    OutputSpec::new("bake-file", "File with tags and labels, for docker/bake-action."),
];

pub(crate) fn report(inputs: &Inputs, _: &Facts, plan: &Plan, outcome: Option<&Outcome>) -> Report {
    let mut report = Report::default();
    let references: Vec<String> = plan.references.iter().map(ToString::to_string).collect();
    for (name, text) in outputs::texts(inputs, plan) {
        report.output(name, text);
    }
    report.output("rules", outputs::by_rule(plan));
    report.output("digest", inputs.digest.as_ref().map(ToString::to_string).unwrap_or_default());
    report.output("references", references.join("\n"));
    let files = outcome.map(|outcome| outcome.files.as_slice()).unwrap_or_default();
    for name in OUTPUTS.iter().map(|output| output.name).filter(|name| name.starts_with("bake-file")) {
        let path = files.iter().find(|(output, _)| *output == name).map(|(_, path)| path.clone());
        report.output(name, path.unwrap_or_default());
    }
    // In the `json` output these are lists and maps, as docker/metadata-action's users expect.
    for (name, list) in outputs::lists(plan) {
        report.detail(name, list);
    }
    report.detail("references", references.clone());

    let names: Vec<&str> = plan.tag_names.iter().map(|tag| tag.as_str()).collect();
    report.summary =
        format!("### Image tags: {}\n\n", if names.is_empty() { "none".into() } else { code(&names.join(", ")) });
    let rows = plan
        .explanations()
        .map(|(rule, tag, reason)| [code(rule), tag.map(|tag| code(tag.as_str())).unwrap_or_default(), text(reason)]);
    report.summary += &table(["Rule", "Tag", "Why"], rows);
    let explained = plan.explanations().map(|(rule, tag, reason)| json!({"rule": rule, "tag": tag, "reason": reason}));
    report.detail("explain", explained.collect::<Vec<_>>());
    for reference in &references {
        report.summary += &format!("\nDigest reference: {}\n", code(reference));
    }
    let done = outcome.and_then(|outcome| outcome.registry.as_ref());
    registry::report(&mut report, inputs, plan.registry.as_ref(), done);
    for warning in &plan.warnings {
        report.warn(warning.clone());
    }
    report
}
