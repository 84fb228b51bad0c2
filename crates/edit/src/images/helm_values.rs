//! Mappings of Helm values: `registry`, `repository` (or `name`), `tag`, `digest`.

use slipway_core::image::ImageName;

use super::find::{Found, Parts, Slots};
use crate::tree::NodeId;

pub(super) fn find(parts: &Parts<'_, '_>, mapping: NodeId) -> Option<Found> {
    let [tag, digest] = ["tag", "digest"].map(|key| parts.slot(mapping, key).ok_or(key));
    let role = parts.role(mapping).unwrap_or_default();
    let is_called_image = role == "image" || role.ends_with("Image") || (role == "images" && tag.is_ok());
    // A `repository` is also a Git or chart repository; one that has a version here or is called an image is not.
    let repository = match parts.text(mapping, "repository") {
        Some(repository) if is_called_image || tag.is_ok() || digest.is_ok() => repository,
        None if is_called_image => parts.text(mapping, "name")?,
        _ => return None,
    };
    let name: ImageName = match parts.text(mapping, "registry") {
        Some(registry) => format!("{}/{repository}", registry.trim_end_matches('/')).parse().ok()?,
        None => repository.parse().ok()?,
    };
    let slots = Slots::Keys { mapping, tag, digest, digest_goes_with_tag: true };
    Some(Found { node: mapping, names: vec![name], slots })
}

/// Also finds a mapping by its `repository` alone, whatever `registry` says.
pub(super) fn find_by_repository(parts: &Parts<'_, '_>, mapping: NodeId) -> Option<Found> {
    let mut found = find(parts, mapping)?;
    found.names.extend(parts.text(mapping, "repository").and_then(|repository| repository.parse().ok()));
    Some(found)
}
