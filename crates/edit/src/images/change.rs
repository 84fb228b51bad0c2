//! Writing the new tag and digest of images that were found.

use std::collections::BTreeMap;

use slipway_core::image::ImageTag;
use slipway_core::{Error, ErrorKind, Result};

use super::ImageVersion;
use super::find::{BARE, Found, Slot, Slots};
use crate::edited::Draft;
use crate::guard;
use crate::key_path::Segment;
use crate::options::{AliasPolicy, Options};
use crate::tree::{NodeId, Tree};
use crate::value::Value;

/// Notes the edits that give `matching` the new version.
///
/// # Errors
/// Those of [`crate::Format::set_image`].
pub(super) fn images(
    tree: &Tree<'_>,
    matching: &[&Found],
    others: &[&Found],
    version: &ImageVersion,
    options: &Options,
    draft: &mut Draft<'_, '_>,
) -> Result<()> {
    let mut edits: BTreeMap<NodeId, String> = BTreeMap::new();
    let mut inherited: BTreeMap<NodeId, (NodeId, String)> = BTreeMap::new();
    let mut inserts = Vec::new();
    for found in matching {
        for edit in Target::of(tree, found, version, options)?.edits(tree, found, options)? {
            match edit {
                Edit::Set(slot, text) if slot.inherited => {
                    inherited.insert(slot.node, (found.node, text));
                }
                Edit::Set(slot, text) => {
                    edits.insert(slot.node, text);
                }
                Edit::Insert(mapping, key, text) => inserts.push((mapping, Segment::Key(key.to_owned()), text)),
            }
        }
    }
    for (node, (user, text)) in inherited {
        if edits.get(&node) == Some(&text) || tree.text(node) == Some(&text) {
            continue;
        }
        if options.alias == AliasPolicy::Refuse {
            return Err(shared(tree, user, node));
        }
        edits.insert(node, text);
    }
    if options.alias == AliasPolicy::Refuse {
        for other in others {
            if let Some(slot) = other.slots().find(|slot| slot.inherited && edits.contains_key(&slot.node)) {
                return Err(shared(tree, other.node, slot.node));
            }
        }
    }
    edits.into_iter().try_for_each(|(node, text)| draft.replace(node, &Value::Text(text)))?;
    // After the replacements: an empty value may stand where the next key is to be written.
    inserts.into_iter().try_for_each(|(mapping, key, text)| draft.insert(mapping, &[key], &Value::Text(text)))
}

fn shared(tree: &Tree<'_>, user: NodeId, value: NodeId) -> Error {
    let (path, lines) = (tree.path_of(user), (tree.nodes[user].line, tree.nodes[value].line));
    let message =
        format!("`{path}` at line {} shares the value at line {} through an alias or a merge key", lines.0, lines.1);
    Error::new(ErrorKind::SharedValue, message)
        .hint(format!("set `{}` instead; every use of it changes too", tree.path_of(value)))
}

enum Edit {
    Set(Slot, String),
    Insert(NodeId, &'static str, String),
}

/// What an occurrence is to become.
struct Target<'v> {
    tag: Option<String>,
    digest: Option<String>,
    version: &'v ImageVersion,
}

impl<'v> Target<'v> {
    fn of(tree: &Tree<'_>, found: &Found, version: &'v ImageVersion, options: &Options) -> Result<Self> {
        let (old_tag, old_digest) = found.current(tree);
        let new_tag = version.tag.as_ref().map(ImageTag::as_str);
        if let (Some(old), Some(new)) = (&old_tag, new_tag) {
            guard::check(options, &tree.path_of(found.node), old, new)?;
        }
        let place = format!("`{}` at line {}", tree.path_of(found.node), tree.nodes[found.node].line);
        version.refuse_stale_digest(old_tag.as_deref(), old_digest.is_some(), &place)?;
        let kept = old_digest.filter(|_| !version.drop_digest);
        let digest = version.digest.as_ref().map(ToString::to_string).or(kept);
        Ok(Self { tag: new_tag.map(str::to_owned).or(old_tag), digest, version })
    }

    fn edits(self, tree: &Tree<'_>, found: &Found, options: &Options) -> Result<Vec<Edit>> {
        for slot in found.slots() {
            if let Some(second) = slot.duplicate {
                let key = tree.path_of(slot.node);
                let lines = (tree.nodes[slot.node].line, tree.nodes[second].line);
                let message = format!("the key of `{key}` is written twice, at lines {} and {}", lines.0, lines.1);
                return Err(Error::new(ErrorKind::DuplicateKey, message).hint("remove one of them"));
            }
        }
        match &found.slots {
            Slots::Whole { scalar, before, digest_key, .. } => {
                let part = |mark: &str, text: &Option<String>| {
                    text.as_ref().map(|text| format!("{mark}{text}")).unwrap_or_default()
                };
                let name = format!("{before}{}", part(":", &self.tag));
                Ok(match digest_key {
                    Some(key) => {
                        vec![Edit::Set(*scalar, name), Edit::Set(*key, self.digest.unwrap_or_default())]
                    }
                    None => vec![Edit::Set(*scalar, name + &part("@", &self.digest))],
                })
            }
            Slots::Keys { mapping, tag, digest, digest_goes_with_tag, digest_is_bare } => {
                let bare = |digest: &String| digest.strip_prefix(BARE).unwrap_or(digest).to_owned();
                let written = if *digest_is_bare { self.digest.as_ref().map(bare) } else { self.digest.clone() };
                let target = Self { digest: written, ..self };
                target.keys(tree, *mapping, *tag, *digest, *digest_goes_with_tag, options)
            }
        }
    }

    fn keys(
        self,
        tree: &Tree<'_>,
        mapping: NodeId,
        tag: std::result::Result<Slot, &'static str>,
        digest: std::result::Result<Slot, &'static str>,
        digest_goes_with_tag: bool,
        options: &Options,
    ) -> Result<Vec<Edit>> {
        let text = |slot: std::result::Result<Slot, _>| {
            slot.ok().and_then(|slot: Slot| tree.text(slot.node)).unwrap_or_default()
        };
        let is_joined = digest.is_err() && (digest_goes_with_tag || text(tag).contains('@'));
        let mut edits = Vec::new();
        let mut tag_text = self.tag.clone();
        match (digest, &self.digest) {
            (Ok(slot), Some(new)) => edits.push(Edit::Set(slot, new.clone())),
            (Ok(slot), None) if self.version.drop_digest => edits.push(Edit::Set(slot, String::new())),
            (Ok(_), None) => {}
            (Err(_), Some(new)) if is_joined => match &mut tag_text {
                Some(tag) => tag.push_str(&format!("@{new}")),
                None if options.create => edits.push(Edit::Insert(mapping, "digest", new.clone())),
                None => return Err(no_key(tree, mapping, "digest")),
            },
            (Err(key), Some(new)) => edits.push(Edit::Insert(mapping, key, new.clone())),
            (Err(_), None) => {}
        }
        match (tag, tag_text) {
            (Ok(slot), Some(new)) => edits.push(Edit::Set(slot, new)),
            (Err(key), Some(new)) if options.create || (!digest_goes_with_tag && self.version.digest.is_some()) => {
                edits.push(Edit::Insert(mapping, key, new));
            }
            // The digest alone decides what runs.
            (Err(_), Some(_)) if self.version.digest.is_some() && !is_joined => {}
            (Err(key), Some(_)) => return Err(no_key(tree, mapping, key)),
            (_, None) => {}
        }
        Ok(edits)
    }
}

fn no_key(tree: &Tree<'_>, mapping: NodeId, key: &str) -> Error {
    let message = format!(
        "`{}` at line {} names the image but has no key `{key}`",
        tree.path_of(mapping),
        tree.nodes[mapping].line
    );
    Error::new(ErrorKind::PathNotFound, message).hint("write the key, or allow to create missing keys")
}
