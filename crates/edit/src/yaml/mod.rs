//! YAML, any version, any number of documents.

#[cfg(test)]
mod corpus;
mod insert;
mod parse;
mod remove;
mod resolve;
mod write;

use slipway_core::Result;

use crate::addition::{Addition, Node};
use crate::format::{Format, Syntax, Written};
use crate::splice::Splice;
use crate::structure::{Insertion, Structure};
use crate::tree::{NodeId, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format =
    Format { name: "yaml", file_names: &[".yaml", ".yml", "kustomization"], syntax: &Yaml, structure: None };

pub(crate) struct Yaml;

impl Syntax for Yaml {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }

    fn is_text(&self, tree: &Tree<'_>, scalar: NodeId) -> bool {
        write::is_text(tree, scalar)
    }
}

impl Structure for Yaml {
    fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
        insert::insert(tree, at, addition)
    }

    fn begin(&self, tree: &Tree<'_>, node: &Node) -> Result<Splice> {
        Ok(insert::begin(tree, node))
    }

    fn remove(&self, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
        remove::remove(tree, node)
    }
}
