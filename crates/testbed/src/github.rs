//! A stand-in for the GitHub REST API, under `/api/v3` as an Enterprise Server has it and at the root as api.github.com.
//!
//! Behind it is a real bare repository; releases, pull requests and comments are kept in memory. Every request and every answer is
//! checked against GitHub's own description of its API: what is not in it fails the test. One module per group of operations; adding
//! one is a module and a line in [`ROUTES`].

mod approvals;
mod artifacts;
mod asked;
mod assets;
mod comments;
mod commits;
mod deployments;
mod description;
mod dispatches;
mod faults;
mod forge;
mod graphql;
mod merges;
mod pulls;
mod refs;
mod releases;
mod repositories;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::server::{Server, severed};
use crate::traffic::{Answer, Recorded, Traffic};
use crate::{authorization, lock};
use asked::{Asked, Refusal, Route};
use description::{Matched, description};
use faults::Fault;
use forge::Forge;

pub use forge::{DeploymentStatus, Dispatch};
pub use repositories::HostedRepository;

const ROUTES: &[&[Route]] = &[
    repositories::ROUTES,
    commits::ROUTES,
    refs::ROUTES,
    releases::ROUTES,
    assets::ROUTES,
    pulls::ROUTES,
    merges::ROUTES,
    comments::ROUTES,
    dispatches::ROUTES,
    approvals::ROUTES,
    artifacts::ROUTES,
    deployments::ROUTES,
];

/// A GitHub API that knows the repositories added to it. Tokens are not checked unless [`GitHub::require_token`].
///
/// Dropping it panics if a request or an answer was not as GitHub describes it.
pub struct GitHub {
    shared: Arc<Shared>,
    server: Server,
}

#[derive(Default)]
struct Shared {
    url: OnceLock<String>,
    repositories: Mutex<BTreeMap<String, HostedRepository>>,
    forges: Mutex<BTreeMap<String, Forge>>,
    token: Mutex<Option<String>>,
    faults: Mutex<Vec<Fault>>,
    withheld: Mutex<BTreeSet<String>>,
    violations: Mutex<Vec<String>>,
    /// How many answers of GraphQL are still to be lost.
    lost_answers: Mutex<usize>,
    traffic: Traffic,
}

impl GitHub {
    /// Starts an API without repositories.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let server = Server::start("github", Router::new().fallback(meet).with_state(Arc::clone(&shared)));
        shared.url.get_or_init(|| server.url());
        Self { shared, server }
    }

    /// Adds a repository, or replaces what is known about it; its releases, pull requests and comments stay.
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

    /// From now on the token lacks a right, written as `contents=write`.
    pub fn withhold(&self, permission: &str) {
        lock(&self.shared.withheld).insert(permission.to_owned());
    }

    /// Answers each of the next `times` requests with `answer`.
    pub fn answer_next(&self, times: usize, answer: Answer) {
        self.shared.traffic.script(times, answer);
    }

    /// Answers the next request of one operation with `answer`, and does nothing. `path` is what GitHub's description has after
    /// `/repos/{owner}/{repo}`, such as `/releases/{release_id}`.
    pub fn answer_instead(&self, method: &str, path: &str, answer: Answer) {
        self.fault(method, path, false, answer);
    }

    /// Carries the next request of one operation out, and answers with `answer` all the same.
    pub fn answer_after(&self, method: &str, path: &str, answer: Answer) {
        self.fault(method, path, true, answer);
    }

    fn fault(&self, method: &str, path: &str, carried_out: bool, answer: Answer) {
        let path = format!("/repos/{{owner}}/{{repo}}{path}");
        let method = description().operation(method, &path).method.clone();
        lock(&self.shared.faults).push(Fault { method, path, carried_out, answer });
    }

    /// Carries the next GraphQL mutation out, and drops the connection instead of answering.
    pub fn lose_next_graphql_answer(&self) {
        *lock(&self.shared.lost_answers) += 1;
    }

    /// From now on a release of this repository cannot be changed once it is published.
    pub fn make_releases_immutable(&self, repository: &str) {
        self.with(repository, |forge| forge.immutable_releases = true);
    }

    /// A rule protects a ref of this repository, such as `refs/tags/v*`, from everybody.
    pub fn protect(&self, repository: &str, name: &str) {
        self.with(repository, |forge| forge.protected.push(name.to_owned()));
    }

    /// From now on pull requests of this repository may be merged by GitHub once their rules allow it.
    pub fn allow_auto_merge(&self, repository: &str) {
        self.with(repository, |forge| forge.auto_merge = true);
    }

    /// From now on a pull request of this repository has nothing to wait for, so that GitHub cannot be asked to merge it later.
    pub fn protect_nothing(&self, repository: &str) {
        self.with(repository, |forge| forge.merge_status = Some("clean".into()));
    }

    /// From now on a pull request of this repository waits only for checks that no rule requires.
    pub fn require_no_checks(&self, repository: &str) {
        self.with(repository, |forge| forge.merge_status = Some("unstable".into()));
    }

    /// The labels of a pull request, and the method by which GitHub is to merge it, if it is; panics when there is no such pull request.
    pub fn labels_and_auto_merge(&self, repository: &str, number: u64) -> (Vec<String>, Option<String>) {
        self.with(repository, |forge| {
            let pull = forge.pulls.iter().find(|pull| pull.number == number).expect("a pull request");
            (pull.labels.clone(), pull.auto_merge.as_ref().map(|merge| merge.method.clone()))
        })
    }

    /// The message of the commit that GitHub was told to make once it merges a pull request; panics when there is no such pull request.
    pub fn auto_merge_message(&self, repository: &str, number: u64) -> Option<String> {
        self.with(repository, |forge| {
            let pull = forge.pulls.iter().find(|pull| pull.number == number).expect("a pull request");
            let merge = pull.auto_merge.as_ref()?;
            Some(format!("{}\n\n{}", merge.title.as_ref()?, merge.text.as_ref()?))
        })
    }

    /// Puts a label on a pull request; panics when there is no such pull request.
    pub fn label(&self, repository: &str, number: u64, label: &str) {
        self.with(repository, |forge| {
            let pull = forge.pulls.iter_mut().find(|pull| pull.number == number).expect("a pull request");
            pull.labels.push(label.to_owned());
        });
    }

    /// A person comments on a pull request; gives the number of the comment.
    pub fn comment_as(&self, repository: &str, number: u64, person: &str, body: &str) -> u64 {
        self.with(repository, |forge| {
            let (id, created) = (forge.id(), forge.now());
            let (person, body) = (Some(person.to_owned()), body.to_owned());
            forge.comments.push(forge::Comment { id, issue: number, person, body, updated: created.clone(), created });
            id
        })
    }

    /// The comments on a pull request, oldest first: the author and the text.
    pub fn comments(&self, repository: &str, number: u64) -> Vec<(String, String)> {
        self.with(repository, |forge| {
            let comments = forge.comments.iter().filter(|comment| comment.issue == number);
            let author = |person: &Option<String>| person.clone().unwrap_or_else(|| "github-actions[bot]".to_owned());
            comments.map(|comment| (author(&comment.person), comment.body.clone())).collect()
        })
    }

    /// Every workflow and event that was started, in their order.
    pub fn dispatches(&self, repository: &str) -> Vec<Dispatch> {
        self.with(repository, |forge| forge.dispatches.clone())
    }

    /// A job of a run uploads an artifact for a commit, at a time in RFC 3339.
    pub fn upload_artifact(&self, repository: &str, run: u64, name: &str, head_sha: &str, created: &str) {
        self.with(repository, |forge| {
            let (id, name, head_sha) = (forge.id(), name.to_owned(), head_sha.to_owned());
            let created = created.to_owned();
            forge.artifacts.push(forge::Artifact { id, run, name, head_sha, created, expired: false });
        });
    }

    /// From now on the files of every artifact so far are gone.
    pub fn expire_artifacts(&self, repository: &str) {
        self.with(repository, |forge| forge.artifacts.iter_mut().for_each(|artifact| artifact.expired = true));
    }

    /// A reviewer of an environment lets a run that waits for it go on, or not.
    pub fn review(&self, repository: &str, run: u64, environment: &str, person: &str, approved: bool, comment: &str) {
        self.with(repository, |forge| {
            let (id, created) = (forge.id(), forge.now());
            let (environment, person, comment) = (environment.to_owned(), person.to_owned(), comment.to_owned());
            forge.reviews.push(forge::Review { id, run, environment, person, approved, comment, created });
        });
    }

    /// A workflow deploys a commit to an environment.
    pub fn deploy(&self, repository: &str, commit: &str, environment: &str) {
        self.with(repository, |forge| {
            let (id, created) = (forge.id(), forge.now());
            let (sha, environment) = (commit.to_owned(), environment.to_owned());
            forge.deployments.push(forge::Deployment { id, sha, environment, created, statuses: Vec::new() });
        });
    }

    /// The deployments of a repository, oldest first: commit, environment and what was told of each.
    pub fn deployments(&self, repository: &str) -> Vec<(String, String, Vec<DeploymentStatus>)> {
        self.with(repository, |forge| {
            let told =
                |found: &forge::Deployment| (found.sha.clone(), found.environment.clone(), found.statuses.clone());
            forge.deployments.iter().map(told).collect()
        })
    }

    /// The content of a release's file, if it is there.
    pub fn asset(&self, repository: &str, tag: &str, name: &str) -> Option<Vec<u8>> {
        self.with(repository, |forge| {
            let release = forge.releases.iter().find(|release| release.tag == tag)?;
            release.assets.iter().find(|asset| asset.name == name).map(|asset| asset.content.clone())
        })
    }

    /// Every request so far.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.traffic.log()
    }

    fn with<T>(&self, repository: &str, act: impl FnOnce(&mut Forge) -> T) -> T {
        act(lock(&self.shared.forges).entry(repository.to_ascii_lowercase()).or_default())
    }
}

impl Drop for GitHub {
    fn drop(&mut self) {
        let violations = std::mem::take(&mut *lock(&self.shared.violations));
        if !violations.is_empty() && !std::thread::panicking() {
            panic!("not as GitHub describes its API:\n{}", violations.join("\n"));
        }
    }
}

async fn meet(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, usize::MAX).await else {
        return Refusal::new(400, "Problems reading the body").into_response();
    };
    if let Some(scripted) = shared.traffic.meet(Recorded::new(&parts, body.clone())) {
        return scripted;
    }
    let required = lock(&shared.token).clone();
    match (required, authorization::token(&parts.headers)) {
        (Some(required), Some(found)) if found != required => Refusal::new(401, "Bad credentials").into_response(),
        (Some(_), None) => Refusal::new(401, "Requires authentication").into_response(),
        _ if matches!(parts.uri.path(), "/graphql" | "/api/graphql") => {
            let answer = shared.graphql(&body);
            let mut lost = lock(&shared.lost_answers);
            let is_lost = *lost > 0;
            *lost = lost.saturating_sub(1);
            if is_lost { severed() } else { answer }
        }
        _ => shared.checked(&parts, &body).await,
    }
}

impl Shared {
    /// Answers a request, and checks both against the description.
    async fn checked(&self, parts: &Parts, body: &Bytes) -> Response {
        let method = parts.method.as_str();
        let path = parts.uri.path();
        let prefix = ["/api/v3", "/api/uploads"].into_iter().find(|prefix| path.starts_with(&format!("{prefix}/")));
        let prefix = prefix.unwrap_or_default();
        let path = self.by_name(&path[prefix.len()..]);
        let Some(matched) = description().find(method, &path) else {
            return self.outside(&format!("{method} {path}"), &["no such operation".to_owned()]);
        };
        let name = format!("{method} {}", matched.operation.path);
        let query = query(parts.uri.query().unwrap_or_default());
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let violations = description().request(&matched, &query, content_type, body);
        if !violations.is_empty() {
            return self.outside(&name, &violations);
        }
        let fault = self.fault(&matched);
        if let Some(Fault { carried_out: false, answer, .. }) = fault {
            return answer.into_response();
        }
        let base = format!("{}{prefix}", self.url.get().map_or("", String::as_str));
        let answered = self.answered(&matched, base, &path, &query, content_type, body);
        let (parts, body) = answered.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap_or_default();
        let violations = description().answer(matched.operation, parts.status.as_u16(), &body);
        if !violations.is_empty() {
            return self.outside(&format!("the answer {} to {name}", parts.status.as_u16()), &violations);
        }
        match fault {
            Some(fault) => fault.answer.into_response(),
            None => Response::from_parts(parts, Body::from(body)),
        }
    }

    /// The path with a repository's name where it has its number.
    fn by_name(&self, path: &str) -> String {
        let Some((number, below)) = path.strip_prefix("/repositories/").and_then(|rest| rest.split_once('/')) else {
            return path.to_owned();
        };
        let repositories = lock(&self.repositories);
        let found = repositories.values().find(|repository| id(&repository.full_name).to_string() == number);
        found.map_or_else(|| path.to_owned(), |found| format!("/repos/{}/{below}", found.full_name))
    }

    fn fault(&self, matched: &Matched<'_>) -> Option<Fault> {
        let mut faults = lock(&self.faults);
        let operation = matched.operation;
        let index = faults.iter().position(|fault| fault.method == operation.method && fault.path == operation.path)?;
        Some(faults.remove(index))
    }

    fn answered(
        &self,
        matched: &Matched<'_>,
        base: String,
        path: &str,
        query: &BTreeMap<String, String>,
        content_type: Option<&str>,
        content: &[u8],
    ) -> Response {
        let (operation, parameters) = (matched.operation, &matched.parameters);
        let permission = faults::permission(&operation.method, &operation.path);
        if lock(&self.withheld).contains(permission) {
            return Refusal::without(permission).into_response();
        }
        let key = format!("{}/{}", parameters["owner"], parameters["repo"]).to_ascii_lowercase();
        let Some(repository) = lock(&self.repositories).get(&key).cloned() else {
            return Refusal::not_found().into_response();
        };
        let route = ROUTES.iter().copied().flatten().find(|(m, p, _)| *m == operation.method && *p == operation.path);
        let Some((_, _, handler)) = route else { panic!("{} {} is served", operation.method, operation.path) };
        let mut forges = lock(&self.forges);
        let mut asked = Asked {
            server: self.url.get().map_or("", String::as_str),
            base,
            repository: &repository,
            forge: forges.entry(key).or_default(),
            parameters,
            query,
            below: path.splitn(5, '/').nth(4).map_or("", |below| &path[path.len() - below.len() - 1..]),
            content_type: content_type.unwrap_or_default(),
            content,
            body: serde_json::from_slice(content).unwrap_or(Value::Null),
        };
        handler(&mut asked).map_or_else(IntoResponse::into_response, IntoResponse::into_response)
    }

    /// Keeps what is not as described, for the end of the test, and answers so that the client fails at once.
    fn outside(&self, name: &str, violations: &[String]) -> Response {
        let told = format!("{name}: {}", violations.join("; "));
        lock(&self.violations).push(told.clone());
        Refusal::new(501, format!("not as GitHub describes its API: {told}")).into_response()
    }
}

fn query(text: &str) -> BTreeMap<String, String> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(n, v)| (decode(n), decode(v))).collect()
}

/// A number that stays the same for the same name (FNV-1a, 32 bits).
fn id(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash: u32, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests;
