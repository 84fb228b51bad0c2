//! YAML, any version, any number of documents.

#[cfg(test)]
mod corpus;
mod insert;
mod parse;
mod resolve;
mod write;

use slipway_core::Result;

use crate::format::{Format, Syntax, Written};
use crate::key_path::Segment;
use crate::splice::Splice;
use crate::tree::{NodeId, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format =
    Format { name: "yaml", file_names: &[".yaml", ".yml", "kustomization"], syntax: &Yaml };

struct Yaml;

impl Syntax for Yaml {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }

    fn insert(&self, tree: &Tree<'_>, at: NodeId, rest: &[Segment], value: &Value) -> Result<Splice> {
        insert::insert(tree, at, rest, value)
    }

    fn is_text(&self, tree: &Tree<'_>, scalar: NodeId) -> bool {
        write::is_text(tree, scalar)
    }
}
