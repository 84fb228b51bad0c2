//! Whether, and after what pause, a request is sent again.

use std::time::Duration;

use http::{HeaderMap, Method, Response, header};

use super::Fetch;
use crate::{ErrorKind, Result};

/// The longest pause that a server may ask for; beyond it the failure is told instead.
const LONGEST: Duration = Duration::from_secs(60);

/// The pause before the next attempt, or nothing if there should be none. `chance` spreads the pauses of many runs.
pub(super) fn wait(
    fetch: &Fetch,
    answer: &Result<Response<Vec<u8>>>,
    attempt: u32,
    chance: u8,
    now: i64,
) -> Option<Duration> {
    let repeatable = fetch.repeats || [Method::GET, Method::HEAD, Method::PUT].contains(&fetch.method);
    let backoff =
        Duration::from_millis(250).saturating_mul(1 << attempt.min(8)).mul_f64(0.5 + f64::from(chance) / 512.0);
    match answer {
        Err(error) => {
            (repeatable && matches!(error.kind(), ErrorKind::Network | ErrorKind::TimedOut)).then_some(backoff)
        }
        Ok(answer) => {
            let status = answer.status().as_u16();
            // After any other answer a write may have been carried out.
            let refused = status == 429 || status == 403 && is_exhausted(answer.headers());
            let passing = refused || repeatable && matches!(status, 408 | 425 | 500 | 502 | 503 | 504);
            let asked = asked_pause(answer.headers(), now).unwrap_or(backoff).max(backoff);
            (passing && asked <= LONGEST).then_some(asked)
        }
    }
}

/// GitHub's way to say that the rate limit is used up, where others answer 429.
fn is_exhausted(headers: &HeaderMap) -> bool {
    headers.contains_key(header::RETRY_AFTER) || headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0")
}

/// `Retry-After` as seconds or date (RFC 9110), else GitHub's time of reset.
fn asked_pause(headers: &HeaderMap, now: i64) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let until = |milliseconds: i64| Duration::from_millis(u64::try_from(milliseconds.saturating_sub(now)).unwrap_or(0));
    if let Some(after) = text("retry-after") {
        return match after.parse() {
            Ok(seconds) => Some(Duration::from_secs(seconds)),
            Err(_) => milliseconds_of(after).map(until),
        };
    }
    let reset = text("x-ratelimit-reset")?.parse::<i64>().ok()?;
    Some(until(reset.checked_mul(1000)?))
}

/// A date as HTTP writes it, in milliseconds since 1970.
#[expect(clippy::disallowed_types, reason = "a date that was read, not a clock")]
fn milliseconds_of(date: &str) -> Option<i64> {
    let since = httpdate::parse_http_date(date).ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::parse_url;

    fn pause(status: u16, headers: &[(&'static str, &str)], method: Method) -> Option<Duration> {
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = status.try_into().unwrap();
        for (name, value) in headers {
            answer.headers_mut().insert(*name, value.parse().unwrap());
        }
        let fetch = Fetch { method, ..Fetch::get(parse_url("https://a.example/").unwrap()) };
        wait(&fetch, &Ok(answer), 1, 0, 1_767_225_600_000)
    }

    #[test]
    fn only_passing_failures_are_retried() {
        let first = Some(Duration::from_millis(250));
        for (status, headers, expected) in [
            (503, &[][..], first),
            (404, &[], None),
            (403, &[], None),
            (
                403,
                &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1767225610")],
                Some(Duration::from_secs(10)),
            ),
            (429, &[("retry-after", "7")], Some(Duration::from_secs(7))),
            (429, &[("retry-after", "999999")], None),
            (503, &[("retry-after", "Thu, 01 Jan 2026 00:00:05 GMT")], Some(Duration::from_secs(5))),
        ] {
            assert_eq!(pause(status, headers, Method::GET), expected, "{status} {headers:?}");
        }
        for written in [Method::POST, Method::PATCH, Method::DELETE] {
            for status in [408, 500, 502, 503, 504] {
                assert_eq!(pause(status, &[("retry-after", "1")], written.clone()), None, "{status}");
            }
            assert_eq!(pause(429, &[("retry-after", "7")], written.clone()), Some(Duration::from_secs(7)));
            assert_eq!(pause(403, &[("retry-after", "7")], written), Some(Duration::from_secs(7)));
        }
        let fetch =
            Fetch { method: Method::POST, repeats: true, ..Fetch::get(parse_url("https://a.example/").unwrap()) };
        let mut answer = Response::new(Vec::new());
        *answer.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        assert_eq!(wait(&fetch, &Ok(answer), 1, 0, 0), first, "a write that may be done twice");
        assert_eq!(pause(503, &[("x-ratelimit-reset", "-9223372036854775")], Method::GET), first);
    }
}
