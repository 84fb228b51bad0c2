//! TOML 1.1.

#[cfg(test)]
mod corpus;
mod layout;
mod parse;
mod write;

use slipway_core::{Error, ErrorKind, Result};

use crate::format::{Format, Syntax, Written};
use crate::key_path::Segment;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format = Format {
    name: "toml",
    file_names: &[".toml", "cargo.lock", "poetry.lock", "uv.lock", "pdm.lock", "pipfile"],
    syntax: &Toml,
};

struct Toml;

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
