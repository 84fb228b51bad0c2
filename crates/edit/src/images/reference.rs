//! `image: name[:tag][@digest]`: containers of any Kubernetes resource, Compose services, workflow steps, task
//! definitions; and `image: name` with the tag in a key beside it.

use slipway_core::image::ImageReference;

use super::find::{Found, Parts, Slot, Slots};
use super::helm_values;
use crate::tree::{NodeId, Tree};

pub(super) fn find(parts: &Parts<'_, '_>, mapping: NodeId) -> Option<Found> {
    let image = parts.slot(mapping, "image")?;
    let reference: ImageReference = parts.tree.text(image.node)?.parse().ok()?;
    if reference.tag.is_none() && reference.digest.is_none() {
        let tag = ["tag", "imageTag"].into_iter().find_map(|key| parts.slot(mapping, key));
        if let Some(tag) = tag {
            let (digest, digest_is_bare) = helm_values::digest(&|key| parts.slot(mapping, key));
            let slots = Slots::Keys { mapping, tag: Ok(tag), digest, digest_goes_with_tag: true, digest_is_bare };
            return Some(Found { node: mapping, names: vec![reference.name], slots });
        }
    }
    // A mapping that only inherits its image names none itself.
    let digest_key = parts.slot(mapping, "digest").filter(|_| reference.digest.is_none());
    parts.is_own(mapping, "image").then(|| whole(image, reference, digest_key))
}

/// The scalar, if it is exactly one reference with a tag or digest.
pub(super) fn complete(slot: Slot, tree: &Tree<'_>) -> Option<Found> {
    let reference: ImageReference = tree.text(slot.node)?.parse().ok()?;
    (reference.tag.is_some() || reference.digest.is_some()).then(|| whole(slot, reference, None))
}

fn whole(scalar: Slot, reference: ImageReference, digest_key: Option<Slot>) -> Found {
    let slots = Slots::Whole {
        scalar,
        before: reference.name.to_string(),
        tag: reference.tag.map(|tag| tag.to_string()),
        digest: reference.digest.map(|digest| digest.to_string()),
        digest_key,
    };
    Found { node: scalar.node, names: vec![reference.name], slots }
}
