//! Reading values without editing them.

use std::collections::BTreeSet;

use slipway_core::{Error, ErrorKind, Result};

use crate::format::Format;
use crate::key_path::KeyPath;
use crate::locate::{Located, ambiguous, documents, locate};
use crate::options::{AliasPolicy, Options};
use crate::size;
use crate::tree::{Kind, NodeId, Tree};
use crate::value::Value;

/// A file that was read, to be asked for its values.
#[derive(Debug)]
pub struct Content<'s> {
    pub(crate) format: Format,
    pub(crate) tree: Tree<'s>,
}

impl Format {
    /// Reads a file.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidYaml`] or [`ErrorKind::InvalidFile`] if the file does not parse.
    pub fn read<'s>(&self, source: &'s str) -> Result<Content<'s>> {
        size::check(source)?;
        Ok(Content { format: *self, tree: self.syntax.parse(source)? })
    }

    /// The decoded value at a path, none if nothing stands there. See [`Content::value`].
    ///
    /// # Errors
    /// Those of [`Format::read`] and [`Content::value`].
    pub fn value(&self, source: &str, path: &KeyPath, options: &Options) -> Result<Option<String>> {
        self.read(source)?.value(path, options)
    }
}

/// Of the options only the selected document counts; aliases and merge keys are followed.
impl Content<'_> {
    /// The decoded value at a path, none if nothing stands there. What a number, a boolean or null reads like is
    /// returned as written.
    ///
    /// # Errors
    /// [`ErrorKind::AmbiguousMatch`], [`ErrorKind::AmbiguousDocument`] or [`ErrorKind::DuplicateKey`] if the path fits
    /// more than one value, [`ErrorKind::PathNotFound`] if it is not a single value or the selected document does not
    /// exist.
    pub fn value(&self, path: &KeyPath, options: &Options) -> Result<Option<String>> {
        let node = self.node(path, options)?;
        node.map(|node| self.format.scalar(&self.tree, node, path).map(str::to_owned)).transpose()
    }

    /// The value at a path as [`Format::set`] takes it, with its type.
    ///
    /// # Errors
    /// Those of [`Content::value`], and [`ErrorKind::PathNotFound`] if nothing stands there.
    pub fn typed_value(&self, path: &KeyPath, options: &Options) -> Result<Value> {
        let located = self.located(path, options)?;
        match located.nodes[..] {
            [] => Err(located.not_found(path)),
            [node] => {
                let text = self.format.scalar(&self.tree, node, path)?.to_owned();
                let is_text = self.format.syntax.is_text(&self.tree, node);
                Ok(if is_text { Value::Text(text) } else { Value::Literal(text) })
            }
            _ => Err(ambiguous(&self.tree, &located.nodes, path)),
        }
    }

    /// The line that the value at a path begins in, counted from 1, none if nothing stands there.
    ///
    /// # Errors
    /// Those of [`Content::value`].
    pub fn line(&self, path: &KeyPath, options: &Options) -> Result<Option<usize>> {
        Ok(self.node(path, options)?.map(|node| self.tree.nodes[node].line))
    }

    /// Whether readers take the value at a path for text, and not for a number, a boolean or a collection.
    ///
    /// # Errors
    /// Those of [`Content::value`].
    pub fn is_text(&self, path: &KeyPath, options: &Options) -> Result<bool> {
        let node = self.node(path, options)?;
        Ok(node.is_some_and(|node| self.tree.text(node).is_some() && self.format.syntax.is_text(&self.tree, node)))
    }

    /// The keys of a mapping, or without a path of the whole document, in their order; none if nothing stands there.
    ///
    /// # Errors
    /// Those of [`Content::value`], with a mapping in the place of a single value.
    pub fn keys(&self, path: Option<&KeyPath>, options: &Options) -> Result<Option<Vec<String>>> {
        let node = match path {
            Some(path) => self.node(path, options)?,
            None => self.root(options)?,
        };
        let Some(node) = node else { return Ok(None) };
        if !matches!(self.tree.nodes[node].kind, Kind::Mapping(_)) {
            return Err(self.other(path, node, "a mapping"));
        }
        let mut keys: Vec<String> = Vec::new();
        let mut seen = BTreeSet::new();
        for key in self.tree.entries(node).filter_map(|(key, _)| self.tree.text(key)) {
            if seen.insert(key) {
                keys.push(key.to_owned());
            }
        }
        Ok(Some(keys))
    }

    /// The decoded values of a list, or of a key that may stand several times; none if nothing stands there.
    ///
    /// # Errors
    /// Those of [`Content::value`], with a list of single values in the place of one.
    pub fn values(&self, path: &KeyPath, options: &Options) -> Result<Option<Vec<String>>> {
        let items = self.items(path, options)?;
        let text = |item: NodeId| {
            let text = self.tree.text(self.tree.behind_alias(item));
            text.map(str::to_owned).ok_or_else(|| self.other(Some(path), item, "a list of single values"))
        };
        items.map(|items| items.into_iter().map(text).collect()).transpose()
    }

    /// The number of items of a list, or of the places where a key stands that may stand several times; none if
    /// nothing stands there.
    ///
    /// # Errors
    /// Those of [`Content::value`], with a list in the place of a single value.
    pub fn len(&self, path: &KeyPath, options: &Options) -> Result<Option<usize>> {
        Ok(self.items(path, options)?.map(|items| items.len()))
    }

    fn items(&self, path: &KeyPath, options: &Options) -> Result<Option<Vec<NodeId>>> {
        if self.tree.repetitions.is_some() {
            let nodes = self.located(path, options)?.nodes;
            return Ok((!nodes.is_empty()).then_some(nodes));
        }
        let Some(node) = self.node(path, options)? else { return Ok(None) };
        match self.tree.nodes[node].kind {
            Kind::Sequence(_) => Ok(Some(self.tree.items(node).collect())),
            _ => Err(self.other(Some(path), node, "a list")),
        }
    }

    fn root(&self, options: &Options) -> Result<Option<NodeId>> {
        let is_filled = |&document: &NodeId| document + 1 < self.tree.nodes[document].end;
        let filled: Vec<NodeId> = documents(&self.tree, options)?.into_iter().filter(is_filled).collect();
        match filled[..] {
            [] => Ok(None),
            [document] => Ok(Some(document + 1)),
            _ => Err(Error::new(ErrorKind::AmbiguousDocument, format!("the file has {} documents", filled.len()))
                .hint("select one document by its position, or by its kind and name")),
        }
    }

    fn located(&self, path: &KeyPath, options: &Options) -> Result<Located> {
        let following = Options { alias: AliasPolicy::Follow, ..options.clone() };
        let path = self.format.syntax.path(path);
        locate(&self.tree, &documents(&self.tree, options)?, &path, &following)
    }

    fn node(&self, path: &KeyPath, options: &Options) -> Result<Option<NodeId>> {
        let nodes = self.located(path, options)?.nodes;
        match nodes[..] {
            [] => Ok(None),
            [node] => Ok(Some(node)),
            _ => Err(ambiguous(&self.tree, &nodes, path)),
        }
    }

    fn other(&self, path: Option<&KeyPath>, node: NodeId, wanted: &str) -> Error {
        let subject = path.map_or_else(|| "the document".to_owned(), |path| format!("`{path}`"));
        let (line, noun) = (self.tree.nodes[node].line, self.tree.noun(node));
        Error::new(ErrorKind::PathNotFound, format!("{subject} at line {line} is {noun}, not {wanted}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> KeyPath {
        text.parse().expect(text)
    }

    #[test]
    fn values_lists_and_keys_are_read() {
        let source = "a: &a {b: 'it''s', c: 1.10}\nl: [x, \"y\", 3]\nd: *a\ne:\nm: [{n: 1}, {n: 2}]\n";
        let content = Format::YAML.read(source).expect("parses");
        let options = Options::default();
        for (at, value) in
            [("a.b", "it's"), ("a.c", "1.10"), ("d.b", "it's"), ("l[1]", "y"), ("e", ""), ("m[1].n", "2")]
        {
            assert_eq!(content.value(&path(at), &options).expect(at).as_deref(), Some(value), "{at}");
        }
        for at in ["x", "a.x", "l[3]", "e.x", "m[n=3].n"] {
            assert_eq!(content.value(&path(at), &options).expect(at), None, "{at}");
        }
        let keys = |at: Option<&str>| content.keys(at.map(path).as_ref(), &options);
        assert_eq!(keys(None).expect("a mapping").expect("there"), ["a", "l", "d", "e", "m"]);
        assert_eq!(keys(Some("d")).expect("a mapping").expect("there"), ["b", "c"]);
        assert_eq!(keys(Some("x")).expect("nothing"), None);
        assert_eq!(content.values(&path("l"), &options).expect("a list").expect("there"), ["x", "y", "3"]);
        assert_eq!(content.len(&path("m"), &options).expect("a list"), Some(2));
        for error in [
            content.value(&path("a"), &options).expect_err("a mapping"),
            content.values(&path("m"), &options).expect_err("mappings"),
            content.values(&path("a.b"), &options).expect_err("a value"),
            keys(Some("l")).expect_err("a list"),
        ] {
            assert_eq!(error.kind(), ErrorKind::PathNotFound, "{error}");
        }
    }

    #[test]
    fn a_value_is_read_with_its_type() {
        let content = Format::YAML.read("a: &a v1\nb: 1.10\nc: '1.10'\nd: *a\n").expect("parses");
        for (at, value) in [
            ("a", Value::Text("v1".into())),
            ("b", Value::Literal("1.10".into())),
            ("c", Value::Text("1.10".into())),
            ("d", Value::Text("v1".into())),
        ] {
            assert_eq!(content.typed_value(&path(at), &Options::default()).expect(at), value, "{at}");
        }
        let missing = content.typed_value(&path("e"), &Options::default()).expect_err("nothing");
        assert_eq!(missing.hint_text(), Some("its keys are `a`, `b`, `c`, `d`"));
    }

    #[test]
    fn what_is_not_one_value_is_refused() {
        let options = Options::default();
        let documents = Format::YAML.read("a: 1\n---\na: 2\n").expect("parses");
        assert_eq!(documents.value(&path("a"), &options).expect_err("two").kind(), ErrorKind::AmbiguousDocument);
        assert_eq!(documents.keys(None, &options).expect_err("two").kind(), ErrorKind::AmbiguousDocument);
        assert_eq!(
            Format::YAML.value("a: 1\na: 2\n", &path("a"), &options).expect_err("twice").kind(),
            ErrorKind::DuplicateKey
        );
        assert_eq!(Format::YAML.value("", &path("a"), &options).expect("empty"), None);
        assert_eq!(Format::YAML.value("[", &path("a"), &options).expect_err("broken").kind(), ErrorKind::InvalidYaml);
    }
}
