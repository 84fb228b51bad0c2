//! The sample service itself: what the program `sample-service` runs.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use serde_json::json;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tower_service::Service;

use super::Release;
use super::metrics::Metrics;
use crate::lock;
use crate::server::runtime;

/// How long requests in flight may take to finish once a stop was asked for.
const DRAIN: Duration = Duration::from_secs(5);

struct Application {
    release: Release,
    metrics: Mutex<Metrics>,
    started: Instant,
    started_unix: f64,
    served: AtomicU64,
    in_flight: AtomicUsize,
    draining: AtomicBool,
}

/// One request in flight, also when its client goes away before the answer.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn begin(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(count)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// Serves the release in `release_file` at `address` (port 0: a free one), after telling which as one line of
/// JSON on stdout. Returns once it was asked to stop and has drained: by SIGTERM, or on a loopback address also because stdin
/// closed. At another it is in a container, whose stdin is closed from the start.
///
/// # Errors
/// When the file is not a release, or the port is taken.
pub fn run(release_file: &Path, address: SocketAddr) -> Result<(), String> {
    let bytes = std::fs::read(release_file).map_err(|error| format!("`{}`: {error}", release_file.display()))?;
    let release = Release::from_bytes(&bytes)?;
    let started_unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let application = Arc::new(Application {
        release,
        metrics: Mutex::default(),
        started: Instant::now(),
        started_unix,
        served: AtomicU64::new(0),
        in_flight: AtomicUsize::new(0),
        draining: AtomicBool::new(false),
    });
    let runtime = runtime();
    let outcome = runtime.block_on(application.serve(address));
    // A thread of the runtime may wait on stdin for ever.
    runtime.shutdown_background();
    outcome
}

impl Application {
    async fn serve(self: Arc<Self>, address: SocketAddr) -> Result<(), String> {
        let listener = TcpListener::bind(address).await.map_err(|error| format!("`{address}`: {error}"))?;
        let address = listener.local_addr().map_err(|error| error.to_string())?;
        announce(address.port());
        let connections = GracefulShutdown::new();
        let router = self.router();
        let stop = stop_asked(address.ip().is_loopback());
        tokio::pin!(stop);
        loop {
            let stream = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stop => break,
            };
            let Ok((stream, _)) = stream else { continue };
            let router = router.clone();
            let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
                let mut router = router.clone();
                async move { router.call(request).await as Result<Response, Infallible> }
            });
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(connections.watch(connection));
        }
        self.draining.store(true, Ordering::SeqCst);
        drop(listener);
        // Open connections still hear from `/health` that this instance is going, until the work is done.
        let drained = async {
            while self.in_flight.load(Ordering::SeqCst) > 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            connections.shutdown().await;
        };
        let _ = tokio::time::timeout(DRAIN, drained).await;
        Ok(())
    }

    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/health", get(health))
            .route("/version", get(version))
            .route("/metrics", get(metrics))
            .route("/", any(work))
            .with_state(Arc::clone(self))
    }

    /// Whether `share` of all requests, evenly spread, includes request `number` (from 0).
    fn falls_in(share: f64, number: u64) -> bool {
        // Whole millionths, so that no rounding error moves a request.
        let millionths = (share.clamp(0.0, 1.0) * 1e6).round() as u64;
        (number + 1) * millionths / 1_000_000 > number * millionths / 1_000_000
    }
}

async fn work(State(service): State<Arc<Application>>, method: Method) -> Response {
    let start = Instant::now();
    let _in_flight = InFlight::begin(&service.in_flight);
    let number = service.served.fetch_add(1, Ordering::SeqCst);
    let release = &service.release;
    let slow = Application::falls_in(release.slow_share, number);
    tokio::time::sleep(Duration::from_millis(if slow { release.slow_ms } else { release.latency_ms })).await;
    let failed = Application::falls_in(release.error_share, number);
    let status = if failed { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::OK };
    lock(&service.metrics).observe(method.as_str(), status.as_u16(), start.elapsed());
    (status, format!("{}\n", release.version)).into_response()
}

async fn health(State(service): State<Arc<Application>>) -> Response {
    let starting = service.started.elapsed() < Duration::from_millis(service.release.startup_ms);
    let state = match (service.draining.load(Ordering::SeqCst), starting, service.release.healthy) {
        (true, ..) => "draining",
        (_, true, _) => "starting",
        (.., false) => "unhealthy",
        (.., true) => "healthy",
    };
    let status = if state == "healthy" { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "status": state }).to_string();
    (status, [(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn version(State(service): State<Arc<Application>>) -> Response {
    let uptime = (service.started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
    let body = json!({ "version": service.release.version, "uptime_s": uptime }).to_string();
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn metrics(State(service): State<Arc<Application>>) -> Response {
    let text = lock(&service.metrics).render(&service.release.version, service.started_unix);
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

#[expect(clippy::print_stdout, reason = "the port is this program's output")]
fn announce(port: u16) {
    println!("{}", json!({ "port": port, "pid": std::process::id() }));
}

/// Resolves when SIGTERM arrives or, if there is a parent to watch, stdin closes: then it is gone.
async fn stop_asked(has_parent: bool) {
    let closed = async {
        if !has_parent {
            std::future::pending::<()>().await;
        }
        let mut stdin = tokio::io::stdin();
        let mut ignored = [0; 256];
        while stdin.read(&mut ignored).await.is_ok_and(|length| length > 0) {}
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).expect("a handler for SIGTERM");
        tokio::select! {
            () = closed => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    closed.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_exact_and_evenly_spread() {
        for (share, of, expected) in [(0.0, 100, 0), (1.0, 100, 100), (0.3, 10, 3), (0.05, 100, 5)] {
            let hits: Vec<u64> = (0..of).filter(|number| Application::falls_in(share, *number)).collect();
            assert_eq!(hits.len(), expected, "{share} of {of}");
        }
        let third: Vec<u64> = (0..10).filter(|number| Application::falls_in(0.3, *number)).collect();
        assert_eq!(third, [3, 6, 9]);
    }
}
