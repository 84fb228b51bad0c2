//! The registry's HTTP interface.

use std::collections::BTreeMap;
use std::sync::Mutex;

use axum::body::Bytes;
use axum::extract::Query;
use axum::http::header::{AUTHORIZATION, CONTENT_RANGE, CONTENT_TYPE, HOST, LOCATION, RANGE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderName, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::store::{Failure, Manifest, Store};
use super::{INDEX, digest};
use crate::lock;

const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");
const SUBJECT: HeaderName = HeaderName::from_static("oci-subject");
const LINK: HeaderName = HeaderName::from_static("link");
const FILTERS: HeaderName = HeaderName::from_static("oci-filters-applied");

/// The end points of the specification.
enum Route<'a> {
    Base,
    Uploads(String),
    Upload(String, &'a str),
    Blob(String, &'a str),
    Manifest(String, &'a str),
    Tags(String),
    Referrers(String, &'a str),
}

impl<'a> Route<'a> {
    fn parse(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/v2")?.strip_prefix('/')?;
        let parts: Vec<&str> = rest.split('/').collect();
        Some(match parts.as_slice() {
            [""] => Self::Base,
            [name @ .., "blobs", "uploads"] | [name @ .., "blobs", "uploads", ""] => Self::Uploads(name.join("/")),
            [name @ .., "blobs", "uploads", upload] => Self::Upload(name.join("/"), upload),
            [name @ .., "blobs", digest] => Self::Blob(name.join("/"), digest),
            [name @ .., "manifests", reference] => Self::Manifest(name.join("/"), reference),
            [name @ .., "tags", "list"] => Self::Tags(name.join("/")),
            [name @ .., "referrers", digest] => Self::Referrers(name.join("/"), digest),
            _ => return None,
        })
    }
}

/// Answers one request that is allowed in.
pub(super) fn answer(store: &Mutex<Store>, request: &Parts, body: Bytes) -> Response {
    let path = if request.uri.path() == "/v2" { "/v2/" } else { request.uri.path() };
    let Some(route) = Route::parse(path) else { return StatusCode::NOT_FOUND.into_response() };
    let query = Query::try_from_uri(&request.uri).map(|Query(query)| query).unwrap_or_default();
    dispatch(&mut lock(store), &route, request, &query, body).unwrap_or_else(|failure| {
        let errors = json!({ "errors": [{ "code": failure.code, "message": failure.message }] });
        (failure.status, [(CONTENT_TYPE, "application/json")], errors.to_string()).into_response()
    })
}

fn dispatch(
    store: &mut Store,
    route: &Route<'_>,
    request: &Parts,
    query: &BTreeMap<String, String>,
    body: Bytes,
) -> Result<Response, Failure> {
    match (&request.method, route) {
        (&Method::GET | &Method::HEAD, Route::Base) => Ok(([(CONTENT_TYPE, "application/json")], "{}").into_response()),
        (&Method::POST, Route::Uploads(name)) => begin_upload(store, name, query, body),
        (&Method::GET, Route::Upload(name, upload)) => {
            Ok(progress(StatusCode::NO_CONTENT, name, upload, store.uploaded(upload)?))
        }
        (&Method::PATCH, Route::Upload(name, upload)) => {
            let length = store.append(upload, chunk_start(request)?, &body)?;
            Ok(progress(StatusCode::ACCEPTED, name, upload, length))
        }
        (&Method::PUT, Route::Upload(name, upload)) => {
            store.append(upload, chunk_start(request)?, &body)?;
            let expected = query.get("digest").map_or("", String::as_str);
            store.finish_upload(name, upload, expected)?;
            Ok(created(name, "blobs", expected, expected))
        }
        (&Method::GET | &Method::HEAD, Route::Blob(name, wanted)) => {
            let bytes = store.blob(name, wanted)?;
            let headers = [(CONTENT_TYPE, "application/octet-stream"), (DIGEST, wanted)];
            Ok(match piece(request, bytes.len()) {
                Some(piece) => (StatusCode::PARTIAL_CONTENT, headers, bytes.slice(piece)).into_response(),
                None => (headers, bytes).into_response(),
            })
        }
        (&Method::DELETE, Route::Blob(name, wanted)) => {
            store.delete_blob(name, wanted)?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        (&Method::GET | &Method::HEAD, Route::Manifest(name, reference)) => {
            let Manifest { digest, media_type, bytes, .. } = store.manifest(name, reference)?;
            Ok(([(CONTENT_TYPE, media_type), (DIGEST, digest)], bytes).into_response())
        }
        (&Method::PUT, Route::Manifest(name, reference)) => {
            let media_type =
                request.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
            let stored = store.put_manifest(name, reference, media_type, body)?;
            let mut response = created(name, "manifests", reference, &stored.digest);
            if let Some(subject) =
                stored.subject.filter(|_| store.has_referrers).and_then(|subject| subject.parse().ok())
            {
                response.headers_mut().insert(SUBJECT, subject);
            }
            Ok(response)
        }
        (&Method::DELETE, Route::Manifest(name, reference)) => {
            store.delete_manifest(name, reference)?;
            Ok(StatusCode::ACCEPTED.into_response())
        }
        (&Method::GET, Route::Tags(name)) => Ok(list_tags(name, store.tags(name)?, query)),
        (&Method::GET, Route::Referrers(name, subject)) if store.has_referrers => {
            Ok(list_referrers(store, name, subject, query))
        }
        (_, Route::Referrers(..)) => Err(Failure::new(StatusCode::NOT_FOUND, "UNSUPPORTED", "there is no such path")),
        _ => Err(Failure::new(StatusCode::METHOD_NOT_ALLOWED, "UNSUPPORTED", "the method is not supported here")),
    }
}

fn begin_upload(
    store: &mut Store,
    name: &str,
    query: &BTreeMap<String, String>,
    body: Bytes,
) -> Result<Response, Failure> {
    if let Some(expected) = query.get("digest") {
        store.put_blob(name, expected, body)?;
        return Ok(created(name, "blobs", expected, expected));
    }
    if let (Some(wanted), Some(from)) = (query.get("mount"), query.get("from"))
        && store.mount(name, wanted, from)?
    {
        return Ok(created(name, "blobs", wanted, wanted));
    }
    let upload = store.begin_upload(name)?;
    Ok(progress(StatusCode::ACCEPTED, name, &upload, 0))
}

/// The first byte of the chunk, from `Content-Range: <first>-<last>`.
fn chunk_start(request: &Parts) -> Result<Option<usize>, Failure> {
    let Some(range) = request.headers.get(CONTENT_RANGE) else { return Ok(None) };
    let first = range.to_str().ok().and_then(|range| range.split('-').next()?.parse().ok());
    let invalid = || Failure::new(StatusCode::RANGE_NOT_SATISFIABLE, "BLOB_UPLOAD_INVALID", "the range is malformed");
    first.map(Some).ok_or_else(invalid)
}

/// The part of a blob that is asked for, from `Range: bytes=<first>-<last>`.
fn piece(request: &Parts, length: usize) -> Option<std::ops::Range<usize>> {
    let range = request.headers.get(RANGE)?.to_str().ok()?.strip_prefix("bytes=")?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last && last < length).then_some(first..last + 1)
}

fn progress(status: StatusCode, name: &str, upload: &str, length: usize) -> Response {
    let location = format!("/v2/{name}/blobs/uploads/{upload}");
    (status, [(LOCATION, location), (RANGE, format!("0-{}", length.saturating_sub(1)))]).into_response()
}

fn created(name: &str, kind: &str, reference: &str, digest: &str) -> Response {
    let location = format!("/v2/{name}/{kind}/{reference}");
    (StatusCode::CREATED, [(LOCATION, location), (DIGEST, digest.to_owned())]).into_response()
}

fn list_tags(name: &str, tags: Vec<String>, query: &BTreeMap<String, String>) -> Response {
    let after = query.get("last").map_or("", String::as_str);
    let remaining: Vec<String> = tags.into_iter().filter(|tag| tag.as_str() > after).collect();
    let wanted = query.get("n").and_then(|n| n.parse().ok()).unwrap_or(usize::MAX);
    let page = &remaining[..wanted.min(remaining.len())];
    let body = json!({ "name": name, "tags": page }).to_string();
    let mut response = ([(CONTENT_TYPE, "application/json")], body).into_response();
    if let Some(last) = page.last().filter(|_| page.len() < remaining.len()) {
        let next = format!("</v2/{name}/tags/list?n={wanted}&last={last}>; rel=\"next\"");
        response.headers_mut().insert(LINK, next.parse().expect("names and tags are ASCII"));
    }
    response
}

fn list_referrers(store: &Store, name: &str, subject: &str, query: &BTreeMap<String, String>) -> Response {
    let mut referrers = store.referrers(name, subject);
    let filter = query.get("artifactType");
    if let Some(wanted) = filter {
        referrers.retain(|descriptor| descriptor["artifactType"] == **wanted);
    }
    let body = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": referrers }).to_string();
    let mut response = ([(CONTENT_TYPE, INDEX)], body).into_response();
    if filter.is_some() {
        response.headers_mut().insert(FILTERS, "artifactType".parse().expect("a header value"));
    }
    response
}

/// The Docker token flow: the answer to a login, or to a request that needs one; `None` when it is allowed in.
pub(super) fn check_login(request: &Parts, user: &str, password: &str) -> Option<Response> {
    let credentials = format!("{user}:{password}");
    let token = digest(credentials.as_bytes());
    let header = |name| request.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let authorization = header(AUTHORIZATION);
    if request.uri.path() == "/token" {
        if authorization != format!("Basic {}", BASE64_STANDARD.encode(&credentials)) {
            return Some((StatusCode::UNAUTHORIZED, "the user or the password is wrong").into_response());
        }
        let body = json!({ "token": token, "access_token": token, "expires_in": 300 }).to_string();
        return Some(([(CONTENT_TYPE, "application/json")], body).into_response());
    }
    if authorization == format!("Bearer {token}") {
        return None;
    }
    let scope = match Route::parse(request.uri.path()) {
        Some(
            Route::Uploads(name)
            | Route::Upload(name, _)
            | Route::Blob(name, _)
            | Route::Manifest(name, _)
            | Route::Tags(name)
            | Route::Referrers(name, _),
        ) => format!(",scope=\"repository:{name}:pull,push\""),
        Some(Route::Base) | None => String::new(),
    };
    let challenge = format!("Bearer realm=\"http://{}/token\",service=\"testbed\"{scope}", header(HOST));
    let errors = json!({ "errors": [{ "code": "UNAUTHORIZED", "message": "authentication required" }] });
    Some((StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)], errors.to_string()).into_response())
}
