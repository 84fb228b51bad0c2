//! What image-tag tells.

use serde_json::{Map, Value};
use slipway_core::Report;
use slipway_core::report::OutputSpec;
use slipway_core::text::markdown::{code, table, text};

use crate::facts::Facts;
use crate::inputs::Inputs;
use crate::plan::Plan;

/// The table of outputs.
pub(crate) const OUTPUTS: &[OutputSpec] = &[
    OutputSpec::new("version", "The first tag: what the image is called; empty if no rule fired."),
    OutputSpec::new("tags", "`name:tag` for every image and tag, one a line."),
    OutputSpec::new("tag-names", "The tags without image names, one a line."),
    OutputSpec::new("labels", "Labels for the image, `key=value`, one a line."),
    OutputSpec::new("digest", "The `digest` input, checked; empty without it."),
    OutputSpec::new("references", "`name@digest` for every image, one a line; empty without `digest`."),
];

pub(crate) fn report(inputs: &Inputs, _: &Facts, plan: &Plan) -> Report {
    let mut report = Report::default();
    let names: Vec<String> = plan.tag_names.iter().map(ToString::to_string).collect();
    let references: Vec<String> = plan.references.iter().map(ToString::to_string).collect();
    let labels: Vec<String> = plan.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    report.output("version", plan.version.clone());
    report.output("tags", plan.tags.join("\n"));
    report.output("tag-names", names.join("\n"));
    report.output("labels", labels.join("\n"));
    report.output("digest", inputs.digest.as_ref().map(ToString::to_string).unwrap_or_default());
    report.output("references", references.join("\n"));
    // In the `json` output these are lists and maps, as docker/metadata-action's users expect.
    report.detail("tags", plan.tags.clone());
    report.detail("tag-names", names.clone());
    report.detail("references", references.clone());
    let labels: Map<String, Value> =
        plan.labels.iter().map(|(key, value)| ((*key).into(), value.clone().into())).collect();
    report.detail("labels", labels);

    report.summary =
        format!("### Image tags: {}\n\n", if names.is_empty() { "none".into() } else { code(&names.join(", ")) });
    let rows = plan.rules.iter().map(|rule| {
        [code(&rule.rule), rule.tag.as_ref().map(|tag| code(tag.as_str())).unwrap_or_default(), text(&rule.reason)]
    });
    report.summary += &table(["Rule", "Tag", "Why"], rows);
    for reference in &references {
        report.summary += &format!("\nDigest reference: {}\n", code(reference));
    }
    for warning in &plan.warnings {
        report.warn(warning.clone());
    }
    report
}
