//! JSON, with the comments and trailing commas of JSONC wherever they stand.

#[cfg(test)]
mod corpus;
mod parse;
mod write;

use slipway_core::Result;

use crate::flow;
use crate::format::{Format, Syntax, Written};
use crate::key_path::Segment;
use crate::splice::Splice;
use crate::tree::{NodeId, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format = Format { name: "json", file_names: &[".json", ".jsonc"], syntax: &Json };

struct Json;

impl Syntax for Json {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }

    fn insert(&self, tree: &Tree<'_>, at: NodeId, rest: &[Segment], value: &Value) -> Result<Splice> {
        flow::insert(tree, at, rest, value, &write::fresh)
    }
}
