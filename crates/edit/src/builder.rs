//! Building a [`Tree`] from the start of a file to its end.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use slipway_core::order;
use slipway_core::{Error, ErrorKind, Result};

use crate::line_starts::LineStarts;
use crate::size::DEEPEST;
use crate::tree::{Kind, Node, NodeId, Style, Tree};

/// A tree of one document that is not finished yet.
pub(crate) struct Builder<'s> {
    tree: Tree<'s>,
    lines: LineStarts,
    /// The open nodes, and how many children each of them has.
    open: Vec<(NodeId, usize)>,
}

impl<'s> Builder<'s> {
    pub(crate) fn new(source: &'s str) -> Self {
        let (nodes, anchors) = (Vec::new(), BTreeMap::new());
        let tree = Tree { source, nodes, documents: vec![0], anchors, repetitions: None };
        let mut builder = Self { tree, lines: LineStarts::of(source), open: Vec::new() };
        builder.push(Kind::Document, 0..source.len());
        builder.open.push((0, 0));
        builder
    }

    /// Begins a collection. Its children follow, then [`Self::close`].
    ///
    /// # Errors
    /// [`ErrorKind::InvalidFile`] if it is nested too deep.
    pub(crate) fn open(&mut self, kind: Kind<'s>, start: usize) -> Result<()> {
        if self.open.len() > DEEPEST {
            return Err(too_deep(self.line(start)));
        }
        let id = self.push(kind, start..start);
        self.open.push((id, 0));
        Ok(())
    }

    /// Ends the innermost collection.
    pub(crate) fn close(&mut self, end: usize) {
        if let Some((id, _)) = self.open.pop() {
            let next = self.tree.nodes.len();
            let node = &mut self.tree.nodes[id];
            node.end = next;
            node.span.end = end;
        }
    }

    pub(crate) fn scalar(&mut self, value: impl Into<Cow<'s, str>>, style: Style, span: Range<usize>) -> NodeId {
        self.push(Kind::Scalar { value: value.into(), style }, span)
    }

    fn push(&mut self, kind: Kind<'s>, span: Range<usize>) -> NodeId {
        let id = self.tree.nodes.len();
        let (parent, index) = match self.open.last_mut() {
            Some((parent, children)) => {
                *children += 1;
                (*parent, *children - 1)
            }
            None => (id, 0),
        };
        let (depth, line) = (self.open.len(), self.line(span.start));
        self.tree.nodes.push(Node { kind, depth, parent, index, end: id + 1, span, line, tag: None, anchor: None });
        id
    }

    /// The line of a byte, counted from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.lines.line(at)
    }

    /// A value that is no plain one.
    pub(crate) fn opaque(&mut self, noun: &'static str, span: Range<usize>) {
        self.push(Kind::Opaque(noun), span);
    }

    /// What the innermost collection is.
    pub(crate) fn innermost(&self) -> Option<&Kind<'s>> {
        self.open.last().map(|&(id, _)| &self.tree.nodes[id].kind)
    }

    /// The tree of a format whose keys may stand several times in one mapping.
    pub(crate) fn finish_with_repetitions(self) -> Tree<'s> {
        let mut tree = self.finish();
        let mut values: BTreeMap<(NodeId, &str), Vec<NodeId>> = BTreeMap::new();
        for mapping in 0..tree.nodes.len() {
            for (key, value) in tree.entries(mapping) {
                if let Some(key) = tree.text(key) {
                    values.entry((mapping, key)).or_default().push(value);
                }
            }
        }
        let repeated = values.into_values().filter(|values| values.len() > 1);
        let repetitions =
            repeated.flat_map(|values| values.into_iter().enumerate().map(|(index, value)| (value, index)));
        tree.repetitions = Some(order::map(repetitions));
        tree
    }

    /// The tree, with everything that is still open closed.
    pub(crate) fn finish(mut self) -> Tree<'s> {
        while !self.open.is_empty() {
            self.close(self.tree.source.len());
        }
        self.tree
    }
}

pub(crate) fn too_deep(line: usize) -> Error {
    Error::new(ErrorKind::InvalidFile, format!("line {line} is nested deeper than {DEEPEST} collections"))
        .hint("nobody can read that; flatten the file")
}

/// The file is not what its format says.
pub(crate) fn invalid(format: &str, source: &str, at: usize, reason: impl std::fmt::Display) -> Error {
    let before = source.get(..at).unwrap_or(source);
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = before.bytes().filter(|&byte| byte == b'\n').count() + 1;
    let column = before[line_start..].trim_start_matches('\u{feff}').chars().count() + 1;
    Error::new(ErrorKind::InvalidFile, format!("the {format} does not parse at line {line}, column {column}: {reason}"))
}
