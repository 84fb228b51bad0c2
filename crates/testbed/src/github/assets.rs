//! The files of releases.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route};
use super::forge::{Asset, Release};
use super::releases::find;
use crate::digest;

pub(super) const ROUTES: &[Route] = &[
    ("POST", "/repos/{owner}/{repo}/releases/{release_id}/assets", upload),
    ("DELETE", "/repos/{owner}/{repo}/releases/assets/{asset_id}", delete),
];

fn upload(asked: &mut Asked<'_>) -> Answered {
    let index = find(asked)?;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '.' };
    let name: String = asked.query.get("name").map(String::as_str).unwrap_or_default().chars().map(plain).collect();
    let release = &asked.forge.releases[index];
    if release.immutable {
        return Err(Refusal::new(422, "Cannot upload assets to an immutable release."));
    }
    if release.assets.iter().any(|asset| asset.name == name) {
        return Err(Refusal::invalid("ReleaseAsset", "name", "already_exists"));
    }
    let (content, content_type) = (asked.content.to_vec(), asked.content_type.to_owned());
    let asset = Asset { id: asked.forge.id(), name, content_type, content, created: asked.forge.now() };
    let body = described(asked, &asked.forge.releases[index], &asset);
    asked.forge.releases[index].assets.push(asset);
    Ok(Reply::created(body))
}

fn delete(asked: &mut Asked<'_>) -> Answered {
    let id = asked.number("asset_id")?;
    let mut releases = asked.forge.releases.iter_mut();
    let release = releases.find(|release| release.assets.iter().any(|asset| asset.id == id));
    let release = release.ok_or_else(Refusal::not_found)?;
    if release.immutable {
        return Err(Refusal::new(422, "Cannot delete assets from an immutable release."));
    }
    release.assets.retain(|asset| asset.id != id);
    Ok(Reply::no_content())
}

pub(super) fn described(asked: &Asked<'_>, release: &Release, asset: &Asset) -> Value {
    json!({
        "url": format!("{}/releases/assets/{}", asked.api(), asset.id),
        "browser_download_url": format!("{}/releases/download/{}/{}", asked.html(), release.tag, asset.name),
        "id": asset.id,
        "node_id": format!("RA_{}", asset.id),
        "name": asset.name,
        "label": null,
        "state": "uploaded",
        "content_type": asset.content_type,
        "size": asset.content.len(),
        "digest": digest(&asset.content),
        "download_count": 0,
        "created_at": asset.created,
        "updated_at": asset.created,
        "uploader": asked.actor(),
    })
}
