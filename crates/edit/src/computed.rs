//! Values that are made of others, where they stand in the way of an edit.

use slipway_core::image::ImageName;
use slipway_core::{Error, ErrorKind};

use crate::format::Format;
use crate::tree::{Kind, NodeId, Tree};

/// Why a value cannot be set, if it is made of others; the hint says which are to be set.
pub(crate) fn value(tree: &Tree<'_>, node: NodeId, hint: &str) -> Option<Error> {
    let Kind::Opaque(noun) = tree.nodes[node].kind else { return None };
    let written: String = tree.source[tree.nodes[node].span.clone()].chars().take(80).collect();
    let (path, line) = (tree.path_of(node), tree.nodes[node].line);
    let message = format!("`{path}` at line {line} is {noun}, `{}`", written.escape_debug());
    Some(Error::new(ErrorKind::SharedValue, message).hint(hint))
}

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
