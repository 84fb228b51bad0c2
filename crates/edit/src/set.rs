//! Setting the value at a key path.

use slipway_core::{Error, ErrorKind, Result};

use crate::edited::{Draft, Edited};
use crate::embedded;
use crate::format::Format;
use crate::guard;
use crate::key_path::KeyPath;
use crate::locate::{Located, documents, locate};
use crate::options::Options;
use crate::size;
use crate::tree::{Kind, NodeId, Tree};
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
        let mut draft = Draft::new(*self, &tree);
        match (target(&tree, path, options)?, &options.inner) {
            (Target::Scalar(node), Some(inner)) => embedded::set(&tree, node, inner, value, options, &mut draft)?,
            (Target::Scalar(node), None) => {
                guard::check(options, path, tree.text(node).unwrap_or_default(), value.as_str())?;
                draft.replace(node, value)?;
            }
            (Target::Nothing { below, segments }, _) => draft.insert(below, &path.segments()[segments..], value)?,
        }
        draft.finish()
    }
}

enum Target {
    Scalar(NodeId),
    /// What the path names is to be created below a node, to which this many segments lead.
    Nothing {
        below: NodeId,
        segments: usize,
    },
}

/// The one scalar that the path names in the selected documents.
fn target(tree: &Tree<'_>, path: &KeyPath, options: &Options) -> Result<Target> {
    let mut found = Vec::new();
    let mut missing = Vec::new();
    for document in documents(tree, options)? {
        match locate(tree, document, path, options)? {
            Located::Node(node) => found.push(node),
            Located::Missing { last, segments, error } => missing.push((last, segments, error)),
        }
    }
    match found[..] {
        [] if options.create && missing.len() == 1 => {
            let (below, segments, _) = missing[0];
            Ok(Target::Nothing { below, segments })
        }
        [] => {
            // The document that was followed furthest is most likely the one that was meant.
            let nearest = missing.into_iter().max_by_key(|(_, segments, _)| *segments);
            Err(nearest.map(|(_, _, error)| error).unwrap_or_else(|| {
                Error::new(ErrorKind::PathNotFound, format!("nothing stands at `{path}`: the file is empty"))
            }))
        }
        [node] if matches!(tree.nodes[node].kind, Kind::Scalar { .. }) => Ok(Target::Scalar(node)),
        [node] => {
            let keys: Vec<_> =
                tree.entries(node).filter_map(|(key, _)| tree.text(key)).map(|key| format!("`{key}`")).collect();
            let message =
                format!("`{path}` at line {} is {}, not a single value", tree.nodes[node].line, tree.noun(node));
            let error = Error::new(ErrorKind::PathNotFound, message);
            Err(if keys.is_empty() { error } else { error.hint(format!("name one of its keys: {}", keys.join(", "))) })
        }
        _ => {
            let lines: Vec<_> = found.iter().map(|&node| tree.nodes[node].line.to_string()).collect();
            let message =
                format!("`{path}` stands in {} documents of the file, at lines {}", found.len(), lines.join(", "));
            Err(Error::new(ErrorKind::AmbiguousDocument, message)
                .hint("select one document by its position, or by its kind and name"))
        }
    }
}
