//! GitHub's REST API: octocrab over the host's HTTP, natively and in WebAssembly.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_channel::oneshot;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::{BodyExt, Full};
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::RepositoryName;
use super::refusal::{misanswered, refusal};
use crate::context::Context;
use crate::host::Host;
use crate::http::{Fetch, parse_url, send};
use crate::{Error, ErrorKind, Result};

/// The version of the API that is spoken: every GitHub Enterprise Server since 3.9 knows it.
const API_VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");
/// How many bytes of a body are allowed a second: 256 KiB.
const SLOWEST_UPLOAD: usize = 256 * 1024;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A client for one GitHub server.
///
/// Every method fails with `Permission` if the token is wrong or lacks a right, `NotFound` if there is no such thing or the token
/// cannot see it, `RateLimited`, `Unprocessable` if GitHub does not take what it was asked, and `Network` or `TimedOut` if it does not
/// answer, each with what to do about it. What else a method can fail with is said there.
///
/// Reading is repeated after a passing failure; writing only where GitHub says that it was not done.
#[derive(Clone)]
pub struct Client {
    octocrab: Octocrab,
    api: Url,
}

/// One request: what is asked, and what for.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) url: Url,
    /// The line under `permissions:` that a job needs for it.
    pub(super) permission: &'static str,
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
    /// How it is told: the method and the path.
    pub(super) name: String,
}

impl Client {
    /// A client for the server that the runner names, with the token if there is one.
    ///
    /// # Errors
    /// `InvalidInput` if the server has no such API, if `GITHUB_API_URL` is no address, or the token holds characters that no header can carry.
    pub fn new<H: Host>(context: &Context<H>) -> Result<Self> {
        if !context.environment.has_api() {
            let server = &context.environment.server_url;
            return Err(Error::new(ErrorKind::InvalidInput, format!("`{server}` has no API of GitHub's"))
                .hint("leave out what needs it; on GitHub Enterprise Server, set `GITHUB_API_URL`"));
        }
        let api = parse_url(&context.environment.api_url).map_err(|error| error.context("`GITHUB_API_URL`"))?;
        let mut headers = vec![
            (header::USER_AGENT, HeaderValue::from_static("slipway")),
            (header::ACCEPT, HeaderValue::from_static("application/vnd.github+json")),
            (HeaderName::from_static("x-github-api-version"), API_VERSION),
        ];
        if let Some(token) = &context.token {
            let mut value = HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| Error::new(ErrorKind::InvalidInput, "the token holds characters that no token has"))?;
            value.set_sensitive(true);
            headers.push((header::AUTHORIZATION, value));
        }
        let spawner = context.host.clone();
        let octocrab = OctocrabBuilder::new_empty()
            .with_service(HostService(context.host.clone()))
            .with_executor(Box::new(move |task| spawner.spawn(task)))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
            .with_auth(AuthState::None)
            .build();
        match octocrab {
            Ok(octocrab) => Ok(Self { octocrab, api }),
            Err(never) => match never {},
        }
    }

    /// The address of something of a repository; whatever a path or a query cannot hold as it is becomes percent-encoded.
    pub(super) fn url(&self, repository: &RepositoryName, path: &[&str]) -> Url {
        let mut url = self.api.clone();
        // What has a host has path segments.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["repos", &repository.owner, &repository.name]).extend(path);
        }
        url
    }

    /// The base of the API.
    pub(super) fn api(&self) -> &Url {
        &self.api
    }

    /// Reads one thing.
    pub(super) async fn get<T: DeserializeOwned>(&self, url: Url, permission: &'static str) -> Result<T> {
        let call = self.call(Method::GET, url, permission);
        parse(&call, &self.ask(&call).await?.1)
    }

    /// Reads one thing, if it is there.
    pub(super) async fn find<T: DeserializeOwned>(&self, url: Url, permission: &'static str) -> Result<Option<T>> {
        match self.get(url, permission).await {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes something, and reads what became of it.
    pub(super) async fn write<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        permission: &'static str,
        body: &Value,
    ) -> Result<T> {
        let call = self.call(method, url, permission).json(body);
        parse(&call, &self.ask(&call).await?.1)
    }

    pub(super) fn call(&self, method: Method, url: Url, permission: &'static str) -> Call {
        let path = url.path().strip_prefix(self.api.path().trim_end_matches('/')).unwrap_or(url.path());
        let name = format!("{method} {path}");
        Call { method, url, permission, content_type: "application/json", body: Vec::new(), name }
    }

    /// Sends a request and takes the headers and the body of a good answer.
    pub(super) async fn ask(&self, call: &Call) -> Result<(HeaderMap, Bytes)> {
        let mut request = Request::builder().method(call.method.clone()).uri(call.url.as_str());
        if !call.body.is_empty() {
            request = request.header(header::CONTENT_TYPE, call.content_type);
        }
        let request = request
            .body(OctoBody::from(call.body.clone()))
            .map_err(|e| Error::new(ErrorKind::InvalidInput, format!("{} cannot be asked: {e}", call.name)))?;
        let answer = async {
            let answer = octocrab::map_github_error(self.octocrab.send(request).await?).await?;
            let (parts, body) = answer.into_parts();
            Ok((parts.headers, body.collect().await?.to_bytes()))
        };
        answer.await.map_err(|error: octocrab::Error| refusal(call, &error))
    }
}

impl Call {
    /// The request with a body of JSON.
    pub(super) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string().into_bytes();
        self
    }
}

/// Reads what an answer holds.
pub(super) fn parse<T: DeserializeOwned>(call: &Call, body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| misanswered(call, &error.to_string()))
}

/// The host's HTTP as the service that octocrab sends through. octocrab wants futures that are `Send`: the work is done in a local
/// task, and a channel is awaited.
#[derive(Clone)]
struct HostService<H>(H);

impl<H: Host> tower_service::Service<Request<OctoBody>> for HostService<H> {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = std::result::Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut TaskContext<'_>) -> Poll<std::result::Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<OctoBody>) -> Self::Future {
        let (answered, answer) = oneshot::channel();
        let host = self.0.clone();
        self.0.spawn(Box::pin(async move {
            // Nobody waits any more if the receiver is gone.
            let _ = answered.send(exchange(&host, request).await);
        }));
        Box::pin(async move { Ok(answer.await??.map(|body| Full::new(body.into()))) })
    }
}

async fn exchange<H: Host>(host: &H, request: Request<OctoBody>) -> std::result::Result<Response<Vec<u8>>, BoxError> {
    let (parts, body) = request.into_parts();
    // octocrab's own error stays out, see `refusal`.
    let body = body.collect().await.map_err(|_| "the body of a request cannot be read")?.to_bytes().to_vec();
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.headers {
        headers.insert(name.clone(), value.clone());
    }
    let fetch = Fetch::get(parse_url(&parts.uri.to_string())?);
    let for_body = Duration::from_secs((body.len() / SLOWEST_UPLOAD) as u64);
    let time_limit = fetch.time_limit.saturating_add(for_body);
    Ok(send(host, Fetch { method: parts.method, headers, body, time_limit, ..fetch }).await?)
}
