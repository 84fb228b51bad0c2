//! An open-loop load generator: requests start on schedule, whether or not the ones before were answered.

mod report;

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use axum::http::Uri;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::client::loopback;
use crate::lock;
use crate::server::runtime;

pub use report::{LoadReport, Second};

/// A request without a whole answer after this time counts as a transport error.
const LIMIT: Duration = Duration::from_secs(10);
/// How long a stop waits for the answers still outstanding.
const GRACE: Duration = Duration::from_secs(2);

/// A running load. Dropping it stops it.
pub struct Load {
    report: Arc<Mutex<LoadReport>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Load {
    /// GETs `url` `rate` times per second, for `limit` or until stopped. Latency counts from when a request was due.
    ///
    /// # Errors
    /// When `url` is not an `http` URL of this machine.
    pub fn start(url: &str, rate: f64, limit: Duration) -> Result<Self, String> {
        let uri = loopback(url)?;
        let report = Arc::new(Mutex::new(LoadReport::default()));
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&report);
        let generate = move || runtime().block_on(generate(uri, rate, limit, shared, stopped));
        let thread = std::thread::Builder::new().name("load".to_owned()).spawn(generate).expect("a thread");
        Ok(Self { report, stop: Some(stop), thread: Some(thread) })
    }

    /// What was counted so far.
    pub fn snapshot(&self) -> LoadReport {
        lock(&self.report).clone()
    }

    /// Starts no more requests, waits up to two seconds for the outstanding answers, and gives the whole count.
    pub fn stop(mut self) -> LoadReport {
        self.end();
        self.snapshot()
    }

    /// Waits until `limit` is over and the answers are there, and gives the whole count.
    pub fn finish(mut self) -> LoadReport {
        self.join();
        self.snapshot()
    }

    fn end(&mut self) {
        drop(self.stop.take());
        self.join();
    }

    fn join(&mut self) {
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was printed by that thread.
            let _ = thread.join();
        }
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        self.end();
    }
}

async fn generate(
    uri: Uri,
    rate: f64,
    limit: Duration,
    report: Arc<Mutex<LoadReport>>,
    mut stopped: oneshot::Receiver<()>,
) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut requests = JoinSet::new();
    let start = Instant::now();
    let mut started = 0_u32;
    loop {
        let due = Duration::from_secs_f64(f64::from(started) / rate.max(0.001));
        if due >= limit {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep_until((start + due).into()) => {}
            _ = &mut stopped => break,
        }
        started += 1;
        requests.spawn(one(client.clone(), uri.clone(), start, due, Arc::clone(&report)));
        while requests.try_join_next().is_some() {}
    }
    let outstanding = async { while requests.join_next().await.is_some() {} };
    if tokio::time::timeout(GRACE, outstanding).await.is_err() {
        lock(&report).abandon(requests.len());
    }
}

async fn one(
    client: Client<HttpConnector, Empty<Bytes>>,
    uri: Uri,
    start: Instant,
    due: Duration,
    report: Arc<Mutex<LoadReport>>,
) {
    let exchange = async {
        let answer = client.get(uri).await.ok()?;
        let status = answer.status().as_u16();
        answer.into_body().collect().await.ok()?;
        Some(status)
    };
    let status = tokio::time::timeout(LIMIT, exchange).await.ok().flatten();
    lock(&report).count(due, start.elapsed().saturating_sub(due), status);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::Router;
    use axum::http::StatusCode;

    use super::*;
    use crate::server::Server;

    fn failing_every_fourth() -> Server {
        let count = Arc::new(AtomicU32::new(0));
        let answer = move || async move {
            if count.fetch_add(1, Ordering::SeqCst) % 4 == 3 {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::OK
            }
        };
        Server::start("answers", Router::new().fallback(answer))
    }

    #[test]
    fn it_keeps_the_rate_and_counts_every_answer() {
        let server = failing_every_fourth();
        let report = Load::start(&server.url(), 200.0, Duration::from_millis(600)).expect("a load").finish();
        assert_eq!(report.requests(), 120);
        assert_eq!((report.succeeded(), report.server_errors(), report.transport_errors), (90, 30, 0));
        assert!((report.error_share() - 0.25).abs() < 1e-9);
        assert_eq!(report.latencies.len(), 120);
        assert_eq!(report.timeline.iter().map(|second| second.requests).sum::<u64>(), 120);
    }

    #[test]
    fn a_slow_answer_does_not_slow_the_schedule() {
        let slow = || async { tokio::time::sleep(Duration::from_millis(300)).await };
        let server = Server::start("slow", Router::new().fallback(slow));
        let report = Load::start(&server.url(), 100.0, Duration::from_millis(400)).expect("a load").finish();
        assert_eq!((report.requests(), report.succeeded()), (40, 40));
        assert!(report.percentile(0.5) >= Duration::from_millis(300));
    }

    #[test]
    fn a_server_that_is_gone_gives_transport_errors() {
        let server = failing_every_fourth();
        let load = Load::start(&server.url(), 100.0, Duration::from_secs(10)).expect("a load");
        let wait = |enough: fn(&LoadReport) -> bool| {
            (0..500).any(|_| {
                std::thread::sleep(Duration::from_millis(10));
                enough(&load.snapshot())
            })
        };
        assert!(wait(|report| report.succeeded() > 0));
        drop(server);
        assert!(wait(|report| report.transport_errors > 0));
        let report = load.stop();
        assert!(report.requests() < 1000 && report.succeeded() > 0);
    }

    #[test]
    fn only_this_machine_is_loaded() {
        assert!(Load::start("http://example.com/", 1.0, Duration::from_secs(1)).is_err());
    }
}
