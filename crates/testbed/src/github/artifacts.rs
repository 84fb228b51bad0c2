//! What the jobs of a run uploaded.

use serde_json::{Value, json};

use super::asked::{Answered, Asked, Reply, Route};
use super::forge::Artifact;

pub(super) const ROUTES: &[Route] = &[("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts", list)];

fn list(asked: &mut Asked<'_>) -> Answered {
    let run = asked.number("run_id")?;
    let name = asked.query.get("name");
    let is_asked = |artifact: &&Artifact| artifact.run == run && name.is_none_or(|name| artifact.name == *name);
    let artifacts: Vec<Value> = asked.forge.artifacts.iter().filter(is_asked).map(|a| described(asked, a)).collect();
    let (page, size) = asked.window(30);
    let shown: Vec<&Value> = artifacts.iter().skip((page - 1) * size).take(size).collect();
    Ok(Reply::ok(json!({ "total_count": artifacts.len(), "artifacts": shown })))
}

fn described(asked: &Asked<'_>, artifact: &Artifact) -> Value {
    let Artifact { id, run, name, head_sha, created, expired } = artifact;
    let (api, repository) = (asked.api(), super::id(asked.full_name()));
    json!({
        "id": id,
        "node_id": format!("MDg6QXJ0aWZhY3Q{id}"),
        "name": name,
        "size_in_bytes": 1024,
        "url": format!("{api}/actions/artifacts/{id}"),
        "archive_download_url": format!("{api}/actions/artifacts/{id}/zip"),
        "expired": expired,
        "created_at": created,
        "updated_at": created,
        "expires_at": "2027-03-01T00:00:00Z",
        "digest": format!("sha256:{}", "0".repeat(64)),
        "workflow_run": {
            "id": run,
            "repository_id": repository,
            "head_repository_id": repository,
            "head_branch": asked.repository.default_branch,
            "head_sha": head_sha,
        },
    })
}
