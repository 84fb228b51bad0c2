//! A reverse proxy with one stable address and a backend that can be switched: what users of an environment talk to.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONNECTION;
use axum::http::uri::{Authority, Scheme};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::client::describe;
use crate::lock;
use crate::server::Server;

/// A proxy on a fixed loopback port. Requests in flight during a switch finish on the backend that they began with.
pub struct Front {
    shared: Arc<Shared>,
    server: Server,
}

struct Shared {
    backend: Mutex<Option<Arc<Backend>>>,
    client: Client<HttpConnector, Body>,
}

struct Backend {
    address: SocketAddr,
    in_flight: AtomicUsize,
}

/// One request on its way through; it ends when the whole answer was passed on, or the client went away.
struct InFlight(Arc<Backend>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A backend that was switched away from, and may still have requests to finish.
pub struct Retired(Arc<Backend>);

impl Retired {
    /// Whether no request is left on it.
    pub fn is_idle(&self) -> bool {
        self.0.in_flight.load(Ordering::SeqCst) == 0
    }
}

impl Front {
    /// Starts a proxy without a backend: every answer is 503.
    pub fn start() -> Self {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let shared = Arc::new(Shared { backend: Mutex::default(), client });
        let router = Router::new().fallback(forward).with_state(Arc::clone(&shared));
        Self { shared, server: Server::start("front", router) }
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Where new requests go.
    pub fn backend(&self) -> Option<SocketAddr> {
        lock(&self.shared.backend).as_ref().map(|backend| backend.address)
    }

    /// Sends new requests to `backend`, or answers them with 503; gives the backend before.
    pub fn switch(&self, backend: Option<SocketAddr>) -> Option<Retired> {
        let backend = backend.map(|address| Arc::new(Backend { address, in_flight: AtomicUsize::new(0) }));
        std::mem::replace(&mut *lock(&self.shared.backend), backend).map(Retired)
    }
}

async fn forward(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let in_flight = {
        // Counted before the lock is let go: a switch sees every request that chose the old backend.
        let chosen = lock(&shared.backend);
        let Some(backend) = chosen.as_ref() else {
            return (StatusCode::SERVICE_UNAVAILABLE, "nothing is deployed here\n").into_response();
        };
        backend.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(Arc::clone(backend))
    };
    let mut uri = std::mem::take(request.uri_mut()).into_parts();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = in_flight.0.address.to_string().parse::<Authority>().ok();
    *request.uri_mut() = Uri::from_parts(uri).expect("a request has a path, and an address is an authority");
    request.headers_mut().remove(CONNECTION);
    match shared.client.request(request).await {
        Ok(answer) => {
            let (mut parts, body) = answer.into_parts();
            parts.headers.remove(CONNECTION);
            let body = body.map_frame(move |frame| {
                let _until_the_last_frame = &in_flight;
                frame
            });
            Response::from_parts(parts, Body::new(body))
        }
        Err(error) => (StatusCode::BAD_GATEWAY, format!("the backend failed: {}\n", describe(&error))).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::extract::Request;
    use axum::http::HeaderMap;

    use super::*;
    use crate::client::{get, request};

    /// A backend that answers with its name, what it was asked, and after a delay.
    fn backend(name: &'static str, delay: Duration) -> Server {
        let answer = move |headers: HeaderMap, asked: Request| async move {
            tokio::time::sleep(delay).await;
            let uri = asked.uri().clone();
            let body = axum::body::to_bytes(asked.into_body(), 1 << 20).await.expect("a body");
            let token = headers.get("x-token").map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            (StatusCode::CREATED, format!("{name} {uri} {token:?} {}", body.len()))
        };
        Server::start(name, Router::new().fallback(answer))
    }

    #[test]
    fn requests_are_passed_on_whole() {
        let front = Front::start();
        let one = backend("one", Duration::ZERO);
        assert_eq!(get(&front.url()).expect("an answer").status, 503);
        front.switch(Some(one.address()));
        let url = format!("{}/a/b?c=d", front.url());
        let response = request("POST", &url, &[("x-token", "t")], vec![7; 100_000]).expect("an answer");
        assert_eq!((response.status, response.text().as_str()), (201, "one /a/b?c=d Some(\"t\") 100000"));
        front.switch(None);
        assert_eq!(get(&front.url()).expect("an answer").status, 503);
    }

    #[test]
    fn a_request_in_flight_finishes_where_it_began() {
        let front = Front::start();
        let (old, new) = (backend("old", Duration::from_millis(400)), backend("new", Duration::ZERO));
        front.switch(Some(old.address()));
        let url = front.url();
        let in_flight = std::thread::spawn(move || get(&url).expect("an answer").text());
        std::thread::sleep(Duration::from_millis(80));
        let retired = front.switch(Some(new.address())).expect("the old backend");
        assert!(!retired.is_idle());
        assert!(get(&front.url()).expect("an answer").text().starts_with("new"));
        assert!(in_flight.join().expect("an answer").starts_with("old"));
        // The client may have its answer a moment before the proxy is done with it.
        assert!((0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(5));
            retired.is_idle()
        }));
    }

    #[test]
    fn a_backend_that_is_gone_is_a_502() {
        let front = Front::start();
        let gone = backend("gone", Duration::ZERO);
        front.switch(Some(gone.address()));
        assert_eq!(get(&front.url()).expect("an answer").status, 201);
        drop(gone);
        assert_eq!(get(&front.url()).expect("an answer").status, 502);
    }
}
