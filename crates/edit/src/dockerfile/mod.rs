//! Dockerfiles: the images that stages are built from, and the defaults of arguments.
//!
//! `FROM[0].image` is the image of the first stage, `FROM[as=build].image` that of a named one, `ARG.VERSION` the default
//! of an argument. `COPY --from=…` and `RUN --mount=…,from=…` name images too, in the lists `COPY` and `RUN`. The name of
//! an earlier stage is no image, and one that arguments make is no value: the argument is.

mod instructions;
mod parse;
#[cfg(test)]
mod tests;

use slipway_core::image::ImageReference;
use slipway_core::{Error, ErrorKind, Result};

use crate::computed;
use crate::format::{Format, Syntax, Written};
use crate::splice::Splice;
use crate::tree::{Kind, NodeId, Style, Tree};
use crate::value::Value;

pub(crate) const FORMAT: Format = Format {
    name: "dockerfile",
    file_names: &["dockerfile", "containerfile", ".dockerfile", ".containerfile", "dockerfile.", "containerfile."],
    syntax: &Dockerfile,
    structure: None,
};

struct Dockerfile;

impl Syntax for Dockerfile {
    fn parse<'s>(&self, source: &'s str) -> Result<Tree<'s>> {
        parse::parse(source)
    }

    /// In the quotes that are there; without quotes only what needs none.
    fn write(&self, tree: &Tree<'_>, scalar: NodeId, value: &Value) -> Result<Written> {
        let (node, text) = (&tree.nodes[scalar], value.as_str());
        if tree.key_of(scalar) == Some("as") {
            let message = format!("the name of the stage at line {} is not changed alone", node.line);
            return Err(Error::new(ErrorKind::InvalidInput, message).hint("rename it by hand, wherever it is used"));
        }
        let is_stage = |id: &NodeId| {
            tree.key_of(*id) == Some("as") && tree.text(*id).is_some_and(|name| name.eq_ignore_ascii_case(text))
        };
        let is_image = tree.key_of(scalar) == Some("image");
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        if is_image && (is_number || (0..tree.nodes.len()).any(|id| is_stage(&id))) {
            let message = format!("`{text}` at line {} would be a stage of this file, not an image", node.line);
            return Err(Error::new(ErrorKind::InvalidInput, message).hint("give the image with its registry or tag"));
        }
        if is_image {
            text.parse::<ImageReference>()?;
        }
        let is_bare = |c: char| c.is_alphanumeric() || "._/:@+%=,-".contains(c);
        let is_inside = !text.contains(|c: char| matches!(c, '"' | '\'' | '$' | '\\' | '`') || c.is_control());
        let written = match &node.kind {
            Kind::Scalar { style: Style::DoubleQuoted, .. } if is_inside => format!("\"{text}\""),
            Kind::Scalar { style: Style::SingleQuoted, .. } if is_inside => format!("'{text}'"),
            _ if !text.is_empty() && !text.starts_with('-') && text.chars().all(is_bare) => text.to_owned(),
            _ => {
                let message = format!("line {} cannot hold `{}`", node.line, text.escape_debug());
                return Err(Error::new(ErrorKind::InvalidInput, message).hint("write it by hand, with its quotes"));
            }
        };
        let splice = Splice { range: node.span.clone(), text: written };
        Ok(Written { splice, value: text.to_owned(), is_text: true })
    }

    fn is_text(&self, _: &Tree<'_>, _: NodeId) -> bool {
        true
    }

    fn stands_elsewhere(&self, tree: &Tree<'_>, node: NodeId) -> Option<Error> {
        computed::value(tree, node, "set the default of its argument, as in `ARG.VERSION`")
    }
}
