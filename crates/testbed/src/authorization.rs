//! Which token a request carries.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// The secret of the `authorization` header: the password of basic, or the token of `Bearer` and GitHub's `token`.
pub(crate) fn token(headers: &HeaderMap) -> Option<String> {
    let (scheme, credentials) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    match scheme.to_ascii_lowercase().as_str() {
        "bearer" | "token" => Some(credentials.trim().to_owned()),
        "basic" => {
            let decoded = String::from_utf8(BASE64_STANDARD.decode(credentials.trim()).ok()?).ok()?;
            decoded.split_once(':').map(|(_, password)| password.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scheme_in_use_is_read() {
        let cases = [
            ("Bearer t0ken", Some("t0ken")),
            ("bearer t0ken", Some("t0ken")),
            ("token t0ken", Some("t0ken")),
            ("basic eDp0MGtlbg==", Some("t0ken")),
            ("Basic eDp0OjBrZW4=", Some("t:0ken")),
            ("Basic ???", None),
            ("Digest x", None),
            ("t0ken", None),
        ];
        for (header, expected) in cases {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, header.parse().expect("a header value"))]);
            assert_eq!(token(&headers).as_deref(), expected, "{header}");
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }
}
