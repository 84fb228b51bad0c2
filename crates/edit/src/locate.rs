//! From a key path to the one node that it names.

use std::collections::BTreeMap;

use slipway_core::{Error, ErrorKind, Result};

use crate::key_path::{KeyPath, Segment};
use crate::nearest;
use crate::options::{AliasPolicy, DocumentSelector, Options, Resource};
use crate::tree::{Kind, NodeId, Tree};

/// What a path leads to.
#[derive(Debug, Default)]
pub(crate) struct Located {
    /// The nodes at the end of the path, none of them an alias, in the order of the file.
    pub(crate) nodes: Vec<NodeId>,
    /// Where the path could not be followed to its end.
    pub(crate) missing: Vec<Missing>,
}

/// The end of a path that leads nowhere.
#[derive(Debug)]
pub(crate) struct Missing {
    /// The last node that could be reached,
    pub(crate) last: NodeId,
    /// by this many segments.
    pub(crate) segments: usize,
    pub(crate) error: Error,
}

impl Located {
    /// Where the rest of a path that leads to nothing is to be written: below which node, and which segments.
    ///
    /// # Errors
    /// [`ErrorKind::PathNotFound`] if nothing may be written, or there are several such places.
    pub(crate) fn place_for<'p>(self, path: &'p KeyPath, options: &Options) -> Result<(NodeId, &'p [Segment])> {
        match self.missing[..] {
            [Missing { last, segments, .. }] if options.create => Ok((last, &path.segments()[segments..])),
            _ => Err(self.not_found(path)),
        }
    }

    /// Why nothing stands at the path.
    pub(crate) fn not_found(self, path: &KeyPath) -> Error {
        // The place that was followed furthest is most likely the one that was meant; of equals, the first.
        let nearest = self.missing.into_iter().rev().max_by_key(|missing| missing.segments);
        nearest.map(|missing| missing.error).unwrap_or_else(|| {
            Error::new(ErrorKind::PathNotFound, format!("nothing stands at `{path}`: the file is empty"))
        })
    }
}

/// Why a path that fits several nodes names none of them.
pub(crate) fn ambiguous(tree: &Tree<'_>, nodes: &[NodeId], path: &KeyPath) -> Error {
    let lines: Vec<_> = nodes.iter().map(|&node| tree.nodes[node].line.to_string()).collect();
    let (count, lines) = (lines.len(), lines.join(", "));
    if tree.repetitions.is_some() {
        let message = format!("`{path}` stands in {count} places of the file, at lines {lines}");
        let known: Vec<_> = nodes.iter().take(2).map(|&node| format!("`{}`", tree.path_of(node))).collect();
        return Error::new(ErrorKind::AmbiguousMatch, message)
            .hint(format!("select one, as in {}", known.join(" or ")));
    }
    let message = format!("`{path}` stands in {count} documents of the file, at lines {lines}");
    Error::new(ErrorKind::AmbiguousDocument, message)
        .hint("select one document by its position, or by its kind and name")
}

/// The documents that the options select.
///
/// # Errors
/// [`ErrorKind::PathNotFound`] if there is none.
pub(crate) fn documents(tree: &Tree<'_>, options: &Options) -> Result<Vec<NodeId>> {
    let Some(selector) = &options.document else { return Ok(tree.documents.clone()) };
    let all = &tree.documents;
    let selected: Vec<_> = match selector {
        DocumentSelector::Index(index) => all.get(*index).copied().into_iter().collect(),
        DocumentSelector::Resource(resource) => {
            all.iter().copied().filter(|&document| is_resource(tree, document, resource)).collect()
        }
    };
    if !selected.is_empty() {
        return Ok(selected);
    }
    let known: Vec<_> =
        all.iter().enumerate().map(|(index, &document)| format!("{index}: {}", title(tree, document))).collect();
    Err(Error::new(ErrorKind::PathNotFound, format!("the file has no document {selector}"))
        .hint(format!("its documents are {}", known.join(", "))))
}

fn is_resource(tree: &Tree<'_>, document: NodeId, wanted: &Resource) -> bool {
    let root = document + 1;
    let metadata = || tree.values_of(root, "metadata").next();
    let own = |key, wanted: &Option<String>| wanted.is_none() || tree.text_of(root, key) == wanted.as_deref();
    let named = |key, wanted: &Option<String>| {
        wanted.is_none() || metadata().and_then(|metadata| tree.text_of(metadata, key)) == wanted.as_deref()
    };
    root < tree.nodes[document].end
        && own("apiVersion", &wanted.api_version)
        && own("kind", &wanted.kind)
        && named("name", &wanted.name)
        && named("namespace", &wanted.namespace)
}

fn title(tree: &Tree<'_>, document: NodeId) -> String {
    let root = document + 1;
    if root >= tree.nodes[document].end {
        return "empty".to_owned();
    }
    let name = tree.values_of(root, "metadata").next().and_then(|metadata| tree.text_of(metadata, "name"));
    match (tree.text_of(root, "kind"), name) {
        (Some(kind), Some(name)) => format!("{kind} `{name}`"),
        (Some(kind), None) => kind.to_owned(),
        _ => tree.noun(root).to_owned(),
    }
}

/// Follows a path from the root of each document.
///
/// # Errors
/// [`ErrorKind::DuplicateKey`] or [`ErrorKind::AmbiguousMatch`] if a step leads to two nodes,
/// [`ErrorKind::SharedValue`] if it leads through an alias or a merge key that the options do not allow to follow.
pub(crate) fn locate(tree: &Tree<'_>, documents: &[NodeId], path: &KeyPath, options: &Options) -> Result<Located> {
    follow_all(&Steps { tree, path, options, is_place_wanted: false }, documents)
}

/// Follows a path to the place of a value, whether that is an alias or not.
///
/// # Errors
/// Those of [`locate`].
pub(crate) fn locate_place(
    tree: &Tree<'_>,
    documents: &[NodeId],
    path: &KeyPath,
    options: &Options,
) -> Result<Located> {
    follow_all(&Steps { tree, path, options, is_place_wanted: true }, documents)
}

fn follow_all(steps: &Steps<'_, '_>, documents: &[NodeId]) -> Result<Located> {
    let tree = steps.tree;
    let mut located = Located::default();
    for &document in documents {
        if document + 1 < tree.nodes[document].end {
            steps.follow(document + 1, 0, &mut located)?;
        } else {
            let error = steps.not_found("the document is empty");
            located.missing.push(Missing { last: document, segments: 0, error });
        }
    }
    Ok(located)
}

struct Steps<'a, 's> {
    tree: &'a Tree<'s>,
    path: &'a KeyPath,
    options: &'a Options,
    /// Whether an alias at the end of the path is what is looked for.
    is_place_wanted: bool,
}

impl Steps<'_, '_> {
    /// Takes the step behind those that are `done`, and all that follow.
    fn follow(&self, at: NodeId, done: usize, located: &mut Located) -> Result<()> {
        let segment = self.path.segments().get(done);
        let at = if segment.is_none() && self.is_place_wanted { at } else { self.resolve_alias(at, done)? };
        let Some(segment) = segment else {
            located.nodes.push(at);
            return Ok(());
        };
        let next = match segment {
            Segment::Key(key) if self.tree.repetitions.is_some() => return self.repeated(at, key, done, located),
            Segment::Key(key) => self.key(at, key, done)?,
            Segment::Index(index) => self.tree.items(at).nth(*index),
            Segment::Item { keys, value } => self.item(self.tree.items(at), keys, value, done)?,
        };
        match next {
            Some(next) => self.follow(next, done + 1, located),
            None => {
                located.missing.push(Missing { last: at, segments: done, error: self.missing(at, segment, done) });
                Ok(())
            }
        }
    }

    /// A key that may stand several times: brackets behind it choose, and without them every one is followed.
    fn repeated(&self, at: NodeId, key: &str, done: usize, located: &mut Located) -> Result<()> {
        let values: Vec<NodeId> = self.tree.values_of(at, key).collect();
        let missing = |segments: usize, error| Missing { last: at, segments, error };
        let chosen = match self.path.segments().get(done + 1) {
            _ if values.is_empty() => {
                let error = self.missing(at, &self.path.segments()[done], done);
                located.missing.push(missing(done, error));
                return Ok(());
            }
            // A list that stands once is chosen from itself.
            _ if values.len() == 1 && matches!(self.tree.nodes[values[0]].kind, Kind::Sequence(_)) => {
                return self.follow(values[0], done + 1, located);
            }
            Some(Segment::Index(index)) => values.get(*index).copied(),
            Some(Segment::Item { keys, value }) => self.item(values.iter().copied(), keys, value, done + 1)?,
            _ => return values.into_iter().try_for_each(|value| self.follow(value, done + 1, located)),
        };
        match chosen {
            Some(value) => self.follow(value, done + 2, located),
            None => {
                let error = match &self.path.segments()[done + 1] {
                    Segment::Item { keys, value } => self.no_item(values.iter().copied(), keys, value, at, done + 1),
                    _ => self.not_found(&format!(
                        "{} stands {} times, counted from 0",
                        self.walked(done + 1),
                        values.len()
                    )),
                };
                located.missing.push(missing(done + 1, error));
                Ok(())
            }
        }
    }

    fn key(&self, mapping: NodeId, key: &str, done: usize) -> Result<Option<NodeId>> {
        let mut values = self.tree.values_of(mapping, key);
        match (values.next(), values.next()) {
            (Some(first), Some(second)) => {
                let lines = (self.tree.nodes[first].line, self.tree.nodes[second].line);
                Err(Error::new(
                    ErrorKind::DuplicateKey,
                    format!("{} has the key `{key}` twice, at lines {} and {}", self.walked(done), lines.0, lines.1),
                )
                .hint("readers of the file disagree on which of them counts; remove one"))
            }
            (Some(value), None) => Ok(Some(value)),
            (None, _) => self.merged(mapping, key, done),
        }
    }

    /// A key that a mapping has through `<<`.
    fn merged(&self, mapping: NodeId, key: &str, done: usize) -> Result<Option<NodeId>> {
        for sources in self.tree.values_of(mapping, "<<") {
            for source in std::iter::once(sources).chain(self.tree.items(sources)) {
                let Some(value) = self.tree.values_of(self.tree.behind_alias(source), key).next() else { continue };
                return match (self.options.alias, self.options.create) {
                    (AliasPolicy::Follow, _) => Ok(Some(value)),
                    // A key of its own takes precedence over the merged one.
                    (AliasPolicy::Refuse, true) => Ok(None),
                    (AliasPolicy::Refuse, false) => Err(self.shared(
                        format!(
                            "{} has `{key}` from line {} through a merge key",
                            self.walked(done),
                            self.tree.nodes[value].line
                        ),
                        value,
                    )),
                };
            }
        }
        Ok(None)
    }

    /// The one of these nodes that has the value under the keys.
    fn item(
        &self,
        items: impl Iterator<Item = NodeId>,
        keys: &[String],
        value: &str,
        done: usize,
    ) -> Result<Option<NodeId>> {
        let mut found = None;
        // A list may hold the same alias many times.
        let mut looked_at = BTreeMap::new();
        for item in items {
            let mapping = self.tree.behind_alias(item);
            let fits = || self.tree.has_text_at(mapping, keys, value);
            if !*looked_at.entry(mapping).or_insert_with(fits) {
                continue;
            }
            if let Some(first) = found.replace(item) {
                let lines = (self.tree.nodes[first].line, self.tree.nodes[item].line);
                return Err(Error::new(
                    ErrorKind::AmbiguousMatch,
                    format!(
                        "{} has two items with `{}: {value}`, at lines {} and {}",
                        self.walked(done),
                        keys.join("."),
                        lines.0,
                        lines.1
                    ),
                )
                .hint("select the item by its index, as in `[0]`, or by a key that only it has"));
            }
        }
        Ok(found)
    }

    fn resolve_alias(&self, id: NodeId, done: usize) -> Result<NodeId> {
        let target = self.tree.behind_alias(id);
        match self.options.alias {
            _ if target == id => Ok(id),
            AliasPolicy::Follow => Ok(target),
            AliasPolicy::Refuse => Err(self.shared(
                format!(
                    "{} at line {} is an alias of the value at line {}",
                    self.walked(done),
                    self.tree.nodes[id].line,
                    self.tree.nodes[target].line
                ),
                target,
            )),
        }
    }

    fn shared(&self, message: String, target: NodeId) -> Error {
        Error::new(ErrorKind::SharedValue, message)
            .hint(format!("set `{}` instead; every use of it changes too", self.tree.path_of(target)))
    }

    /// Why a step leads nowhere.
    fn missing(&self, at: NodeId, segment: &Segment, done: usize) -> Error {
        let tree = self.tree;
        match (&tree.nodes[at].kind, segment) {
            (Kind::Mapping(_), Segment::Key(key)) => {
                let known: Vec<&str> = tree.entries(at).filter_map(|(key, _)| tree.text(key)).collect();
                let error = self.not_found(&format!("{} has no key `{key}`", self.place(at, done)));
                match nearest::list(key, known) {
                    Some(known) => error.hint(format!("its keys are {known}")),
                    None => error,
                }
            }
            (Kind::Sequence(_), Segment::Index(_)) => self.not_found(&format!(
                "{} has {} items, counted from 0",
                self.place(at, done),
                tree.items(at).count()
            )),
            (Kind::Sequence(_), Segment::Item { keys, value }) => self.no_item(tree.items(at), keys, value, at, done),
            (Kind::Sequence(_), Segment::Key(_)) => self
                .not_found(&format!("{} is a list", self.place(at, done)))
                .hint("select an item by its index or by one of its keys, as in `[0]` or `[name=web]`"),
            _ => self.not_found(&format!("{} is {}", self.place(at, done), tree.noun(at))),
        }
    }

    /// Why a selector fits none of these nodes.
    fn no_item(
        &self,
        items: impl Iterator<Item = NodeId>,
        keys: &[String],
        value: &str,
        at: NodeId,
        done: usize,
    ) -> Error {
        let known: Vec<&str> = items.filter_map(|item| self.tree.text_at(item, keys)).collect();
        let reason = format!("{} has no item with `{}: {value}`", self.place(at, done), keys.join("."));
        let error = self.not_found(&reason);
        match nearest::list(value, known) {
            Some(known) => error.hint(format!("its items have {known} there")),
            None => error,
        }
    }

    fn not_found(&self, reason: &str) -> Error {
        Error::new(ErrorKind::PathNotFound, format!("nothing stands at `{}`: {reason}", self.path))
    }

    fn place(&self, at: NodeId, done: usize) -> String {
        format!("{} at line {}", self.walked(done), self.tree.nodes[at].line)
    }

    fn walked(&self, done: usize) -> String {
        match done {
            0 => "the document".to_owned(),
            _ => format!("`{}`", KeyPath::from_document(self.path.segments()[..done].to_vec())),
        }
    }
}
