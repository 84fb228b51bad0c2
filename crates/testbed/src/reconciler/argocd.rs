//! A stand-in for Argo CD's server: what it answers about an application, of what the reconciler did.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::Shared;
use super::environment::Health;
use crate::lock;

/// `GET /api/v1/applications/<environment>`.
pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().route("/api/v1/applications/{name}", get(application)).with_state(shared)
}

async fn application(State(shared): State<Arc<Shared>>, Path(name): Path<String>) -> Response {
    let world = lock(&shared.world);
    let Some(environment) = world.environments.get(&name) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    let (sync, health) = match environment.health() {
        Health::Unknown => ("Unknown", "Unknown"),
        Health::Progressing => ("Synced", "Progressing"),
        // As of a Rollout that waits for its weight.
        Health::Suspended => ("Synced", "Suspended"),
        Health::Healthy => ("Synced", "Healthy"),
    };
    let answer = json!({
        "spec": { "source": { "repoURL": shared.settings.config } },
        "status": { "sync": { "status": sync, "revision": world.head }, "health": { "status": health } },
    });
    ([(CONTENT_TYPE, "application/json")], answer.to_string()).into_response()
}
