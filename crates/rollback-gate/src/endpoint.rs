//! An address that is asked again and again.

use std::fmt;
use std::str::FromStr;

use slipway_core::http::{address, parse_url};
use slipway_core::{Error, ErrorKind, Result};
use url::Url;

/// An http or https address that an author wrote. It is shown without its query, which can hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Endpoint(Url);

impl Endpoint {
    /// The whole address, for the one place that asks it.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }
}

impl FromStr for Endpoint {
    type Err = Error;

    /// # Errors
    /// `InvalidInput` if nothing could ever answer there, `ForbiddenAddress` if it is never to be asked. The address of a name is
    /// checked again whenever it is asked.
    fn from_str(text: &str) -> Result<Self> {
        let shown = text.split('?').next().unwrap_or_default();
        // First without the query, so that no error shows it.
        parse_url(shown)?;
        let url = parse_url(text)?;
        match address::forbidden_host(&url) {
            Some(why) => Err(Error::new(ErrorKind::ForbiddenAddress, format!("`{shown}` is refused: it {why}"))),
            None => Ok(Self(url)),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        write!(f, "{shown}{}", if self.0.query().is_some() { "?…" } else { "" })
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// An address that may not even be one, without what can hold a secret: the query, a user name and password.
pub(crate) fn without_secrets(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let (rest, query) = rest.split_once('?').map_or((rest, ""), |(rest, _)| (rest, "?…"));
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    format!("{scheme}://{rest}{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_address_is_refused_in_a_sentence() {
        for (text, why) in [
            ("http://metadata.google.internal/x", "it is a cloud's metadata service, which hands out credentials"),
            (
                "http://0xa9.0xfe.0xa9.0xfe/",
                "it is at 169.254.169.254, a link-local address, where metadata services are",
            ),
        ] {
            let error = text.parse::<Endpoint>().unwrap_err();
            assert_eq!(error.message(), format!("`{text}` is refused: {why}"));
        }
    }

    #[test]
    fn a_query_is_not_shown() {
        let endpoint: Endpoint = "https://shop.example/health?token=s3cret#x".parse().unwrap();
        assert_eq!(endpoint.to_string(), "https://shop.example/health?…");
        assert_eq!(format!("{endpoint:?}"), "https://shop.example/health?…");
        assert!(endpoint.url().as_str().contains("s3cret"));
        for hostile in ["https://good:s3cret@evil/", "https://good@evil/?token=s3cret", "https://x:0/?token=s3cret"] {
            let error = hostile.parse::<Endpoint>().unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
            assert!(!without_secrets(hostile).contains("s3cret"), "{hostile}");
        }
    }
}
