//! Argo CD applications: the `kustomize.images` list of references, and Helm `parameters` that set the parts of an
//! image one by one.

use slipway_core::image::ImageReference;

use super::find::{Found, Parts, Slot, Slots, given, image_name};
use super::{helm_values, named, reference};
use crate::tree::{Kind, NodeId};

/// `images: [shop=ghcr.io/acme/shop:1.5.0]`; what stands before `=` is the name in the base.
pub(super) fn find_in_list(parts: &Parts<'_, '_>, item: NodeId) -> Option<Found> {
    let tree = parts.tree;
    let is_item = matches!(tree.nodes[tree.nodes[item].parent].kind, Kind::Sequence(_));
    let text = tree.text(item).filter(|_| is_item && parts.role(item) == Some("images"))?;
    let (replaced, reference) = text.split_once('=').map_or((None, text), |(name, reference)| (Some(name), reference));
    let reference: ImageReference = reference.parse().ok()?;
    let before = replaced.map_or_else(String::new, |name| format!("{name}=")) + reference.name.as_str();
    let names = [reference.name].into_iter().chain(replaced.and_then(|name| name.parse().ok())).collect();
    let [tag, digest] = [reference.tag.map(|tag| tag.to_string()), reference.digest.map(|digest| digest.to_string())];
    let scalar = Slot::own(item);
    Some(Found { node: item, names, slots: Slots::Whole { scalar, before, tag, digest, digest_key: None } })
}

/// `parameters: [{name: image.repository, value: …}, {name: image.tag, value: …}]`, or one that holds the whole reference.
pub(super) fn find_in_parameters(parts: &Parts<'_, '_>, parameter: NodeId) -> Option<Found> {
    let list = parts.tree.nodes[parameter].parent;
    let name = parts.text(parameter, "name").filter(|_| parts.role(parameter) == Some("parameters"))?;
    let Some(prefix) = name.strip_suffix("repository").filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
    else {
        return named::speaks_of_image(name)
            .then(|| reference::complete(parts.slot(parameter, "value")?, parts.tree))?;
    };
    let repository = parts.text(parameter, "value")?;
    let value = |part: &str| {
        let sibling = parts.item_named(list, &format!("{prefix}{part}"))?;
        parts.slot(sibling, "value")
    };
    let registry = value("registry").and_then(|slot| given(parts.tree, slot.node));
    let name = image_name(registry, repository)?;
    let tag = value("tag").ok_or("tag");
    let (digest, digest_is_bare) = helm_values::digest(&value);
    // Parameters have no keys that could be added, and an image without a tag here takes it from the values.
    tag.is_ok().then_some(())?;
    let slots = Slots::Keys { mapping: parameter, tag, digest, digest_goes_with_tag: true, digest_is_bare };
    Some(Found { node: parameter, names: vec![name], slots })
}
