//! Edits as data: the vocabulary in which workflows and case files write them.

mod fields;

use serde_json::Value as Json;
use slipway_core::{Result, image::ImageName};

use crate::addition::Node;
use crate::edited::Edited;
use crate::embedded;
use crate::format::Format;
use crate::images::{ImageSelector, ImageVersion, Place};
use crate::key_path::KeyPath;
use crate::marker::{MarkedValue, Marker};
use crate::nearest;
use crate::options::Options;
use crate::regex::Expression;
use crate::value::Value;
use fields::{Fields, invalid, missing, node, path, value};

/// One edit of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `set`: the value at a key path.
    Set {
        /// Where the value stands. It may go on inside a string that holds a document.
        path: KeyPath,
        /// What it becomes.
        value: Value,
        /// What else holds.
        options: Options,
    },
    /// `delete`: the key or list item at a key path, with its comments.
    Delete {
        /// Where it stands.
        path: KeyPath,
        /// What else holds.
        options: Options,
    },
    /// `append`: an item of the list at a key path, unless it holds an equal one.
    Append {
        /// Where the list stands.
        path: KeyPath,
        /// The item.
        value: Node,
        /// What else holds.
        options: Options,
    },
    /// `set-image`, `kustomize-set-image` and `helm-set-image`: tag and digest of an image.
    SetImage {
        /// Which occurrences are meant.
        selector: ImageSelector,
        /// What they become.
        version: ImageVersion,
        /// What else holds.
        options: Options,
    },
    /// `marker`: values that comments mark.
    Marked {
        /// Which comments.
        marker: Marker,
        /// What the values become.
        value: MarkedValue,
        /// What else holds.
        options: Options,
    },
    /// `regex`: what a regular expression matches.
    Replace {
        /// The expression.
        pattern: Expression,
        /// What its group, or the whole match, becomes.
        value: String,
        /// What else holds.
        options: Options,
    },
    /// Any of them with `inner`: an edit of the document that a string holds.
    Inside {
        /// Where the string stands.
        path: KeyPath,
        /// What holds for finding it.
        options: Options,
        /// The edit of the document.
        operation: Box<Operation>,
    },
    /// `multi`: several edits one after the other, all or none.
    Several(Vec<Operation>),
}

/// Every operation: its name, and how its other keys are read.
const OPERATIONS: &[(&str, Read)] = &[
    ("set", read_set),
    ("delete", read_delete),
    ("append", read_append),
    ("set-image", read_set_image),
    ("kustomize-set-image", read_kustomize_set_image),
    ("helm-set-image", read_helm_set_image),
    ("marker", read_marker),
    ("regex", read_regex),
    ("multi", read_multi),
];

type Read = fn(&mut Fields<'_>) -> Result<Operation>;

impl Operation {
    /// The names of all operations.
    pub fn names() -> impl Iterator<Item = &'static str> {
        OPERATIONS.iter().map(|(name, _)| *name)
    }

    /// Reads an operation from its JSON form, an object with the key `op`.
    ///
    /// # Errors
    /// [`slipway_core::ErrorKind::InvalidInput`] if the operation or one of its keys is not known, or a value does not
    /// fit.
    pub fn from_json(json: &Json) -> Result<Self> {
        let mut fields = Fields::of(json)?;
        let name = fields.required("op", Json::as_str)?;
        let Some((_, read)) = OPERATIONS.iter().find(|(known, _)| *known == name) else {
            let error = invalid(format!("the operation `{name}` is not known"));
            return Err(match nearest::list(name, Self::names()) {
                Some(known) => error.hint(format!("operations are {known}")),
                None => error,
            });
        };
        let operation = read(&mut fields)?;
        fields.finish()?;
        Ok(operation)
    }

    /// Whether the operation finds its place in files of any kind, so that one of no known format is plain text to it.
    pub fn takes_any_text(&self) -> bool {
        match self {
            Self::Marked { .. } | Self::Replace { .. } => true,
            Self::Several(operations) => operations.iter().all(Self::takes_any_text),
            _ => false,
        }
    }

    /// The format that the operation edits a file in.
    ///
    /// # Errors
    /// Those of [`Format::of_file`].
    pub fn format_of(&self, path: &str) -> Result<Format> {
        match Format::of_file(path, Format::ALL) {
            Err(_) if self.takes_any_text() => Ok(Format::TEXT),
            format => format,
        }
    }

    /// Makes the edit.
    ///
    /// # Errors
    /// Those of [`Format::set`], [`Format::delete`], [`Format::append`], [`Format::set_image`], [`Format::set_marked`]
    /// and [`Format::replace`].
    pub fn apply(&self, format: Format, source: &str) -> Result<Edited> {
        match self {
            Self::Set { path, value, options } => {
                at_path(format, source, path, options, &|format, text, path, options| {
                    format.set(text, path, value, options)
                })
            }
            Self::Delete { path, options } => at_path(format, source, path, options, &|format, text, path, options| {
                format.delete(text, path, options)
            }),
            Self::Append { path, value, options } => {
                at_path(format, source, path, options, &|format, text, path, options| {
                    format.append(text, path, value, options)
                })
            }
            Self::SetImage { selector, version, options } => format.set_image(source, selector, version, options),
            Self::Marked { marker, value, options } => format.set_marked(source, marker, value, options),
            Self::Replace { pattern, value, options } => format.replace(source, pattern, value, options),
            Self::Inside { path, options, operation } => {
                embedded::within(format, source, path, options, &|format, text| operation.apply(format, text))
            }
            Self::Several(operations) => {
                let mut edited = Edited::unchanged(source);
                for operation in operations {
                    edited = edited.then(|text| operation.apply(format, text))?;
                }
                Ok(edited)
            }
        }
    }
}

type EditAt<'a> = &'a dyn Fn(Format, &str, &KeyPath, &Options) -> Result<Edited>;

/// Edits what stands at a path; where that goes on below a string that holds a document, in there.
fn at_path(format: Format, source: &str, path: &KeyPath, options: &Options, edit: EditAt<'_>) -> Result<Edited> {
    use slipway_core::ErrorKind::{InvalidInput, PathNotFound};
    let edited = edit(format, source, path, options);
    let Err(error) = &edited else { return edited };
    if !matches!(error.kind(), InvalidInput | PathNotFound) {
        return edited;
    }
    let Some((outer, inner)) = embedded::split(format, source, path, options) else { return edited };
    let inside = options.inside();
    embedded::within(format, source, &outer, options, &|format, text| at_path(format, text, &inner, &inside, edit))
}

/// The operation, made on the document that the string at `outer` holds if there is one.
fn inside(outer: Option<KeyPath>, mut operation: Operation) -> Operation {
    use Operation::{Append, Delete, Marked, Replace, Set, SetImage};
    let (Set { options, .. }
    | Delete { options, .. }
    | Append { options, .. }
    | SetImage { options, .. }
    | Marked { options, .. }
    | Replace { options, .. }) = &mut operation
    else {
        return operation;
    };
    let Some(path) = outer else { return operation };
    let own = options.inside();
    let options = Options { create: false, expect: None, upgrades_only: false, ..std::mem::replace(options, own) };
    Operation::Inside { path, options, operation: Box::new(operation) }
}

/// `path` and `inner`: where the edit is made, and where the string is that it is made in.
fn place(fields: &mut Fields<'_>) -> Result<(KeyPath, Option<KeyPath>)> {
    let path = fields.taken("path").map_or_else(|| Err(missing("path")), path)?;
    Ok(match fields.taken("inner").map(self::path).transpose()? {
        Some(inner) => (inner, Some(path)),
        None => (path, None),
    })
}

fn read_set(fields: &mut Fields<'_>) -> Result<Operation> {
    let value = fields.taken("value").map_or_else(|| Err(missing("value")), value)?;
    let (path, outer) = place(fields)?;
    Ok(inside(outer, Operation::Set { path, value, options: fields.options()? }))
}

fn read_delete(fields: &mut Fields<'_>) -> Result<Operation> {
    let (path, outer) = place(fields)?;
    Ok(inside(outer, Operation::Delete { path, options: fields.options()? }))
}

fn read_append(fields: &mut Fields<'_>) -> Result<Operation> {
    let value = fields.taken("value").map_or_else(|| Err(missing("value")), node)?;
    let (path, outer) = place(fields)?;
    Ok(inside(outer, Operation::Append { path, value, options: fields.options()? }))
}

fn read_set_image(fields: &mut Fields<'_>) -> Result<Operation> {
    let place = match fields.text("scope")? {
        None => Place::Known,
        Some("anywhere") => Place::Anywhere,
        Some(other) => return Err(invalid(format!("`scope` is `{other}`, and only `anywhere` is known"))),
    };
    let name: ImageName = fields.required("image", Json::as_str)?.parse()?;
    let version = fields.version("tag")?;
    let selector = ImageSelector { place, ..ImageSelector::from(name) };
    Ok(inside(string(fields)?, Operation::SetImage { selector, version, options: fields.options()? }))
}

fn read_kustomize_set_image(fields: &mut Fields<'_>) -> Result<Operation> {
    let name: ImageName = fields.required("name", Json::as_str)?.parse()?;
    let selector = ImageSelector { place: Place::Kustomization, ..ImageSelector::from(name) };
    let version = fields.version("newTag")?;
    Ok(Operation::SetImage { selector, version, options: fields.options()? })
}

fn read_helm_set_image(fields: &mut Fields<'_>) -> Result<Operation> {
    let name: Option<ImageName> = fields.text("repository")?.map(str::parse).transpose()?;
    let mut path = fields.taken("path").map(path).transpose()?;
    let inner = fields.taken("inner").map(self::path).transpose()?;
    let version = fields.version("tag")?;
    let options = fields.options()?;
    let outer = if inner.is_some() { std::mem::replace(&mut path, inner) } else { None };
    if name.is_none() && path.is_none() {
        return Err(missing("repository"));
    }
    let selector = ImageSelector { name, path, place: Place::HelmValues };
    Ok(inside(outer, Operation::SetImage { selector, version, options }))
}

fn read_marker(fields: &mut Fields<'_>) -> Result<Operation> {
    let kind = fields.text("marker")?.unwrap_or("slipway").to_owned();
    let marker = Marker { kind, name: fields.required("name", Json::as_str)?.to_owned() };
    let value = MarkedValue {
        value: fields.taken("value").map(value).transpose()?.map(|value| value.as_str().to_owned()),
        image: fields.text("image")?.map(str::parse).transpose()?,
        version: fields.version("tag")?,
    };
    Ok(inside(string(fields)?, Operation::Marked { marker, value, options: fields.options()? }))
}

fn read_regex(fields: &mut Fields<'_>) -> Result<Operation> {
    let pattern = fields.required("pattern", Json::as_str)?.parse()?;
    let value = fields.taken("value").map_or_else(|| Err(missing("value")), value)?.as_str().to_owned();
    Ok(inside(string(fields)?, Operation::Replace { pattern, value, options: fields.options()? }))
}

/// Of an operation without a path of its own: where the string is that it works on.
fn string(fields: &mut Fields<'_>) -> Result<Option<KeyPath>> {
    fields.taken("inside").map(path).transpose()
}

fn read_multi(fields: &mut Fields<'_>) -> Result<Operation> {
    let operations = fields.required("ops", Json::as_array)?;
    Ok(Operation::Several(operations.iter().map(Operation::from_json).collect::<Result<_>>()?))
}
