//! `mode: promote`: tags on an image that exists, without a build.

mod apply;
pub(crate) mod record;
mod report;
pub(crate) mod undo;

use serde::Serialize;
use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use crate::inputs::Inputs;

pub(super) use apply::apply;
pub(super) use report::report;

/// A tag that is to be given to an image, and what it points to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Found {
    pub image: ImageName,
    pub tag: ImageTag,
    /// What it points to; nothing if there is no such tag.
    pub old: Option<Digest>,
    /// What it is to point to; nothing if an undone promotion made it.
    pub new: Option<Digest>,
    /// The repository that has the image.
    pub source: ImageName,
    /// What it pointed to after the promotion that is undone.
    pub promoted: Option<Digest>,
}

/// What is to be done, and the record of what was: every tag with its old and its new digest.
#[derive(Debug, Serialize)]
pub(crate) struct Promotion {
    pub moves: Vec<Move>,
    /// Tags that an undone promotion made, with what they point to: registries have no common way to remove a tag alone.
    pub left: Vec<String>,
    /// Whether what refers to the image goes along to another repository.
    pub referrers: bool,
    #[serde(skip)]
    pub refusal: Option<Error>,
}

/// One tag, before and after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Move {
    pub image: ImageName,
    pub tag: ImageTag,
    pub action: Action,
    /// What it points to, which is looked at again right before the write.
    pub old: Option<Digest>,
    /// What it is to point to.
    pub new: Digest,
    /// The repository that has the image.
    pub source: ImageName,
}

/// What becomes of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Action {
    /// There is none yet.
    Create,
    /// It points elsewhere.
    Move,
    /// It points there.
    Keep,
}

impl Move {
    pub(crate) fn reference(&self) -> String {
        format!("{}:{}", self.image, self.tag)
    }
}

impl Promotion {
    /// What has to be written.
    pub(crate) fn writes(&self) -> impl Iterator<Item = &Move> {
        self.moves.iter().filter(|one| one.action != Action::Keep)
    }
}

pub(super) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    images: &[&ImageName],
    tags: &[ImageTag],
) -> Result<Vec<Found>> {
    let from = inputs.registry.from.as_ref();
    let names: Vec<&ImageName> = images.iter().copied().chain(from.map(|from| &from.name)).collect();
    let client = inputs.registry.client(context, &names).await?;
    let mut found = Vec::new();
    let mut known: Option<(ImageName, Digest)> = None;
    for image in images {
        let source = from.map_or(*image, |from| &from.name);
        let digest = match &known {
            Some((name, digest)) if name == source => digest.clone(),
            _ => source_digest(&client, inputs, source).await?,
        };
        known = Some((source.clone(), digest.clone()));
        let repository = client.repository(image)?;
        for tag in tags {
            found.push(Found {
                image: (*image).clone(),
                tag: tag.clone(),
                old: repository.digest_like(tag, &digest).await?,
                new: Some(digest.clone()),
                source: source.clone(),
                promoted: None,
            });
        }
    }
    Ok(found)
}

/// The digest of what is promoted, whose bytes are there.
async fn source_digest<H: Host>(
    client: &slipway_registry::Client<H>,
    inputs: &Inputs,
    source: &ImageName,
) -> Result<Digest> {
    let repository = client.repository(source)?;
    let from = inputs.registry.from.as_ref();
    let named = from.and_then(|from| from.digest.as_ref());
    let tag = from.and_then(|from| from.tag.as_ref()).filter(|_| named.is_none());
    let digest = match (named.or(inputs.digest.as_ref()), tag) {
        (wanted, Some(tag)) => {
            let manifest = repository.manifest(tag).await?.ok_or_else(|| {
                Error::new(ErrorKind::NotFound, format!("there is no `{source}:{tag}` to promote"))
                    .hint("check `from`, and that the push to it is done")
            })?;
            let digest = manifest.digest().clone();
            if let Some(wanted) = wanted.filter(|wanted| **wanted != digest) {
                let message = format!("`{source}:{tag}` is `{digest}`, not `{wanted}`");
                return Err(Error::new(ErrorKind::UnexpectedCurrentValue, message)
                    .hint("the tag was moved since; name the image in `from` by its digest"));
            }
            digest
        }
        (Some(wanted), None) => {
            super::manifest(&repository, wanted).await?;
            wanted.clone()
        }
        (None, None) => {
            return Err(Error::new(ErrorKind::InvalidInput, "nothing says which image is promoted")
                .hint("set `from`, such as `ghcr.io/acme/shop@sha256:…`, or `digest`"));
        }
    };
    Ok(digest)
}

pub(super) fn plan(inputs: &Inputs, found: &[Found]) -> Promotion {
    let moves: Vec<Move> = found.iter().filter_map(to_move).collect();
    let taken: Vec<String> = moves
        .iter()
        .filter(|one| one.action == Action::Move && inputs.registry.immutable.contains(&one.tag))
        .map(|one| {
            let old = one.old.as_ref().map_or("nothing", Digest::as_str);
            format!("`{}` is `{old}`, and would become `{}`", one.reference(), one.new)
        })
        .collect();
    let refusal = (!taken.is_empty()).then(|| {
        Error::new(ErrorKind::TagExists, taken.join(", "))
            .hint("release another version, or take the tag out of `immutable-tags`")
    });
    Promotion { moves, left: Vec::new(), referrers: inputs.registry.referrers, refusal }
}

/// What becomes of a tag; nothing where it is not known what it should point to.
fn to_move(found: &Found) -> Option<Move> {
    let new = found.new.clone()?;
    let action = match &found.old {
        None => Action::Create,
        Some(old) if *old == new => Action::Keep,
        Some(_) => Action::Move,
    };
    let Found { image, tag, old, source, .. } = found.clone();
    Some(Move { image, tag, action, old, new, source })
}
