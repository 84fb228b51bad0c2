//! The proof that an edited file holds what the old one held, but for what was intended.

use std::collections::BTreeMap;

use slipway_core::{Error, ErrorKind, Result};

use crate::format::Format;
use crate::key_path::Segment;
use crate::splice::defect;
use crate::tree::{Kind, Node, NodeId, Tree};

/// How the structure of a file is to change.
#[derive(Default)]
pub(crate) struct Expected {
    /// What stands in the place of a scalar afterwards. The first new node has its tag and anchor.
    pub(crate) replaced: BTreeMap<NodeId, Vec<Shape>>,
    /// What stands in front of a node afterwards; the number of nodes stands for the end of the file.
    pub(crate) inserted: BTreeMap<NodeId, Vec<Shape>>,
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
    Mapping,
    Sequence,
    /// The decoded value, and whether readers take it for text.
    Scalar(String, bool),
}

impl Expected {
    /// Compares both files node by node.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::Internal`] at the first node that differs in another way than expected.
    pub(crate) fn prove(&self, format: Format, before: &Tree<'_>, after: &Tree<'_>) -> Result<()> {
        let mut next = 0;
        for id in 0..=before.nodes.len() {
            for shape in self.inserted.get(&id).into_iter().flatten() {
                shape.prove(format, after, next, None)?;
                next += 1;
            }
            let Some(old) = before.nodes.get(id) else { break };
            match self.replaced.get(&id) {
                Some(shapes) => {
                    for (position, shape) in shapes.iter().enumerate() {
                        shape.prove(format, after, next, (position == 0).then_some(old))?;
                        next += 1;
                    }
                }
                None => {
                    let same = after.nodes.get(next).is_some_and(|new| {
                        (new.depth, &new.kind, &new.tag, new.anchor) == (old.depth, &old.kind, &old.tag, old.anchor)
                    });
                    if !same {
                        return Err(differs(after, next));
                    }
                    next += 1;
                }
            }
        }
        if next == after.nodes.len() { Ok(()) } else { Err(differs(after, next)) }
    }
}

impl Shape {
    /// The nodes that stand for the rest of a path inside a collection: a key with what is below it, or an item.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the path leads through an index, or ends in an item.
    pub(crate) fn path(depth: usize, rest: &[Segment], value: &New) -> Result<Vec<Self>> {
        let text = |depth, text: &str| Self { depth, new: New::Scalar(text.to_owned(), true) };
        let (mut shapes, below) = match rest.split_first() {
            Some((Segment::Key(key), below)) => (vec![text(depth, key)], Self::content(depth, below, value)?),
            Some((Segment::Item { key, value: name }, below)) if matches!(below.first(), Some(Segment::Key(_))) => {
                let item = vec![Self { depth, new: New::Mapping }, text(depth + 1, key), text(depth + 1, name)];
                (item, Self::path(depth + 1, below, value)?)
            }
            _ => return Err(cannot_create("a list")),
        };
        shapes.extend(below);
        Ok(shapes)
    }

    /// The nodes that stand for the rest of a path in the place of one value.
    ///
    /// # Errors
    /// As [`Self::path`].
    pub(crate) fn content(depth: usize, rest: &[Segment], value: &New) -> Result<Vec<Self>> {
        let new = match rest.first() {
            None => return Ok(vec![Self { depth, new: value.clone() }]),
            Some(Segment::Key(_)) => New::Mapping,
            Some(_) => New::Sequence,
        };
        let mut shapes = vec![Self { depth, new }];
        shapes.extend(Self::path(depth + 1, rest, value)?);
        Ok(shapes)
    }

    fn prove(&self, format: Format, after: &Tree<'_>, id: NodeId, replaced: Option<&Node<'_>>) -> Result<()> {
        let node = after.nodes.get(id).ok_or_else(|| differs(after, id))?;
        let fits = match (&self.new, &node.kind) {
            (New::Mapping, Kind::Mapping(_)) | (New::Sequence, Kind::Sequence(_)) => true,
            (New::Scalar(value, is_text), Kind::Scalar { value: found, .. }) => {
                value == found && *is_text == format.syntax.is_text(after, id)
            }
            _ => false,
        };
        let (tag, anchor) = replaced.map_or((&None, None), |old| (&old.tag, old.anchor));
        if fits && node.depth == self.depth && node.tag == *tag && node.anchor == anchor {
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

/// The rest of a path cannot be added there.
pub(crate) fn cannot_create(noun: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("this part of the path cannot be created in {noun}"))
        .hint("keys can be created in mappings, and items such as `[name=web].image` in lists")
}
