//! The proof that an edited file holds what the old one held, but for what was intended.

use std::collections::{BTreeMap, BTreeSet};

use slipway_core::{Error, Result};

use crate::addition::{Addition, Node as Addend};
use crate::format::Format;
use crate::splice::defect;
use crate::tree::{Kind, Node, NodeId, Tree};
use crate::value::Value;

/// How the structure of a file is to change.
#[derive(Default)]
pub(crate) struct Expected {
    /// What stands in the place of a scalar afterwards. The first new node has its tag and anchor.
    pub(crate) replaced: BTreeMap<NodeId, Vec<Shape>>,
    /// What stands in front of a node afterwards; the number of nodes stands for the end of the file.
    pub(crate) inserted: BTreeMap<NodeId, Vec<Shape>>,
    /// Nodes that are gone afterwards, with all that is below them.
    pub(crate) removed: BTreeSet<NodeId>,
}

/// A node that is new.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) depth: usize,
    pub(crate) new: New,
}

/// What a new node must be read as.
#[derive(Clone)]
pub(crate) enum New {
    Document,
    Mapping,
    Sequence,
    Key(String),
    /// The decoded value, and whether readers take it for text; none where they know no types.
    Scalar(String, Option<bool>),
}

impl Expected {
    /// Compares both files node by node.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::Internal`] at the first node that differs in another way than expected.
    pub(crate) fn prove(&self, format: Format, before: &Tree<'_>, after: &Tree<'_>) -> Result<()> {
        let (mut next, mut removed_up_to) = (0, 0);
        let mut anchors = Anchors::default();
        for id in 0..=before.nodes.len() {
            for shape in self.inserted.get(&id).into_iter().flatten() {
                shape.prove(format, after, next, None, &mut anchors)?;
                next += 1;
            }
            let Some(old) = before.nodes.get(id) else { break };
            if self.removed.contains(&id) {
                removed_up_to = removed_up_to.max(old.end);
            }
            if id < removed_up_to {
                continue;
            }
            match self.replaced.get(&id) {
                Some(shapes) => {
                    for (position, shape) in shapes.iter().enumerate() {
                        shape.prove(format, after, next, (position == 0).then_some(old), &mut anchors)?;
                        next += 1;
                    }
                }
                None => {
                    let new = after.nodes.get(next).ok_or_else(|| differs(after, next))?;
                    let is_same = (new.depth, &new.tag) == (old.depth, &old.tag)
                        && anchors.agree(old.anchor, new.anchor)
                        && anchors.is_same_kind(&old.kind, &new.kind);
                    if !is_same {
                        return Err(differs(after, next));
                    }
                    next += 1;
                }
            }
        }
        if next == after.nodes.len() { Ok(()) } else { Err(differs(after, next)) }
    }
}

/// Which number an anchor has afterwards: removing one changes those behind it.
#[derive(Default)]
struct Anchors(BTreeMap<usize, usize>);

impl Anchors {
    fn agree(&mut self, old: Option<usize>, new: Option<usize>) -> bool {
        match (old, new) {
            (Some(old), Some(new)) => *self.0.entry(old).or_insert(new) == new,
            (old, new) => old == new,
        }
    }

    fn is_same_kind(&mut self, old: &Kind<'_>, new: &Kind<'_>) -> bool {
        match (old, new) {
            (Kind::Alias(old), Kind::Alias(new)) => self.agree(Some(*old), Some(*new)),
            // One that loses its last child is left as brackets.
            (Kind::Mapping(_), Kind::Mapping(_)) | (Kind::Sequence(_), Kind::Sequence(_)) => true,
            _ => old == new,
        }
    }
}

impl Shape {
    /// The nodes that something new consists of.
    pub(crate) fn of(depth: usize, node: &Addend, has_types: bool) -> Vec<Self> {
        let mut shapes = Vec::new();
        Self::collect(depth, node, has_types, &mut shapes);
        shapes
    }

    fn collect(depth: usize, node: &Addend, has_types: bool, shapes: &mut Vec<Self>) {
        let new = match node {
            Addend::Value(value) => {
                let is_text = has_types.then_some(matches!(value, Value::Text(_)));
                New::Scalar(value.as_str().to_owned(), is_text)
            }
            Addend::Mapping(_) => New::Mapping,
            Addend::List(_) => New::Sequence,
        };
        shapes.push(Self { depth, new });
        match node {
            Addend::Value(_) => {}
            Addend::Mapping(entries) => {
                for (key, node) in entries {
                    shapes.push(Self { depth: depth + 1, new: New::Key(key.clone()) });
                    Self::collect(depth + 1, node, has_types, shapes);
                }
            }
            Addend::List(items) => items.iter().for_each(|item| Self::collect(depth + 1, item, has_types, shapes)),
        }
    }

    /// The nodes that are new in a collection.
    pub(crate) fn added(depth: usize, addition: &Addition, has_types: bool) -> Vec<Self> {
        match addition {
            Addition::Entry(key, node) => {
                let mut shapes = vec![Self { depth, new: New::Key(key.clone()) }];
                Self::collect(depth, node, has_types, &mut shapes);
                shapes
            }
            Addition::Item(node) => Self::of(depth, node, has_types),
        }
    }

    fn prove(
        &self,
        format: Format,
        after: &Tree<'_>,
        id: NodeId,
        replaced: Option<&Node<'_>>,
        anchors: &mut Anchors,
    ) -> Result<()> {
        let node = after.nodes.get(id).ok_or_else(|| differs(after, id))?;
        let fits = match (&self.new, &node.kind) {
            (New::Document, Kind::Document) | (New::Mapping, Kind::Mapping(_)) | (New::Sequence, Kind::Sequence(_)) => {
                true
            }
            (New::Key(key), Kind::Scalar { value, .. }) => key == value,
            (New::Scalar(value, is_text), Kind::Scalar { value: found, .. }) => {
                value == found && is_text.is_none_or(|is_text| is_text == format.syntax.is_text(after, id))
            }
            _ => false,
        };
        let (tag, anchor) = replaced.map_or((&None, None), |old| (&old.tag, old.anchor));
        if fits && node.depth == self.depth && node.tag == *tag && anchors.agree(anchor, node.anchor) {
            Ok(())
        } else {
            Err(differs(after, id))
        }
    }
}

fn differs(after: &Tree<'_>, id: NodeId) -> Error {
    match after.nodes.get(id) {
        Some(node) => defect(format!("the edited file would read differently than intended at line {}", node.line)),
        None => defect("the edited file would hold less than intended"),
    }
}
