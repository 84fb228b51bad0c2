//! Removing what stands at a key path, and adding to the list at one.

use slipway_core::{Error, ErrorKind, Result};

use crate::addition::{Addition, Node};
use crate::edited::{Draft, Edited};
use crate::format::Format;
use crate::guard;
use crate::key_path::{KeyPath, Segment};
use crate::locate::{ambiguous, documents, locate, locate_place};
use crate::options::Options;
use crate::size;
use crate::tree::{Kind, NodeId, Tree};
use crate::value::Value;

impl Format {
    /// Removes the key or the list item at `path`, with the comments that belong to it: those directly above it and as
    /// far in, unless they open the file; the one behind it; those below it that are further in. What loses its last
    /// child stays, empty.
    ///
    /// # Errors
    /// Those of [`Format::set`], and [`ErrorKind::InvalidInput`] where it cannot be told what belongs to it;
    /// [`ErrorKind::SharedValue`] if others refer to it.
    pub fn delete(&self, source: &str, path: &KeyPath, options: &Options) -> Result<Edited> {
        size::check(source)?;
        let tree = self.syntax.parse(source)?;
        let path = &self.syntax.path(path);
        let located = locate_place(&tree, &documents(&tree, options)?, path, options)?;
        let [.., last] = located.nodes[..] else { return Err(located.not_found(path)) };
        let others = located.nodes.len() - 1;
        if others > 0 && !options.every {
            return Err(ambiguous(&tree, &located.nodes, path));
        }
        // From the end to the start, so that the others stay where they are; what the path leads to once they are gone
        // is not meant.
        let mut edited = self.remove_node(&tree, last, path, options)?;
        for position in (0..others).rev() {
            edited = edited.then(|text| {
                let tree = self.syntax.parse(text)?;
                let located = locate_place(&tree, &documents(&tree, options)?, path, options)?;
                let Some(&node) = located.nodes.get(position) else { return Err(located.not_found(path)) };
                self.remove_node(&tree, node, path, options)
            })?;
        }
        edited.changes.reverse();
        Ok(edited)
    }

    /// Removes one of the places that a path leads to.
    fn remove_node(&self, tree: &Tree<'_>, node: NodeId, path: &KeyPath, options: &Options) -> Result<Edited> {
        guard::check_expected(options, path, tree.text(node).unwrap_or_default())?;
        refuse_shared(tree, node)?;
        let mut draft = Draft::new(*self, tree);
        draft.remove(node)?;
        draft.finish()
    }

    /// Adds an item to the list at `path`, unless it holds an equal one.
    ///
    /// # Errors
    /// Those of [`Format::set`], and [`ErrorKind::InvalidInput`] if there is no list, or it cannot be told how the file
    /// wants it written.
    pub fn append(&self, source: &str, path: &KeyPath, item: &Node, options: &Options) -> Result<Edited> {
        size::check(source)?;
        let tree = self.syntax.parse(source)?;
        let path = &self.syntax.path(path);
        let mut draft = Draft::new(*self, &tree);
        let located = locate(&tree, &documents(&tree, options)?, path, options)?;
        match located.nodes[..] {
            [] => {
                let (last, rest) = located.place_for(path, options)?;
                draft.add(last, rest, Addition::along(rest, Node::List(vec![item.clone()]))?)?;
            }
            [list] => {
                let is_empty = tree.nodes[list].span.is_empty() && tree.text(list) == Some("");
                if !is_empty && !matches!(tree.nodes[list].kind, Kind::Sequence(_)) {
                    let (line, noun) = (tree.nodes[list].line, tree.noun(list));
                    let message = format!("`{path}` at line {line} is {noun}, not a list");
                    return Err(Error::new(ErrorKind::InvalidInput, message).hint("name a list, or write one first"));
                }
                if let Some(same) = tree.items(list).find(|&own| is_same(&tree, own, item)) {
                    let text = tree.text(same).unwrap_or_default();
                    draft.keep(same, text);
                } else {
                    draft.add(list, &[Segment::Index(tree.items(list).count())], Addition::Item(item.clone()))?;
                }
            }
            _ => return Err(ambiguous(&tree, &located.nodes, path)),
        }
        draft.finish()
    }
}

/// Whether a node holds what is to be added.
fn is_same(tree: &Tree<'_>, id: NodeId, node: &Node) -> bool {
    let id = tree.behind_alias(id);
    match (node, &tree.nodes[id].kind) {
        (Node::Value(Value::Text(text) | Value::Literal(text)), Kind::Scalar { .. }) => tree.text(id) == Some(text),
        (Node::Mapping(entries), Kind::Mapping(_)) => {
            let is_there =
                |(key, node): &(String, Node)| tree.values_of(id, key).any(|value| is_same(tree, value, node));
            tree.entries(id).count() == entries.len() && entries.iter().all(is_there)
        }
        (Node::List(items), Kind::Sequence(_)) => {
            tree.items(id).count() == items.len()
                && tree.items(id).zip(items).all(|(own, item)| is_same(tree, own, item))
        }
        _ => false,
    }
}

/// Refuses to remove what an alias elsewhere stands for.
fn refuse_shared(tree: &Tree<'_>, node: NodeId) -> Result<()> {
    let removed = node..tree.nodes[node].end;
    for anchored in removed.clone() {
        let Some(anchor) = tree.nodes[anchored].anchor else { continue };
        let is_alias = |id: &NodeId| tree.nodes[*id].kind == Kind::Alias(anchor) && !removed.contains(id);
        if let Some(alias) = (0..tree.nodes.len()).find(is_alias) {
            let (line, alias) = (tree.nodes[anchored].line, tree.nodes[alias].line);
            let message = format!("the value at line {line} is needed by the alias at line {alias}");
            return Err(Error::new(ErrorKind::SharedValue, message).hint("remove the alias first"));
        }
    }
    Ok(())
}
