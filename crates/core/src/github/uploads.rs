//! The files of a release, which go to an address of their own.

use http::Method;
use url::Url;

use super::client::parse;
use super::{Client, Release, ReleaseAsset};
use crate::{Error, ErrorKind, Result};

impl Client {
    /// Adds a file to a release. `content_type` is a media type such as `application/gzip`.
    ///
    /// # Errors
    /// `AlreadyExists` if it has a file of that name; `PushRejected` if it is immutable; `ForbiddenAddress` if the release names a
    /// server for its files that is not GitHub's; as every method of [`Client`].
    pub async fn upload_asset(
        &self,
        release: &Release,
        name: &str,
        content_type: &'static str,
        content: Vec<u8>,
    ) -> Result<ReleaseAsset> {
        let mut url = upload_url(self.api(), &release.upload_url)?;
        url.query_pairs_mut().append_pair("name", name);
        let mut call = self.call(Method::POST, url, "contents: write");
        (call.content_type, call.body) = (content_type, content);
        parse(&call, &self.ask(&call).await?.1)
    }
}

/// The address in a release's `upload_url`, a template that ends with `{?name,label}`. The token goes along, so it must be on the
/// server of the API, or on `uploads.x` for an API on `api.x`.
fn upload_url(api: &Url, template: &str) -> Result<Url> {
    let refuse = |why: &str| {
        Err(Error::new(ErrorKind::ForbiddenAddress, format!("the release takes its files at {why}"))
            .hint("check that `GITHUB_API_URL` is the address of the API"))
    };
    let address = template.split('{').next().unwrap_or_default();
    let Ok(url) = Url::parse(address) else { return refuse("something that is no address") };
    let sibling = api.host_str().and_then(|host| host.strip_prefix("api.")).map(|host| format!("uploads.{host}"));
    let beside = sibling.as_deref() == url.host_str()
        && (url.scheme(), url.port_or_known_default()) == (api.scheme(), api.port_or_known_default());
    if url.origin() == api.origin() || beside {
        return Ok(url);
    }
    refuse(&format!("`{}`, which is not beside the API's server", url.host_str().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_to_github_alone() {
        let upload = |api: &str, template: &str| upload_url(&api.parse().unwrap(), template).map(String::from);
        for (api, template, expected) in [
            (
                "https://api.github.com/",
                "https://uploads.github.com/repos/a/b/releases/1/assets{?name,label}",
                "https://uploads.github.com/repos/a/b/releases/1/assets",
            ),
            (
                "https://ghes.acme.example/api/v3",
                "https://ghes.acme.example/api/uploads/repos/a/b/releases/1/assets{?name,label}",
                "https://ghes.acme.example/api/uploads/repos/a/b/releases/1/assets",
            ),
            ("https://api.acme.ghe.com/", "https://uploads.acme.ghe.com/x", "https://uploads.acme.ghe.com/x"),
        ] {
            assert_eq!(upload(api, template).unwrap(), expected);
        }
        for hostile in [
            "https://uploads.github.com.evil.example/x",
            "https://evil.example/x",
            "http://uploads.github.com/x",
            "https://uploads.github.com:8443/x",
            "/x",
            "",
        ] {
            let error = upload("https://api.github.com/", hostile).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ForbiddenAddress, "{hostile}");
        }
    }
}
