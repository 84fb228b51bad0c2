//! What every format parses into: documents, mappings, sequences and scalars, each with its range of bytes.

use slipway_core::order;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use crate::key_path::{KeyPath, Segment};
use crate::splice::Splice;

/// The position of a node in its [`Tree`].
pub(crate) type NodeId = usize;

/// A parsed file. The nodes stand in the order of the source, each before its children: a mapping's children are
/// key, value, key, value. Depth and order alone determine the structure, so two files hold the same if their nodes
/// are equal one by one.
#[derive(Debug)]
pub(crate) struct Tree<'s> {
    pub(crate) source: &'s str,
    pub(crate) nodes: Vec<Node<'s>>,
    pub(crate) documents: Vec<NodeId>,
    pub(crate) anchors: BTreeMap<usize, Anchor>,
    /// Only where a key may stand several times in one mapping, as elements do in XML, and brackets behind it choose:
    /// which of the values of its key a node is, counted from 0, if it is not the only one.
    pub(crate) repetitions: Option<BTreeMap<NodeId, usize>>,
}

/// A node that others stand for too.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) node: NodeId,
    /// The lines of its aliases.
    pub(crate) aliases: Vec<usize>,
}

#[derive(Debug)]
pub(crate) struct Node<'s> {
    pub(crate) kind: Kind<'s>,
    /// 0 for a document.
    pub(crate) depth: usize,
    pub(crate) parent: NodeId,
    /// The position among the parent's children, counted from 0: even for a key, odd for the value behind it.
    pub(crate) index: usize,
    /// One past the last node below this one.
    pub(crate) end: NodeId,
    /// The bytes of the value: quotes and brackets belong to it, anchors, tags and comments do not. An empty value has
    /// an empty range, at the place where one would be written.
    pub(crate) span: Range<usize>,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) tag: Option<String>,
    /// The number that an [`Kind::Alias`] of this node carries.
    pub(crate) anchor: Option<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind<'s> {
    Document,
    Mapping(Layout),
    Sequence(Layout),
    Scalar {
        value: Cow<'s, str>,
        style: Style,
    },
    Alias(usize),
    /// A value that is no plain one, so that it can neither be read nor replaced: what it is, for messages.
    Opaque(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// By indentation.
    Block,
    /// In brackets.
    Flow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    /// `|`: lines are kept.
    Literal,
    /// `>`: lines are joined.
    Folded,
}

impl<'s> Tree<'s> {
    pub(crate) fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let end = self.nodes[id].end;
        let mut next = id + 1;
        std::iter::from_fn(move || {
            let child = (next < end).then_some(next)?;
            next = self.nodes[child].end;
            Some(child)
        })
    }

    /// The keys of a mapping with their values.
    pub(crate) fn entries(&self, id: NodeId) -> impl Iterator<Item = (NodeId, NodeId)> {
        let is_mapping = matches!(self.nodes[id].kind, Kind::Mapping(_));
        let mut children = self.children(id).filter(move |_| is_mapping);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The items of a sequence.
    pub(crate) fn items(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let is_sequence = matches!(self.nodes[id].kind, Kind::Sequence(_));
        self.children(id).filter(move |_| is_sequence)
    }

    /// The decoded value of a scalar. The final line breaks of a block scalar belong to its header and are left out.
    pub(crate) fn text(&self, id: NodeId) -> Option<&str> {
        match &self.nodes[id].kind {
            Kind::Scalar { value, style: Style::Literal | Style::Folded } => Some(value.trim_end_matches('\n')),
            Kind::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// The values that stand under `key`: more than one if the key is written twice.
    pub(crate) fn values_of<'a>(&'a self, mapping: NodeId, key: &'a str) -> impl Iterator<Item = NodeId> + 'a {
        self.entries(mapping).filter(move |&(k, _)| self.text(k) == Some(key)).map(|(_, value)| value)
    }

    /// The first value under `key` if it is a scalar.
    pub(crate) fn text_of<'a>(&'a self, mapping: NodeId, key: &'a str) -> Option<&'a str> {
        self.values_of(mapping, key).next().and_then(|value| self.text(value))
    }

    /// The first scalar that keys lead to through mappings, aliases followed.
    pub(crate) fn text_at(&self, node: NodeId, keys: &[String]) -> Option<&str> {
        let mut node = self.behind_alias(node);
        for key in keys {
            node = self.behind_alias(self.values_of(node, key).next()?);
        }
        self.text(node)
    }

    /// Whether keys lead to a scalar of this value through mappings, aliases followed; of repeated keys any may.
    pub(crate) fn has_text_at(&self, node: NodeId, keys: &[String], value: &str) -> bool {
        let node = self.behind_alias(node);
        match keys {
            [] => self.text(node) == Some(value),
            [key, rest @ ..] => self.values_of(node, key).any(|below| self.has_text_at(below, rest, value)),
        }
    }

    pub(crate) fn is_mapping(&self, id: NodeId) -> bool {
        matches!(self.nodes[id].kind, Kind::Mapping(_))
    }

    pub(crate) fn is_key(&self, id: NodeId) -> bool {
        let node = &self.nodes[id];
        self.is_mapping(node.parent) && node.index.is_multiple_of(2)
    }

    /// The key that leads to a value of a mapping, if it is a scalar.
    pub(crate) fn key_node(&self, value: NodeId) -> Option<NodeId> {
        let parent = self.nodes[value].parent;
        let has_key = self.is_mapping(parent) && !self.is_key(value);
        // A scalar has nothing below it, so it stands directly in front of its value.
        (has_key && self.nodes[value - 1].parent == parent).then(|| value - 1)
    }

    /// The text of the key that leads to a value of a mapping.
    pub(crate) fn key_of(&self, value: NodeId) -> Option<&str> {
        self.text(self.key_node(value)?)
    }

    /// Whether the node stands inside brackets.
    pub(crate) fn is_in_flow(&self, id: NodeId) -> bool {
        matches!(self.nodes[self.nodes[id].parent].kind, Kind::Mapping(Layout::Flow) | Kind::Sequence(Layout::Flow))
    }

    /// The node that an alias stands for; any other node stands for itself.
    pub(crate) fn behind_alias(&self, id: NodeId) -> NodeId {
        match self.nodes[id].kind {
            Kind::Alias(anchor) => self.anchors.get(&anchor).map_or(id, |anchor| anchor.node),
            _ => id,
        }
    }

    /// The lines of all aliases that show this node too, because it or a node above it is anchored.
    pub(crate) fn lines_of_aliases(&self, id: NodeId) -> Vec<usize> {
        let anchors = self.ancestors(id).filter_map(|above| self.anchors.get(&self.nodes[above].anchor?));
        let mut lines: Vec<_> = anchors.flat_map(|anchor| anchor.aliases.iter().copied()).collect();
        order::sort(&mut lines);
        lines.dedup();
        lines
    }

    /// The node itself, its parent, and so on up to the document.
    pub(crate) fn ancestors(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        std::iter::successors(Some(id), |&id| (self.nodes[id].depth > 0).then(|| self.nodes[id].parent))
    }

    pub(crate) fn document_of(&self, id: NodeId) -> NodeId {
        self.ancestors(id).last().unwrap_or(id)
    }

    /// The position of the node's document in the file, counted from 0.
    pub(crate) fn document_index(&self, id: NodeId) -> usize {
        self.documents.partition_point(|&document| document < self.document_of(id))
    }

    /// How a value is reached from the root of its document.
    pub(crate) fn path_of(&self, id: NodeId) -> KeyPath {
        let mut segments = Vec::new();
        for node in self.ancestors(id) {
            let parent = self.nodes[node].parent;
            match self.nodes[parent].kind {
                Kind::Mapping(_) => {
                    let repetition = self.repetitions.as_ref().and_then(|all| all.get(&node));
                    segments.extend(repetition.map(|&index| Segment::Index(index)));
                    segments.push(Segment::Key(self.key_of(node).unwrap_or("?").to_owned()));
                }
                Kind::Sequence(_) => segments.push(Segment::Index(self.nodes[node].index)),
                _ => {}
            }
        }
        segments.reverse();
        KeyPath::from_document(segments)
    }

    /// What a node is, for messages.
    pub(crate) fn noun(&self, id: NodeId) -> &'static str {
        match self.nodes[id].kind {
            Kind::Document => "a document",
            Kind::Mapping(_) => "a mapping",
            Kind::Sequence(_) => "a list",
            Kind::Scalar { .. } => "a value",
            Kind::Alias(_) => "an alias",
            Kind::Opaque(noun) => noun,
        }
    }

    /// The line break that is used at this place of the file.
    pub(crate) fn line_break(&self, at: usize) -> &'static str {
        let (before, after) = self.source.split_at(at);
        let is_crlf = match before.rfind('\n') {
            Some(end) => before[..end].ends_with('\r'),
            None => after.find('\n').is_some_and(|end| after[..end].ends_with('\r')),
        };
        if is_crlf { "\r\n" } else { "\n" }
    }

    /// The first byte of the line that `at` is in.
    pub(crate) fn line_start(&self, at: usize) -> usize {
        self.source[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// Where the blanks end that the line of `at` begins with; `at` itself if it is among them.
    pub(crate) fn first_in_line(&self, at: usize) -> usize {
        let start = self.line_start(at);
        at - self.source[start..at].trim_start_matches(['\u{feff}', ' ', '\t']).len()
    }

    /// The blanks that the line of `at` begins with.
    pub(crate) fn indent(&self, at: usize) -> &'s str {
        let line = self.source[self.line_start(at)..].trim_start_matches('\u{feff}');
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// The edit that adds lines at the end of the file, which ends with a line break afterwards.
    pub(crate) fn at_end(&self, lines: &str) -> Splice {
        let end = self.source.len();
        let line_break = self.line_break(end);
        let is_open = !self.source.trim_start_matches('\u{feff}').is_empty() && !self.source.ends_with('\n');
        Splice::insertion(end, format!("{}{lines}{line_break}", if is_open { line_break } else { "" }))
    }

    /// The end of the line that `at` is in, before its line break.
    pub(crate) fn line_end(&self, at: usize) -> usize {
        let rest = &self.source[at..];
        at + rest.find('\n').map_or(rest.len(), |end| if rest[..end].ends_with('\r') { end - 1 } else { end })
    }
}
