//! A blocking HTTP client for tests: plain HTTP, loopback only, one connection per request.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::{HeaderMap, Request, Uri};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;

use crate::server::runtime;

/// No answer within this time is an error.
const LIMIT: Duration = Duration::from_secs(10);

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Response {
    /// A header's value; `None` when it is absent or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as text, with U+FFFD for what is not UTF-8.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; `null` when it is not JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// GETs `url`.
///
/// # Errors
/// As [`request`].
pub fn get(url: &str) -> Result<Response, String> {
    request("GET", url, &[], Bytes::new())
}

/// Sends one request and reads the whole answer, whatever its status.
///
/// # Errors
/// When `url` is not an `http` URL of this machine, nothing answers, or it takes longer than ten seconds.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Result<Response, String> {
    let mut request = Request::builder().method(method).uri(loopback(url)?);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Full::new(body.into())).map_err(|error| format!("{method} `{url}`: {error}"))?;
    let exchange = async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let answer = client.request(request).await.map_err(|error| describe(&error))?;
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| describe(&error))?.to_bytes();
        Ok(Response { status: parts.status.as_u16(), headers: parts.headers, body })
    };
    runtime()
        .block_on(async { tokio::time::timeout(LIMIT, exchange).await })
        .map_err(|_| format!("{method} `{url}`: no answer within {LIMIT:?}"))?
        .map_err(|error: String| format!("{method} `{url}`: {error}"))
}

/// Accepts `http` URLs of this machine only: neither a test nor the demo ever sends anything elsewhere.
pub(crate) fn loopback(url: &str) -> Result<Uri, String> {
    let uri: Uri = url.parse().map_err(|error| format!("`{url}` is not a URL: {error}"))?;
    let host = uri.host().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let local = host == "localhost" || literal.is_ok_and(|address| address.is_loopback());
    if uri.scheme_str() == Some("http") && local {
        Ok(uri)
    } else {
        Err(format!("`{url}` is not an http URL of a loopback address"))
    }
}

/// An error with its causes, outermost first.
pub(crate) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_on_loopback_is_spoken() {
        for url in ["http://127.0.0.1:80/", "http://localhost:9/x", "http://[::1]:80/", "http://127.8.8.8/"] {
            assert!(loopback(url).is_ok(), "{url}");
        }
        for url in
            ["https://127.0.0.1/", "http://example.com/", "http://10.0.0.1/", "http://169.254.169.254/", "/x", ""]
        {
            assert!(loopback(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_refused_connection_names_the_url() {
        let error = get("http://127.0.0.1:1/x").expect_err("nothing listens on port 1");
        assert!(error.contains("http://127.0.0.1:1/x"), "{error}");
    }
}
