//! Which value stands at a place of the source.

use std::ops::Range;

use slipway_core::order;

use crate::tree::{Kind, NodeId, Tree};

/// The values of some documents, in the order in which they end.
pub(crate) struct Positions<'t, 's> {
    tree: &'t Tree<'s>,
    values: Vec<NodeId>,
}

impl<'t, 's> Positions<'t, 's> {
    pub(crate) fn of(tree: &'t Tree<'s>, documents: &[NodeId]) -> Self {
        let nodes = documents.iter().flat_map(|&document| document + 1..tree.nodes[document].end);
        let is_value = |id: &NodeId| {
            !matches!(tree.nodes[*id].kind, Kind::Document | Kind::Mapping(_) | Kind::Sequence(_)) && !tree.is_key(*id)
        };
        let mut values: Vec<NodeId> = nodes.filter(is_value).collect();
        order::sort_by_key(&mut values, |&id| (tree.nodes[id].span.end, id));
        Self { tree, values }
    }

    /// The scalar that a range lies in.
    pub(crate) fn holding(&self, range: &Range<usize>) -> Option<NodeId> {
        let span = |id: NodeId| &self.tree.nodes[id].span;
        let from = self.values.partition_point(|&id| span(id).end < range.end);
        let mut near = self.values[from..].iter().copied().take_while(|&id| span(id).start <= range.end);
        near.find(|&id| span(id).start <= range.start && matches!(self.tree.nodes[id].kind, Kind::Scalar { .. }))
    }

    /// The last value that ends in front of a place.
    pub(crate) fn in_front_of(&self, at: usize) -> Option<NodeId> {
        let behind = self.values.partition_point(|&id| self.tree.nodes[id].span.end <= at);
        self.values[..behind].last().copied()
    }
}
