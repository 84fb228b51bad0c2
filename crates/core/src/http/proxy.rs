//! The proxy for a request, by `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` in either case, as curl reads them.

use url::Url;

use crate::host::Host;
use crate::{Error, ErrorKind, Result};

pub(super) fn for_url<H: Host>(host: &H, url: &Url) -> Result<Option<Url>> {
    let variable = |name: &str| {
        [name.to_lowercase(), name.to_uppercase()]
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
    // The text is not shown: proxies often carry a password.
    Url::parse(&with_scheme).map(Some).map_err(|_| {
        Error::new(ErrorKind::InvalidInput, format!("`{}_PROXY` is not an address", url.scheme().to_uppercase()))
            .hint("write it as `http://proxy.example:3128`")
    })
}

/// Whether the list names the host: `*`, an exact host with or without its port, or a domain above it.
fn is_exempt(list: &str, host: &str, port: Option<u16>) -> bool {
    let host = host.trim_matches(['[', ']']);
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let (name, wanted) = match entry.rsplit_once(':') {
            Some((name, digits)) if !name.contains(':') => (name, digits.parse().ok()),
            _ => (entry, None),
        };
        let name = name.trim_matches(['[', ']']).trim_start_matches("*.").trim_start_matches('.');
        let named = entry == "*"
            || host.eq_ignore_ascii_case(name)
            || host.to_ascii_lowercase().ends_with(&format!(".{}", name.to_ascii_lowercase()));
        named && (wanted.is_none() || wanted == port)
    })
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
