//! Entries of the `images` list of a kustomization, also where Argo CD and Flux hold one: `name`, `newName`, `newTag`,
//! `digest`.

use super::find::{Found, Parts, Slots};
use crate::tree::{Kind, NodeId};

pub(super) fn find(parts: &Parts<'_, '_>, entry: NodeId) -> Option<Found> {
    let list = parts.tree.nodes[entry].parent;
    let is_entry = matches!(parts.tree.nodes[list].kind, Kind::Sequence(_))
        && parts.role(entry) == Some("images")
        // Other tools have lists of that name too, with other keys.
        && !["tag", "repository", "image"].iter().any(|key| parts.slot(entry, key).is_some());
    if !is_entry {
        return None;
    }
    let name = |key| parts.text(entry, key).and_then(|text| text.parse().ok());
    // Without `name` nothing is replaced, whatever else the entry holds.
    let replaced = name("name")?;
    let names = name("newName").into_iter().chain([replaced]).collect();
    let [tag, digest] = ["newTag", "digest"].map(|key| parts.slot(entry, key).ok_or(key));
    Some(Found {
        node: entry,
        names,
        slots: Slots::Keys { mapping: entry, tag, digest, digest_goes_with_tag: false, digest_is_bare: false },
    })
}
