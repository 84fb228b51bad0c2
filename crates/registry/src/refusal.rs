//! What an answer that is no success means.

use http::Response;
use serde_json::Value;
use slipway_core::text::{one_line, shorten};
use slipway_core::{Error, ErrorKind};

/// How much of a registry's own words is shown.
const LIMIT: usize = 300;

/// The error for an answer of `who`; `advice` is what to do where another login is wanted.
pub(crate) fn of(who: &str, answer: &Response<Vec<u8>>, advice: &str) -> Error {
    let status = answer.status().as_u16();
    let (codes, words) = told(answer.body());
    let is_fixed = codes.iter().any(|code| code == "TAG_INVALID") || words.to_lowercase().contains("immutable");
    let is_limited = status == 429 || codes.iter().any(|code| code == "TOOMANYREQUESTS");
    let kind = match status {
        _ if is_limited => ErrorKind::RateLimited,
        400..=499 if is_fixed => ErrorKind::TagExists,
        401 | 403 => ErrorKind::Permission,
        404 => ErrorKind::NotFound,
        400..=499 => ErrorKind::Unprocessable,
        _ => ErrorKind::Network,
    };
    let words = if words.is_empty() { String::new() } else { format!(": {words}") };
    let error = Error::new(kind, format!("{who} answered with status {status}{words}"));
    match kind {
        ErrorKind::Permission => error.hint(advice),
        ErrorKind::RateLimited => error.hint("log in for a higher limit, or try again later"),
        ErrorKind::NotFound => error.hint("check the name; a registry may also hide what the login has no right to"),
        ErrorKind::TagExists => error.hint("the registry does not let this tag be moved; use another tag"),
        _ => error,
    }
}

/// The codes and the words of the specification's error body, on one line.
fn told(body: &[u8]) -> (Vec<String>, String) {
    let content: Value = serde_json::from_slice(body).unwrap_or_default();
    let errors = content["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let codes: Vec<String> = errors.iter().filter_map(|error| error["code"].as_str().map(Into::into)).collect();
    let words: Vec<String> = errors
        .iter()
        .take(3)
        .map(|error| match (error["code"].as_str(), error["message"].as_str()) {
            (Some(code), Some(message)) => format!("{code}, {message}"),
            (code, message) => code.or(message).unwrap_or_default().into(),
        })
        .collect();
    (codes, shorten(&one_line(&words.join("; ")), LIMIT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_become_errors_of_their_kind() {
        let error = |code: &str, message: &str| format!(r#"{{"errors":[{{"code":"{code}","message":"{message}"}}]}}"#);
        for (status, body, kind) in [
            (401, error("UNAUTHORIZED", "authentication required"), ErrorKind::Permission),
            (403, error("DENIED", "permission_denied: write_package"), ErrorKind::Permission),
            (404, error("NAME_UNKNOWN", "x"), ErrorKind::NotFound),
            (429, String::new(), ErrorKind::RateLimited),
            (403, error("TOOMANYREQUESTS", "x"), ErrorKind::RateLimited),
            (400, error("MANIFEST_BLOB_UNKNOWN", "x"), ErrorKind::Unprocessable),
            (400, error("TAG_INVALID", "x"), ErrorKind::TagExists),
            (412, error("PRECONDITION", "configured as immutable"), ErrorKind::TagExists),
            (503, "<html>".into(), ErrorKind::Network),
            (302, String::new(), ErrorKind::Network),
        ] {
            let mut answer = Response::new(body.into_bytes());
            *answer.status_mut() = status.try_into().unwrap();
            assert_eq!(of("x", &answer, "log in").kind(), kind, "{status}");
        }
    }

    #[test]
    fn a_flood_of_words_is_cut() {
        let body = format!(r#"{{"errors":[{{"code":"X","message":"a\nb{}"}}]}}"#, "x".repeat(5000));
        let (codes, words) = told(body.as_bytes());
        assert_eq!(codes, ["X"]);
        assert!(words.len() < 400 && words.starts_with("X, a b"), "{words}");
    }
}
