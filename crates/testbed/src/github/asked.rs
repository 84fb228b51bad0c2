//! One request as an operation sees it, and what it answers.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, LINK};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::HostedRepository;
use super::forge::Forge;
use crate::BareRepository;

/// A request to a repository that exists.
pub(super) struct Asked<'a> {
    /// The server: `http://127.0.0.1:PORT`.
    pub(super) server: &'a str,
    /// The base that the request came to.
    pub(super) base: String,
    pub(super) repository: &'a HostedRepository,
    pub(super) forge: &'a mut Forge,
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) query: &'a BTreeMap<String, String>,
    /// The path below `/repos/{owner}/{repo}`.
    pub(super) below: &'a str,
    pub(super) content_type: &'a str,
    pub(super) content: &'a [u8],
    /// The body, if it is JSON.
    pub(super) body: Value,
}

/// An operation.
pub(super) type Handler = fn(&mut Asked<'_>) -> Answered;
/// Method, path and operation.
pub(super) type Route = (&'static str, &'static str, Handler);
/// What an operation answers.
pub(super) type Answered = Result<Reply, Refusal>;

impl Asked<'_> {
    pub(super) fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Result<u64, Refusal> {
        self.parameter(name).parse().map_err(|_| Refusal::not_found())
    }

    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.body[field].as_str()
    }

    /// The repository behind; without one, or without a commit in it, there is nothing to read.
    pub(super) fn git(&self) -> Result<&BareRepository, Refusal> {
        let git = self.repository.git.as_ref().filter(|git| !git.refs().is_empty());
        git.ok_or_else(|| Refusal::new(409, "Git Repository is empty."))
    }

    /// The commit that a name leads to.
    pub(super) fn commit(&self, name: &str) -> Option<String> {
        let commit = format!("{name}^{{commit}}");
        self.repository
            .git
            .as_ref()?
            .try_git(&["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])
            .ok()
            .and_then(|printed| printed.lines().last().map(str::to_owned))
    }

    pub(super) fn full_name(&self) -> &str {
        &self.repository.full_name
    }

    pub(super) fn owner(&self) -> &str {
        self.full_name().split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The repository's address in the API.
    pub(super) fn api(&self) -> String {
        format!("{}/api/v3/repos/{}", self.server, self.full_name())
    }

    /// The repository's page.
    pub(super) fn html(&self) -> String {
        format!("{}/{}", self.server, self.full_name())
    }

    /// The account that every request is made by.
    pub(super) fn actor(&self) -> Value {
        account(self.server, "github-actions[bot]", "Bot")
    }

    /// The page that was asked for, with the links to the others.
    pub(super) fn page(&self, all: &[Value]) -> Reply {
        let (page, size) = self.window(30);
        let entries: Vec<Value> = all.iter().skip((page - 1) * size).take(size).cloned().collect();
        Reply::ok(json!(entries)).linked(self.links(page, all.len().div_ceil(size)))
    }

    /// Which page of which size was asked for.
    pub(super) fn window(&self, default: usize) -> (usize, usize) {
        let number = |name: &str| self.query.get(name).and_then(|text| text.parse::<usize>().ok());
        (number("page").unwrap_or(1).max(1), number("per_page").unwrap_or(default).clamp(1, 100.max(default)))
    }

    /// The header `Link`. GitHub writes the number of the repository instead of its name.
    pub(super) fn links(&self, page: usize, last: usize) -> Option<String> {
        let link = |page: usize, relation: &str| {
            let others = self
                .query
                .iter()
                .filter(|(name, _)| *name != "page")
                .map(|(name, value)| format!("{name}={}&", encoded(value)));
            let query: String = others.collect();
            let repository = super::id(self.full_name());
            let base = &self.base;
            format!("<{base}/repositories/{repository}{}?{query}page={page}>; rel=\"{relation}\"", self.below)
        };
        let mut links = Vec::new();
        if page > 1 {
            links.push(link(page - 1, "prev"));
        }
        if page < last {
            links.extend([link(page + 1, "next"), link(last, "last")]);
        }
        if page > 1 {
            links.push(link(1, "first"));
        }
        (!links.is_empty()).then(|| links.join(", "))
    }
}

/// A text as a part of an address; slashes stay.
pub(super) fn encoded(text: &str) -> String {
    const PLAIN: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_');
    utf8_percent_encode(text, &PLAIN).collect()
}

/// A good answer.
pub(super) struct Reply {
    status: u16,
    body: Option<Value>,
    link: Option<String>,
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, body: Some(body), link: None }
    }

    /// The same with the header `Link`.
    pub(super) fn linked(self, link: Option<String>) -> Self {
        Self { link, ..self }
    }

    pub(super) fn created(body: Value) -> Self {
        Self { status: 201, body: Some(body), link: None }
    }

    pub(super) fn no_content() -> Self {
        Self { status: 204, body: None, link: None }
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let mut response = answer(self.status, self.body.as_ref());
        if let Some(link) = self.link.and_then(|link| link.parse().ok()) {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

/// An error as GitHub words it.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    message: String,
    errors: Vec<Value>,
    /// What `X-Accepted-GitHub-Permissions` names.
    permission: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Vec::new(), permission: None }
    }

    /// The token lacks a right.
    pub(super) fn without(permission: &str) -> Self {
        Self { permission: Some(permission.to_owned()), ..Self::new(403, "Resource not accessible by integration") }
    }

    pub(super) fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// `422 Validation Failed` for one field.
    pub(super) fn invalid(resource: &str, field: &str, code: &str) -> Self {
        let errors = vec![json!({ "resource": resource, "field": field, "code": code })];
        Self { errors, ..Self::new(422, "Validation Failed") }
    }

    /// `422 Validation Failed` in words.
    pub(super) fn custom(resource: &str, message: String) -> Self {
        let errors = vec![json!({ "resource": resource, "code": "custom", "message": message })];
        Self { errors, ..Self::new(422, "Validation Failed") }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "message": self.message });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        body["documentation_url"] = json!("https://docs.github.com/rest");
        body["status"] = json!(self.status.to_string());
        let mut response = answer(self.status, Some(&body));
        if let Some(permission) = self.permission.and_then(|permission| permission.parse().ok()) {
            response.headers_mut().insert("x-accepted-github-permissions", permission);
        }
        response
    }
}

fn answer(status: u16, body: Option<&Value>) -> Response {
    let status = StatusCode::from_u16(status).expect("a status code");
    match body {
        Some(body) => (status, [(CONTENT_TYPE, "application/json; charset=utf-8")], body.to_string()).into_response(),
        None => status.into_response(),
    }
}

/// An account, as it stands in other objects; the id is made from the name.
pub(super) fn account(url: &str, login: &str, kind: &str) -> Value {
    let path = login.replace('[', "%5B").replace(']', "%5D");
    let api = format!("{url}/api/v3/users/{path}");
    json!({
        "login": login,
        "id": super::id(login),
        "node_id": format!("U_{login}"),
        "avatar_url": format!("{url}/avatars/{path}"),
        "gravatar_id": "",
        "url": api,
        "html_url": format!("{url}/{path}"),
        "followers_url": format!("{api}/followers"),
        "following_url": format!("{api}/following{{/other_user}}"),
        "gists_url": format!("{api}/gists{{/gist_id}}"),
        "starred_url": format!("{api}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{api}/subscriptions"),
        "organizations_url": format!("{api}/orgs"),
        "repos_url": format!("{api}/repos"),
        "events_url": format!("{api}/events{{/privacy}}"),
        "received_events_url": format!("{api}/received_events"),
        "type": kind,
        "site_admin": false,
    })
}
