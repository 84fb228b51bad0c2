//! Addresses of a repository's pages.

use std::fmt::Write;

use serde::Serialize;
use slipway_core::git::CommitId;
use slipway_core::github::RepositoryName;

/// The pages of a repository on GitHub, or on a server like it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Web(String);

impl Web {
    /// The pages below an address, such as `https://github.com/acme/shop`; nothing if it could not stand in Markdown.
    pub(crate) fn new(address: &str) -> Option<Self> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:%@+".contains(&b);
        let is_web = address.starts_with("https://") || address.starts_with("http://");
        (is_web && address.bytes().all(is_plain)).then(|| Self(address.trim_end_matches('/').into()))
    }

    /// The pages of a remote that is on this server, or on github.com by SSH; nothing for every other one.
    pub(crate) fn of_remote(url: &str, server: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("ssh", url));
        let authority = rest.split('/').next().unwrap_or_default();
        let rest = authority.rsplit_once('@').map_or(rest, |(user, _)| &rest[user.len() + 1..]);
        let name = if let Some(path) = format!("{scheme}://{rest}").strip_prefix(&format!("{server}/")) {
            path.to_owned()
        } else {
            let host = server.strip_prefix("https://").filter(|_| scheme == "ssh")?;
            rest.strip_prefix(host)?.strip_prefix([':', '/'])?.to_owned()
        };
        let name: RepositoryName = name.trim_end_matches('/').trim_end_matches(".git").parse().ok()?;
        Self::new(&format!("{server}/{name}"))
    }

    /// The page of an issue or a pull request: GitHub leads from one to the other.
    pub(crate) fn issue(&self, number: &str) -> String {
        format!("{}/issues/{number}", self.0)
    }

    /// The page of a pull request.
    pub(crate) fn pull(&self, number: &str) -> String {
        format!("{}/pull/{number}", self.0)
    }

    /// The page of a commit.
    pub(crate) fn commit(&self, id: &CommitId) -> String {
        format!("{}/commit/{id}", self.0)
    }

    /// The page of a release.
    pub(crate) fn release(&self, tag: &str) -> String {
        format!("{}/releases/tag/{}", self.0, encoded(tag))
    }

    /// The page of an account.
    pub(crate) fn account(&self, login: &str) -> String {
        let path = self.0.match_indices('/').nth(2).map_or(self.0.len(), |(at, _)| at);
        format!("{}/{login}", &self.0[..path])
    }

    /// Where differences are shown: what [`range`] gives is put behind it.
    pub(crate) fn compare(&self) -> String {
        format!("{}/compare/", self.0)
    }
}

/// The last part of the address of a comparison.
pub(crate) fn range(from: &str, to: &str) -> String {
    format!("{}...{}", encoded(from), encoded(to))
}

/// A tag in an address that stands in Markdown.
fn encoded(tag: &str) -> String {
    let mut encoded = String::with_capacity(tag.len());
    for byte in tag.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._/@+".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_cannot_leave_their_link() {
        let web = Web::new("https://github.example/acme/shop/").unwrap();
        assert_eq!(web.release("a) [b"), "https://github.example/acme/shop/releases/tag/a%29%20%5Bb");
        assert_eq!(
            web.compare() + &range("api/v1.0.0", "v1.1.0+é"),
            "https://github.example/acme/shop/compare/api/v1.0.0...v1.1.0+%C3%A9"
        );
        assert_eq!(web.account("ada"), "https://github.example/ada");
        for (remote, expected) in [
            ("https://github.com/acme/shop.git", true),
            ("https://x-access-token:abc@github.com/acme/shop", true),
            ("git@github.com:acme/shop.git", true),
            ("ssh://git@github.com/acme/shop.git/", true),
            ("https://gitlab.com/acme/shop.git", false),
            ("/srv/git/shop.git", false),
            ("https://github.com/acme/shop/more", false),
            ("https://github.com.evil/acme/shop", false),
            ("", false),
        ] {
            let web = Web::of_remote(remote, "https://github.com");
            assert_eq!(
                web.is_some_and(|web| web.issue("1") == "https://github.com/acme/shop/issues/1"),
                expected,
                "{remote}"
            );
        }
        for address in ["", "javascript:x", "https://a b", "https://a)", "ftp://a", "https://a\n"] {
            assert_eq!(Web::new(address), None, "{address}");
        }
    }
}
