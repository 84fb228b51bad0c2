//! Bare repositories over HTTP: `git http-backend` behind a small server that checks tokens and can fail on purpose.

mod backend;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::server::{Server, severed};
use crate::traffic::{Answer, Recorded, Traffic};
use crate::{BareRepository, authorization, lock};

/// Where a failed push fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultPoint {
    /// Git never sees the push.
    Before,
    /// The push was accepted, but the client never hears of it.
    After,
}

/// A git server, smart HTTP with protocol 2. A push needs the token, as bearer or as the password of any user;
/// reading is free unless [`GitServer::require_token_to_read`]. Both `/acme/shop.git` and `/acme/shop` work.
pub struct GitServer {
    state: Arc<Shared>,
    server: Server,
}

struct Shared {
    token: String,
    settings: Mutex<Settings>,
    traffic: Traffic,
    sent: Arc<Mutex<Sent>>,
}

#[derive(Default)]
struct Settings {
    repositories: BTreeMap<String, BareRepository>,
    private: bool,
    delay: Duration,
    faults: Vec<FaultPoint>,
    /// Every push of this number is severed, before and after git took it in turn.
    unreliable: Option<usize>,
    /// How many pushes an unreliable server has met.
    met: usize,
    dropped: Dropped,
    old_protocol: bool,
}

/// How many bytes a server sent, in the bodies of its answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// In answers that bring objects: the pack, its framing, and what was negotiated in the same answer.
    pub packs: u64,
    /// In all others: capabilities, refs, negotiation.
    pub rest: u64,
}

/// How many pushes were dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Those that git never saw.
    pub before: usize,
    /// Those that git had taken.
    pub after: usize,
}

impl GitServer {
    /// Starts a server without repositories; a push needs `token`.
    pub fn start(token: &str) -> Self {
        let (settings, traffic) = (Mutex::default(), Traffic::default());
        let state = Arc::new(Shared { token: token.to_owned(), settings, traffic, sent: Arc::default() });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&state));
        Self { state, server: Server::start("git-server", router) }
    }

    /// Serves `repository` as `name` (for example `acme/shop`) and gives its URL.
    pub fn add(&self, name: &str, repository: &BareRepository) -> String {
        for (setting, value) in [
            ("http.receivepack", "true"),
            ("uploadpack.allowFilter", "true"),
            ("uploadpack.allowAnySHA1InWant", "true"),
        ] {
            repository.git(&["config", setting, value]);
        }
        lock(&self.state.settings).repositories.insert(name.to_owned(), repository.clone());
        self.repository_url(name)
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The clone URL of the repository `name`.
    pub fn repository_url(&self, name: &str) -> String {
        format!("{}/{name}.git", self.url())
    }

    /// The same with the token in it, as user and password.
    pub fn authorized_url(&self, name: &str) -> String {
        format!("http://x-access-token:{}@{}/{name}.git", self.state.token, self.server.address())
    }

    /// From now on reading needs the token too.
    pub fn require_token_to_read(&self) {
        lock(&self.state.settings).private = true;
    }

    /// From now on it speaks protocol 0 only, as servers before git 2.18 do.
    pub fn speak_old_protocol(&self) {
        lock(&self.state.settings).old_protocol = true;
    }

    /// From now on every answer comes this much later.
    pub fn delay(&self, delay: Duration) {
        lock(&self.state.settings).delay = delay;
    }

    /// Drops the connection of each of the next `times` pushes, before or after git took them.
    pub fn reject_next_pushes(&self, times: usize, point: FaultPoint) {
        lock(&self.state.settings).faults.extend(std::iter::repeat_n(point, times));
    }

    /// From now on the connection of one push in `every` is dropped, in turn before and after git took it.
    pub fn drop_one_push_in(&self, every: usize) {
        lock(&self.state.settings).unreliable = Some(every);
    }

    /// Answers each of the next `times` requests with `answer`.
    pub fn answer_next(&self, times: usize, answer: Answer) {
        self.state.traffic.script(times, answer);
    }

    /// Every request so far; bodies are not kept.
    pub fn requests(&self) -> Vec<Recorded> {
        self.state.traffic.log()
    }

    /// What git's answers have taken so far.
    pub fn sent(&self) -> Sent {
        *lock(&self.state.sent)
    }

    /// How many pushes were dropped so far.
    pub fn dropped(&self) -> Dropped {
        lock(&self.state.settings).dropped
    }

    /// How many pushes reached the server, the severed ones included.
    pub fn pushes(&self) -> usize {
        self.requests().iter().filter(|request| is_push(&request.path)).count()
    }
}

fn is_push(path: &str) -> bool {
    path.ends_with("/git-receive-pack")
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let scripted = shared.traffic.meet(Recorded::new(&parts, Bytes::new()));
    if lock(&shared.settings).old_protocol {
        parts.headers.remove("git-protocol");
    }
    let delay = lock(&shared.settings).delay;
    tokio::time::sleep(delay).await;
    if let Some(scripted) = scripted {
        return scripted;
    }
    let Some((repository, service_path)) = shared.locate(parts.uri.path()) else {
        return (StatusCode::NOT_FOUND, "repository not found\n").into_response();
    };
    let query = parts.uri.query().unwrap_or_default();
    let writes = is_push(parts.uri.path()) || query == "service=git-receive-pack";
    let authorized = authorization::token(&parts.headers).is_some_and(|token| token == shared.token);
    let private = lock(&shared.settings).private;
    if !authorized && (writes || private) {
        let challenge = [(WWW_AUTHENTICATE, "Basic realm=\"testbed\"")];
        return (StatusCode::UNAUTHORIZED, challenge, "a token is needed\n").into_response();
    }
    let fault = if is_push(&service_path) { shared.next_fault() } else { None };
    match fault {
        Some(FaultPoint::Before) => {
            lock(&shared.settings).dropped.before += 1;
            severed()
        }
        Some(FaultPoint::After) => {
            lock(&shared.settings).dropped.after += 1;
            let accepted = backend::run(&repository, &service_path, &parts, body).await;
            // The push is done when git has written its whole answer.
            let _ = axum::body::to_bytes(accepted.into_body(), usize::MAX).await;
            severed()
        }
        None => {
            let mut response =
                backend::run(&repository, &service_path, &parts, body).await.map(|body| shared.count(body));
            if writes && shared.may_fail() {
                // On a reused connection the client would repeat a severed push by itself.
                response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

impl Shared {
    /// The repository's directory, and the path inside it that git is asked for.
    fn locate(&self, path: &str) -> Option<(PathBuf, String)> {
        let settings = lock(&self.settings);
        let found = settings.repositories.iter().find_map(|(name, repository)| {
            let rest = path.strip_prefix('/')?.strip_prefix(name.as_str())?;
            let rest = rest.strip_prefix(".git").unwrap_or(rest);
            rest.starts_with('/').then(|| (repository.path().to_owned(), rest.to_owned()))
        });
        found.filter(|(_, rest)| !rest.contains(".."))
    }

    /// Counts what goes out, once all of it has.
    fn count(&self, body: Body) -> Body {
        let sent = Arc::clone(&self.sent);
        let chunks =
            stream::unfold((body.into_data_stream(), Answered::default()), move |(mut chunks, mut answered)| {
                let sent = Arc::clone(&sent);
                async move {
                    let Some(chunk) = chunks.next().await else {
                        answered.note(&mut lock(&sent));
                        return None;
                    };
                    if let Ok(chunk) = &chunk {
                        answered.take(chunk);
                    }
                    Some((chunk, (chunks, answered)))
                }
            });
        Body::from_stream(chunks)
    }

    fn next_fault(&self) -> Option<FaultPoint> {
        let mut settings = lock(&self.settings);
        if !settings.faults.is_empty() {
            return Some(settings.faults.remove(0));
        }
        let every = settings.unreliable?;
        settings.met += 1;
        let turn = settings.met / every;
        let point = if turn % 2 == 1 { FaultPoint::Before } else { FaultPoint::After };
        settings.met.is_multiple_of(every).then_some(point)
    }

    fn may_fail(&self) -> bool {
        let settings = lock(&self.settings);
        settings.unreliable.is_some() || !settings.faults.is_empty()
    }
}

/// An answer on its way.
#[derive(Default)]
struct Answered {
    bytes: u64,
    start: Vec<u8>,
}

impl Answered {
    /// So much of an answer is looked at for the section that holds the pack; what may stand before it is short.
    const LOOKED_AT: usize = 64 * 1024;

    fn take(&mut self, chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        let room = Self::LOOKED_AT.saturating_sub(self.start.len());
        self.start.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }

    fn note(&self, sent: &mut Sent) {
        // Protocol 2 announces the section with the pack by this line.
        let has_pack = self.start.windows(13).any(|window| window == b"000dpackfile\n");
        *(if has_pack { &mut sent.packs } else { &mut sent.rest }) += self.bytes;
    }
}

/// An answer of the server's own, when git gave none.
fn broken(reason: &str) -> Response {
    (StatusCode::INTERNAL_SERVER_ERROR, Body::from(format!("{reason}\n"))).into_response()
}

#[cfg(test)]
mod tests;
