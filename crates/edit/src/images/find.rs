//! The occurrences of images in a tree.

use std::collections::BTreeMap;

use slipway_core::image::ImageName;
use slipway_core::order;

use super::{Place, argocd, helm_values, kustomization, named, prefixed, reference};
use crate::tree::{Kind, NodeId, Tree};

/// One place that decides which image is deployed.
#[derive(Debug)]
pub(super) struct Found {
    /// What is reported: the scalar with the reference, or the mapping with its parts.
    pub(super) node: NodeId,
    /// What the place answers to; the image that is deployed comes first.
    pub(super) names: Vec<ImageName>,
    pub(super) slots: Slots,
}

/// Where the tag and the digest of an image stand.
#[derive(Debug)]
pub(super) enum Slots {
    /// In one scalar: `before`, the tag behind `:`, the digest behind `@`.
    Whole {
        scalar: Slot,
        /// The part of the scalar that stays: the name as written.
        before: String,
        tag: Option<String>,
        digest: Option<String>,
        /// The digest's key beside the scalar, which then holds none itself.
        digest_key: Option<Slot>,
    },
    /// Under keys of one mapping.
    Keys {
        mapping: NodeId,
        tag: Result<Slot, &'static str>,
        digest: Result<Slot, &'static str>,
        /// Whether the tag may hold the digest too, where there is no key for it.
        digest_goes_with_tag: bool,
        /// Whether the digest is written without `sha256:`, as charts with a key `sha` want it.
        digest_is_bare: bool,
    },
}

/// A value that belongs to a mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot {
    /// The scalar itself, which is no alias.
    pub(super) node: NodeId,
    /// Whether it stands elsewhere, and gets here through an alias or a merge key.
    pub(super) inherited: bool,
    /// A second value under the same key.
    pub(super) duplicate: Option<NodeId>,
}

impl Slot {
    /// A value that stands where it belongs.
    pub(super) fn own(node: NodeId) -> Self {
        Self { node, inherited: false, duplicate: None }
    }
}

impl Found {
    /// Whether the image is the wanted one, if one is wanted.
    pub(super) fn has_name(&self, wanted: Option<&ImageName>) -> bool {
        wanted.is_none_or(|wanted| self.names.iter().any(|name| name.is_same(wanted)))
    }

    /// The tag and the digest that are there, if they are not empty.
    pub(super) fn current(&self, tree: &Tree<'_>) -> (Option<String>, Option<String>) {
        match &self.slots {
            Slots::Whole { tag, digest, digest_key, .. } => {
                let beside = || digest_key.and_then(|slot| given(tree, slot.node)).map(str::to_owned);
                (tag.clone(), digest.clone().or_else(beside))
            }
            Slots::Keys { tag, digest, digest_is_bare, .. } => {
                let text =
                    |slot: &Result<Slot, _>| slot.ok().and_then(|slot| given(tree, slot.node)).unwrap_or_default();
                let (tag, behind_tag) = text(tag).split_once('@').unwrap_or((text(tag), ""));
                let digest = if text(digest).is_empty() { behind_tag } else { text(digest) };
                let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
                let is_bare = *digest_is_bare && !digest.contains(':');
                (some(tag), some(digest).map(|digest| if is_bare { format!("{BARE}{digest}") } else { digest }))
            }
        }
    }

    /// The values that an edit of this image may touch.
    pub(super) fn slots(&self) -> impl Iterator<Item = Slot> {
        match &self.slots {
            Slots::Whole { scalar, digest_key, .. } => [Some(*scalar), *digest_key],
            Slots::Keys { tag, digest, .. } => [tag.ok(), digest.ok()],
        }
        .into_iter()
        .flatten()
    }
}

/// Every occurrence in these documents, in the order of the file.
pub(super) fn all(tree: &Tree<'_>, documents: &[NodeId], place: Place) -> Vec<Found> {
    let parts = Parts::of(tree);
    let rules: &[Rule] = match place {
        Place::Known | Place::Anywhere => RULES,
        Place::Kustomization => &[kustomization::find],
        Place::HelmValues => &[helm_values::find_by_repository],
    };
    let nodes = || documents.iter().flat_map(|&document| document + 1..tree.nodes[document].end);
    let parts = &parts;
    let mut found: Vec<Found> =
        nodes().flat_map(|node| rules.iter().filter_map(move |rule| rule(parts, node))).collect();
    if place == Place::Anywhere {
        let known = order::set(found.iter().flat_map(Found::slots).map(|slot| slot.node));
        found.extend(
            nodes()
                .filter(|node| !known.contains(node) && !tree.is_key(*node))
                .filter_map(|node| reference::complete(Slot::own(node), tree)),
        );
        order::sort_by_key(&mut found, |found| found.node);
    }
    found
}

/// Looks at one node and says which image is named there.
type Rule = fn(&Parts<'_, '_>, NodeId) -> Option<Found>;

/// Every rule, one module each.
const RULES: &[Rule] = &[
    reference::find,
    kustomization::find,
    helm_values::find,
    argocd::find_in_list,
    argocd::find_in_parameters,
    prefixed::find,
    named::find,
];

/// What a digest without its algorithm lacks.
pub(super) const BARE: &str = "sha256:";

/// The ends, in lower case, of the keys that the rules ask for.
const KEYS: &[&str] = &["image", "registry", "repository", "name", "tag", "digest", "sha", "value", "<<"];

/// The values under [`KEYS`] of every mapping, so that asking for one takes no time however large the mapping is.
pub(super) struct Parts<'t, 's> {
    pub(super) tree: &'t Tree<'s>,
    values: BTreeMap<(NodeId, &'t str), (NodeId, Option<NodeId>)>,
    /// The first item of every list with this `name`.
    names: BTreeMap<(NodeId, &'t str), NodeId>,
}

impl<'t, 's> Parts<'t, 's> {
    fn of(tree: &'t Tree<'s>) -> Self {
        let mut values = BTreeMap::new();
        for mapping in 0..tree.nodes.len() {
            for (key, value) in tree.entries(mapping) {
                if let Some(key) = tree.text(key).filter(|key| KEYS.iter().any(|end| ends_with(key, end))) {
                    values
                        .entry((mapping, key))
                        .and_modify(|(_, second)| *second = Some(value))
                        .or_insert((value, None));
                }
            }
        }
        let mut names = BTreeMap::new();
        for (&(item, _), &(name, _)) in values.iter().filter(|((_, key), _)| *key == "name") {
            if let Some(name) = tree.text(name) {
                names.entry((tree.nodes[item].parent, name)).or_insert(item);
            }
        }
        Self { tree, values, names }
    }

    /// The first item of a list with this `name`.
    pub(super) fn item_named(&self, list: NodeId, name: &str) -> Option<NodeId> {
        self.names.get(&(list, name)).copied()
    }

    /// The value under a key of a mapping, also if an alias or a merge key brings it in.
    pub(super) fn slot(&self, mapping: NodeId, key: &str) -> Option<Slot> {
        if let Some(&(value, duplicate)) = self.values.get(&(mapping, key)) {
            let node = self.tree.behind_alias(value);
            return Some(Slot { node, inherited: node != value, duplicate });
        }
        let &(sources, _) = self.values.get(&(mapping, "<<"))?;
        let mut merged = std::iter::once(sources).chain(self.tree.items(sources));
        let value = merged.find_map(|source| self.values.get(&(self.tree.behind_alias(source), key)))?.0;
        Some(Slot { node: self.tree.behind_alias(value), inherited: true, duplicate: None })
    }

    /// The text under a key of a mapping, if there is any.
    pub(super) fn text(&self, mapping: NodeId, key: &str) -> Option<&'t str> {
        self.slot(mapping, key).and_then(|slot| given(self.tree, slot.node))
    }

    /// The key under which the node or the list around it stands.
    pub(super) fn role(&self, node: NodeId) -> Option<&'t str> {
        let parent = self.tree.nodes[node].parent;
        let is_item = matches!(self.tree.nodes[parent].kind, Kind::Sequence(_));
        self.tree.key_of(if is_item { parent } else { node })
    }

    /// Whether the mapping has the key itself.
    pub(super) fn is_own(&self, mapping: NodeId, key: &str) -> bool {
        self.values.contains_key(&(mapping, key))
    }
}

/// The name of an image whose registry may stand apart from its repository.
pub(super) fn image_name(registry: Option<&str>, repository: &str) -> Option<ImageName> {
    match registry {
        Some(registry) => format!("{}/{repository}", registry.trim_end_matches('/')).parse().ok(),
        None => repository.parse().ok(),
    }
}

/// Whether a text ends so, in upper or lower case.
pub(super) fn ends_with(text: &str, end: &str) -> bool {
    let start = text.len().checked_sub(end.len());
    start.and_then(|start| text.get(start..)).is_some_and(|found| found.eq_ignore_ascii_case(end))
}

/// The text of a scalar, unless it is empty or null.
pub(super) fn given<'t>(tree: &'t Tree<'_>, node: NodeId) -> Option<&'t str> {
    tree.text(node).filter(|text| !matches!(*text, "" | "~" | "null"))
}
