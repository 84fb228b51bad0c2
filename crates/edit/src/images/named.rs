//! Complete references, with a tag or digest, under a key that speaks of an image or as the value of a parameter:
//! `imageName` of a custom resource, `ImageUri` of a function, `SHOP_IMAGE` of an environment, parameters of CloudFormation,
//! variables of Terraform.

use super::find::{Found, Parts, Slot};
use super::reference::complete;
use crate::tree::NodeId;

pub(super) fn find(parts: &Parts<'_, '_>, node: NodeId) -> Option<Found> {
    let tree = parts.tree;
    // What cannot be complete is most of a file.
    tree.text(node).filter(|text| text.contains([':', '@']))?;
    let key = tree.key_of(node)?;
    let above = tree.nodes[node].parent;
    let role = tree.key_of(above).unwrap_or_default();
    let is_parameter = || match key {
        "ParameterValue" => true,
        "Default" | "default" => {
            let kind = tree.key_of(tree.nodes[above].parent);
            kind == Some(if key == "Default" { "Parameters" } else { "variable" })
        }
        _ => role == "Parameters",
    };
    // `image` itself has a rule of its own.
    let is_named = key != "image" && (speaks_of_image(key) || role == "images" || is_parameter());
    is_named.then(|| complete(Slot::own(node), tree)).flatten()
}

/// Whether a key or the name of a parameter says that its value is an image.
pub(super) fn speaks_of_image(name: &str) -> bool {
    name.as_bytes().windows(5).any(|part| part.eq_ignore_ascii_case(b"image"))
}
