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
    /// Where some of the requests go instead, in percent.
    share: Mutex<Option<(Arc<Backend>, u8)>>,
    requests: AtomicUsize,
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
        let shared = Arc::new(Shared {
            backend: Mutex::default(),
            share: Mutex::default(),
            requests: AtomicUsize::new(0),
            client,
        });
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

impl Front {
    /// Sends so many percent of new requests to another backend, evenly spread, until this is called again; gives the one before, if it
    /// is another.
    pub fn share(&self, with: Option<(SocketAddr, u8)>) -> Option<Retired> {
        let mut share = lock(&self.shared.share);
        let before = share.take();
        *share = with.map(|(address, percent)| match &before {
            Some((backend, _)) if backend.address == address => (Arc::clone(backend), percent),
            _ => (Arc::new(Backend { address, in_flight: AtomicUsize::new(0) }), percent),
        });
        let stays = |backend: &Arc<Backend>| share.as_ref().is_some_and(|(now, _)| Arc::ptr_eq(now, backend));
        before.map(|(backend, _)| backend).filter(|backend| !stays(backend)).map(Retired)
    }
}

impl Shared {
    /// The backend of the next request.
    fn choose(&self) -> Option<Arc<Backend>> {
        let share = lock(&self.share);
        if let Some((backend, percent)) = share.as_ref() {
            let (number, percent) = (self.requests.fetch_add(1, Ordering::SeqCst), usize::from(*percent));
            if (number + 1) * percent / 100 > number * percent / 100 {
                backend.in_flight.fetch_add(1, Ordering::SeqCst);
                return Some(Arc::clone(backend));
            }
        }
        // Counted before the lock is let go: a switch sees every request that chose the old backend.
        let chosen = lock(&self.backend);
        let backend = chosen.as_ref()?;
        backend.in_flight.fetch_add(1, Ordering::SeqCst);
        Some(Arc::clone(backend))
    }
}

async fn forward(State(shared): State<Arc<Shared>>, mut request: Request) -> Response {
    let Some(backend) = shared.choose() else {
        return (StatusCode::SERVICE_UNAVAILABLE, "nothing is deployed here\n").into_response();
    };
    let in_flight = InFlight(backend);
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
    fn a_share_goes_elsewhere_evenly_spread() {
        let front = Front::start();
        let (old, new) = (backend("old", Duration::ZERO), backend("new", Duration::ZERO));
        front.switch(Some(old.address()));
        let elsewhere = |front: &Front| {
            let answers = (0..20).map(|_| get(&front.url()).expect("an answer").text());
            answers.filter(|answer| answer.starts_with("new")).count()
        };
        for (percent, expected) in [(10, 2), (50, 10), (0, 0)] {
            assert!(front.share(Some((new.address(), percent))).is_none(), "the same backend stays");
            front.shared.requests.store(0, Ordering::SeqCst);
            assert_eq!(elsewhere(&front), expected, "{percent}");
        }
        assert!(front.share(None).expect("the backend before").is_idle());
        assert_eq!(elsewhere(&front), 0);
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
