//! Edits of configuration files that change the bytes of a value and nothing else.
//!
//! A file is parsed into nodes with byte ranges; an edit replaces ranges; the result is parsed again and compared with
//! the original node by node and byte by byte before anybody sees it. What cannot be edited without a side effect
//! (an alias, a duplicate key, the same path in two documents) is refused by name.
//!
//! Everything here is pure: text in, text out. Each file format is one module, registered in [`Format`]'s table.

mod addition;
mod builder;
mod computed;
#[cfg(test)]
mod corpus;
mod delete;
mod dockerfile;
mod edited;
mod embedded;
mod flow;
mod format;
mod guard;
mod hcl;
mod images;
mod json;
mod key_path;
mod line_starts;
mod locate;
mod marker;
mod nearest;
mod operation;
mod options;
mod positions;
mod proof;
mod properties;
mod python;
mod quote;
mod read;
mod regex;
mod set;
mod size;
mod splice;
mod structure;
mod text;
mod to_json;
mod toml;
mod tree;
mod trivia;
mod typed_json;
mod value;
mod xml;
mod yaml;

pub use addition::Node;
pub use edited::{Change, Edited};
pub use format::Format;
pub use images::{ImageSelector, ImageVersion, Occurrence, Place};
pub use key_path::{KeyPath, Segment};
pub use marker::{MarkedValue, Marker};
pub use operation::Operation;
pub use options::{AliasPolicy, DocumentSelector, Options, Resource};
pub use read::Content;
pub use regex::Expression;
pub use size::LARGEST;
pub use value::Value;
