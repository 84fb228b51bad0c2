//! The releases that there are, for tags that only move forward.

use slipway_core::git::{Argv, Git};
use slipway_core::image::ImageName;
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::Facts;
use crate::inputs::{Inputs, ReleasesFrom};
use crate::rare::rare;

/// What is said where the checkout does not have all tags.
const INCOMPLETE: &str =
    "the checkout is shallow, and may lack tags of higher releases: add `fetch-depth: 0` to actions/checkout";

/// Reads the tags that the rules ask for. What cannot be read is told as a reason, and no tag moves without it.
pub(super) async fn read<H: Host>(context: &Context<H>, inputs: &Inputs, facts: &mut Facts) -> Result<()> {
    if !inputs.moves_forward() {
        return Ok(());
    }
    if inputs.releases_from != ReleasesFrom::Registry {
        match rare(git_tags(context)).await {
            Ok((tags, is_complete)) => {
                facts.releases.git_tags = tags;
                facts.releases.unknown = (!is_complete).then(|| INCOMPLETE.into());
            }
            Err(error) => facts.releases.unknown = Some(format!("git tells no tags: {error}")),
        }
    }
    if inputs.releases_from != ReleasesFrom::Git {
        match rare(image_tags(context, inputs)).await {
            Ok(tags) => facts.releases.image_tags = tags,
            Err(error) => facts.releases.unknown = Some(format!("the registry tells no tags: {error}")),
        }
    }
    Ok(())
}

/// The tags of the repository, and whether these are all. A shallow clone has the tags of the commits that it has; it has others only
/// if it was asked for all.
async fn git_tags<H: Host>(context: &Context<H>) -> Result<(Vec<String>, bool)> {
    let git = Git::open(context).await?;
    let tags = git.local_tags().await?.into_iter().map(|tag| tag.name).collect();
    let is_complete = !git.is_shallow().await? || {
        let elsewhere =
            Argv::new("for-each-ref").flag("--count=1").flag("--no-merged=HEAD").flag("--format=%(refname)");
        !git.text(elsewhere.flag("refs/tags")).await?.is_empty()
    };
    Ok((tags, is_complete))
}

async fn image_tags<H: Host>(context: &Context<H>, inputs: &Inputs) -> Result<Vec<String>> {
    let images: Vec<&ImageName> = inputs.enabled_images().collect();
    if images.is_empty() {
        return Err(Error::new(ErrorKind::InvalidInput, "no image is named or enabled")
            .hint("name one in `images`, or set `releases-from: git`"));
    }
    let client = inputs.registry.client(context, &images).await?;
    let mut tags = Vec::new();
    for image in images {
        tags.extend(client.repository(image)?.tags().await?.iter().map(ToString::to_string));
    }
    Ok(tags)
}
