//! Refs and the objects of annotated tags, in the real repository.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Refusal, Reply, Route, encoded};

pub(super) const ROUTES: &[Route] = &[
    ("GET", "/repos/{owner}/{repo}/git/ref/{ref}", read),
    ("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}", matching),
    ("POST", "/repos/{owner}/{repo}/git/refs", create),
    ("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}", update),
    ("GET", "/repos/{owner}/{repo}/git/tags/{tag_sha}", tag_object),
    ("GET", "/repos/{owner}/{repo}/tags", tags),
];

/// A ref and what it names.
struct Ref {
    name: String,
    kind: String,
    id: String,
    /// The commit that it leads to, if it does.
    commit: Option<String>,
}

/// The refs that start so, by name.
fn refs(asked: &Asked<'_>, start: &str) -> Result<Vec<Ref>, Refusal> {
    let format = "--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)";
    let listed = asked.git()?.git(&["for-each-ref", format]);
    let read = |line: &str| {
        let mut fields = line.split(' ').map(str::to_owned);
        let (name, kind, id) = (fields.next()?, fields.next()?, fields.next()?);
        let (end_kind, end) = if kind == "tag" { (fields.next()?, fields.next()?) } else { (kind.clone(), id.clone()) };
        Some(Ref { name, kind, id, commit: (end_kind == "commit").then_some(end) })
    };
    Ok(listed.lines().filter_map(read).filter(|found| found.name.starts_with(start)).collect())
}

fn read(asked: &mut Asked<'_>) -> Answered {
    let name = format!("refs/{}", asked.parameter("ref"));
    let found = refs(asked, &name)?.into_iter().find(|found| found.name == name).ok_or_else(Refusal::not_found)?;
    Ok(Reply::ok(described(asked, &found.name, &found.kind, &found.id)))
}

fn matching(asked: &mut Asked<'_>) -> Answered {
    let found = refs(asked, &format!("refs/{}", asked.parameter("ref")))?;
    let found = found.iter().map(|found| described(asked, &found.name, &found.kind, &found.id));
    Ok(Reply::ok(json!(found.collect::<Vec<_>>())))
}

fn create(asked: &mut Asked<'_>) -> Answered {
    let (name, id) = named(asked, asked.text("ref"))?;
    if asked.git()?.refs().contains_key(&name) {
        return Err(Refusal::new(422, "Reference already exists"));
    }
    put(asked, &name, &id)?;
    let kind = asked.git()?.git(&["cat-file", "-t", &id]);
    Ok(Reply::created(described(asked, &name, &kind, &id)))
}

fn update(asked: &mut Asked<'_>) -> Answered {
    let name = format!("refs/{}", asked.parameter("ref"));
    let (name, id) = named(asked, Some(&name))?;
    let git = asked.git()?;
    let Some(old) = git.refs().remove(&name) else { return Err(Refusal::new(422, "Reference does not exist")) };
    let forced = asked.body["force"] == true;
    if !forced && git.try_git(&["merge-base", "--is-ancestor", &old, &id]).is_err() {
        return Err(Refusal::new(422, "Update is not a fast forward"));
    }
    put(asked, &name, &id)?;
    let kind = asked.git()?.git(&["cat-file", "-t", &id]);
    Ok(Reply::ok(described(asked, &name, &kind, &id)))
}

/// The name and the object of a ref to be written.
fn named(asked: &Asked<'_>, name: Option<&str>) -> Result<(String, String), Refusal> {
    let name = name.filter(|name| name.starts_with("refs/") && name.matches('/').count() >= 2);
    let name =
        name.ok_or_else(|| Refusal::new(422, "Reference name must start with 'refs/' and have at least two slashes."))?;
    let id = asked.text("sha").unwrap_or_default();
    if id.len() != 40 || asked.git()?.try_git(&["cat-file", "-e", id]).is_err() {
        return Err(Refusal::new(422, "Object does not exist"));
    }
    Ok((name.to_owned(), id.to_owned()))
}

/// Writes a ref, unless a rule protects it or its release is immutable.
pub(super) fn put(asked: &Asked<'_>, name: &str, id: &str) -> Result<(), Refusal> {
    let violation = |what: &str| Refusal::new(422, format!("Repository rule violations found\n\n{what}\n\n"));
    let exists = asked.git()?.refs().contains_key(name);
    if asked.forge.protects(name) {
        return Err(violation(if exists {
            "Cannot update this protected ref."
        } else {
            "Cannot create ref due to creations being restricted."
        }));
    }
    let tag = name.strip_prefix("refs/tags/").unwrap_or_default();
    if exists && asked.forge.releases.iter().any(|release| release.immutable && release.tag == tag) {
        return Err(violation("Cannot update this tag: it belongs to an immutable release."));
    }
    let written = asked.git()?.try_git(&["update-ref", name, id]);
    written.map(drop).map_err(|_| Refusal::new(422, "Reference update failed"))
}

fn tag_object(asked: &mut Asked<'_>) -> Answered {
    let id = asked.parameter("tag_sha");
    let git = asked.git()?;
    let content = git.try_git(&["cat-file", "tag", id]).map_err(|_| Refusal::not_found())?;
    let (head, message) = content.split_once("\n\n").unwrap_or((&content, ""));
    let field = |name: &str| {
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap_or_default().to_owned()
    };
    let (tagger, rest) =
        field("tagger").split_once(" <").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap_or_default();
    let (email, _) = rest.split_once('>').unwrap_or_default();
    let date = git.git(&["for-each-ref", "--count=1", "--points-at", id, "--format=%(taggerdate:iso-strict)"]);
    Ok(Reply::ok(json!({
        "node_id": format!("T_{id}"),
        "sha": id,
        "url": format!("{}/git/tags/{id}", asked.api()),
        "tag": field("tag"),
        "message": message,
        "tagger": { "name": tagger, "email": email, "date": date.replace("+00:00", "Z") },
        "object": object(asked, &field("type"), &field("object")),
        "verification": {
            "verified": false, "reason": "unsigned", "signature": null, "payload": null, "verified_at": null,
        },
    })))
}

fn tags(asked: &mut Asked<'_>) -> Answered {
    let api = asked.api();
    let described = refs(asked, "refs/tags/")?.into_iter().rev().filter_map(|found| {
        let name = found.name.strip_prefix("refs/tags/")?;
        let (commit, path) = (found.commit?, encoded(name));
        Some(json!({
            "name": name,
            "commit": { "sha": commit, "url": format!("{api}/commits/{commit}") },
            "zipball_url": format!("{api}/zipball/refs/tags/{path}"),
            "tarball_url": format!("{api}/tarball/refs/tags/{path}"),
            "node_id": format!("REF_{name}"),
        }))
    });
    Ok(asked.page(&described.collect::<Vec<_>>()))
}

fn described(asked: &Asked<'_>, name: &str, kind: &str, id: &str) -> Value {
    let path = encoded(name.strip_prefix("refs/").unwrap_or(name));
    json!({
        "ref": name,
        "node_id": format!("REF_{name}"),
        "url": format!("{}/git/refs/{path}", asked.api()),
        "object": object(asked, kind, id),
    })
}

fn object(asked: &Asked<'_>, kind: &str, id: &str) -> Value {
    json!({ "sha": id, "type": kind, "url": format!("{}/git/{kind}s/{id}", asked.api()) })
}
