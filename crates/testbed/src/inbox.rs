//! Where messages to people go: it takes every request, and keeps it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use http_body_util::BodyExt;
use serde_json::Value;

use crate::server::Server;
use crate::traffic::{Recorded, Traffic};

/// A chat's webhook. Dropping it ends it.
pub struct Inbox {
    traffic: Arc<Traffic>,
    server: Server,
}

impl Inbox {
    /// An empty one.
    pub fn start() -> Self {
        let traffic = Arc::new(Traffic::default());
        let router = Router::new().fallback(take).with_state(Arc::clone(&traffic));
        Self { traffic, server: Server::start("inbox", router) }
    }

    /// Its address, which is a secret.
    pub fn url(&self) -> String {
        format!("{}/services/T0/B0/secret-of-the-channel", self.server.url())
    }

    /// The messages so far, oldest first; `null` for what is no JSON.
    pub fn messages(&self) -> Vec<Value> {
        self.traffic.log().iter().map(|asked| serde_json::from_slice(&asked.body).unwrap_or_default()).collect()
    }
}

async fn take(State(traffic): State<Arc<Traffic>>, request: Request) -> StatusCode {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    traffic.meet(Recorded::new(&parts, body));
    StatusCode::OK
}
