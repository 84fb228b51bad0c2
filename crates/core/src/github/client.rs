//! GitHub's REST API: octocrab over the host's HTTP, natively and in WebAssembly.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use bytes::Bytes;
use futures_channel::oneshot;
use http::{HeaderMap, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use octocrab::service::middleware::base_uri::BaseUriLayer;
use octocrab::service::middleware::extra_headers::ExtraHeadersLayer;
use octocrab::{AuthState, OctoBody, Octocrab, OctocrabBuilder};
use serde::{Deserialize, Serialize};

use super::RepositoryName;
use crate::context::Context;
use crate::host::Host;
use crate::http::{Fetch, parse_url, send};
use crate::text::shorten;
use crate::{Error, ErrorKind, Result};

/// How much of a message is told, in characters: what answers in GitHub's place can send a whole page.
const MESSAGE_LIMIT: usize = 500;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A client for one GitHub server.
#[derive(Clone)]
pub struct Client {
    octocrab: Octocrab,
}

/// What a repository is described by, as labels of an image need it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepositoryFacts {
    /// Name without the owner.
    #[serde(default)]
    pub name: String,
    /// One line about it.
    #[serde(default)]
    pub description: Option<String>,
    /// Its page.
    #[serde(default)]
    pub html_url: String,
    /// Its licence, if GitHub recognised one.
    #[serde(default)]
    pub license: Option<License>,
    /// The branch that is shown first.
    #[serde(default)]
    pub default_branch: Option<String>,
}

/// A licence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct License {
    /// Its SPDX identifier.
    #[serde(default)]
    pub spdx_id: Option<String>,
}

impl Client {
    /// A client for the server that the runner names, with the token if there is one.
    ///
    /// # Errors
    /// `InvalidInput` if `GITHUB_API_URL` is no address or the token holds characters that no header can carry.
    pub fn new<H: Host>(context: &Context<H>) -> Result<Self> {
        let base = &context.environment.api_url;
        parse_url(base).map_err(|error| error.context("`GITHUB_API_URL`"))?;
        let base = base
            .parse()
            .map_err(|e| Error::new(ErrorKind::InvalidInput, format!("`GITHUB_API_URL` cannot be used: {e}")))?;
        let mut headers = vec![
            (header::USER_AGENT, header::HeaderValue::from_static("slipway")),
            (header::ACCEPT, header::HeaderValue::from_static("application/vnd.github+json")),
        ];
        if let Some(token) = &context.token {
            let mut value = header::HeaderValue::try_from(format!("Bearer {}", token.expose()))
                .map_err(|_| Error::new(ErrorKind::InvalidInput, "the token holds characters that no token has"))?;
            value.set_sensitive(true);
            headers.push((header::AUTHORIZATION, value));
        }
        let spawner = context.host.clone();
        let octocrab = OctocrabBuilder::new_empty()
            .with_service(HostService(context.host.clone()))
            .with_executor(Box::new(move |task| spawner.spawn(task)))
            .with_layer(&ExtraHeadersLayer::new(Arc::new(headers)))
            .with_layer(&BaseUriLayer::new(base))
            .with_auth(AuthState::None)
            .build();
        match octocrab {
            Ok(octocrab) => Ok(Self { octocrab }),
            Err(never) => match never {},
        }
    }

    /// `GET /repos/{owner}/{repo}`.
    ///
    /// # Errors
    /// `Permission`, `NotFound`, `Network` or `TimedOut`, with what to do about it.
    pub async fn repository(&self, repository: &RepositoryName) -> Result<RepositoryFacts> {
        self.octocrab
            .get(format!("/repos/{repository}"), None::<&()>)
            .await
            .map_err(|error| api_error(&format!("GET /repos/{repository}"), &error))
    }
}

/// Says what GitHub's answer means for the one who reads the log.
fn api_error(request: &str, error: &octocrab::Error) -> Error {
    let octocrab::Error::GitHub { source, .. } = error else {
        // What went wrong below octocrab is one of our own errors, somewhere down the chain.
        let mut cause: &(dyn std::error::Error + 'static) = error;
        loop {
            if let Some(ours) = cause.downcast_ref::<Error>() {
                return ours.clone().context(request);
            }
            match cause.source() {
                Some(inner) => cause = inner,
                None => break,
            }
        }
        return Error::new(ErrorKind::Network, format!("{request} was not answered as GitHub does: {cause}"))
            .hint("check that `GITHUB_API_URL` is the address of the API, and that no login page or proxy answers in its place");
    };
    let status = source.status_code;
    let message = shorten(&source.message, MESSAGE_LIMIT);
    let said = Error::new(kind_of(status), format!("{request} answered {}: {message}", status.as_u16()));
    match status {
        StatusCode::UNAUTHORIZED => said.hint("the token is wrong or has expired: check `github-token`"),
        StatusCode::FORBIDDEN if source.message.contains("rate limit") => {
            said.hint("the rate limit is used up: pass a `github-token`, or try again later")
        }
        StatusCode::FORBIDDEN => said.hint("the token lacks a right: see the action's table of permissions"),
        StatusCode::NOT_FOUND => said.hint("the repository does not exist, or the token cannot see it"),
        _ => said,
    }
}

fn kind_of(status: StatusCode) -> ErrorKind {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Permission,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        _ => ErrorKind::Network,
    }
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
    let body = body.collect().await?.to_bytes().to_vec();
    let mut headers = HeaderMap::new();
    for (name, value) in &parts.headers {
        headers.insert(name.clone(), value.clone());
    }
    let url = parse_url(&parts.uri.to_string())?;
    Ok(send(host, Fetch { method: parts.method, headers, body, ..Fetch::get(url) }).await?)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::host::scripted::{Scripted, ScriptedHost};
    use crate::input::{GITHUB_TOKEN, InputSpec, Reader, WORKING_DIRECTORY};

    const INPUTS: &[InputSpec] = &[WORKING_DIRECTORY, GITHUB_TOKEN];
    const URL: &str = "https://api.github.com/repos/acme/shop";

    fn repository(status: u16, body: &'static str) -> Result<RepositoryFacts> {
        let host = ScriptedHost::new(&[]).then(Scripted::Http("GET", URL, status, body));
        ScriptedHost::block_on(async {
            let mut reader = Reader::new(INPUTS, &host, &BTreeMap::new());
            let context = Context::read(host.clone(), &mut reader).await?;
            Client::new(&context)?.repository(&"acme/shop".parse()?).await
        })
        .unwrap()
    }

    #[test]
    fn facts_come_through_octocrab() {
        let facts =
            repository(200, r#"{"name":"shop","license":{"spdx_id":"MIT"},"default_branch":"trunk","id":1}"#).unwrap();
        assert_eq!(facts.default_branch.as_deref(), Some("trunk"));
        assert_eq!(facts.license.unwrap().spdx_id.as_deref(), Some("MIT"));
    }

    #[test]
    fn refusals_say_what_to_do() {
        let error = repository(404, r#"{"message":"Not Found"}"#).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(
            error.to_string(),
            "GET /repos/acme/shop answered 404: Not Found. the repository does not exist, or the token cannot see it"
        );
        assert_eq!(
            repository(403, r#"{"message":"Resource not accessible"}"#).unwrap_err().kind(),
            ErrorKind::Permission
        );
    }
}
