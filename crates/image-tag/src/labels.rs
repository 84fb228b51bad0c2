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
        ("org.opencontainers.image.licenses", license.unwrap_or_default()),
        ("org.opencontainers.image.revision", facts.sha.clone()),
        ("org.opencontainers.image.source", repository.html_url.clone()),
        ("org.opencontainers.image.title", repository.name.clone()),
        ("org.opencontainers.image.url", repository.html_url.clone()),
        ("org.opencontainers.image.version", version.into()),
    ]
}

/// Labels are written one a line, so a line break in one would start another.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().into()
}
