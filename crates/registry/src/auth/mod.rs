//! How a request is allowed in: by the registry's challenge, and the token flow that it leads to.

mod challenge;
mod token;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderValue, Response};
use slipway_core::{Error, ErrorKind, Host, Result};

use crate::client::Client;
use crate::credentials::Login;
use crate::place::Place;
use challenge::Challenge;

/// What a request is allowed to do to a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Right {
    Pull,
    Push,
}

/// A right to a repository, as token servers write it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scope(String);

impl Scope {
    pub(crate) fn new(repository: &str, right: Right) -> Self {
        Self(match right {
            Right::Pull => format!("repository:{repository}:pull"),
            Right::Push => format!("repository:{repository}:pull,push"),
        })
    }
}

/// What tokens are kept by: the registry, and what they allow.
pub(crate) fn key(place: &Place, scopes: &[Scope]) -> String {
    scopes.iter().fold(place.registry.clone(), |key, scope| key + " " + &scope.0)
}

/// The value of `Authorization` that answers a refusal; `None` if the refusal asks for nothing that we can show.
pub(crate) async fn answer<H: Host>(
    client: &Client<H>,
    place: &Place,
    scopes: &[Scope],
    refusal: &Response<Vec<u8>>,
) -> Result<Option<HeaderValue>> {
    let login = client.credentials.login(&place.registry)?;
    match (challenge::choose(refusal.headers()), login) {
        (_, Some(Login::Registry(token))) => bearer(token.expose()).map(Some),
        (Some(Challenge::Basic), Some(Login::Password { user, password })) => basic(&user, password.expose()).map(Some),
        (Some(Challenge::Bearer { realm, service, scope }), login) => {
            let asked = token::Asked { realm, service, scopes: merged(scopes, scope.as_deref()) };
            token::ask(client, place, asked, login).await.map(Some)
        }
        _ => Ok(None),
    }
}

/// Our scopes and those of another kind that the challenge names, as public.ecr.aws does with `aws`. A repository that it names is ours
/// or, as ghcr.io does for one that it does not know, an example.
fn merged(ours: &[Scope], challenged: Option<&str>) -> Vec<String> {
    let others = challenged.unwrap_or_default().split_ascii_whitespace();
    let others = others.filter(|scope| !scope.starts_with("repository:")).map(str::to_owned);
    ours.iter().map(|scope| scope.0.clone()).chain(others).collect()
}

fn basic(user: &str, password: &str) -> Result<HeaderValue> {
    secret(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
}

fn bearer(token: &str) -> Result<HeaderValue> {
    secret(format!("Bearer {token}"))
}

fn secret(text: String) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Error::new(ErrorKind::Permission, "the token holds characters that no token has"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_of_another_kind_are_added() {
        let ours = [Scope::new("acme/shop", Right::Push), Scope::new("acme/base", Right::Pull)];
        let both = ["repository:acme/shop:pull,push", "repository:acme/base:pull"];
        assert_eq!(merged(&ours, Some("repository:acme/shop:pull")), both);
        assert_eq!(merged(&ours, None), both);
        assert_eq!(merged(&ours, Some("aws repository:user/image:pull")), [both[0], both[1], "aws"]);
    }
}
