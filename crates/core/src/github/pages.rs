//! Lists that come in pages: every page is read, or the list is an error.

use http::{HeaderMap, Method, header};
use serde::de::DeserializeOwned;
use url::Url;

use super::client::{Client, parse};
use super::refusal::misanswered;
use crate::{Error, ErrorKind, Result};

/// Entries in a page; GitHub gives no more.
pub(super) const PAGE: &str = "100";
/// The pages that are read at most.
const PAGES: usize = 200;
/// The bytes that are read at most.
const BYTES: usize = 128 * 1024 * 1024;

impl Client {
    /// Reads every page of a list.
    pub(super) async fn all<T: DeserializeOwned>(&self, mut url: Url, permission: &'static str) -> Result<Vec<T>> {
        url.query_pairs_mut().append_pair("per_page", PAGE);
        self.all_linked(url, permission).await
    }

    /// Reads every page of a list that does not take a number of entries.
    ///
    /// # Errors
    /// `Unprocessable` if the list is longer than anything that makes sense.
    pub(super) async fn all_linked<T: DeserializeOwned>(&self, url: Url, permission: &'static str) -> Result<Vec<T>> {
        let mut call = self.call(Method::GET, url, permission);
        let (mut entries, mut read) = (Vec::new(), 0);
        for _ in 0..PAGES {
            let (headers, body) = self.ask(&call).await?;
            read += body.len();
            if read > BYTES {
                break;
            }
            entries.append(&mut parse(&call, &body)?);
            let Some(next) = next_page(&headers) else { return Ok(entries) };
            call.url = Url::parse(next)
                .ok()
                .filter(|next| next.origin() == self.api().origin())
                .ok_or_else(|| misanswered(&call, "the next page is on another server"))?;
        }
        let message = format!("{} gives a list of more than {PAGES} pages or {} MiB", call.name, BYTES >> 20);
        Err(Error::new(ErrorKind::Unprocessable, message))
    }
}

/// The address of the next page (RFC 8288, `rel="next"`).
fn next_page(headers: &HeaderMap) -> Option<&str> {
    let mut rest = headers.get(header::LINK)?.to_str().ok()?;
    while let Some((_, link)) = rest.split_once('<') {
        let (target, parameters) = link.split_once('>')?;
        let (parameters, more) = parameters.split_once(',').unwrap_or((parameters, ""));
        if parameters.split(';').any(|parameter| matches!(parameter.trim(), "rel=\"next\"" | "rel=next")) {
            return Some(target);
        }
        rest = more;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_the_links() {
        for (link, next) in [
            (r#"<https://a/x?page=2>; rel="next", <https://a/x?page=9>; rel="last""#, Some("https://a/x?page=2")),
            (
                r#"<https://a/x?page=1>; rel="prev", <https://a/x?a=1,2&page=3>; rel="next""#,
                Some("https://a/x?a=1,2&page=3"),
            ),
            (r#"<https://a/x?page=1>; rel="first", <https://a/x?page=1>; rel="prev""#, None),
            (r#"<https://a/x"#, None),
            ("", None),
        ] {
            let headers = HeaderMap::from_iter([(header::LINK, link.parse().unwrap())]);
            assert_eq!(next_page(&headers), next, "{link}");
        }
    }
}
