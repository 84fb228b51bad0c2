//! The tags of a repository.

use http::{Method, Response};
use serde_json::Value;
use slipway_core::http::next_page;
use slipway_core::image::ImageTag;
use slipway_core::{Error, ErrorKind, Host, Result};
use url::Url;

use crate::auth::Right;
use crate::client::Repository;

/// How many tags are asked for at once.
const PAGE: usize = 1000;
/// How many pages are read.
const PAGES: usize = 200;
/// How many tags are held; old registries send all of them as one page.
const TAGS: usize = PAGE * PAGES;

impl<H: Host> Repository<'_, H> {
    /// Every tag, in the registry's order; none if there is no such repository.
    ///
    /// # Errors
    /// `Network` also if there are more than 200 pages of them, or more than 200,000.
    pub async fn tags(&self) -> Result<Vec<ImageTag>> {
        let mut tags = Vec::new();
        let mut url = self.place.url(&format!("tags/list?n={PAGE}"))?;
        for _ in 0..PAGES {
            let mut call = self.call(Method::GET, url.clone(), Right::Pull);
            call.body_limit = 16 * 1024 * 1024;
            let answer = self.send(call).await?;
            if answer.status().as_u16() == 404 {
                return Ok(tags);
            }
            if !answer.status().is_success() {
                return Err(self.refusal("", &answer));
            }
            let content: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let Some(listed) = content.get("tags") else { return Err(self.unusable("its list of tags is none")) };
            // Old registries write `null` for an empty list; what is no tag cannot be asked for.
            let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
            tags.extend(listed.iter().filter_map(|tag| tag.as_str()?.parse::<ImageTag>().ok()));
            match self.next_page(&url, &answer)? {
                _ if tags.len() > TAGS => break,
                Some(next) => url = next,
                None => return Ok(tags),
            }
        }
        Err(self.unusable(&format!("it has more than {TAGS} tags, or {PAGES} pages of them")))
    }

    /// Where the rest of a list is.
    pub(crate) fn next_page(&self, url: &Url, answer: &Response<Vec<u8>>) -> Result<Option<Url>> {
        let Some(target) = next_page(answer.headers()) else { return Ok(None) };
        // Some registries behind a proxy name themselves by another address: the path is what counts.
        let next = url.join(target).map_err(|_| self.unusable("its list goes on at something that is no address"))?;
        let mut here = url.clone();
        here.set_path(next.path());
        here.set_query(next.query());
        Ok(Some(here))
    }

    pub(crate) fn unusable(&self, why: &str) -> Error {
        Error::new(ErrorKind::Network, format!("`{}`: the registry's answer is not usable: {why}", self.name))
    }
}
