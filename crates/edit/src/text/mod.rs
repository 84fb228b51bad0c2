//! Files without a structure of their own: those that are one value, and those that mark their values.

#[cfg(test)]
mod corpus;
mod marked;
mod whole;

use slipway_core::{Error, ErrorKind, Result};

use crate::builder::Builder;
use crate::format::{Format, Syntax, Written};
use crate::tree::{Kind, Layout, NodeId, Tree};
use crate::value::Value;

/// Files that hold a version and nothing else; its path is `version`.
pub(crate) const WHOLE: Format =
    Format { name: "text", file_names: &["version.txt", "version", ".version"], syntax: &Whole, structure: None };

/// Any text, with markers that no file name announces.
pub(crate) const MARKED: Format = Format { name: "marked text", file_names: &[], syntax: &Marked, structure: None };

/// Any text, in which nothing is a value.
pub(crate) const PLAIN: Format = Format { name: "plain text", file_names: &[], syntax: &Plain, structure: None };

struct Plain;

impl Syntax for Plain {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        let mut builder = Builder::new(source);
        builder.open(Kind::Mapping(Layout::Block), 0)?;
        Ok(builder.finish())
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, _value: &Value) -> Result<Written> {
        Err(Error::new(ErrorKind::InvalidInput, format!("{} of plain text is no value", tree.noun(scalar))))
    }
}

struct Whole;

impl Syntax for Whole {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        whole::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        whole::write(tree, scalar, value)
    }

    fn is_text(&self, _: &Tree<'_>, _: NodeId) -> bool {
        true
    }
}

struct Marked;

impl Syntax for Marked {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        marked::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        marked::write(tree, scalar, value)
    }

    fn is_text(&self, _: &Tree<'_>, _: NodeId) -> bool {
        true
    }
}
