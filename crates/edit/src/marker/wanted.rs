//! What marked values are set to.

use slipway_core::image::{ImageName, ImageReference};
use slipway_core::{Error, ErrorKind, Result};

use super::Marker;
use super::comment::{Comment, Part};
use crate::images::ImageVersion;
use crate::key_path::KeyPath;

/// What marked values are set to: each takes what its comment asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MarkedValue {
    /// Any value.
    pub value: Option<String>,
    /// The name of an image.
    pub image: Option<ImageName>,
    /// The tag and the digest of an image.
    pub version: ImageVersion,
}

impl MarkedValue {
    /// The value that is given, for comments that do not tell parts of images.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if there is none.
    pub(super) fn text(&self) -> Result<String> {
        let tag = || self.version.tag.as_ref().map(ToString::to_string);
        self.value.clone().or_else(tag).ok_or_else(|| {
            Error::new(ErrorKind::InvalidInput, "no value is given for the marked text").hint("give `value` or `tag`")
        })
    }

    /// What the value in front of a comment becomes; nothing if nothing is given for it.
    ///
    /// # Errors
    /// [`ErrorKind::StaleDigest`] if a digest would stay beside a new tag, [`ErrorKind::InvalidInput`] if the old value
    /// is not what the comment says.
    pub(super) fn for_comment(
        &self,
        comment: &Comment,
        marker: &Marker,
        old: &str,
        path: &KeyPath,
    ) -> Result<Option<String>> {
        let tag = self.version.tag.as_ref().map(ToString::to_string);
        let digest = self.version.digest.as_ref().map(ToString::to_string);
        let stale = || {
            let message = format!("`{path}` is pinned to a digest that the new tag does not have");
            Err(Error::new(ErrorKind::StaleDigest, message)
                .hint("give the digest of the new tag too, or have the digest removed"))
        };
        let is_dropped = self.version.drop_digest;
        match &comment.part {
            Part::Setter(template) => {
                let Some(new) = self.value.clone().or(tag) else { return Ok(None) };
                fill(template, &marker.name, old, &new).map(Some).ok_or_else(|| {
                    let message = format!("`{path}` is `{old}`, which does not fit its comment `{template}`");
                    Error::new(ErrorKind::InvalidInput, message).hint("make both agree by hand first")
                })
            }
            _ if self.value.is_some() => Ok(self.value.clone()),
            Part::Name => Ok(self.image.as_ref().map(ToString::to_string)),
            Part::Digest => match digest {
                None if is_dropped => Ok(Some(String::new())),
                None if tag.is_some() && !old.is_empty() => stale(),
                digest => Ok(digest),
            },
            Part::Tag => {
                let (old_tag, pinned) = old.split_once('@').map_or((old, None), |(tag, digest)| (tag, Some(digest)));
                Ok(match (tag, digest, pinned) {
                    (Some(tag), Some(digest), Some(_)) => Some(format!("{tag}@{digest}")),
                    (None, Some(digest), Some(_)) => Some(format!("{old_tag}@{digest}")),
                    (Some(tag), None, Some(_)) if !is_dropped && tag != old_tag => return stale(),
                    (Some(_), None, Some(_)) if !is_dropped => Some(old.to_owned()),
                    (tag, _, _) => tag,
                })
            }
            Part::Whole => {
                if tag.is_none() && digest.is_none() && self.image.is_none() && !is_dropped {
                    return Ok(None);
                }
                let reference: Option<ImageReference> = old.parse().ok();
                let Some(name) = self.image.clone().or_else(|| reference.as_ref().map(|old| old.name.clone())) else {
                    let message = format!("`{path}` is `{old}`, which is no image");
                    return Err(Error::new(ErrorKind::InvalidInput, message).hint("give `image` too, or `value`"));
                };
                let (old_tag, old_digest) = reference.map_or((None, None), |old| (old.tag, old.digest));
                let old_tag = old_tag.map(|tag| tag.to_string());
                let old_digest = old_digest.map(|digest| digest.to_string());
                let is_new = tag.as_ref().is_some_and(|tag| Some(tag) != old_tag.as_ref());
                if is_new && digest.is_none() && old_digest.is_some() && !is_dropped {
                    return stale();
                }
                let digest = digest.or(old_digest.filter(|_| !is_dropped));
                let part =
                    |mark: &str, text: Option<String>| text.map(|text| format!("{mark}{text}")).unwrap_or_default();
                Ok(Some(format!("{name}{}{}", part(":", tag.or(old_tag)), part("@", digest))))
            }
        }
    }
}

/// The old value with what a template's name stands for replaced.
fn fill(template: &str, name: &str, old: &str, new: &str) -> Option<String> {
    let mut filled = String::new();
    let (mut template, mut old) = (template, old);
    while let Some((literal, rest)) = template.split_once("${") {
        let (setter, rest) = rest.split_once('}')?;
        old = old.strip_prefix(literal)?;
        filled.push_str(literal);
        let following = rest.split("${").next().unwrap_or_default();
        let end = if following.is_empty() { old.len() } else { old.rfind(following)? };
        filled.push_str(if setter == name { new } else { &old[..end] });
        old = &old[end..];
        template = rest;
    }
    (old == template).then(|| filled + template)
}
