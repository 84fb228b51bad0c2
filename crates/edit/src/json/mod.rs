//! JSON, with the comments and trailing commas of JSONC wherever they stand.

#[cfg(test)]
mod corpus;
mod parse;
mod write;

use slipway_core::Result;

use crate::addition::Addition;
use crate::flow::{self, Flow};
use crate::format::{Format, Syntax, Written};
use crate::quote::double_quoted;
use crate::splice::Splice;
use crate::structure::{Insertion, Structure};
use crate::tree::{NodeId, Tree};
use crate::trivia::SLASHES;
use crate::value::Value;

pub(crate) const FORMAT: Format =
    Format { name: "json", file_names: &[".json", ".jsonc"], syntax: &Json, structure: None };

pub(crate) struct Json;

impl Syntax for Json {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }
}

impl Structure for Json {
    fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
        FLOW.insert(tree, at, addition)
    }

    fn remove(&self, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
        flow::remove(tree, node, FLOW.comments)
    }
}

const FLOW: Flow<'static> = Flow { comments: SLASHES, assign: ": ", key: &double_quoted, value: &write::fresh };
