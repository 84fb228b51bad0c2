//! The outcome of an edit, and the proof that goes before it.

use slipway_core::{Error, ErrorKind, Result, order};

use crate::addition::{Addition, Node as Addend, cannot_create};
use crate::format::{Format, Written};
use crate::key_path::{KeyPath, Segment};
use crate::proof::{Expected, New, Shape};
use crate::splice::{self, Splice, defect};
use crate::structure::{Insertion, Structure};
use crate::tree::{Kind, NodeId, Tree};
use crate::value::Value;

/// A file after an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// The whole new text. Outside the changed values it is, byte for byte, the old one.
    pub text: String,
    /// What changed, in the order of the file.
    pub changes: Vec<Change>,
    /// What already had the wanted value, with `old` and `new` equal.
    pub unchanged: Vec<Change>,
}

/// A value that was found, and what it became.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The position of the document in the file, counted from 0.
    pub document: usize,
    /// How the value is reached in its document.
    pub path: KeyPath,
    /// How the value is reached inside the string at `path`, if that holds a document of its own.
    pub inner: Option<KeyPath>,
    /// The line of the value before the edit, counted from 1.
    pub line: usize,
    /// The decoded value before; none if the key is new.
    pub old: Option<String>,
    /// The decoded value after; empty if it is removed, or a collection.
    pub new: String,
    /// Whether the value is removed.
    pub is_removed: bool,
    /// The lines of aliases that show the value too, so that they changed with it.
    pub shared_with: Vec<usize>,
}

impl Edited {
    /// Nothing was changed yet.
    pub(crate) fn unchanged(text: &str) -> Self {
        Self { text: text.to_owned(), changes: Vec::new(), unchanged: Vec::new() }
    }

    /// Goes on with another edit of the new text.
    pub(crate) fn then(mut self, edit: impl FnOnce(&str) -> Result<Self>) -> Result<Self> {
        let next = edit(&self.text)?;
        self.changes.extend(next.changes);
        self.unchanged.extend(next.unchanged);
        Ok(Self { text: next.text, ..self })
    }
}

/// Edits of one file that were decided but not yet made.
pub(crate) struct Draft<'t, 's> {
    format: Format,
    tree: &'t Tree<'s>,
    splices: Vec<Splice>,
    expected: Expected,
    changes: Vec<Change>,
    unchanged: Vec<Change>,
    /// Whether keys or items come or go.
    is_restructured: bool,
}

impl<'t, 's> Draft<'t, 's> {
    pub(crate) fn new(format: Format, tree: &'t Tree<'s>) -> Self {
        let expected = Expected::default();
        let (changes, unchanged) = (Vec::new(), Vec::new());
        Self { format, tree, splices: Vec::new(), expected, changes, unchanged, is_restructured: false }
    }

    /// Notes that a scalar gets a new value. One that has it already is noted as unchanged.
    pub(crate) fn replace(&mut self, scalar: NodeId, value: &Value) -> Result<()> {
        let written = self.format.syntax.write(self.tree, scalar, value)?;
        let old = self.tree.text(scalar).unwrap_or_default();
        let change = self.change(scalar, Some(old.to_owned()), value.as_str());
        let same_bytes = self.tree.source.get(written.splice.range.clone()) == Some(written.splice.text.as_str());
        // The same text in other quotes is no change; quotes that turn a number into text are one.
        if same_bytes || (old == value.as_str() && self.format.syntax.is_text(self.tree, scalar)) {
            self.unchanged.push(change);
            return Ok(());
        }
        self.changes.push(change);
        self.expect(scalar, written);
        Ok(())
    }

    /// Notes that a node has what was wanted.
    pub(crate) fn keep(&mut self, node: NodeId, text: &str) {
        let change = self.change(node, Some(text.to_owned()), text);
        self.unchanged.push(change);
    }

    /// Notes edits of the document that a string holds: those of its new text that `splice` makes, or, without one,
    /// the whole new text.
    pub(crate) fn embed(
        &mut self,
        outer: NodeId,
        text: String,
        splice: Option<Splice>,
        changes: Vec<Change>,
        unchanged: Vec<Change>,
    ) -> Result<()> {
        if !changes.is_empty() {
            let written = match splice {
                Some(splice) => Written { splice, value: text, is_text: true },
                None => self.format.syntax.write(self.tree, outer, &Value::Text(text))?,
            };
            self.expect(outer, written);
        }
        self.changes.extend(changes);
        self.unchanged.extend(unchanged);
        Ok(())
    }

    fn expect(&mut self, scalar: NodeId, written: Written) {
        let new = New::Scalar(written.value, Some(written.is_text));
        let shape = Shape { depth: self.tree.nodes[scalar].depth, new };
        self.expected.replaced.insert(scalar, vec![shape]);
        self.splices.push(written.splice);
    }

    /// How keys and items are added and removed.
    fn structure(&self, otherwise: &str) -> Result<&'static dyn Structure> {
        self.format.structure.ok_or_else(|| {
            let message = format!("nothing can be added to or removed from a {} file", self.format.name);
            Error::new(ErrorKind::InvalidInput, message).hint(otherwise)
        })
    }

    /// Notes that the rest of a path, down to the value, is added below a node.
    pub(crate) fn insert(&mut self, at: NodeId, rest: &[Segment], value: &Value) -> Result<()> {
        self.add(at, rest, Addition::along(rest, Addend::Value(value.clone()))?)
    }

    /// Notes that a file without any document gets one.
    pub(crate) fn begin(&mut self, path: &[Segment], value: &Value) -> Result<()> {
        let node = Addition::along(path, Addend::Value(value.clone()))?.alone();
        let structure = self.structure("write the key and an empty value first")?;
        let splice = structure.begin(self.tree, &node)?;
        let mut shapes = vec![Shape { depth: 0, new: New::Document }];
        shapes.extend(Shape::of(1, &node, structure.has_types()));
        self.expected.inserted.insert(0, shapes);
        self.is_restructured = true;
        let line = self.tree.source.lines().count() + 1;
        self.splices.push(splice);
        self.changes.push(Change {
            document: 0,
            path: KeyPath::from_document(path.to_vec()),
            inner: None,
            line,
            old: None,
            new: value.as_str().to_owned(),
            is_removed: false,
            shared_with: Vec::new(),
        });
        Ok(())
    }

    /// Notes that something is added to a collection, or to an empty value; `rest` leads from there to it.
    pub(crate) fn add(&mut self, at: NodeId, rest: &[Segment], addition: Addition) -> Result<()> {
        let structure = self.structure("write the key and an empty value first")?;
        let (node, has_types) = (&self.tree.nodes[at], structure.has_types());
        let is_empty = matches!(node.kind, Kind::Scalar { .. }) && node.span.is_empty() || node.kind == Kind::Document;
        if !is_empty && !addition.fits(&node.kind) {
            return Err(cannot_create(self.tree.noun(at)));
        }
        let Insertion { splices, before } = structure.insert(self.tree, at, &addition)?;
        let path = self.tree.path_of(at).segments().iter().chain(rest).cloned().collect();
        let new = addition.text().unwrap_or_default().to_owned();
        let change = Change { path: KeyPath::from_document(path), ..self.change(at, None, &new) };
        match node.kind {
            Kind::Document => {
                let shapes = Shape::of(node.depth + 1, &addition.alone(), has_types);
                self.expected.inserted.entry(before).or_default().extend(shapes);
            }
            Kind::Scalar { .. } => {
                self.expected.replaced.insert(at, Shape::of(node.depth, &addition.alone(), has_types));
            }
            _ => {
                let shapes = Shape::added(node.depth + 1, &addition, has_types);
                self.expected.inserted.entry(before).or_default().extend(shapes);
            }
        }
        self.is_restructured = true;
        self.splices.extend(splices);
        self.changes.push(change);
        Ok(())
    }

    /// Notes that a value is removed, with its key if it has one.
    pub(crate) fn remove(&mut self, node: NodeId) -> Result<()> {
        let structure = self.structure("remove it by hand")?;
        self.splices.extend(structure.remove(self.tree, node)?);
        let old = self.tree.text(node).map(str::to_owned);
        self.changes.push(Change { is_removed: true, ..self.change(node, old, "") });
        let gone = structure.vanishing(self.tree, node);
        self.expected.removed.extend(self.tree.key_node(gone));
        self.expected.removed.insert(gone);
        self.is_restructured = true;
        Ok(())
    }

    /// The report of a change of this node.
    pub(crate) fn change(&self, id: NodeId, old: Option<String>, new: &str) -> Change {
        Change {
            document: self.tree.document_index(id),
            path: self.tree.path_of(id),
            inner: None,
            line: self.tree.nodes[id].line,
            old,
            new: new.to_owned(),
            is_removed: false,
            shared_with: self.tree.lines_of_aliases(id),
        }
    }

    /// Makes the edits and proves that they did what was intended and nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::Internal`] if the proof fails; [`ErrorKind::InvalidInput`] if a key or item came or went in it, as
    /// there are ways of writing in which others depend on it.
    pub(crate) fn finish(mut self) -> Result<Edited> {
        let text = self.proved().map_err(|error| {
            if !self.is_restructured {
                return error;
            }
            let message = "the keys and items cannot be added or removed without a change of something else";
            Error::new(ErrorKind::InvalidInput, message).hint("edit this place of the file by hand")
        })?;
        order::sort_by_key(&mut self.changes, |change| change.line);
        Ok(Edited { text, changes: self.changes, unchanged: self.unchanged })
    }

    fn proved(&mut self) -> Result<String> {
        let text = splice::apply(self.tree.source, &mut self.splices)?;
        splice::prove_rest_is_identical(self.tree.source, &text, &self.splices)?;
        let after = self.format.syntax.parse(&text);
        let after = after.map_err(|error| defect(format!("the edited file would not parse: {}", error.message())))?;
        self.expected.prove(self.format, self.tree, &after)?;
        Ok(text)
    }
}
