//! Mappings of Helm values: `registry`, `repository` (or `name`), `tag`, `digest` (or `sha`, without its algorithm).

use super::find::{Found, Parts, Slot, Slots, image_name};
use crate::tree::NodeId;

pub(super) fn find(parts: &Parts<'_, '_>, mapping: NodeId) -> Option<Found> {
    let tag = parts.slot(mapping, "tag").ok_or("tag");
    let (digest, digest_is_bare) = digest(&|key| parts.slot(mapping, key));
    let role = parts.role(mapping).unwrap_or_default();
    let is_called_image = role == "image" || role.ends_with("Image") || (role == "images" && tag.is_ok());
    // A `repository` is also a Git or chart repository; one that has a version here or is called an image is not.
    let repository = match parts.text(mapping, "repository") {
        Some(repository) if is_called_image || tag.is_ok() || digest.is_ok() => repository,
        None if is_called_image => parts.text(mapping, "name")?,
        _ => return None,
    };
    let name = image_name(parts.text(mapping, "registry"), repository)?;
    let slots = Slots::Keys { mapping, tag, digest, digest_goes_with_tag: true, digest_is_bare };
    Some(Found { node: mapping, names: vec![name], slots })
}

/// The key of the digest, and whether it wants no `sha256:`.
pub(super) fn digest(slot: &dyn Fn(&str) -> Option<Slot>) -> (Result<Slot, &'static str>, bool) {
    match (slot("digest"), slot("sha")) {
        (None, Some(sha)) => (Ok(sha), true),
        (digest, _) => (digest.ok_or("digest"), false),
    }
}

/// Also finds a mapping by its `repository` alone, whatever `registry` says.
pub(super) fn find_by_repository(parts: &Parts<'_, '_>, mapping: NodeId) -> Option<Found> {
    let mut found = find(parts, mapping)?;
    found.names.extend(parts.text(mapping, "repository").and_then(|repository| repository.parse().ok()));
    Some(found)
}
