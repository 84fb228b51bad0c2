//! Headers for the addresses that are asked, each for one origin alone. Their values are secrets, which no text shows.

use http::{HeaderMap, HeaderName, HeaderValue};
use slipway_core::input::{InputKind, InputSpec, Reader, numbered_lines};
use slipway_core::{Error, ErrorKind, Result};
use url::Url;

use crate::endpoint::Endpoint;

pub(crate) const HEADERS: InputSpec = InputSpec::new(
    "headers",
    InputKind::Secret,
    "Headers for addresses in `checks` and `metrics-url`, one a line: the origin, then `Name: value`, such as \
     `https://api.example Authorization: Bearer …`. No other origin gets them.",
);

/// The headers of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Headers(Vec<(Url, HeaderName, HeaderValue)>);

impl Headers {
    /// Reads lines that each name their origin; errors are noted in the reader and show no value.
    pub(crate) fn read(reader: &mut Reader) -> Self {
        Self::read_lines(reader, HEADERS.name, header)
    }

    /// Reads lines that are all for one server.
    pub(crate) fn read_for(reader: &mut Reader, name: &str, server: &Endpoint) -> Self {
        Self::read_lines(reader, name, |line| {
            let (name, value) = named(line).map_err(|error| error.hint("write `Name: value`"))?;
            Ok((server.url().clone(), name, value))
        })
    }

    fn read_lines(
        reader: &mut Reader,
        name: &str,
        read: impl Fn(&str) -> Result<(Url, HeaderName, HeaderValue)>,
    ) -> Self {
        let mut headers = Self::default();
        let Some(text) = reader.secret(name) else { return headers };
        for (number, line) in numbered_lines(text.expose()) {
            match read(line) {
                Ok(header) => headers.0.push(header),
                Err(error) => reader.refuse(name, error.context(format!("line {number}"))),
            }
        }
        headers
    }

    /// Adds those that a URL's origin is to get.
    pub(crate) fn add(&self, url: &Url, headers: &mut HeaderMap) {
        for (_, name, value) in self.0.iter().filter(|(at, ..)| at.origin() == url.origin()) {
            headers.insert(name.clone(), value.clone());
        }
    }

    /// The first origin of these that none of the addresses has.
    pub(crate) fn unused<'a>(&self, endpoints: impl Iterator<Item = &'a Endpoint>) -> Option<String> {
        let endpoints: Vec<&Endpoint> = endpoints.collect();
        let is_used = |at: &Url| endpoints.iter().any(|endpoint| endpoint.url().origin() == at.origin());
        self.0.iter().find(|(at, ..)| !is_used(at)).map(|(at, ..)| at.origin().ascii_serialization())
    }
}

fn header(line: &str) -> Result<(Url, HeaderName, HeaderValue)> {
    const HINT: &str = "write an origin and a header, such as `https://api.example Authorization: Bearer …`";
    let (origin, header) = line.split_once(char::is_whitespace).ok_or_else(|| wrong("the header").hint(HINT))?;
    // The error of an address would show it, and it may be a value in the wrong place.
    let endpoint: Endpoint = origin.parse().map_err(|_| wrong("the origin").hint(HINT))?;
    let (name, value) = named(header).map_err(|error| error.hint(HINT))?;
    Ok((endpoint.url().clone(), name, value))
}

/// Reads `Name: value`.
fn named(header: &str) -> Result<(HeaderName, HeaderValue)> {
    let (name, value) = header.split_once(':').ok_or_else(|| wrong("the header"))?;
    pair(name, value)
}

/// A header that can be sent. Its value is a secret.
///
/// # Errors
/// `InvalidInput` if it cannot; the value is not shown.
pub(crate) fn pair(name: &str, value: &str) -> Result<(HeaderName, HeaderValue)> {
    let name = name.trim().parse().map_err(|_| wrong("the header's name"))?;
    let mut value = HeaderValue::from_str(value.trim()).map_err(|_| wrong("the header's value"))?;
    value.set_sensitive(true);
    Ok((name, value))
}

fn wrong(what: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("{what} is missing or wrong"))
}

#[cfg(test)]
impl Headers {
    /// One header for one server.
    pub(crate) fn for_tests(server: &Endpoint, line: &str) -> Self {
        let (name, value) = named(line).unwrap();
        Self(vec![(server.url().clone(), name, value)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_for_one_origin() {
        let line = "https://api.example/ DD-API-KEY: s3cret: x";
        let headers = Headers(vec![header(line).unwrap()]);
        for (url, expected) in [
            ("https://api.example/v1?x", Some("s3cret: x")),
            ("https://API.example:443/", Some("s3cret: x")),
            ("http://api.example/", None),
            ("https://api.example:8443/", None),
            ("https://api.example.evil/", None),
        ] {
            let mut added = HeaderMap::new();
            headers.add(&url.parse().unwrap(), &mut added);
            assert_eq!(added.get("dd-api-key").map(|value| value.to_str().unwrap()), expected, "{url}");
        }
        let endpoint = |text: &str| text.parse::<Endpoint>().unwrap();
        assert_eq!(headers.unused([endpoint("https://api.example/health")].iter()), None);
        assert_eq!(headers.unused([endpoint("https://x/")].iter()).as_deref(), Some("https://api.example"));
        assert!(!format!("{headers:?}").contains("s3cret"));
    }

    #[test]
    fn wrong_lines_show_no_value() {
        for line in [
            "s3cret",
            "Authorization: s3cret",
            "https://x/ s3cret",
            "https://x/ a b: s3cret",
            "https://x/ a: s3cret\u{7}",
        ] {
            assert!(!header(line).unwrap_err().to_string().contains("s3cret"), "{line}");
        }
        for line in ["s3cret", ": s3cret", "a b: s3cret", "a: s3cret\u{7}"] {
            assert!(!named(line).unwrap_err().to_string().contains("s3cret"), "{line}");
        }
    }
}
