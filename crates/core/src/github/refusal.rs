//! What GitHub's refusals mean for the one who reads the log.

use http::{HeaderMap, Method, StatusCode};
use octocrab::GitHubError;
use serde_json::Value;

use super::client::Call;
use super::graphql::QueryError;
use crate::context::rfc3339;
use crate::text::shorten;
use crate::{Error, ErrorKind};

/// How much of a message is told, in characters: what answers in GitHub's place can send a whole page.
const MESSAGE_LIMIT: usize = 500;
/// How many of the errors in one answer are told.
const ERROR_LIMIT: usize = 5;
/// What to do after a write whose answer was lost.
const MAY_BE_DONE: &str = "it may have been carried out all the same: run again, which looks first";

/// The error that an answer, or the lack of one, is.
#[cold]
pub(super) fn refusal(call: &Call, error: &octocrab::Error) -> Error {
    // octocrab's error itself is never shown: it would bring the printing of backtraces into the modules, 25 kilobytes of it.
    let mut cause: &(dyn std::error::Error + 'static) = match error {
        octocrab::Error::GitHub { source, .. } => return answered(call, source),
        // What went wrong below octocrab is one of our own errors, somewhere down the chain.
        octocrab::Error::Service { source, .. } | octocrab::Error::Other { source, .. } => source.as_ref(),
        octocrab::Error::Serde { source, .. } => source,
        octocrab::Error::Json { source, .. } => source.inner(),
        octocrab::Error::InvalidUtf8 { source, .. } => source,
        octocrab::Error::Http { source, .. } => source,
        _ => return misanswered(call, "the answer cannot be read"),
    };
    loop {
        if let Some(ours) = cause.downcast_ref::<Error>() {
            let ours = ours.clone().context(&call.name);
            let lost = matches!(ours.kind(), ErrorKind::Network | ErrorKind::TimedOut) && ours.hint_text().is_none();
            return if lost && call.method != Method::GET { ours.hint(MAY_BE_DONE) } else { ours };
        }
        match cause.source() {
            Some(inner) => cause = inner,
            None => return misanswered(call, &cause.to_string()),
        }
    }
}

/// The error that a good status with something else than GitHub's answer is.
#[cold]
pub(super) fn misanswered(call: &Call, why: &str) -> Error {
    let why = shorten(why, MESSAGE_LIMIT);
    Error::new(ErrorKind::Network, format!("{} was not answered as GitHub does: {why}", call.name)).hint(
        "check that `GITHUB_API_URL` is the address of the API, and that no login page or proxy answers in its place",
    )
}

/// The error that a GraphQL answer with errors is.
#[cold]
pub(super) fn refused_query(call: &Call, errors: &[QueryError]) -> Error {
    let words: Vec<&str> = errors.iter().take(ERROR_LIMIT).map(|error| error.message.trim()).collect();
    let message = shorten(&words.join("; "), MESSAGE_LIMIT);
    let kind = errors.first().map_or("", |error| error.kind.as_str());
    let lower = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| lower.contains(words));
    let kind = match kind {
        "STALE_DATA" => ErrorKind::LostRace,
        "RATE_LIMIT" | "RATE_LIMITED" => ErrorKind::RateLimited,
        "NOT_FOUND" => ErrorKind::NotFound,
        _ if says(&["rule violation", "protected"]) => ErrorKind::PushRejected,
        _ if says(&["but it did not. pull and try again"]) => ErrorKind::LostRace,
        "FORBIDDEN" | "INSUFFICIENT_SCOPES" => ErrorKind::Permission,
        _ if says(&["resource not accessible"]) => ErrorKind::Permission,
        _ => ErrorKind::Unprocessable,
    };
    let said = Error::new(kind, format!("{} was refused: {message}", call.name));
    match kind {
        ErrorKind::Permission => {
            said.hint(format!("the token lacks a right: add `{}` under `permissions:` of the job", call.permission))
        }
        ErrorKind::PushRejected => said.hint("a rule of the repository forbids it: see Settings → Rules"),
        ErrorKind::NotFound => said.hint("it does not exist, or the token cannot see it"),
        ErrorKind::RateLimited => said.hint(when_to_come_back(&HeaderMap::new())),
        _ => said,
    }
}

fn answered(call: &Call, error: &GitHubError) -> Error {
    let status = error.status_code;
    let no_headers = HeaderMap::new();
    let headers = error.headers.as_ref().unwrap_or(&no_headers);
    let message = in_words(error);
    let limited = is_rate_limit(status, headers, &error.message);
    let kind = if limited { ErrorKind::RateLimited } else { kind_of(&call.method, status, error, &message) };
    let said = Error::new(kind, format!("{} answered {}: {message}", call.name, status.as_u16()));
    match kind {
        ErrorKind::RateLimited => said.hint(when_to_come_back(headers)),
        ErrorKind::Permission if status == StatusCode::UNAUTHORIZED => {
            said.hint("the token is wrong or has expired: check `github-token`")
        }
        ErrorKind::Permission if message.contains("not permitted to create or approve pull requests") => said.hint(
            "allow it under Settings → Actions → General → Workflow permissions, or pass the token of an app as `github-token`",
        ),
        ErrorKind::Permission => {
            let permission = accepted_permission(headers).unwrap_or_else(|| call.permission.into());
            said.hint(format!("the token lacks a right: add `{permission}` under `permissions:` of the job"))
        }
        ErrorKind::NotFound if status == StatusCode::NOT_FOUND => said.hint(format!(
            "it does not exist, or the token cannot see it: that takes `{}` under `permissions:` of the job",
            call.permission
        )),
        ErrorKind::PushRejected => said.hint("a rule of the repository forbids it: see Settings → Rules"),
        ErrorKind::Network if call.method != Method::GET => said.hint(MAY_BE_DONE),
        _ => said,
    }
}

/// GitHub's message with the errors that it lists.
fn in_words(error: &GitHubError) -> String {
    let listed = error.errors.as_deref().unwrap_or_default();
    let mut words: Vec<String> = listed.iter().take(ERROR_LIMIT).map(one_in_words).collect();
    if listed.len() > ERROR_LIMIT {
        words.push(format!("and {} more", listed.len() - ERROR_LIMIT));
    }
    let message = error.message.trim();
    let whole = if words.is_empty() { message.to_owned() } else { format!("{message}: {}", words.join("; ")) };
    shorten(&whole, MESSAGE_LIMIT)
}

/// One entry of `errors`, which is a text, or an object with a message or a code.
fn one_in_words(error: &Value) -> String {
    let text = |key: &str| error[key].as_str().filter(|text| !text.is_empty());
    if let Some(message) = error.as_str().or_else(|| text("message")) {
        return message.to_owned();
    }
    let what = text("field").or_else(|| text("resource")).unwrap_or("the request");
    let how = match text("code") {
        Some("missing") => "names something that does not exist",
        Some("missing_field") => "is missing",
        Some("already_exists") => "already exists",
        Some("unprocessable") => "cannot be processed",
        _ => "is invalid",
    };
    format!("`{what}` {how}")
}

fn kind_of(method: &Method, status: StatusCode, error: &GitHubError, message: &str) -> ErrorKind {
    match status.as_u16() {
        401 | 403 => ErrorKind::Permission,
        404 | 410 => ErrorKind::NotFound,
        // A repository without a commit has nothing to read.
        409 if *method == Method::GET => ErrorKind::NotFound,
        409 => ErrorKind::LostRace,
        422 => kind_of_unprocessable(error, message),
        400..=499 => ErrorKind::Unprocessable,
        _ => ErrorKind::Network,
    }
}

fn kind_of_unprocessable(error: &GitHubError, message: &str) -> ErrorKind {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|words| message.contains(words));
    let exists = error.errors.iter().flatten().any(|error| error["code"] == "already_exists");
    if says(&["immutable", "rule violation", "protected"]) {
        ErrorKind::PushRejected
    } else if exists || says(&["already exists"]) {
        ErrorKind::AlreadyExists
    } else if says(&["not a fast forward"]) {
        ErrorKind::LostRace
    } else if says(&["reference does not exist"]) {
        ErrorKind::NotFound
    } else {
        ErrorKind::Unprocessable
    }
}

/// Whether a refusal is one of the two rate limits, which GitHub answers as 403 or as 429.
fn is_rate_limit(status: StatusCode, headers: &HeaderMap, message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    status == StatusCode::TOO_MANY_REQUESTS
        || status == StatusCode::FORBIDDEN
            && (["rate limit", "abuse detection"].iter().any(|words| message.contains(words))
                || headers.contains_key("retry-after"))
}

fn when_to_come_back(headers: &HeaderMap) -> String {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    let spent = headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0");
    let reset = number("x-ratelimit-reset").filter(|_| spent).and_then(|seconds| seconds.checked_mul(1000));
    let when = match (number("retry-after"), reset) {
        (Some(seconds), _) => format!("try again in {seconds} s"),
        (None, Some(time)) => format!("try again after {}", rfc3339(time)),
        (None, None) => "try again later".into(),
    };
    format!("the rate limit is used up: {when}; without a `github-token` it is much lower")
}

/// The permission that GitHub names in `X-Accepted-GitHub-Permissions`, such as `contents=write`, as a workflow writes it.
fn accepted_permission(headers: &HeaderMap) -> Option<String> {
    let named = headers.get("x-accepted-github-permissions")?.to_str().ok()?;
    let plain = |b: u8| b.is_ascii_lowercase() || matches!(b, b'_' | b'=' | b',' | b' ');
    let first = named.split(';').next()?.trim();
    if first.len() > 100 || !first.contains('=') || !first.bytes().all(plain) {
        return None;
    }
    let lines = first.split(',').map(|line| line.trim().replace('=', ": ").replace('_', "-"));
    Some(lines.collect::<Vec<_>>().join("` and `"))
}
