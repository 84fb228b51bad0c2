//! What a format must be able to do so that keys and items can be added and removed.

use slipway_core::{Error, ErrorKind, Result};

use crate::addition::{Addition, Node};
use crate::splice::Splice;
use crate::tree::{NodeId, Tree};

/// How a format writes and unwrites keys and items. Kept apart from [`crate::format::Syntax`], so that who only sets
/// values does not link it.
pub(crate) trait Structure: Sync {
    /// The edits that add an entry to a mapping, an item to a list, or the first of them to an empty value or document.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where it cannot be told how the file wants it written.
    fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion>;

    /// The edit that gives a file its first document.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if such a file holds one, however empty it is.
    fn begin(&self, tree: &Tree<'_>, _node: &Node) -> Result<Splice> {
        Err(unclear(tree, 0))
    }

    /// The edits that remove a value of a mapping with its key, or an item of a list; with the comments that belong to
    /// it. A collection that loses its last child stays, empty.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] where it cannot be told what belongs to it.
    fn remove(&self, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>>;

    /// The node that is gone when this one is removed: itself, or a collection above it that is only there for its sake.
    fn vanishing(&self, _tree: &Tree<'_>, node: NodeId) -> NodeId {
        node
    }

    /// Whether numbers and booleans are told from text.
    fn has_types(&self) -> bool {
        true
    }
}

/// The edits of an insertion.
pub(crate) struct Insertion {
    pub(crate) splices: Vec<Splice>,
    /// The node that the new ones stand in front of afterwards; the number of nodes stands for the end of the file.
    pub(crate) before: NodeId,
}

/// It cannot be told how the file wants a key written there.
pub(crate) fn unclear(tree: &Tree<'_>, at: NodeId) -> Error {
    let place = tree
        .nodes
        .get(at)
        .map_or_else(|| "this file".to_owned(), |node| format!("{} at line {}", tree.noun(at), node.line));
    let message = format!("no key can be added to {place}");
    Error::new(ErrorKind::InvalidInput, message).hint("write the key and an empty value first")
}

/// It cannot be told what belongs to a value, so that it could be removed with it.
pub(crate) fn inseparable(tree: &Tree<'_>, node: NodeId) -> Error {
    let message = format!("`{}` at line {} cannot be removed alone", tree.path_of(node), tree.nodes[node].line);
    Error::new(ErrorKind::InvalidInput, message).hint("give it lines of its own, or remove it by hand")
}
