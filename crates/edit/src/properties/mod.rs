//! `key=value` lines: Java properties and dotenv files. Keys are not nested, so a path `app.version` is one key with a
//! dot in it.

#[cfg(test)]
mod corpus;
mod dotenv;
mod java;
mod lines;

use slipway_core::Result;

use crate::addition::Addition;
use crate::format::{Format, Syntax, Written};
use crate::key_path::{KeyPath, Segment};
use crate::splice::Splice;
use crate::structure::{Insertion, Structure};
use crate::tree::{NodeId, Tree};
use crate::value::Value;

/// Files that `java.util.Properties` reads.
pub(crate) const PROPERTIES: Format =
    Format { name: "properties", file_names: &[".properties"], syntax: &Properties, structure: None };

/// Files of environment variables.
pub(crate) const DOTENV: Format =
    Format { name: "dotenv", file_names: &[".env", ".env."], syntax: &Dotenv, structure: None };

pub(crate) struct Properties;

impl Syntax for Properties {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        java::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        Ok(java::write(tree, scalar, value))
    }

    fn is_text(&self, _: &Tree<'_>, _: NodeId) -> bool {
        true
    }

    fn path(&self, path: &KeyPath) -> KeyPath {
        joined(path)
    }
}

pub(crate) struct Dotenv;

impl Syntax for Dotenv {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        dotenv::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        dotenv::write(tree, scalar, value)
    }

    fn is_text(&self, _: &Tree<'_>, _: NodeId) -> bool {
        true
    }

    fn path(&self, path: &KeyPath) -> KeyPath {
        joined(path)
    }
}

/// The path as one key, if it has keys only.
fn joined(path: &KeyPath) -> KeyPath {
    let key = |segment: &Segment| match segment {
        Segment::Key(key) => Some(key.clone()),
        _ => None,
    };
    let keys: Option<Vec<String>> = path.segments().iter().map(key).collect();
    keys.map_or_else(|| path.clone(), |keys| KeyPath::from_document(vec![Segment::Key(keys.join("."))]))
}

impl Structure for Properties {
    fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
        lines::insert(tree, at, addition, &java::fresh)
    }

    fn remove(&self, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
        lines::remove(tree, node)
    }

    fn has_types(&self) -> bool {
        false
    }
}

impl Structure for Dotenv {
    fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
        lines::insert(tree, at, addition, &dotenv::fresh)
    }

    fn remove(&self, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
        lines::remove(tree, node)
    }

    fn has_types(&self) -> bool {
        false
    }
}
