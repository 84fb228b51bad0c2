//! Where an image's name leads: the registry's address and the repository there.

use slipway_core::http::parse_url;
use slipway_core::image::ImageName;
use slipway_core::{Error, Result};
use url::{Host, Url};

/// A repository of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// The registry as credentials name it, such as `ghcr.io`, `docker.io` or `127.0.0.1:5000`.
    pub registry: String,
    /// The address of the registry, without a path.
    pub base: Url,
    /// The repository, such as `acme/shop` or `library/nginx`.
    pub repository: String,
}

impl Place {
    /// Where the name leads. Only loopback addresses and the hosts named are spoken to without TLS.
    pub(crate) fn of(image: &ImageName, plain_http: &[String]) -> Result<Self> {
        let (registry, repository) = image.complete();
        // The name on images is not the address of the registry.
        let host = if registry == "docker.io" { "registry-1.docker.io" } else { &registry };
        let context = |error: Error| error.context(format!("image `{image}`"));
        let mut base = parse_url(&format!("https://{host}/")).map_err(context)?;
        if may_be_plain(&base, &registry, plain_http) {
            base = parse_url(&format!("http://{host}/")).map_err(context)?;
        }
        Ok(Self { registry, base, repository })
    }

    /// The address of something in the repository. The text is a part of a path, and of a query if need be.
    pub(crate) fn url(&self, rest: &str) -> Result<Url> {
        parse_url(&format!("{}v2/{}/{rest}", self.base, self.repository))
    }
}

/// Whether a server may be spoken to without TLS: on loopback, or where that was asked for by its `host`, or `host:port`.
pub(crate) fn may_be_plain(url: &Url, host: &str, plain_http: &[String]) -> bool {
    is_loopback(url) || plain_http.iter().any(|plain| plain.eq_ignore_ascii_case(host))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_registries() {
        let plain = ["registry.lan:5000".to_owned()];
        for (image, url) in [
            ("nginx", "https://registry-1.docker.io/v2/library/nginx/tags/list"),
            ("acme/shop", "https://registry-1.docker.io/v2/acme/shop/tags/list"),
            ("index.docker.io/nginx", "https://registry-1.docker.io/v2/library/nginx/tags/list"),
            ("GHCR.io/acme/shop", "https://ghcr.io/v2/acme/shop/tags/list"),
            ("localhost:5000/shop", "http://localhost:5000/v2/shop/tags/list"),
            ("127.0.0.1:5000/shop", "http://127.0.0.1:5000/v2/shop/tags/list"),
            ("[::1]:5000/shop", "http://[::1]:5000/v2/shop/tags/list"),
            ("[2001:db8::1]/acme/shop", "https://[2001:db8::1]/v2/acme/shop/tags/list"),
            ("registry.lan:5000/shop", "http://registry.lan:5000/v2/shop/tags/list"),
            ("registry.lan/shop", "https://registry.lan/v2/shop/tags/list"),
        ] {
            let place = Place::of(&image.parse().unwrap(), &plain).unwrap();
            assert_eq!(place.url("tags/list").unwrap().as_str(), url, "{image}");
        }
        assert_eq!(Place::of(&"nginx".parse().unwrap(), &[]).unwrap().registry, "docker.io");
        assert!(Place::of(&"registry.lan:0/shop".parse().unwrap(), &[]).is_err());
    }
}
