//! The outcome of an edit, and the proof that goes before it.

use slipway_core::Result;
use slipway_core::order;

use crate::format::{Format, Written};
use crate::key_path::{KeyPath, Segment};
use crate::proof::{Expected, New, Shape, cannot_create};
use crate::splice::{self, Splice, defect};
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
    /// The decoded value after.
    pub new: String,
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
}

impl<'t, 's> Draft<'t, 's> {
    pub(crate) fn new(format: Format, tree: &'t Tree<'s>) -> Self {
        let expected = Expected::default();
        Self { format, tree, splices: Vec::new(), expected, changes: Vec::new(), unchanged: Vec::new() }
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
        let shape = Shape { depth: self.tree.nodes[scalar].depth, new: New::Scalar(written.value, written.is_text) };
        self.expected.replaced.insert(scalar, vec![shape]);
        self.splices.push(written.splice);
    }

    /// Notes that the rest of a path, down to the value, is added below a node.
    pub(crate) fn insert(&mut self, at: NodeId, rest: &[Segment], value: &Value) -> Result<()> {
        let node = &self.tree.nodes[at];
        let is_text = !matches!(value, Value::Literal(_));
        let value_shape = New::Scalar(value.as_str().to_owned(), is_text);
        let below = |depth| Shape::path(depth, rest, &value_shape);
        match (&node.kind, rest.first()) {
            (Kind::Mapping(_), Some(Segment::Key(_))) | (Kind::Sequence(_), Some(Segment::Item { .. })) => {
                self.expected.inserted.entry(node.end).or_default().extend(below(node.depth + 1)?);
            }
            (Kind::Scalar { .. }, Some(_)) if node.span.is_empty() => {
                self.expected.replaced.insert(at, Shape::content(node.depth, rest, &value_shape)?);
            }
            _ => return Err(cannot_create(self.tree.noun(at))),
        }
        let splice = self.format.syntax.insert(self.tree, at, rest, value)?;
        self.splices.push(splice);
        let segments = self.tree.path_of(at).segments().iter().chain(rest).cloned().collect();
        let change = Change { path: KeyPath::from_document(segments), ..self.change(at, None, value.as_str()) };
        self.changes.push(change);
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
            shared_with: self.tree.lines_of_aliases(id),
        }
    }

    /// Makes the edits and proves that they did what was intended and nothing else.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::Internal`] if the proof fails.
    pub(crate) fn finish(mut self) -> Result<Edited> {
        let text = splice::apply(self.tree.source, &mut self.splices)?;
        splice::prove_rest_is_identical(self.tree.source, &text, &self.splices)?;
        let after = self.format.syntax.parse(&text);
        let after = after.map_err(|error| defect(format!("the edited file would not parse: {}", error.message())))?;
        self.expected.prove(self.format, self.tree, &after)?;
        order::sort_by_key(&mut self.changes, |change| change.line);
        Ok(Edited { text, changes: self.changes, unchanged: self.unchanged })
    }
}
