//! Lists that come in pages: every page is read, or the list is an error.

use http::Method;
use serde::de::DeserializeOwned;
use url::Url;

use super::client::{Client, parse};
use super::refusal::misanswered;
use crate::http::next_page;
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
