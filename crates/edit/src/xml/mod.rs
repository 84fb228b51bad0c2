//! XML 1.0: pom.xml, MSBuild projects and the like.
//!
//! An element is reached by its local name, an attribute by `@` and its name as written:
//! `Project.ItemGroup.PackageReference[@Include=Serilog].@Version`. An element that holds text is a value, and any
//! other a mapping. A key path that fits several elements chooses by brackets, or is followed through all of them and
//! must end at one. Document types are left as they are and nothing in them is expanded.

#[cfg(test)]
mod corpus;
mod parse;
mod write;

use slipway_core::Result;

use crate::format::{Format, Syntax, Written};
use crate::tree::{NodeId, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format = Format {
    name: "xml",
    file_names: &[".xml", ".csproj", ".fsproj", ".vbproj", ".vcxproj", ".props", ".targets", ".nuspec"],
    syntax: &Xml,
    structure: None,
};

struct Xml;

impl Syntax for Xml {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        write::write(tree, scalar, value)
    }

    fn is_text(&self, _: &Tree<'_>, _: NodeId) -> bool {
        true
    }
}
