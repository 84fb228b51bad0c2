//! A stand-in for the GitHub REST API, under `/api/v3` as an Enterprise Server has it and at the root as api.github.com.
//!
//! One module per group of routes; adding one is a module and a line in [`routes`].

mod commits;
mod repositories;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::server::Server;
use crate::traffic::{Answer, Recorded, Traffic};
use crate::{authorization, lock};

pub use repositories::HostedRepository;

/// A GitHub API that knows the repositories added to it. Tokens are not checked unless [`GitHub::require_token`].
pub struct GitHub {
    shared: Arc<Shared>,
    server: Server,
}

#[derive(Default)]
struct Shared {
    url: OnceLock<String>,
    repositories: Mutex<BTreeMap<String, HostedRepository>>,
    token: Mutex<Option<String>>,
    traffic: Traffic,
}

impl GitHub {
    /// Starts an API without repositories.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let api = routes();
        let router = Router::new().nest("/api/v3", api.clone()).merge(api).fallback(not_found);
        let router = router.layer(from_fn_with_state(Arc::clone(&shared), meet)).with_state(Arc::clone(&shared));
        let server = Server::start("github", router);
        shared.url.get_or_init(|| server.url());
        Self { shared, server }
    }

    /// Adds a repository, or replaces what is known about it.
    pub fn add(&self, repository: HostedRepository) {
        lock(&self.shared.repositories).insert(repository.full_name.to_ascii_lowercase(), repository);
    }

    /// `GITHUB_SERVER_URL`: `http://127.0.0.1:PORT`.
    pub fn server_url(&self) -> String {
        self.server.url()
    }

    /// `GITHUB_API_URL`: `http://127.0.0.1:PORT/api/v3`.
    pub fn api_url(&self) -> String {
        format!("{}/api/v3", self.server.url())
    }

    /// From now on every request needs this token.
    pub fn require_token(&self, token: &str) {
        *lock(&self.shared.token) = Some(token.to_owned());
    }

    /// Answers each of the next `times` requests with `answer`.
    pub fn answer_next(&self, times: usize, answer: Answer) {
        self.shared.traffic.script(times, answer);
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.traffic.log()
    }
}

fn routes() -> Router<Arc<Shared>> {
    repositories::routes().merge(commits::routes())
}

async fn meet(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Refusal::new(StatusCode::BAD_REQUEST, "Problems reading the body").into_response();
    };
    if let Some(scripted) = shared.traffic.meet(Recorded::new(&parts, body.clone())) {
        return scripted;
    }
    let required = lock(&shared.token).clone();
    match (required, authorization::token(&parts.headers)) {
        (Some(required), Some(found)) if found != required => {
            Refusal::new(StatusCode::UNAUTHORIZED, "Bad credentials").into_response()
        }
        (Some(_), None) => Refusal::new(StatusCode::UNAUTHORIZED, "Requires authentication").into_response(),
        _ => next.run(Request::from_parts(parts, Body::from(body))).await,
    }
}

impl Shared {
    fn url(&self) -> &str {
        self.url.get().map_or("", String::as_str)
    }

    fn repository(&self, owner: &str, name: &str) -> Result<HostedRepository, Refusal> {
        let key = format!("{owner}/{name}").to_ascii_lowercase();
        lock(&self.repositories).get(&key).cloned().ok_or_else(Refusal::not_found)
    }
}

async fn not_found() -> Refusal {
    Refusal::not_found()
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response()
}

/// An error as GitHub words it.
struct Refusal {
    status: StatusCode,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }

    fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let documentation = "https://docs.github.com/rest";
        let status = self.status.as_str();
        answer(self.status, &json!({ "message": self.message, "documentation_url": documentation, "status": status }))
    }
}

/// An account, as it stands in other objects; the id is made from the name.
fn account(url: &str, login: &str, kind: &str) -> Value {
    let api = format!("{url}/api/v3/users/{login}");
    json!({
        "login": login,
        "id": id(login),
        "node_id": format!("U_{login}"),
        "avatar_url": format!("{url}/avatars/{login}"),
        "gravatar_id": "",
        "url": api,
        "html_url": format!("{url}/{login}"),
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following"),
        "gists_url": format!("{api}/gists"),
        "starred_url": format!("{api}/starred"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"),
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events"),
        "received_events_url": format!("{api}/received_events"),
        "type": kind,
        "site_admin": false,
    })
}

/// A number that stays the same for the same name (FNV-1a, 32 bits).
fn id(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests;
