//! Setting the value at a key path.

use slipway_core::{Error, ErrorKind, Result};

use crate::edited::{Draft, Edited};
use crate::format::Format;
use crate::guard;
use crate::key_path::KeyPath;
use crate::locate::{ambiguous, documents, locate};
use crate::nearest;
use crate::options::Options;
use crate::size;
use crate::tree::{NodeId, Tree};
use crate::value::Value;

impl Format {
    /// Sets the value at `path` and changes nothing else in the file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidYaml`] or [`ErrorKind::InvalidFile`] if the file does not parse, [`ErrorKind::PathNotFound`],
    /// [`ErrorKind::AmbiguousMatch`] or [`ErrorKind::AmbiguousDocument`] if the path does not lead to exactly one value,
    /// [`ErrorKind::DuplicateKey`] and [`ErrorKind::SharedValue`] if it leads to one that is not only its own,
    /// [`ErrorKind::UnexpectedCurrentValue`] and [`ErrorKind::Downgrade`] if the options forbid the change,
    /// [`ErrorKind::InvalidInput`] if the value cannot stand there.
    pub fn set(&self, source: &str, path: &KeyPath, value: &Value, options: &Options) -> Result<Edited> {
        size::check(source)?;
        let tree = self.syntax.parse(source)?;
        let path = &self.syntax.path(path);
        let mut draft = Draft::new(*self, &tree);
        let mut located = locate(&tree, &documents(&tree, options)?, path, options)?;
        let nodes = std::mem::take(&mut located.nodes);
        match nodes[..] {
            [] if options.create && tree.documents.is_empty() => draft.begin(path.segments(), value)?,
            [] => {
                let (last, rest) = located.place_for(path, options)?;
                draft.insert(last, rest, value)?;
            }
            [_, _, ..] if !options.every => return Err(ambiguous(&tree, &nodes, path)),
            _ => {}
        }
        for node in nodes {
            self.scalar(&tree, node, path)?;
            guard::check(options, path, tree.text(node).unwrap_or_default(), value.as_str())?;
            draft.replace(node, value)?;
        }
        draft.finish()
    }

    /// Checks that a node is a single value.
    ///
    /// # Errors
    /// [`ErrorKind::PathNotFound`] if it is not, [`ErrorKind::SharedValue`] if it says that its value stands elsewhere.
    pub(crate) fn scalar<'t>(&self, tree: &'t Tree<'_>, node: NodeId, path: &KeyPath) -> Result<&'t str> {
        if let Some(text) = tree.text(node) {
            return Ok(text);
        }
        if let Some(error) = self.syntax.stands_elsewhere(tree, node) {
            return Err(error);
        }
        let message = format!("`{path}` at line {} is {}, not a single value", tree.nodes[node].line, tree.noun(node));
        let error = Error::new(ErrorKind::PathNotFound, message);
        Err(match nearest::list("", tree.entries(node).filter_map(|(key, _)| tree.text(key))) {
            Some(keys) => error.hint(format!("name one of its keys: {keys}")),
            None => error,
        })
    }
}
