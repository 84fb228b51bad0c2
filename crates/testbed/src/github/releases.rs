//! Releases: drafts, publishing, immutable ones.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route, encoded};
use super::forge::Release;
use super::{assets, refs};

pub(super) const ROUTES: &[Route] = &[
    ("GET", "/repos/{owner}/{repo}/releases", list),
    ("POST", "/repos/{owner}/{repo}/releases", create),
    ("GET", "/repos/{owner}/{repo}/releases/{release_id}", read),
    ("PATCH", "/repos/{owner}/{repo}/releases/{release_id}", update),
    ("DELETE", "/repos/{owner}/{repo}/releases/{release_id}", delete),
    ("GET", "/repos/{owner}/{repo}/releases/tags/{tag}", by_tag),
];

fn list(asked: &mut Asked<'_>) -> Answered {
    let releases: Vec<Value> = asked.forge.releases.iter().rev().map(|release| described(asked, release)).collect();
    Ok(asked.page(&releases))
}

fn read(asked: &mut Asked<'_>) -> Answered {
    let release = &asked.forge.releases[find(asked)?];
    Ok(Reply::ok(described(asked, release)))
}

fn by_tag(asked: &mut Asked<'_>) -> Answered {
    let tag = asked.parameter("tag");
    let found = asked.forge.releases.iter().find(|release| !release.draft && release.tag == tag);
    Ok(Reply::ok(described(asked, found.ok_or_else(Refusal::not_found)?)))
}

fn create(asked: &mut Asked<'_>) -> Answered {
    let tag = asked.text("tag_name").unwrap_or_default().to_owned();
    let text = |field: &str| asked.text(field).map(str::to_owned);
    let (name, body, latest) = (text("name"), text("body"), text("make_latest"));
    let target = text("target_commitish").unwrap_or_else(|| asked.repository.default_branch.clone());
    let draft = asked.body["draft"] == true;
    check(asked, None, &tag, &target)?;
    if !draft {
        make_tag(asked, &tag, &target)?;
    }
    let created = asked.forge.now();
    let release = Release {
        id: asked.forge.id(),
        tag,
        target,
        name,
        body,
        draft,
        prerelease: asked.body["prerelease"] == true,
        immutable: !draft && asked.forge.immutable_releases,
        latest,
        published: (!draft).then(|| created.clone()),
        created,
        assets: Vec::new(),
    };
    let body = described(asked, &release);
    asked.forge.releases.push(release);
    Ok(Reply::created(body))
}

fn update(asked: &mut Asked<'_>) -> Answered {
    let index = find(asked)?;
    let release = &asked.forge.releases[index];
    let text = |field: &str| asked.text(field).map(str::to_owned);
    let flag = |field: &str| asked.body[field].as_bool();
    let tag = text("tag_name").unwrap_or_else(|| release.tag.clone());
    let target = text("target_commitish").unwrap_or_else(|| release.target.clone());
    let draft = flag("draft").unwrap_or(release.draft);
    // What immutability leaves open are the title and the text.
    if release.immutable && (tag != release.tag || target != release.target || draft) {
        return Err(Refusal::new(422, "Cannot change the tag of an immutable release."));
    }
    let publishes = release.draft && !draft;
    let (name, body, latest, prerelease) = (text("name"), text("body"), text("make_latest"), flag("prerelease"));
    check(asked, Some(release.id), &tag, &target)?;
    if publishes {
        make_tag(asked, &tag, &target)?;
    }
    let now = asked.forge.now();
    let immutable = publishes && asked.forge.immutable_releases;
    let release = &mut asked.forge.releases[index];
    (release.tag, release.target, release.draft) = (tag, target, draft);
    release.name = name.or_else(|| release.name.take());
    release.body = body.or_else(|| release.body.take());
    release.latest = latest.or_else(|| release.latest.take());
    release.prerelease = prerelease.unwrap_or(release.prerelease);
    release.immutable |= immutable;
    if publishes {
        release.published = Some(now);
    }
    let release = &asked.forge.releases[index];
    Ok(Reply::ok(described(asked, release)))
}

fn delete(asked: &mut Asked<'_>) -> Answered {
    let index = find(asked)?;
    let release = asked.forge.releases.remove(index);
    if release.immutable {
        asked.forge.burned_tags.push(release.tag);
    }
    Ok(Reply::no_content())
}

/// Where the release of the path is in the list.
pub(super) fn find(asked: &Asked<'_>) -> Result<usize, Refusal> {
    let id = asked.number("release_id")?;
    asked.forge.releases.iter().position(|release| release.id == id).ok_or_else(Refusal::not_found)
}

/// Whether a release can be for a tag that is made at this target.
fn check(asked: &Asked<'_>, id: Option<u64>, tag: &str, target: &str) -> Result<(), Refusal> {
    if asked.git()?.try_git(&["check-ref-format", &format!("refs/tags/{tag}")]).is_err() {
        return Err(Refusal::custom("Release", "tag_name is not a valid tag".into()));
    }
    if asked.forge.releases.iter().any(|other| Some(other.id) != id && !other.draft && other.tag == tag) {
        return Err(Refusal::invalid("Release", "tag_name", "already_exists"));
    }
    if asked.forge.burned_tags.iter().any(|burned| burned == tag) {
        return Err(Refusal::custom("Release", "tag_name was used by an immutable release".into()));
    }
    if asked.commit(&format!("refs/tags/{tag}")).is_none() && asked.commit(target).is_none() {
        return Err(Refusal::invalid("Release", "target_commitish", "invalid"));
    }
    Ok(())
}

/// Makes the tag of a release that is published, if it is not there.
fn make_tag(asked: &Asked<'_>, tag: &str, target: &str) -> Result<(), Refusal> {
    let name = format!("refs/tags/{tag}");
    match asked.commit(target) {
        Some(commit) if !asked.git()?.refs().contains_key(&name) => refs::put(asked, &name, &commit),
        _ => Ok(()),
    }
}

fn described(asked: &Asked<'_>, release: &Release) -> Value {
    let (api, html, id, tag) = (asked.api(), asked.html(), release.id, &release.tag);
    // A draft's tag need not exist, so its page has another address.
    let page = if release.draft { format!("untagged-{id}") } else { tag.clone() };
    let tag = encoded(&page);
    json!({
        "url": format!("{api}/releases/{id}"),
        "assets_url": format!("{api}/releases/{id}/assets"),
        "upload_url": format!(
            "{}/api/uploads/repos/{}/releases/{id}/assets{{?name,label}}", asked.server, asked.full_name(),
        ),
        "html_url": format!("{html}/releases/tag/{tag}"),
        "id": id,
        "node_id": format!("RE_{id}"),
        "tag_name": release.tag,
        "target_commitish": release.target,
        "name": release.name,
        "body": release.body,
        "draft": release.draft,
        "prerelease": release.prerelease,
        "immutable": release.immutable,
        "created_at": release.created,
        "published_at": release.published,
        "updated_at": release.published.as_ref().unwrap_or(&release.created),
        "author": asked.actor(),
        "assets": release.assets.iter().map(|asset| assets::described(asked, release, asset)).collect::<Vec<_>>(),
        "tarball_url": (!release.draft).then(|| format!("{api}/tarball/{tag}")),
        "zipball_url": (!release.draft).then(|| format!("{api}/zipball/{tag}")),
    })
}
