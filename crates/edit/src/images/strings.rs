//! Strings that hold a document of their own which may name images: the `values` of a Helm source, files of a ConfigMap.

use slipway_core::image::ImageName;

use super::find::ends_with;
use super::{ImageSelector, Place};
use crate::key_path::KeyPath;
use crate::tree::{NodeId, Tree};

/// How deep strings are looked into: a document in a string in a document is the most that people write.
pub(super) const DEEPEST: usize = 4;

/// A string that holds a document.
pub(super) struct HeldDocument {
    /// The position of the document around it, counted from 0.
    pub(super) document: usize,
    /// Where it stands.
    pub(super) path: KeyPath,
}

/// The strings that may name the image, `depth` levels below which nothing is looked for.
pub(super) fn naming(
    tree: &Tree<'_>,
    documents: &[NodeId],
    selector: &ImageSelector,
    depth: usize,
) -> Vec<HeldDocument> {
    let is_meant = depth > 0 && selector.path.is_none() && matches!(selector.place, Place::Known | Place::Anywhere);
    let Some(name) = selector.name.as_ref().filter(|_| is_meant) else { return Vec::new() };
    let last = ImageName::as_str(name).rsplit('/').next().unwrap_or_default();
    holding_documents(tree, documents)
        .filter(|&node| tree.text(node).is_some_and(|text| text.contains(last)))
        .map(|node| HeldDocument { document: tree.document_index(node), path: tree.path_of(node) })
        .collect()
}

/// The strings under a key that says that they hold a document.
pub(super) fn holding_documents<'t>(tree: &'t Tree<'_>, documents: &'t [NodeId]) -> impl Iterator<Item = NodeId> + 't {
    let nodes = documents.iter().flat_map(|&document| document + 1..tree.nodes[document].end);
    nodes.filter(|&node| {
        let is_mapping = tree.text(node).is_some_and(|text| text.contains(':'));
        let says = |key: &str| key == "values" || [".yaml", ".yml", ".json"].iter().any(|end| ends_with(key, end));
        is_mapping && tree.key_of(node).is_some_and(says)
    })
}
