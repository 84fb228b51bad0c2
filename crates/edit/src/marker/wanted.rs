//! What marked values are set to.

use slipway_core::image::{ImageName, ImageReference, ImageTag};
use slipway_core::{Error, ErrorKind, Result};

use super::Marker;
use super::comment::{Comment, Part};
use crate::images::ImageVersion;

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

    /// What the value in front of a comment becomes; nothing if nothing is given for it. `place` is where it stands.
    ///
    /// # Errors
    /// [`ErrorKind::StaleDigest`] if a digest would stay beside a new tag, [`ErrorKind::InvalidInput`] if the old value
    /// is not what the comment says.
    pub(super) fn for_comment(
        &self,
        comment: &Comment,
        marker: &Marker,
        old: &str,
        place: &str,
    ) -> Result<Option<String>> {
        let version = &self.version;
        let tag = version.tag.as_ref().map(ToString::to_string);
        let digest = version.digest.as_ref().map(ToString::to_string);
        match &comment.part {
            Part::Setter(template) => {
                let Some(new) = self.value.clone().or(tag) else { return Ok(None) };
                fill(template, &marker.name, old, &new).map(Some).ok_or_else(|| {
                    let message = format!("{place} is `{old}`, which does not fit its comment `{template}`");
                    Error::new(ErrorKind::InvalidInput, message).hint("make both agree by hand first")
                })
            }
            _ if self.value.is_some() => Ok(self.value.clone()),
            Part::Name => Ok(self.image.as_ref().map(ToString::to_string)),
            Part::Whole if self.image.is_some() => self.reference(old, place),
            _ if *version == ImageVersion::default() => Ok(None),
            Part::Whole => self.reference(old, place),
            Part::Digest => {
                version.refuse_stale_digest(None, !old.is_empty(), place)?;
                Ok(digest.or_else(|| version.drop_digest.then(String::new)))
            }
            Part::Tag => {
                let Some((old_tag, old_digest)) = old.split_once('@') else { return Ok(tag) };
                version.refuse_stale_digest(Some(old_tag), true, place)?;
                let tag = tag.as_deref().unwrap_or(old_tag);
                let digest = digest.as_deref().or(Some(old_digest).filter(|_| !version.drop_digest));
                Ok(Some(digest.map_or_else(|| tag.to_owned(), |digest| format!("{tag}@{digest}"))))
            }
        }
    }

    /// What a whole reference becomes.
    fn reference(&self, old: &str, place: &str) -> Result<Option<String>> {
        let old_reference: Option<ImageReference> = old.parse().ok();
        let (old_name, old_tag, old_digest) =
            old_reference.map_or((None, None, None), |old| (Some(old.name), old.tag, old.digest));
        let Some(name) = self.image.clone().or(old_name) else {
            let message = format!("{place} is `{old}`, which is no image");
            return Err(Error::new(ErrorKind::InvalidInput, message).hint("give `image` too, or `value`"));
        };
        let version = self.version.clone();
        version.refuse_stale_digest(old_tag.as_ref().map(ImageTag::as_str), old_digest.is_some(), place)?;
        let digest = version.digest.or(old_digest.filter(|_| !version.drop_digest));
        Ok(Some(ImageReference { name, tag: version.tag.or(old_tag), digest }.to_string()))
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
