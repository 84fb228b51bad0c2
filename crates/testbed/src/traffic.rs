//! What a stand-in was asked, and what it was told to answer.

use std::collections::VecDeque;
use std::sync::Mutex;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;

use crate::lock;

/// One request as the server saw it.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The method.
    pub method: String,
    /// The path, with the query when there is one.
    pub path: String,
    /// The headers; names are lower case.
    pub headers: Vec<(String, String)>,
    /// The body; empty where the server streams it.
    pub body: Bytes,
}

impl Recorded {
    pub(crate) fn new(request: &Parts, body: Bytes) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        Self {
            method: request.method.to_string(),
            path: request.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
            body,
        }
    }

    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// An answer given instead of the real one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    status: StatusCode,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    /// How much more than there is the header `content-length` claims.
    missing: usize,
}

impl Answer {
    /// An empty answer; panics when `code` is not a status code.
    pub fn status(code: u16) -> Self {
        let status = StatusCode::from_u16(code).expect("a status code");
        Self { status, headers: Vec::new(), body: Bytes::new(), missing: 0 }
    }

    /// Adds a header; panics when it cannot be one.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = name.parse().expect("a header name");
        self.headers.push((name, value.parse().expect("a header value")));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The connection ends when so many bytes of the body are still to come.
    #[must_use]
    pub fn cut_short(mut self, missing: usize) -> Self {
        self.missing = missing;
        self
    }

    pub(crate) fn into_response(self) -> Response {
        let claimed = self.body.len() + self.missing;
        let mut response = if self.missing > 0 {
            // Of a stream the server does not know that it is too short.
            let stream = futures_util::stream::iter([Ok::<_, std::convert::Infallible>(self.body)]);
            let mut response = Response::new(Body::from_stream(stream));
            response.headers_mut().insert(axum::http::header::CONTENT_LENGTH, claimed.into());
            response
        } else {
            Response::new(Body::from(self.body))
        };
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}

/// The log and the script of one server.
#[derive(Default)]
pub(crate) struct Traffic {
    log: Mutex<Vec<Recorded>>,
    script: Mutex<VecDeque<Answer>>,
}

impl Traffic {
    /// Records a request, and gives the scripted answer to it when there is one.
    pub(crate) fn meet(&self, request: Recorded) -> Option<Response> {
        lock(&self.log).push(request);
        lock(&self.script).pop_front().map(Answer::into_response)
    }

    /// Gives `answer` to each of the next `times` requests.
    pub(crate) fn script(&self, times: usize, answer: Answer) {
        lock(&self.script).extend(std::iter::repeat_n(answer, times));
    }

    /// Every request so far.
    pub(crate) fn log(&self) -> Vec<Recorded> {
        lock(&self.log).clone()
    }
}
