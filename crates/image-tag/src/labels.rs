//! The labels that describe the image, by the OCI image specification's annotation keys.

use slipway_core::context::rfc3339;

use crate::facts::Facts;

/// The labels in the order of their keys. What is not known is empty, so that a label of the base image does not show through.
pub(crate) fn labels(facts: &Facts, version: &str) -> Vec<(&'static str, String)> {
    let repository = &facts.repository;
    let license = repository.license.as_ref().and_then(|license| license.spdx_id.clone());
    vec![
        ("org.opencontainers.image.created", rfc3339(facts.created)),
        ("org.opencontainers.image.description", first_line(repository.description.as_deref().unwrap_or_default())),
        ("org.opencontainers.image.licenses", first_line(&license.unwrap_or_default())),
        ("org.opencontainers.image.revision", first_line(&facts.sha)),
        ("org.opencontainers.image.source", first_line(&repository.html_url)),
        ("org.opencontainers.image.title", first_line(&repository.name)),
        ("org.opencontainers.image.url", first_line(&repository.html_url)),
        ("org.opencontainers.image.version", version.into()),
    ]
}

/// Labels are written one a line, so a line break in one would start another, whoever reads them.
fn first_line(text: &str) -> String {
    text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).next().unwrap_or_default().into()
}
