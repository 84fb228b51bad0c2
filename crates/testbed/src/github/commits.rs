//! `GET /repos/{owner}/{repo}/commits/{ref}`, read from the real repository.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::{Refusal, Shared, account, answer};
use crate::BareRepository;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/repos/{owner}/{name}/commits/{reference}", get(read))
}

async fn read(
    State(shared): State<Arc<Shared>>,
    Path((owner, name, reference)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let repository = shared.repository(&owner, &name)?;
    let found = repository.git.as_ref().and_then(|git| describe(shared.url(), &repository.full_name, git, &reference));
    let missing = || Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, format!("No commit found for SHA: {reference}"));
    Ok(answer(StatusCode::OK, &found.ok_or_else(missing)?))
}

fn describe(url: &str, full_name: &str, git: &BareRepository, reference: &str) -> Option<Value> {
    let format = "--format=tformat:%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B";
    let commit = format!("{reference}^{{commit}}");
    let log = git.try_git(&["log", "-1", format, "--end-of-options", &commit]).ok()?;
    let fields: Vec<&str> = log.split('\0').collect();
    let [id, tree, parents, author, author_email, authored, committer, committer_email, committed, message] =
        fields.try_into().ok()?;
    let api = format!("{url}/api/v3/repos/{full_name}");
    let html = format!("{url}/{full_name}/commit");
    let parents: Vec<Value> = parents
        .split_whitespace()
        .map(|id| json!({ "sha": id, "url": format!("{api}/commits/{id}"), "html_url": format!("{html}/{id}") }))
        .collect();
    let login = |name: &str| name.to_ascii_lowercase().replace(' ', "-");
    Some(json!({
        "sha": id,
        "node_id": format!("C_{id}"),
        "url": format!("{api}/commits/{id}"),
        "html_url": format!("{html}/{id}"),
        "comments_url": format!("{api}/commits/{id}/comments"),
        "commit": {
            "url": format!("{api}/git/commits/{id}"),
            "author": { "name": author, "email": author_email, "date": utc(authored) },
            "committer": { "name": committer, "email": committer_email, "date": utc(committed) },
            "message": message.trim_end_matches('\n'),
            "comment_count": 0,
            "tree": { "sha": tree, "url": format!("{api}/git/trees/{tree}") },
            "verification": { "verified": false, "reason": "unsigned", "signature": null, "payload": null },
        },
        "author": account(url, &login(author), "User"),
        "committer": account(url, &login(committer), "User"),
        "parents": parents,
    }))
}

/// The testbed's git runs in UTC, whose offset GitHub writes as `Z`.
fn utc(date: &str) -> String {
    date.replace("+00:00", "Z")
}
