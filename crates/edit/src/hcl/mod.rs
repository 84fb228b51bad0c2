//! HCL, the native syntax of Terraform, OpenTofu, Packer and Nomad.
//!
//! An attribute is a value under its name. A block is a mapping under its type and, below that, its labels:
//! `resource.aws_ecs_service.web.desired_count`. A block that stands several times is chosen by brackets, as in
//! `ingress[0].from_port` or `container[name=web].image`. What is computed, as `"${var.tag}"` is, is no value.

mod blocks;
#[cfg(test)]
mod corpus;
mod insert;
mod parse;
mod remove;
mod scan;
mod write;

use slipway_core::{Error, Result};

use crate::addition::Addition;
use crate::computed;
use crate::format::{Format, Syntax, Written};
use crate::splice::Splice;
use crate::structure::{Insertion, Structure};
use crate::tree::{NodeId, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format =
    Format { name: "hcl", file_names: &[".tf", ".tfvars", ".tofu", ".hcl", ".nomad"], syntax: &Hcl, structure: None };

pub(crate) struct Hcl;

impl Syntax for Hcl {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }

    fn stands_elsewhere(&self, tree: &Tree<'_>, node: NodeId) -> Option<Error> {
        computed::value(tree, node, "set what it is made of, such as the variable's default")
    }
}

impl Structure for Hcl {
    fn insert(&self, tree: &Tree<'_>, at: NodeId, addition: &Addition) -> Result<Insertion> {
        insert::insert(tree, at, addition)
    }

    fn remove(&self, tree: &Tree<'_>, node: NodeId) -> Result<Vec<Splice>> {
        remove::remove(tree, node)
    }

    fn vanishing(&self, tree: &Tree<'_>, node: NodeId) -> NodeId {
        remove::vanishing(tree, node)
    }
}
