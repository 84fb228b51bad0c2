//! Values that are made of others, where they stand in the way of an edit.

use slipway_core::Error;
use slipway_core::image::ImageName;

use crate::format::Format;
use crate::tree::{Kind, Tree};

/// Why an image that a file names cannot be set there: its reference is put together from other values.
pub(crate) fn image(format: Format, tree: &Tree<'_>, name: Option<&ImageName>) -> Option<Error> {
    let name = name?.as_str();
    let names_it = |text: &str| {
        text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let behind = text[at + name.len()..].chars().next();
            matches!(before, None | Some('"' | '/')) && matches!(behind, Some(':' | '@' | '$'))
        })
    };
    let is_it = |&id: &usize| {
        matches!(tree.nodes[id].kind, Kind::Opaque(_)) && names_it(&tree.source[tree.nodes[id].span.clone()])
    };
    (0..tree.nodes.len()).find(is_it).and_then(|id| format.syntax.stands_elsewhere(tree, id))
}
