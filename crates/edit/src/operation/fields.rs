//! The keys of an operation in its JSON form.

use serde_json::{Map, Value as Json};
use slipway_core::{Error, ErrorKind, Result};

use crate::addition::Node;
use crate::images::ImageVersion;
use crate::key_path::{KeyPath, Segment};
use crate::nearest;
use crate::options::{AliasPolicy, DocumentSelector, Options, Resource};
use crate::value::Value;

/// The keys of an operation, each taken once.
pub(super) struct Fields<'j> {
    object: &'j Map<String, Json>,
    taken: Vec<&'static str>,
}

impl<'j> Fields<'j> {
    pub(super) fn of(json: &'j Json) -> Result<Self> {
        let object = json.as_object().ok_or_else(|| invalid("an operation is an object with the key `op`"))?;
        Ok(Self { object, taken: Vec::new() })
    }

    pub(super) fn taken(&mut self, key: &'static str) -> Option<&'j Json> {
        self.taken.push(key);
        self.object.get(key)
    }

    pub(super) fn required<T>(&mut self, key: &'static str, read: impl Fn(&'j Json) -> Option<T>) -> Result<T> {
        let value = self.taken(key).ok_or_else(|| missing(key))?;
        read(value).ok_or_else(|| invalid(format!("`{key}` of the operation cannot be `{value}`")))
    }

    pub(super) fn optional<T>(&mut self, key: &'static str, read: impl Fn(&'j Json) -> Option<T>) -> Result<Option<T>> {
        if self.object.contains_key(key) { self.required(key, read).map(Some) } else { Ok(None) }
    }

    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<&'j str>> {
        self.optional(key, Json::as_str)
    }

    pub(super) fn version(&mut self, tag_key: &'static str) -> Result<ImageVersion> {
        let digest = self.text("digest")?;
        Ok(ImageVersion {
            tag: self.text(tag_key)?.map(str::parse).transpose()?,
            digest: digest.filter(|digest| !digest.is_empty()).map(str::parse).transpose()?,
            drop_digest: digest == Some(""),
        })
    }

    /// What every operation can have.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if a value does not fit.
    pub(super) fn options(&mut self) -> Result<Options> {
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
            expect: self.optional("expect", spelling)?,
            upgrades_only,
        })
    }

    /// Refuses keys that nobody asked for.
    pub(super) fn finish(self) -> Result<()> {
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
    let mut text = |key| Ok(fields.text(key)?.map(str::to_owned));
    let resource = Resource {
        api_version: text("apiVersion")?,
        kind: text("kind")?,
        name: text("name")?,
        namespace: text("namespace")?,
    };
    fields.finish()?;
    if resource == Resource::default() {
        return Err(invalid("`select` has none of `kind`, `name`, `namespace` and `apiVersion`"));
    }
    Ok(DocumentSelector::Resource(resource))
}

/// A path is text, or a list of keys, indexes and selectors such as `{"name": "web"}` or `{"destination": {"subset": "web"}}`.
pub(super) fn path(json: &Json) -> Result<KeyPath> {
    let segment = |json: &Json| match json {
        Json::String(key) => Some(Segment::Key(key.clone())),
        Json::Number(index) => Some(Segment::Index(usize::try_from(index.as_u64()?).ok()?)),
        Json::Object(_) => {
            let (mut keys, mut at) = (Vec::new(), json);
            while let Json::Object(selector) = at {
                let (key, below) = selector.iter().next().filter(|_| selector.len() == 1)?;
                keys.push(key.clone());
                at = below;
            }
            Some(Segment::Item { keys, value: at.as_str()?.to_owned() })
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

pub(super) fn value(json: &Json) -> Result<Value> {
    match json {
        Json::String(text) => Ok(Value::Text(text.clone())),
        Json::Number(_) | Json::Bool(_) => Ok(Value::Literal(json.to_string())),
        _ => Err(invalid("a value is text, a number or a boolean")),
    }
}

/// A value, or a mapping or list of them.
pub(super) fn node(json: &Json) -> Result<Node> {
    match json {
        Json::Object(entries) => {
            let entry = |(key, json): (&String, &Json)| Ok((key.clone(), node(json)?));
            Ok(Node::Mapping(entries.iter().map(entry).collect::<Result<_>>()?))
        }
        Json::Array(items) => Ok(Node::List(items.iter().map(node).collect::<Result<_>>()?)),
        _ => Ok(Node::Value(value(json)?)),
    }
}

/// A value as it would be written without quotes.
fn spelling(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Number(_) | Json::Bool(_) => Some(json.to_string()),
        _ => None,
    }
}

pub(super) fn missing(key: &str) -> Error {
    invalid(format!("the operation has no `{key}`"))
}

pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidInput, message)
}
