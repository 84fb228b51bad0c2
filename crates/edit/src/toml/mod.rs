//! TOML 1.1.

#[cfg(test)]
mod corpus;
mod insert;
mod layout;
mod parse;
mod remove;
mod tables;
mod write;

use slipway_core::{Error, ErrorKind, Result};

use crate::addition::Addition;
use crate::format::{Format, Syntax, Written};
use crate::key_path::Segment;
use crate::splice::Splice;
use crate::structure::{Insertion, Structure};
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format = Format {
    name: "toml",
    file_names: &[".toml", "cargo.lock", "poetry.lock", "uv.lock", "pdm.lock", "pipfile"],
    syntax: &Toml,
    structure: None,
};

pub(crate) struct Toml;

impl Syntax for Toml {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }

    /// `version.workspace = true` is how Cargo says that the value stands elsewhere.
    fn stands_elsewhere(&self, tree: &Tree<'_>, node: NodeId) -> Option<Error> {
        let inherited = tree.values_of(node, "workspace").next()?;
        if !matches!(&tree.nodes[inherited].kind, Kind::Scalar { value, style: Style::Plain } if value == "true") {
            return None;
        }
        let path = tree.path_of(node);
        let message = format!("`{path}` at line {} is inherited from the workspace", tree.nodes[node].line);
        let hint = match path.segments() {
            [Segment::Key(table), Segment::Key(key)] if table == "package" => {
                format!("set `workspace.package.{key}` in the Cargo.toml of the workspace")
            }
            _ => "set it in the Cargo.toml of the workspace".to_owned(),
        };
        Some(Error::new(ErrorKind::SharedValue, message).hint(hint))
    }
}

impl Structure for Toml {
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
