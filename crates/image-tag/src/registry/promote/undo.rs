//! The way back: what an earlier promotion moved gets its old digest again.

use slipway_core::image::ImageName;
use slipway_core::{Context, Error, ErrorKind, Host, Result};

use super::record::Entry;
use super::{Action, Found, Promotion, to_move};
use crate::inputs::Inputs;
use crate::registry::shown;

pub(crate) async fn gather<H: Host>(context: &Context<H>, inputs: &Inputs, record: &[Entry]) -> Result<Vec<Found>> {
    let names: Vec<&ImageName> = record.iter().map(|entry| &entry.image).collect();
    check_names(inputs, &names)?;
    let client = inputs.registry.client(context, &names).await?;
    let mut found = Vec::new();
    for entry in record.iter().filter(|entry| entry.action != Action::Keep) {
        let repository = client.repository(&entry.image)?;
        if let Some(old) = &entry.old
            && repository.manifest(old).await?.is_none()
        {
            let message = format!("`{}@{old}`, which `{}` was before, is not in the registry", entry.image, entry.tag);
            return Err(Error::new(ErrorKind::NotFound, message).hint("it was removed since; promote another image"));
        }
        found.push(Found {
            image: entry.image.clone(),
            tag: entry.tag.clone(),
            old: repository.digest_like(&entry.tag, &entry.new).await?,
            new: entry.old.clone(),
            source: entry.image.clone(),
            promoted: Some(entry.new.clone()),
        });
    }
    Ok(found)
}

/// A record may come from anywhere; a login goes only to registries that the workflow names.
fn check_names(inputs: &Inputs, names: &[&ImageName]) -> Result<()> {
    let images: Vec<&ImageName> = inputs.enabled_images().collect();
    if images.is_empty() {
        if inputs.registry.has_login() {
            let message =
                "`images` is needed beside `undo` and `registry-username`: the login goes to no other registry";
            return Err(Error::new(ErrorKind::InvalidInput, message).hint("add the `images` of the promotion"));
        }
        return Ok(());
    }
    match names.iter().find(|name| !images.iter().any(|image| image.is_same(name))) {
        None => Ok(()),
        Some(other) => {
            let message = format!("the record given as `undo` names `{other}`, which is not among `images`");
            Err(Error::new(ErrorKind::InvalidInput, message).hint("add it, if that is meant"))
        }
    }
}

pub(crate) fn plan(found: &[Found]) -> Promotion {
    let moves: Vec<_> = found.iter().filter_map(to_move).collect();
    let left = found.iter().filter(|one| one.new.is_none()).filter_map(|one| {
        let there = one.old.as_ref()?;
        Some(format!("{}:{}@{there}", one.image, one.tag))
    });
    let moved: Vec<String> = found
        .iter()
        .filter(|one| one.new.is_some() && one.old != one.new && one.old != one.promoted)
        .map(|one| {
            format!("`{}:{}` is {}, not {}", one.image, one.tag, shown(one.old.as_ref()), shown(one.promoted.as_ref()))
        })
        .collect();
    let refusal = (!moved.is_empty()).then(|| {
        Error::new(ErrorKind::TagMoved, format!("something else was promoted since: {}", moved.join(", ")))
            .hint("undo that first, or promote the image that you want by its digest")
    });
    Promotion { left: left.collect(), moves, referrers: false, refusal }
}
