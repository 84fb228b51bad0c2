//! `GET /repos/{owner}/{repo}`.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde_json::{Value, json};

use super::{Refusal, Shared, account, answer, id};
use crate::BareRepository;

/// What the API knows about a repository.
#[derive(Clone)]
pub struct HostedRepository {
    /// `owner/name`.
    pub full_name: String,
    /// The description.
    pub description: Option<String>,
    /// The licence, as an SPDX identifier.
    pub license: Option<String>,
    /// The default branch; `main` unless set.
    pub default_branch: String,
    /// Whether it is private.
    pub private: bool,
    /// Where its commits are read from; without it the API knows none.
    pub git: Option<BareRepository>,
}

impl HostedRepository {
    /// A public repository without a description, a licence or commits.
    pub fn new(full_name: &str) -> Self {
        Self {
            full_name: full_name.to_owned(),
            description: None,
            license: None,
            default_branch: "main".to_owned(),
            private: false,
            git: None,
        }
    }

    /// Its commits are those of `git`.
    #[must_use]
    pub fn git(mut self, git: &BareRepository) -> Self {
        self.git = Some(git.clone());
        self
    }
}

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/repos/{owner}/{name}", get(read))
}

async fn read(
    State(shared): State<Arc<Shared>>,
    Path((owner, name)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let repository = shared.repository(&owner, &name)?;
    Ok(answer(StatusCode::OK, &describe(shared.url(), &repository)))
}

fn describe(url: &str, repository: &HostedRepository) -> Value {
    let full_name = &repository.full_name;
    let (owner, name) = full_name.split_once('/').unwrap_or(("", full_name));
    let license = repository.license.as_ref().map(|spdx| {
        let key = spdx.to_ascii_lowercase();
        json!({ "key": key, "name": spdx, "spdx_id": spdx, "url": null, "node_id": format!("L_{key}") })
    });
    json!({
        "id": id(full_name),
        "node_id": format!("R_{full_name}"),
        "name": name,
        "full_name": full_name,
        "private": repository.private,
        "visibility": if repository.private { "private" } else { "public" },
        "owner": account(url, owner, "Organization"),
        "html_url": format!("{url}/{full_name}"),
        "description": repository.description,
        "fork": false,
        "url": format!("{url}/api/v3/repos/{full_name}"),
        "clone_url": format!("{url}/{full_name}.git"),
        "homepage": null,
        "language": null,
        "license": license,
        "topics": [],
        "archived": false,
        "disabled": false,
        "default_branch": repository.default_branch,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "pushed_at": "2026-01-01T00:00:00Z",
    })
}
