//! `mode: check`: whether the image is there already, before the build is paid for.

use serde::Serialize;
use slipway_core::image::{Digest, ImageName, ImageTag};
use slipway_core::text::markdown::{code, table, text};
use slipway_core::{Context, Error, ErrorKind, Host, Report, Result};

use super::{TagState, output_references, short, states};
use crate::inputs::Inputs;

/// What the tags say about the image that is to be built.
#[derive(Debug, Serialize)]
pub(crate) struct Check {
    /// Whether the image is there under every tag that is never moved, so that it need not be built.
    pub exists: bool,
    /// Its digest.
    pub digest: Option<Digest>,
    /// Every tag.
    pub tags: Vec<Checked>,
    /// Where some of the tags have the image and others lack it.
    pub warning: Option<String>,
    #[serde(skip)]
    pub refusal: Option<Error>,
}

/// A tag, and what it means for the build.
#[derive(Debug, Serialize)]
pub(crate) struct Checked {
    pub reference: String,
    pub digest: Option<Digest>,
    pub revision: Option<String>,
    pub standing: Standing,
}

/// How a tag stands to the image that is to be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Standing {
    /// There is no such tag.
    Absent,
    /// It is this image: from this commit, or with this digest.
    Same,
    /// It is another image, and will be moved.
    Moves,
    /// It is another image, and is never moved.
    Taken,
}

impl Standing {
    fn words(self) -> &'static str {
        match self {
            Self::Absent => "absent: may be built",
            Self::Same => "exists: this image",
            Self::Moves => "another image: the push will move it",
            Self::Taken => "another image, and never moved",
        }
    }
}

pub(super) async fn gather<H: Host>(
    context: &Context<H>,
    inputs: &Inputs,
    images: &[&ImageName],
    tags: &[ImageTag],
    sha: &str,
) -> Result<Vec<TagState>> {
    let client = inputs.registry.client(context, images).await?;
    let mut states = states(&client, images, tags, inputs.digest.as_ref()).await?;
    let mut known: Vec<(Digest, Option<String>)> = Vec::new();
    for state in &mut states {
        let Some(digest) = state.digest.clone() else { continue };
        // What is the same by its digest needs no commit to prove it.
        if sha.is_empty() || inputs.digest.as_ref() == Some(&digest) {
            continue;
        }
        if let Some((_, revision)) = known.iter().find(|(known, _)| *known == digest) {
            state.revision.clone_from(revision);
            continue;
        }
        let repository = client.repository(&state.image)?;
        let manifest = super::manifest(&repository, &digest).await?;
        state.revision = repository.revision(&manifest).await?;
        known.push((digest, state.revision.clone()));
    }
    Ok(states)
}

pub(super) fn plan(inputs: &Inputs, sha: &str, states: &[TagState]) -> Check {
    let is_fixed = |state: &TagState| inputs.registry.immutable.contains(&state.tag);
    let standing = |state: &TagState| match &state.digest {
        None => Standing::Absent,
        Some(digest) if inputs.digest.as_ref() == Some(digest) => Standing::Same,
        Some(_) if !sha.is_empty() && state.revision.as_deref() == Some(sha) => Standing::Same,
        Some(_) if is_fixed(state) => Standing::Taken,
        Some(_) => Standing::Moves,
    };
    let has_fixed = states.iter().any(is_fixed);
    // Where tags are never moved, they alone decide; `latest` may be with a later release by now.
    let deciding: Vec<&TagState> = states.iter().filter(|state| !has_fixed || is_fixed(state)).collect();
    let same: Vec<&TagState> = deciding.iter().copied().filter(|state| standing(state) == Standing::Same).collect();
    let digest = same.first().and_then(|state| state.digest.clone());
    let agree = same.iter().all(|state| state.digest == digest);
    let taken: Vec<&TagState> = states.iter().filter(|state| standing(state) == Standing::Taken).collect();
    let absent = deciding.iter().filter(|state| standing(state) == Standing::Absent).count();
    let everywhere = states.iter().all(|state| same.iter().any(|there| there.image == state.image));
    let refusal = if !taken.is_empty() {
        Some(refuse_taken(inputs, sha, &taken))
    } else if has_fixed && !agree {
        let found: Vec<String> = same.iter().map(|state| points_to(state)).collect();
        let message = format!("the tags of this commit are different images: {}", found.join(", "));
        Some(Error::new(ErrorKind::TagExists, message).hint("promote the right one to new tags, and keep that"))
    } else {
        None
    };
    let exists = refusal.is_none() && agree && everywhere && !(has_fixed && absent > 0);
    // A tag that is elsewhere may be with a later release; one that is absent was never given.
    let lacks = !exists || states.iter().any(|state| standing(state) == Standing::Absent);
    let is_partial = refusal.is_none() && agree && digest.is_some() && lacks;
    let warning = is_partial.then(|| {
        let there: Vec<String> = same.iter().map(|state| points_to(state)).collect();
        format!(
            "the image of this commit is there, but not under every tag ({}): `mode: promote` gives it the others without a build",
            there.join(", ")
        )
    });
    let tags = states.iter().map(|state| Checked {
        reference: state.reference(),
        digest: state.digest.clone(),
        revision: state.revision.clone(),
        standing: standing(state),
    });
    Check { exists, digest: digest.filter(|_| agree), tags: tags.collect(), warning, refusal }
}

fn refuse_taken(inputs: &Inputs, sha: &str, taken: &[&TagState]) -> Error {
    let found: Vec<String> = taken
        .iter()
        .map(|state| match &state.revision {
            Some(revision) => format!("{} of commit `{revision}`", points_to(state)),
            None => format!("{} of an unknown commit", points_to(state)),
        })
        .collect();
    let ours = match (&inputs.digest, sha) {
        (Some(digest), "") => format!("`{digest}`"),
        (Some(digest), sha) => format!("`{digest}`, commit `{sha}`"),
        (None, sha) => format!("commit `{sha}`"),
    };
    let message = format!("{}; this run is for {ours}", found.join(", "));
    let hint = if taken.iter().any(|state| state.revision.is_none()) {
        "release another version; put image-tag's `labels` on what is built, so that a re-run can know its own image"
    } else {
        "release another version, or take the tag out of `immutable-tags`"
    };
    Error::new(ErrorKind::TagExists, message).hint(hint)
}

fn points_to(state: &TagState) -> String {
    let digest = state.digest.as_ref().map_or("nothing", Digest::as_str);
    format!("`{}` is `{digest}`", state.reference())
}

pub(super) fn report(report: &mut Report, inputs: &Inputs, check: &Check) {
    report.output("exists", if check.exists { "true" } else { "false" });
    let images: Vec<ImageName> = inputs.enabled_images().cloned().collect();
    output_references(report, &images, check.digest.as_ref().filter(|_| check.exists));
    let verdict = if check.exists { "The image exists; it need not be built." } else { "The image is to be built." };
    let verdict = if check.refusal.is_some() { "A tag that is never moved is taken." } else { verdict };
    report.summary += &format!("\n{verdict}\n\n");
    let rows = check.tags.iter().map(|tag| {
        let digest = tag.digest.as_ref().map(|digest| code(short(digest))).unwrap_or_default();
        let revision = tag.revision.as_ref().map(|revision| code(revision)).unwrap_or_default();
        [code(&tag.reference), digest, revision, text(tag.standing.words())]
    });
    report.summary += &table(["Tag", "Digest", "Commit", "Meaning"], rows);
    report.annotations.extend(check.warning.as_ref().map(slipway_core::report::Annotation::warning));
    report.refusal.clone_from(&check.refusal);
}
