//! The parts of an image in keys of one mapping that begin alike: `imageRepository` and `imageTag`, `shop_image_repository` and
//! `shop_image_tag`, `SHOP_REPOSITORY` and `SHOP_TAG`, each with a registry and a digest where there are such keys.

use super::find::{Found, Parts, Slots, image_name};
use crate::tree::NodeId;

/// The same words in every spelling that keys have.
const SPELLINGS: &[[&str; 4]] = &[
    ["Repository", "Tag", "Digest", "Registry"],
    ["repository", "tag", "digest", "registry"],
    ["REPOSITORY", "TAG", "DIGEST", "REGISTRY"],
];

pub(super) fn find(parts: &Parts<'_, '_>, node: NodeId) -> Option<Found> {
    let key = parts.tree.key_of(node)?;
    let prefixed = |spelling: &'static [&'static str; 4]| Some((key.strip_suffix(spelling[0])?, spelling));
    let (prefix, [_, tag, digest, registry]) = SPELLINGS.iter().find_map(prefixed)?;
    let mapping = parts.tree.nodes[node].parent;
    let slot = |part: &'static str| parts.slot(mapping, &format!("{prefix}{part}")).ok_or(part);
    // Without a prefix these are Helm values; without a tag this may be a repository of any kind.
    if prefix.is_empty() || slot(tag).is_err() {
        return None;
    }
    let repository = parts.tree.text(node)?;
    let name = image_name(parts.text(mapping, &format!("{prefix}{registry}")), repository)?;
    let slots = Slots::Keys {
        mapping,
        tag: slot(tag),
        digest: slot(digest),
        digest_goes_with_tag: true,
        digest_is_bare: false,
    };
    Some(Found { node, names: vec![name], slots })
}
