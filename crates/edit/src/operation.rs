//! Edits as data: the vocabulary in which workflows and case files write them.

use serde_json::{Map, Value as Json};
use slipway_core::{Error, ErrorKind, Result};

use crate::edited::Edited;
use crate::format::Format;
use crate::images::{ImageSelector, ImageVersion, Place};
use crate::key_path::{KeyPath, Segment};
use crate::nearest;
use crate::options::{AliasPolicy, DocumentSelector, Options};
use crate::value::Value;

/// One edit of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `set`: the value at a key path.
    Set {
        /// Where the value stands.
        path: KeyPath,
        /// What it becomes.
        value: Value,
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
    /// `multi`: several edits one after the other, all or none.
    Several(Vec<Operation>),
}

impl Operation {
    /// Reads an operation from its JSON form, an object with the key `op`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if the operation or one of its keys is not known, or a value does not fit.
    pub fn from_json(json: &Json) -> Result<Self> {
        let mut fields = Fields::of(json)?;
        let operation = match fields.required("op", Json::as_str)? {
            "set" => Self::Set {
                path: fields.taken("path").map_or_else(|| Err(missing("path")), path)?,
                value: fields.taken("value").map_or_else(|| Err(missing("value")), value)?,
                options: fields.options()?,
            },
            "set-image" => {
                let place = match fields.text("scope")? {
                    None => Place::Known,
                    Some("anywhere") => Place::Anywhere,
                    Some(other) => return Err(invalid(format!("`scope` is `{other}`, and only `anywhere` is known"))),
                };
                let name = Some(fields.required("image", Json::as_str)?.parse()?);
                Self::SetImage {
                    selector: ImageSelector { name, path: None, place },
                    version: fields.version("tag")?,
                    options: fields.options()?,
                }
            }
            "kustomize-set-image" => {
                let name = Some(fields.required("name", Json::as_str)?.parse()?);
                let selector = ImageSelector { name, path: None, place: Place::Kustomization };
                Self::SetImage { selector, version: fields.version("newTag")?, options: fields.options()? }
            }
            "helm-set-image" => {
                let name = fields.text("repository")?.map(str::parse).transpose()?;
                let path = fields.taken("path").map(path).transpose()?;
                if name.is_none() && path.is_none() {
                    return Err(missing("repository"));
                }
                let selector = ImageSelector { name, path, place: Place::HelmValues };
                Self::SetImage { selector, version: fields.version("tag")?, options: fields.options()? }
            }
            "multi" => {
                let operations = fields.required("ops", Json::as_array)?;
                Self::Several(operations.iter().map(Self::from_json).collect::<Result<_>>()?)
            }
            other => {
                let error = invalid(format!("the operation `{other}` is not known"));
                let known = ["set", "set-image", "kustomize-set-image", "helm-set-image", "multi"];
                return Err(match nearest::list(other, known) {
                    Some(known) => error.hint(format!("operations are {known}")),
                    None => error,
                });
            }
        };
        fields.finish()?;
        Ok(operation)
    }

    /// Makes the edit.
    ///
    /// # Errors
    /// Those of [`Format::set`] and [`Format::set_image`].
    pub fn apply(&self, format: Format, source: &str) -> Result<Edited> {
        match self {
            Self::Set { path, value, options } => format.set(source, path, value, options),
            Self::SetImage { selector, version, options } => format.set_image(source, selector, version, options),
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

/// The keys of an operation, each taken once.
struct Fields<'j> {
    object: &'j Map<String, Json>,
    taken: Vec<&'static str>,
}

impl<'j> Fields<'j> {
    fn of(json: &'j Json) -> Result<Self> {
        let object = json.as_object().ok_or_else(|| invalid("an operation is an object with the key `op`"))?;
        Ok(Self { object, taken: Vec::new() })
    }

    fn taken(&mut self, key: &'static str) -> Option<&'j Json> {
        self.taken.push(key);
        self.object.get(key)
    }

    fn required<T>(&mut self, key: &'static str, read: impl Fn(&'j Json) -> Option<T>) -> Result<T> {
        let value = self.taken(key).ok_or_else(|| missing(key))?;
        read(value).ok_or_else(|| invalid(format!("`{key}` of the operation cannot be `{value}`")))
    }

    fn optional<T>(&mut self, key: &'static str, read: impl Fn(&'j Json) -> Option<T>) -> Result<Option<T>> {
        if self.object.contains_key(key) { self.required(key, read).map(Some) } else { Ok(None) }
    }

    fn text(&mut self, key: &'static str) -> Result<Option<&'j str>> {
        self.optional(key, Json::as_str)
    }

    fn version(&mut self, tag_key: &'static str) -> Result<ImageVersion> {
        let digest = self.text("digest")?;
        Ok(ImageVersion {
            tag: self.text(tag_key)?.map(str::parse).transpose()?,
            digest: digest.filter(|digest| !digest.is_empty()).map(str::parse).transpose()?,
            drop_digest: digest == Some(""),
        })
    }

    fn options(&mut self) -> Result<Options> {
        let index = self.optional("doc", Json::as_u64)?;
        let resource = self.taken("select").map(resource).transpose()?;
        let document = match (index, resource) {
            (Some(_), Some(_)) => return Err(invalid("`doc` and `select` both select a document")),
            (Some(index), None) => Some(DocumentSelector::Index(usize::try_from(index).unwrap_or(usize::MAX))),
            (None, resource) => resource,
        };
        let alias = match self.text("alias")? {
            None => AliasPolicy::Refuse,
            Some("follow") => AliasPolicy::Follow,
            Some(other) => return Err(invalid(format!("`alias` is `{other}`, and only `follow` is known"))),
        };
        let upgrades_only = match self.text("policy")? {
            None => false,
            Some("semver-up") => true,
            Some(other) => return Err(invalid(format!("`policy` is `{other}`, and only `semver-up` is known"))),
        };
        Ok(Options {
            document,
            alias,
            every: self.optional("every", Json::as_bool)?.unwrap_or(false),
            create: self.optional("create", Json::as_bool)?.unwrap_or(false),
            inner: self.taken("inner").map(path).transpose()?,
            expect: self.text("expect")?.map(str::to_owned),
            upgrades_only,
        })
    }

    /// Refuses keys that nobody asked for.
    fn finish(self) -> Result<()> {
        let Some(unknown) = self.object.keys().find(|key| !self.taken.contains(&key.as_str())) else { return Ok(()) };
        let error = invalid(format!("the operation has the unknown key `{unknown}`"));
        Err(match nearest::list(unknown, self.taken) {
            Some(known) => error.hint(format!("it can have {known}")),
            None => error,
        })
    }
}

fn resource(json: &Json) -> Result<DocumentSelector> {
    let mut fields = Fields::of(json)?;
    let [kind, name] = [fields.text("kind")?, fields.text("name")?].map(|text| text.map(str::to_owned));
    fields.finish()?;
    if kind.is_none() && name.is_none() {
        return Err(invalid("`select` has neither `kind` nor `name`"));
    }
    Ok(DocumentSelector::Resource { kind, name })
}

/// A path is text, or a list of keys, indexes and selectors such as `{"name": "web"}`.
fn path(json: &Json) -> Result<KeyPath> {
    let segment = |json: &Json| match json {
        Json::String(key) => Some(Segment::Key(key.clone())),
        Json::Number(index) => Some(Segment::Index(usize::try_from(index.as_u64()?).ok()?)),
        Json::Object(selector) if selector.len() == 1 => {
            let (key, value) = selector.iter().next()?;
            Some(Segment::Item { key: key.clone(), value: value.as_str()?.to_owned() })
        }
        _ => None,
    };
    match json {
        Json::String(text) => text.parse(),
        Json::Array(segments) => match segments.iter().map(segment).collect() {
            Some(segments) => KeyPath::new(segments),
            None => Err(invalid(format!("`{json}` is no path: its steps are keys, indexes and selectors"))),
        },
        _ => Err(invalid(format!("`{json}` is no path"))),
    }
}

fn value(json: &Json) -> Result<Value> {
    match json {
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Number(_) | Json::Bool(_) => Ok(Value::Literal(json.to_string())),
        _ => Err(invalid("a value is text, a number or a boolean")),
    }
}

fn missing(key: &str) -> Error {
    invalid(format!("the operation has no `{key}`"))
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
