//! The proxy for a request, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in either case, as curl reads them.

use std::net::IpAddr;

use url::Url;

use crate::host::Host;
use crate::{Error, ErrorKind, Result};

pub(super) fn for_url<H: Host>(host: &H, url: &Url) -> Result<Option<Url>> {
    let variable = |name: &str| {
        [name.to_ascii_lowercase(), name.to_ascii_uppercase()]
            .iter()
            .filter_map(|name| host.variable(name))
            .find(|value| !value.trim().is_empty())
    };
    let Some(text) = variable(&format!("{}_PROXY", url.scheme())) else { return Ok(None) };
    let name = url.host_str().unwrap_or_default();
    if is_exempt(&variable("NO_PROXY").unwrap_or_default(), name, url.port_or_known_default()) {
        return Ok(None);
    }
    let with_scheme = if text.contains("://") { text } else { format!("http://{text}") };
    match Url::parse(&with_scheme) {
        Ok(proxy) if matches!(proxy.scheme(), "http" | "https") && proxy.has_host() => Ok(Some(proxy)),
        // The text is not shown: proxies often carry a password.
        _ => {
            let variable = format!("{}_PROXY", url.scheme().to_ascii_uppercase());
            Err(Error::new(ErrorKind::InvalidInput, format!("`{variable}` is not an address of a proxy"))
                .hint("write it as `http://proxy.example:3128`"))
        }
    }
}

/// Whether the list names the host: `*`, an exact host with or without its port, a domain above it, or a network that holds it.
fn is_exempt(list: &str, host: &str, port: Option<u16>) -> bool {
    let host = host.trim_matches(['[', ']']);
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') || name.ends_with(']') => (name, digits.parse().ok()),
            _ => (entry, None),
        };
        let name = name.trim_matches(['[', ']']).trim_start_matches("*.").trim_start_matches('.');
        let named = entry == "*"
            || host.eq_ignore_ascii_case(name)
            || host.to_ascii_lowercase().ends_with(&format!(".{}", name.to_ascii_lowercase()))
            || is_in_network(host, name);
        named && (wanted.is_none() || wanted == port)
    })
}

/// Whether the host is an address of the network, such as `10.0.0.0/8`.
fn is_in_network(host: &str, network: &str) -> bool {
    let Some((base, bits)) = network.split_once('/') else { return false };
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (host.parse(), base.parse()) {
        (Ok(IpAddr::V4(host)), Ok(IpAddr::V4(base))) if bits <= 32 => {
            (u32::from(host) ^ u32::from(base)).leading_zeros() >= bits
        }
        (Ok(IpAddr::V6(host)), Ok(IpAddr::V6(base))) if bits <= 128 => {
            (u128::from(host) ^ u128::from(base)).leading_zeros() >= bits
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::ScriptedHost;

    #[test]
    fn exemptions_match_whole_names() {
        for (list, host, exempt) in [
            ("*", "a.example", true),
            ("a.example", "a.example", true),
            (".example", "a.example", true),
            ("example", "a.example", true),
            ("ample", "a.example", false),
            ("a.example:8080", "a.example", false),
            ("localhost,127.0.0.1", "127.0.0.1", true),
            ("10.0.0.0/8,192.0.2.0/24", "192.0.2.7", true),
            ("192.0.0.0/9", "192.0.2.7", true),
            ("0.0.0.0/0", "192.0.2.7", true),
            ("192.0.2.0/33", "192.0.2.7", false),
            ("192.0.2.1/32", "192.0.2.7", false),
            ("fd00::/8", "[fd12::1]", true),
            ("fd00::/8", "10.0.0.1", false),
            ("[::1]:443", "[::1]", true),
            ("[::1]:80", "[::1]", false),
            ("::1", "[::1]", true),
            ("", "a.example", false),
        ] {
            assert_eq!(is_exempt(list, host, Some(443)), exempt, "{list} {host}");
        }
    }

    #[test]
    fn the_scheme_chooses_the_proxy() {
        let host = ScriptedHost::new(&[("https_proxy", "proxy.example:3128"), ("NO_PROXY", "b.example")]);
        let proxy = |url: &str| for_url(&host, &Url::parse(url).unwrap()).unwrap().map(|proxy| proxy.to_string());
        assert_eq!(proxy("https://a.example/"), Some("http://proxy.example:3128/".into()));
        assert_eq!(proxy("https://b.example/"), None);
        assert_eq!(proxy("http://a.example/"), None);
    }
}
