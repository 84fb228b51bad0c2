//! Redirects: where they may lead, and what goes along.

use http::{Method, Response, StatusCode, header};
use url::Url;

use super::{Fetch, host_of, parse_url};
use crate::{Error, ErrorKind, Result};

/// Where the answer sends us, if it does and may.
pub(super) fn target(fetch: &Fetch, answer: &Response<Vec<u8>>) -> Result<Option<Url>> {
    if !matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = answer.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()) else {
        return Ok(None);
    };
    let from = host_of(&fetch.url);
    let refuse = |why: &str| Error::new(ErrorKind::Network, format!("`{from}` redirects {why}"));
    let target = fetch.url.join(location).map_err(|_| refuse("to something that is no URL"))?;
    if fetch.url.scheme() == "https" && target.scheme() != "https" {
        return Err(refuse("from https to an unprotected address"));
    }
    parse_url(target.as_str())
        .map(Some)
        .map_err(|error| refuse("to an address that is not followed").hint(error.message()))
}

/// Points the request at the redirect's target.
///
/// # Errors
/// `Network` if another origin would get what was to be written to this one.
pub(super) fn turn(fetch: &mut Fetch, target: Url, status: StatusCode) -> Result<()> {
    let becomes_get =
        status == StatusCode::SEE_OTHER || (fetch.method == Method::POST && matches!(status.as_u16(), 301 | 302));
    if becomes_get && fetch.method != Method::HEAD {
        fetch.method = Method::GET;
        fetch.body.clear();
        fetch.headers.remove(header::CONTENT_TYPE);
    }
    if target.origin() != fetch.url.origin() {
        if ![Method::GET, Method::HEAD].contains(&fetch.method) {
            let message = format!("`{}` redirects a {} to another server", host_of(&fetch.url), fetch.method);
            return Err(Error::new(ErrorKind::Network, message).hint("use the address that it is redirected to"));
        }
        let kept = [header::ACCEPT, header::RANGE, header::USER_AGENT];
        let headers = std::mem::take(&mut fetch.headers);
        fetch.headers = headers
            .iter()
            .filter(|(name, _)| kept.contains(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
    fetch.url = target;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_to_another_origin_drops_the_credentials() {
        let mut fetch = Fetch::get(parse_url("https://a.example/x").unwrap());
        fetch.headers.insert(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        fetch.headers.insert("x-api-key", "k".parse().unwrap());
        fetch.headers.insert(header::ACCEPT, "application/json".parse().unwrap());
        fetch.headers.insert(header::RANGE, "bytes=0-9".parse().unwrap());
        turn(&mut fetch, parse_url("https://a.example/y").unwrap(), StatusCode::FOUND).unwrap();
        assert_eq!(fetch.headers.len(), 4);
        turn(&mut fetch, parse_url("https://b.example/").unwrap(), StatusCode::FOUND).unwrap();
        assert_eq!(fetch.headers.keys().map(|k| k.as_str()).collect::<Vec<_>>(), ["accept", "range"]);
    }

    #[test]
    fn redirects_do_not_lead_downwards() {
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = StatusCode::FOUND;
        answer.headers_mut().insert(header::LOCATION, "http://a.example/".parse().unwrap());
        let fetch = Fetch::get(parse_url("https://a.example/").unwrap());
        assert_eq!(target(&fetch, &answer).unwrap_err().kind(), ErrorKind::Network);
    }
}
