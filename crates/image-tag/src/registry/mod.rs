//! The modes that ask a registry: `check` before the build, `resolve` after the push, `promote` without a build.

mod check;
mod immutable;
mod inputs;
mod promote;
mod resolve;

use serde::Serialize;
use slipway_core::image::{Digest, ImageName, ImageReference, ImageTag};
use slipway_core::{Context, Error, ErrorKind, Host, Report, Result};
use slipway_registry::{Client, Repository};

use crate::inputs::{Inputs, Mode};

pub(crate) use inputs::{
    FROM, IMMUTABLE_TAGS, INSECURE_REGISTRIES, PASSWORD, REFERRERS, RegistryInputs, UNDO, USERNAME, read,
};

/// What the registry says.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegistryFacts {
    Check(Vec<TagState>),
    Resolve(Vec<TagState>),
    Promote(Vec<promote::Found>),
}

/// A tag of an image, and what it points to.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct TagState {
    pub image: ImageName,
    pub tag: ImageTag,
    /// Nothing if there is no such tag.
    pub digest: Option<Digest>,
    /// The commit that the image names as its source.
    pub revision: Option<String>,
}

impl TagState {
    pub(crate) fn reference(&self) -> String {
        format!("{}:{}", self.image, self.tag)
    }
}

/// What follows from it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegistryPlan {
    Check(check::Check),
    Resolve(resolve::Resolution),
    Promote(promote::Promotion),
}

/// What was done in the registry.
#[derive(Debug, Default, Serialize)]
pub(crate) struct RegistryOutcome {
    /// The tags that were written, in their order.
    pub done: Vec<promote::Move>,
    /// What was copied between repositories.
    pub copied: Vec<slipway_registry::Copied>,
}

/// Asks the registry what the mode needs. `tags` are those that the rules made.
pub(crate) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    sha: &str,
    tags: &[ImageTag],
) -> Result<RegistryFacts> {
    if let Some(record) = &inputs.registry.undo {
        return promote::undo::gather(context, inputs, record).await.map(RegistryFacts::Promote);
    }
    let images: Vec<&ImageName> = inputs.enabled_images().collect();
    if images.is_empty() || tags.is_empty() {
        let (name, what) = if images.is_empty() { ("images", "image") } else { ("tags", "tag") };
        let message = format!("there is no {what} to ask a registry for");
        return Err(Error::new(ErrorKind::InvalidInput, message).hint(format!("see the input `{name}`")));
    }
    match inputs.mode {
        Mode::Check => check::gather(context, inputs, &images, tags, sha).await.map(RegistryFacts::Check),
        Mode::Resolve => resolve::gather(context, inputs, &images, tags).await.map(RegistryFacts::Resolve),
        _ => promote::gather(context, inputs, &images, tags).await.map(RegistryFacts::Promote),
    }
}

/// Decides what follows.
pub(crate) fn plan(inputs: &Inputs, sha: &str, facts: &RegistryFacts) -> RegistryPlan {
    match facts {
        RegistryFacts::Check(states) => RegistryPlan::Check(check::plan(inputs, sha, states)),
        RegistryFacts::Resolve(states) => RegistryPlan::Resolve(resolve::plan(inputs, states)),
        RegistryFacts::Promote(found) if inputs.registry.undo.is_some() => {
            RegistryPlan::Promote(promote::undo::plan(found))
        }
        RegistryFacts::Promote(found) => RegistryPlan::Promote(promote::plan(inputs, found)),
    }
}

/// Carries out what was planned; only `promote` writes.
pub(crate) async fn apply<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    plan: &RegistryPlan,
) -> Result<Option<RegistryOutcome>> {
    match plan {
        RegistryPlan::Promote(promotion) if promotion.refusal.is_none() => {
            promote::apply(context, inputs, promotion).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Adds what the registry said to the report, over what the rules alone give.
pub(crate) fn report(
    report: &mut Report,
    inputs: &Inputs,
    plan: Option<&RegistryPlan>,
    done: Option<&RegistryOutcome>,
) {
    report.output("exists", "");
    report.output("changed", "");
    match plan {
        None => {}
        Some(RegistryPlan::Check(check)) => check::report(report, inputs, check),
        Some(RegistryPlan::Resolve(resolution)) => resolve::report(report, inputs, resolution),
        Some(RegistryPlan::Promote(promotion)) => promote::report(report, inputs, promotion, done),
    }
}

/// What each tag of each image points to, by the algorithm of the digest that is `expected` if one is.
async fn states<H: Host>(
    client: &Client<H>,
    images: &[&ImageName],
    tags: &[ImageTag],
    expected: Option<&Digest>,
) -> Result<Vec<TagState>> {
    let mut states = Vec::new();
    for image in images {
        let repository = client.repository(image)?;
        for tag in tags {
            let digest = match expected {
                Some(expected) => repository.digest_like(tag, expected).await?,
                None => repository.digest(tag).await?,
            };
            states.push(TagState { image: (*image).clone(), tag: tag.clone(), digest, revision: None });
        }
    }
    Ok(states)
}

/// A manifest that has to be there.
async fn manifest<H: Host>(repository: &Repository<'_, H>, digest: &Digest) -> Result<slipway_registry::Manifest> {
    repository.manifest(digest).await?.ok_or_else(|| {
        let message = format!("`{}@{digest}` is not in the registry", repository.name());
        Error::new(ErrorKind::NotFound, message).hint("check the digest, and in which repository the image was pushed")
    })
}

/// Sets `digest` and `references`.
fn output_references(report: &mut Report, images: &[ImageName], digest: Option<&Digest>) {
    let references: Vec<String> = digest.iter().flat_map(|digest| references(images, digest)).collect();
    report.output("digest", digest.map(ToString::to_string).unwrap_or_default());
    report.output("references", references.join("\n"));
    report.detail("references", references);
}

fn references(images: &[ImageName], digest: &Digest) -> impl Iterator<Item = String> {
    images
        .iter()
        .map(move |name| ImageReference { name: name.clone(), tag: None, digest: Some(digest.clone()) }.to_string())
}

/// What a tag points to, in a message.
fn shown(digest: Option<&Digest>) -> String {
    digest.map_or_else(|| "absent".into(), |digest| format!("`{digest}`"))
}

/// A digest that people can tell apart at a glance; the whole stands in the outputs.
fn short(digest: &Digest) -> &str {
    let text = digest.as_str();
    text.get(..text.find(':').map_or(0, |colon| colon + 13)).unwrap_or(text)
}
