//! The attributes of one rule, as they are written.

use std::collections::BTreeMap;

use slipway_core::{Error, ErrorKind, Result};

use crate::fields::split;
use crate::template::{Template, Vocabulary};

/// The attributes of a rule: keys in lower case, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Attributes(BTreeMap<String, String>);

impl Attributes {
    /// Reads a line. A field without `=` is the value; of two with the same key the last one counts.
    pub(super) fn parse(line: &str) -> Result<Self> {
        let mut attributes = Self::default();
        for field in split(line)? {
            match field.split_once('=').filter(|(key, _)| !key.is_empty()) {
                Some((key, value)) => attributes.0.insert(key.trim().to_ascii_lowercase(), value.trim().into()),
                None => attributes.0.insert("value".into(), field.trim().into()),
            };
        }
        Ok(attributes)
    }

    /// The keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The attribute's text, if it was given.
    pub(super) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// The attribute's text, which must have been given.
    pub(super) fn required(&self, key: &str, example: &str) -> Result<&str> {
        self.get(key).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, format!("the attribute `{key}` is missing"))
                .hint(format!("write `{example}`"))
        })
    }

    /// The attribute as a template, if it was given.
    pub(super) fn template(&self, key: &str, vocabulary: &Vocabulary) -> Result<Option<Template>> {
        let parsed = self.get(key).map(|text| Template::parse(text, vocabulary)).transpose();
        parsed.map_err(|error| error.context(format!("attribute `{key}`")))
    }

    /// The attribute as a template, which must have been given.
    pub(super) fn required_template(&self, key: &str, vocabulary: &Vocabulary, example: &str) -> Result<Template> {
        self.required(key, example)?;
        Ok(self.template(key, vocabulary)?.unwrap_or_default())
    }

    /// What stands for the attribute's word; the first of them if it was not given and there is a default.
    pub(super) fn word<T: Copy>(&self, key: &str, words: &[(&str, T)], otherwise: Option<T>) -> Result<T> {
        let refuse = |what: String| {
            let words: Vec<_> = words.iter().map(|(word, _)| format!("`{key}={word}`")).collect();
            Err(Error::new(ErrorKind::InvalidInput, what).hint(format!("write {}", words.join(", "))))
        };
        match (self.get(key), otherwise) {
            (Some(text), _) => match words.iter().find(|(word, _)| *word == text) {
                Some((_, value)) => Ok(*value),
                None => refuse(format!("attribute `{key}`: it cannot be `{text}`")),
            },
            (None, Some(otherwise)) => Ok(otherwise),
            (None, None) => refuse(format!("the attribute `{key}` is missing")),
        }
    }
}

/// The name of a rule, which is one word for the expressions of a workflow.
pub(super) fn id(text: &str) -> Result<String> {
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if starts && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        return Ok(text.into());
    }
    Err(Error::new(ErrorKind::InvalidInput, format!("attribute `id`: `{text}` cannot be the name of a rule"))
        .hint("start with a letter or `_`, and go on with letters, digits, `_` and `-`"))
}
