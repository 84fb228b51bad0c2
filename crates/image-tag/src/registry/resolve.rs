//! `mode: resolve`: the one digest that every tag points to, after the push.

use serde::Serialize;
use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::text::markdown::{code, table};
use slipway_core::{Context, Error, ErrorKind, Host, Report, Result};

use super::{TagState, output_references, short, states};
use crate::inputs::Inputs;

/// What the tags point to.
#[derive(Debug, Serialize)]
pub(crate) struct Resolution {
    /// The digest, if there is one.
    pub digest: Option<Digest>,
    /// Every tag and its digest.
    pub tags: Vec<(String, Option<Digest>)>,
    #[serde(skip)]
    pub refusal: Option<Error>,
}

pub(super) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    images: &[&ImageName],
    tags: &[ImageTag],
) -> Result<Vec<TagState>> {
    let client = inputs.registry.client(context, images).await?;
    let states = states(&client, images, tags, inputs.digest.as_ref()).await?;
    // What tags are told to point to is taken at its word only if the bytes are there and have that digest.
    let mut seen: Vec<(&ImageName, &Digest)> = Vec::new();
    for state in &states {
        let Some(digest) = &state.digest else { continue };
        if !seen.contains(&(&state.image, digest)) {
            super::manifest(&client.repository(&state.image)?, digest).await?;
            seen.push((&state.image, digest));
        }
    }
    Ok(states)
}

pub(super) fn plan(inputs: &Inputs, states: &[TagState]) -> Resolution {
    let first = states.first().and_then(|state| state.digest.as_ref());
    let wanted = inputs.digest.as_ref().or(first);
    let agree = wanted.is_some() && states.iter().all(|state| state.digest.as_ref() == wanted);
    let refusal = (!agree).then(|| {
        let found: Vec<String> = states
            .iter()
            .map(|state| match &state.digest {
                Some(digest) => format!("`{}` is `{digest}`", state.reference()),
                None => format!("`{}` is absent", state.reference()),
            })
            .collect();
        let expected = inputs.digest.as_ref().map(|digest| format!("; expected `{digest}`")).unwrap_or_default();
        Error::new(ErrorKind::TagsDisagree, format!("{}{expected}", found.join(", ")))
            .hint("something else pushed to one of them, or a push is not finished; push again, or promote one digest")
    });
    Resolution {
        digest: wanted.filter(|_| agree).cloned(),
        tags: states.iter().map(|state| (state.reference(), state.digest.clone())).collect(),
        refusal,
    }
}

pub(super) fn report(report: &mut Report, inputs: &Inputs, resolution: &Resolution) {
    let images: Vec<ImageName> = inputs.enabled_images().cloned().collect();
    output_references(report, &images, resolution.digest.as_ref());
    report.summary += "\n";
    let rows = resolution.tags.iter().map(|(reference, digest)| {
        [code(reference), digest.as_ref().map_or_else(|| "absent".into(), |digest| code(short(digest)))]
    });
    report.summary += &table(["Tag", "Digest"], rows);
    if let Some(digest) = &resolution.digest {
        report.summary += &format!("\nEvery tag is {}\n", code(digest.as_str()));
    }
    report.refusal.clone_from(&resolution.refusal);
}
