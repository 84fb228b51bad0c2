//! Assignments of plain string literals at the top level of a Python module: `__version__ = "1.2.3"`.
//!
//! Nothing is executed or understood beyond that: what is indented, stands in brackets or is computed is no value.

#[cfg(test)]
mod corpus;
mod literal;
mod parse;

use slipway_core::Result;

use crate::format::{Format, Syntax, Written};
use crate::tree::{NodeId, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format = Format { name: "python", file_names: &[".py"], syntax: &Python, structure: None };

struct Python;

impl Syntax for Python {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        Ok(literal::write(tree, scalar, value))
    }
}
