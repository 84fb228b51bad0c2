//! Tokens from a registry's token server: by the [Docker token flow], and by OAuth 2.0 with an identity token.
//!
//! [Docker token flow]: https://distribution.github.io/distribution/spec/auth/token/

use http::{HeaderValue, Method, Response, header};
use serde_json::Value;
use slipway_core::http::{Fetch, parse_url, send};
use slipway_core::{Error, ErrorKind, Host, Result};
use url::{Url, form_urlencoded};

use super::{basic, bearer};
use crate::client::Client;
use crate::credentials::Login;
use crate::place::{Place, may_be_plain};
use crate::refusal;

/// The largest answer of a token server.
const LIMIT: usize = 256 * 1024;

/// What is asked of a token server.
pub(super) struct Asked {
    pub realm: String,
    pub service: Option<String>,
    pub scopes: Vec<String>,
}

/// Asks for a token, with the login if there is one.
pub(super) async fn ask<H: Host>(
    client: &Client<H>,
    place: &Place,
    asked: Asked,
    login: Option<Login>,
) -> Result<HeaderValue> {
    // The registry wrote this address, not the author of the workflow.
    let realm = parse_url(&asked.realm).map_err(|error| {
        let message = format!("the registry `{}` names no usable token server: {}", place.registry, error.message());
        Error::new(ErrorKind::Network, message)
    })?;
    if realm.scheme() != "https"
        && (place.base.scheme() == "https" || !may_be_plain(&realm, &authority(&realm), &client.plain_http))
    {
        let message = format!("the registry `{}` names a token server without TLS, `{realm}`", place.registry);
        return Err(Error::new(ErrorKind::Network, message).hint(
            "the login is not sent there; set the registry right or, if it has no TLS itself, name both in `insecure-registries`",
        ));
    }
    let server = realm.host_str().unwrap_or_default().to_owned();
    let fetch = match login {
        Some(Login::Identity(token)) => exchange(realm, &asked, token.expose()),
        Some(Login::Password { user, password }) => {
            let mut fetch = Fetch::get(with_query(realm, &asked));
            fetch.headers.insert(header::AUTHORIZATION, basic(&user, password.expose())?);
            fetch
        }
        Some(Login::Registry(_)) | None => Fetch::get(with_query(realm, &asked)),
    };
    let answer = send(&client.host, Fetch { body_limit: LIMIT, ..fetch }).await?;
    let what = format!("the token server `{server}` of `{}`", place.registry);
    if !answer.status().is_success() {
        return Err(refusal::of(&what, &answer, &client.credentials.advice(&place.registry)));
    }
    let unusable = || Error::new(ErrorKind::Network, format!("{what} answered without a token"));
    bearer(token_of(&answer).as_deref().ok_or_else(unusable)?)
}

/// The host, with the port if it is not the usual one.
fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn with_query(mut realm: Url, asked: &Asked) -> Url {
    {
        let mut query = realm.query_pairs_mut();
        if let Some(service) = &asked.service {
            query.append_pair("service", service);
        }
        for scope in &asked.scopes {
            query.append_pair("scope", scope);
        }
    }
    realm
}

/// The OAuth 2.0 exchange of a refresh token.
fn exchange(realm: Url, asked: &Asked, identity: &str) -> Fetch {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("client_id", "slipway");
    form.append_pair("service", asked.service.as_deref().unwrap_or_default());
    form.append_pair("scope", &asked.scopes.join(" ")).append_pair("refresh_token", identity);
    let mut fetch = Fetch::get(realm);
    fetch.method = Method::POST;
    fetch.body = form.finish().into_bytes();
    let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
    fetch.headers.insert(header::CONTENT_TYPE, kind);
    fetch
}

fn token_of(answer: &Response<Vec<u8>>) -> Option<String> {
    let content: Value = serde_json::from_slice(answer.body()).ok()?;
    let token = ["token", "access_token"].iter().find_map(|key| content[*key].as_str().filter(|text| !text.is_empty()));
    token.map(Into::into)
}
