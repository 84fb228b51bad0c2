//! The labels and annotations that describe the image, by the OCI image specification's keys.

mod order;

use slipway_core::context::rfc3339;
use slipway_core::order::{map, sort_by};

use crate::facts::Facts;
use crate::run::Run;
use crate::template::Template;

/// Every key of ours starts with it.
const PREFIX: &str = "org.opencontainers.image.";

/// The defaults, the author's lines over them, in the order of their keys; and what is wrong with the lines. What is not known is
/// empty, so that a label of the base image does not show through.
pub(crate) fn labels(
    run: &Run,
    version: &str,
    lines: &[Template],
    warnings: &mut Vec<String>,
) -> Vec<(String, String)> {
    let mut labels = map(defaults(run.facts, version));
    for line in lines {
        let text = line.render(run);
        match text.split_once('=') {
            Some((key, value)) => drop(labels.insert(key.into(), value.into())),
            None => warnings.push(format!("`{text}` is no label: it has no `=`")),
        }
    }
    let mut labels: Vec<(String, String)> = labels.into_iter().collect();
    sort_by(&mut labels, |(left, _), (right, _)| order::compare(left, right));
    labels
}

fn defaults(facts: &Facts, version: &str) -> [(String, String); 8] {
    let repository = &facts.repository;
    let license = repository.license.as_ref().and_then(|license| license.spdx_id.as_deref());
    [
        ("title", repository.name.as_str()),
        ("description", repository.description.as_deref().unwrap_or_default()),
        ("url", &repository.html_url),
        ("source", &repository.html_url),
        ("version", version),
        ("created", &rfc3339(facts.created)),
        ("revision", &facts.sha),
        ("licenses", license.unwrap_or_default()),
    ]
    .map(|(key, value)| (format!("{PREFIX}{key}"), first_line(value)))
}

/// Labels are written one a line, so a line break in one would start another, whoever reads them.
fn first_line(text: &str) -> String {
    text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).next().unwrap_or_default().into()
}
