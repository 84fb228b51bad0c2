//! The HTTP/1.1 server under every stand-in: one thread, one runtime, one loopback port.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;
use tower_service::Service;

use crate::traffic::Answer;

/// A running server. Dropping it closes the port and every open connection before it returns.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves `router` on a free port of 127.0.0.1; `name` is the thread's name.
    pub(crate) fn start(name: &str, router: Router) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port on 127.0.0.1");
        listener.set_nonblocking(true).expect("a non-blocking listener");
        let address = listener.local_addr().expect("the address just bound");
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            // The runtime is dropped at the end of this scope, and every connection with it.
            runtime().block_on(async move {
                tokio::select! {
                    () = accept(listener, router) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(serve).expect("a server thread");
        Self { address, stop: Some(stop), thread: Some(thread) }
    }

    /// Answers whatever it is asked alike; `name` is the thread's name.
    pub fn always(name: &str, answer: Answer) -> Self {
        Self::start(name, Router::new().fallback(async move || answer.into_response()))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the server thread was printed by that thread.
            let _ = thread.join();
        }
    }
}

/// A runtime on the calling thread.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a current-thread runtime")
}

/// A response that is never sent: the connection is closed instead, as when a server dies.
pub(crate) fn severed() -> Response {
    let mut response = Response::new(Body::empty());
    response.extensions_mut().insert(Severed);
    response
}

#[derive(Clone)]
struct Severed;

async fn accept(listener: TcpListener, router: Router) {
    let listener = tokio::net::TcpListener::from_std(listener).expect("a listener for the runtime");
    loop {
        // An aborted connection or a full descriptor table passes; the server stays.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            continue;
        };
        let router = router.clone();
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let mut router = router.clone();
            async move {
                let answered: Result<Response, Infallible> = router.call(request).await;
                match answered {
                    Ok(response) if response.extensions().get::<Severed>().is_some() => {
                        Err(io::Error::other("connection severed by a scripted fault"))
                    }
                    Ok(response) => Ok(response),
                    Err(never) => match never {},
                }
            }
        });
        tokio::spawn(async move {
            // A client that went away, or a scripted fault: nobody is left to tell.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}
