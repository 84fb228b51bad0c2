//! The client: one request at a time, allowed in by what the registry asks for.

use std::cell::RefCell;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use slipway_core::http::{Fetch, send};
use slipway_core::image::ImageName;
use slipway_core::{Error, Host, Result};
use url::Url;

use crate::auth::{self, Right, Scope};
use crate::credentials::Credentials;
use crate::place::Place;
use crate::refusal;

/// The time for a request that carries a piece of a blob.
pub(crate) const BLOB_TIME: Duration = Duration::from_secs(300);
/// The time for every other request.
const TIME: Duration = Duration::from_secs(30);

/// A client for container registries.
///
/// Passing failures are repeated. A login is sent only to the registry that it is for and to the token server that this names; over
/// plain HTTP only where that was asked for, or on loopback.
///
/// Its methods fail with `Permission` if the registry wants another login, `NotFound` if there is no such thing or the login has no
/// right to it, `RateLimited`, `Unprocessable` if the registry does not take what it was sent, `TagExists` if it does not let a tag
/// be moved, `DigestMismatch` if bytes are not those that were asked for, and `Network` or `TimedOut` if it does not answer.
pub struct Client<H> {
    pub(crate) host: H,
    pub(crate) credentials: Credentials,
    pub(crate) plain_http: Vec<String>,
    /// What was allowed before, by registry and scope.
    authorizations: RefCell<Vec<(String, HeaderValue)>>,
}

/// A repository in a registry, where the client can look and write.
pub struct Repository<'a, H> {
    pub(crate) client: &'a Client<H>,
    pub(crate) name: ImageName,
    pub(crate) place: Place,
}

/// One request.
pub(crate) struct Call {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub body_limit: usize,
    pub time_limit: Duration,
    /// Attempts in all; 1 for what must not be repeated.
    pub attempts: u32,
    pub scopes: Vec<Scope>,
}

impl<H: Host> Client<H> {
    /// A client with these credentials. `plain_http` are the registries, each a host and if need be a port, that are spoken to
    /// without TLS; loopback always is.
    pub fn new(host: H, credentials: Credentials, plain_http: Vec<String>) -> Self {
        Self { host, credentials, plain_http, authorizations: RefCell::default() }
    }

    /// The repository that an image's name leads to.
    ///
    /// # Errors
    /// `InvalidInput` if the name leads nowhere, as with port 0.
    pub fn repository(&self, name: &ImageName) -> Result<Repository<'_, H>> {
        Ok(Repository { client: self, name: name.clone(), place: Place::of(name, &self.plain_http)? })
    }

    /// Sends a request, and once more with what a refusal asks for. An answer of any status is an answer.
    async fn send(&self, place: &Place, call: Call) -> Result<Response<Vec<u8>>> {
        let key = auth::key(place, &call.scopes);
        let mut fetch = Fetch {
            method: call.method,
            headers: call.headers,
            body: call.body,
            body_limit: call.body_limit,
            time_limit: call.time_limit,
            attempts: call.attempts,
            ..Fetch::get(call.url)
        };
        fetch.headers.insert(header::USER_AGENT, HeaderValue::from_static("slipway"));
        let known =
            self.authorizations.borrow().iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
        if let Some(authorization) = known {
            fetch.headers.insert(header::AUTHORIZATION, authorization);
        }
        let answer = send(&self.host, fetch.clone()).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let Some(authorization) = auth::answer(self, place, &call.scopes, &answer).await? else { return Ok(answer) };
        fetch.headers.insert(header::AUTHORIZATION, authorization.clone());
        let answer = send(&self.host, fetch).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            let mut known = self.authorizations.borrow_mut();
            known.retain(|(other, _)| *other != key);
            known.push((key, authorization));
        }
        Ok(answer)
    }
}

impl<H: Host> Repository<'_, H> {
    /// The name that leads here.
    pub fn name(&self) -> &ImageName {
        &self.name
    }

    /// Whether both are in one registry.
    pub fn shares_registry(&self, other: &Self) -> bool {
        self.place.base == other.place.base
    }

    /// A request about this repository that needs a right to it.
    pub(crate) fn call(&self, method: Method, url: Url, right: Right) -> Call {
        Call {
            method,
            url,
            headers: HeaderMap::new(),
            body: Vec::new(),
            body_limit: 1024 * 1024,
            time_limit: TIME,
            attempts: 4,
            scopes: vec![Scope::new(&self.place.repository, right)],
        }
    }

    pub(crate) async fn send(&self, call: Call) -> Result<Response<Vec<u8>>> {
        self.client.send(&self.place, call).await.map_err(|error| error.context(format!("`{}`", self.name)))
    }

    /// The error for an answer that is no success. `what` is the tag or digest that it is about.
    pub(crate) fn refusal(&self, what: &str, answer: &Response<Vec<u8>>) -> Error {
        let separator = if what.contains(':') { "@" } else { ":" };
        let separator = if what.is_empty() { "" } else { separator };
        let advice = self.client.credentials.advice(&self.place.registry);
        refusal::of(&format!("`{}{separator}{what}`: the registry", self.name), answer, &advice)
    }
}
