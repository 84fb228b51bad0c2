//! What an edit adds to a file: a value, or a mapping or list with what is in it.

use slipway_core::{Error, ErrorKind, Result};

use crate::key_path::Segment;
use crate::tree::Kind;
use crate::value::Value;

/// Something that stands nowhere yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A single value.
    Value(Value),
    /// Keys and what stands under them, in their order.
    Mapping(Vec<(String, Node)>),
    /// Items.
    List(Vec<Node>),
}

/// What is added to a collection.
#[derive(Clone, Debug)]
pub(crate) enum Addition {
    /// A key of a mapping, with what stands under it.
    Entry(String, Node),
    /// An item of a list.
    Item(Node),
}

impl Addition {
    /// The first step of the rest of a path, with all that is below it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the path leads through an index, or ends in an item.
    pub(crate) fn along(rest: &[Segment], node: Node) -> Result<Self> {
        let mut addition: Option<Self> = None;
        for segment in rest.iter().rev() {
            let below = addition.take();
            addition = Some(match (segment, below) {
                (Segment::Key(key), below) => Self::Entry(key.clone(), below.map_or_else(|| node.clone(), Self::alone)),
                (Segment::Item { keys, value }, Some(Self::Entry(below_key, below))) => {
                    let value = Node::Value(Value::Text(value.clone()));
                    let nested = |node, key: &String| Node::Mapping(vec![(key.clone(), node)]);
                    match keys.iter().rev().fold(value, nested) {
                        Node::Mapping(mut entries) => {
                            put(&mut entries, below_key, below)?;
                            Self::Item(Node::Mapping(entries))
                        }
                        _ => return Err(cannot_create("a list")),
                    }
                }
                _ => return Err(cannot_create("a list")),
            });
        }
        Ok(addition.unwrap_or(Self::Item(node)))
    }

    /// A collection that holds nothing else.
    pub(crate) fn alone(self) -> Node {
        match self {
            Self::Entry(key, node) => Node::Mapping(vec![(key, node)]),
            Self::Item(node) => Node::List(vec![node]),
        }
    }

    /// The value, if it is one alone.
    pub(crate) fn text(&self) -> Option<&str> {
        let (Self::Entry(_, node) | Self::Item(node)) = self;
        let mut node = node;
        loop {
            node = match node {
                Node::Value(value) => return Some(value.as_str()),
                Node::Mapping(entries) => &entries.last()?.1,
                Node::List(items) => items.last()?,
            };
        }
    }

    /// Whether a node can take it.
    pub(crate) fn fits(&self, kind: &Kind<'_>) -> bool {
        matches!((self, kind), (Self::Entry(..), Kind::Mapping(_)) | (Self::Item(_), Kind::Sequence(_)))
    }
}

/// Adds a key to what a selector made; one that it made too is a mapping that takes what is below.
fn put(entries: &mut Vec<(String, Node)>, key: String, node: Node) -> Result<()> {
    match (entries.iter_mut().find(|(made, _)| *made == key), node) {
        (None, node) => entries.push((key, node)),
        (Some((_, Node::Mapping(made))), Node::Mapping(below)) => {
            for (key, node) in below {
                put(made, key, node)?;
            }
        }
        _ => return Err(cannot_create("a list")),
    }
    Ok(())
}

/// The rest of a path cannot be added there.
pub(crate) fn cannot_create(noun: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("this part of the path cannot be created in {noun}"))
        .hint("keys can be created in mappings, and items such as `[name=web].image` in lists")
}
