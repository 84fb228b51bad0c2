//! HTTP for everybody: which addresses may be reached, redirects, retries, proxies, limits. The same natively and in WebAssembly.

pub mod address;
mod link;
mod proxy;
mod redirect;
mod retry;

pub use link::next_page;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, header};
use url::{Host as UrlHost, Url};

use crate::host::{Exchange, Host};
use crate::text::without_credentials;
use crate::{Error, ErrorKind, Result};

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// A request with its limits.
#[derive(Clone, Debug)]
pub struct Fetch {
    /// Where to.
    pub url: Url,
    /// GET, HEAD and PUT are repeated after a failure; others only where the answer says that the rate limit is used up, so that
    /// nothing was done, or where `repeats` says that twice does no harm.
    pub method: Method,
    /// Whether a request of any method is repeated after a failure.
    pub repeats: bool,
    /// What goes along. All of it is dropped on a redirect to another origin but `accept`, `range` and `user-agent`; a request that
    /// writes is not redirected there.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// For each attempt, its redirects included.
    pub time_limit: Duration,
    /// The largest body that is read.
    pub body_limit: usize,
    /// Attempts in all; 1 for a probe that must not be repeated.
    pub attempts: u32,
    /// More certificate authorities, as PEM.
    pub authorities: Option<String>,
    /// The one of the host's [`addresses`] that is asked, if not whichever answers. It is dropped on a redirect.
    pub address: Option<IpAddr>,
}

impl Fetch {
    /// A GET with the usual limits: 30 s, 16 MiB, 4 attempts.
    pub fn get(url: Url) -> Self {
        Self {
            url,
            method: Method::GET,
            repeats: false,
            headers: HeaderMap::new(),
            body: Vec::new(),
            time_limit: Duration::from_secs(30),
            body_limit: 16 * 1024 * 1024,
            attempts: 4,
            authorities: None,
            address: None,
        }
    }
}

/// The addresses of a URL's host by which processes behind one name can be asked one by one: none if it is an address itself, cannot be
/// resolved, or is reached through a proxy. A process that listens on both families is known by IPv4 alone.
pub async fn addresses<H: Host>(host: &H, url: &Url) -> Vec<IpAddr> {
    if !matches!(url.host(), Some(UrlHost::Domain(_))) || !matches!(proxy::for_url(host, url), Ok(None)) {
        return Vec::new();
    }
    let mut addresses = host.resolve(&host_of(url)).await.unwrap_or_default();
    if addresses.iter().any(IpAddr::is_ipv4) {
        addresses.retain(IpAddr::is_ipv4);
    }
    crate::order::set(addresses).into_iter().collect()
}

/// Reads an address that an author wrote.
///
/// # Errors
/// `InvalidInput` if it is not an absolute `http` or `https` URL, or holds a user name or password.
pub fn parse_url(text: &str) -> Result<Url> {
    let invalid = |why: &str| {
        Error::new(ErrorKind::InvalidInput, format!("`{}` {why}", without_credentials(text)))
            .hint("write an address such as `https://shop.example/health`")
    };
    let url = Url::parse(text).map_err(|e| invalid(&format!("is not a URL: {e}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("is not an http or https URL"));
    }
    if url.host().is_none() {
        return Err(invalid("has no host"));
    }
    if let Some(UrlHost::Domain(name)) = url.host()
        && name.strip_suffix('.').unwrap_or(name).split('.').any(|label| label.is_empty() || label.len() > 63)
    {
        return Err(invalid("has a host that no name server can know"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("holds a user name or password; pass it as a header"));
    }
    if url.port() == Some(0) {
        return Err(invalid("has port 0, which nothing can listen on"));
    }
    Ok(url)
}

/// Sends a request: addresses checked, redirects followed with care, passing failures retried.
///
/// An answer of any status is an answer; see [`expect_success`].
///
/// # Errors
/// `ForbiddenAddress`, `Network` or `TimedOut`.
pub async fn send<H: Host>(host: &H, fetch: Fetch) -> Result<Response<Vec<u8>>> {
    let mut attempt = 1;
    loop {
        let answer = follow(host, fetch.clone()).await;
        let wait = match retry::wait(&fetch, &answer, attempt, host.random()[0], host.now()) {
            Some(wait) if attempt < fetch.attempts => wait,
            _ => return answer,
        };
        host.sleep(wait).await;
        attempt += 1;
    }
}

async fn follow<H: Host>(host: &H, mut fetch: Fetch) -> Result<Response<Vec<u8>>> {
    let mut came_from_public = false;
    let started = host.monotonic();
    for hop in 0..=REDIRECTS {
        let time_limit = fetch.time_limit.saturating_sub(host.monotonic().saturating_sub(started));
        if time_limit.is_zero() {
            let name = host_of(&fetch.url);
            return Err(Error::new(ErrorKind::TimedOut, format!("`{name}` did not answer in time")));
        }
        let way =
            way(host, &fetch.url, fetch.address.filter(|_| hop == 0), came_from_public).await.map_err(|error| {
                match error.kind() {
                    // Whoever answered chose this address, not the author of the first one.
                    ErrorKind::ForbiddenAddress if hop > 0 => {
                        Error::new(ErrorKind::Network, format!("a redirect is not followed: {}", error.message()))
                    }
                    _ => error,
                }
            })?;
        came_from_public |= way.is_public;
        let mut request = Request::new(fetch.body.clone());
        *request.method_mut() = fetch.method.clone();
        *request.uri_mut() =
            fetch.url.as_str().parse().map_err(|e| {
                Error::new(ErrorKind::InvalidInput, format!("`{}` cannot be requested: {e}", fetch.url))
            })?;
        *request.headers_mut() = fetch.headers.clone();
        request.headers_mut().insert(header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity"));
        let answer = host
            .exchange(Exchange {
                request,
                addresses: way.addresses,
                proxy: way.proxy,
                time_limit,
                body_limit: fetch.body_limit,
                authorities: fetch.authorities.clone(),
            })
            .await?;
        let Some(target) = redirect::target(&fetch, &answer)? else { return refuse_encoded(&fetch.url, answer) };
        redirect::turn(&mut fetch, target, answer.status())?;
    }
    Err(Error::new(ErrorKind::Network, format!("`{}` was redirected more than {REDIRECTS} times", host_of(&fetch.url))))
}

/// How a host is reached.
struct Way {
    addresses: Vec<SocketAddr>,
    proxy: Option<Url>,
    is_public: bool,
}

async fn way<H: Host>(host: &H, url: &Url, chosen: Option<IpAddr>, came_from_public: bool) -> Result<Way> {
    let name = host_of(url);
    let refuse = |why: String| Error::new(ErrorKind::ForbiddenAddress, format!("`{name}` {why}"));
    if let Some(why) = address::forbidden_host(url) {
        return Err(refuse(why));
    }
    let literal = match url.host() {
        Some(UrlHost::Ipv4(ip)) => Some(IpAddr::V4(ip)),
        Some(UrlHost::Ipv6(ip)) => Some(IpAddr::V6(ip)),
        _ => chosen,
    };
    let proxy = proxy::for_url(host, url)?;
    let ips = match literal {
        Some(ip) => vec![ip],
        None if proxy.is_some() => Vec::new(),
        None => host.resolve(&name).await?,
    };
    if ips.is_empty() && proxy.is_none() {
        return Err(Error::new(ErrorKind::Network, format!("`{name}` has no address")));
    }
    for ip in &ips {
        if let Some(why) = address::forbidden(*ip) {
            return Err(refuse(format!("is at {ip}, {why}")));
        }
    }
    // A name can have addresses of both kinds. Behind a proxy nobody knows: it may be a public one.
    let is_public = ips.is_empty() || ips.iter().any(|ip| !address::is_private(*ip));
    if came_from_public && ips.iter().any(|ip| address::is_private(*ip)) {
        return Err(refuse("is a private address that a public one redirects to".into()));
    }
    let port = url.port_or_known_default().unwrap_or(443);
    Ok(Way { addresses: ips.into_iter().map(|ip| SocketAddr::new(ip, port)).collect(), proxy, is_public })
}

fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

/// Bodies are asked for as they are; one that comes compressed all the same could unfold to any size.
fn refuse_encoded(url: &Url, answer: Response<Vec<u8>>) -> Result<Response<Vec<u8>>> {
    let encoding = answer.headers().get(header::CONTENT_ENCODING).map(|value| value.as_bytes().to_ascii_lowercase());
    match encoding.as_deref() {
        None | Some(b"" | b"identity") => Ok(answer),
        Some(_) => Err(Error::new(
            ErrorKind::Network,
            format!("`{}` sent a compressed body that was not asked for", host_of(url)),
        )),
    }
}

/// Takes an answer's body if its status is 2xx.
///
/// # Errors
/// `Permission` for 401 and 403, `NotFound` for 404, else `Network`.
pub fn expect_success(what: &str, answer: Response<Vec<u8>>) -> Result<Vec<u8>> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer.into_body());
    }
    let kind = match status.as_u16() {
        401 | 403 => ErrorKind::Permission,
        404 => ErrorKind::NotFound,
        _ => ErrorKind::Network,
    };
    Err(Error::new(kind, format!("{what} answered with status {status}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::scripted::{Scripted, ScriptedHost};

    fn ask(host: &ScriptedHost, url: &str) -> Result<Response<Vec<u8>>> {
        ScriptedHost::block_on(async { send(host, Fetch::get(parse_url(url)?)).await }).unwrap()
    }

    #[test]
    fn addresses_that_are_no_addresses_are_refused() {
        for hostile in [
            "",
            "shop",
            "ftp://x/",
            "http://",
            "https://good@evil/",
            "http://u:p@x/",
            "http://x:0/",
            "http://x:99999/",
            "http://[::1",
        ] {
            let error = parse_url(hostile).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{hostile}");
            assert!(!error.message().contains("u:p"), "{error}");
        }
    }

    #[test]
    fn metadata_services_are_never_asked() {
        for url in [
            "http://169.254.169.254/latest",
            "http://[fd00:ec2::254]/",
            "http://2852039166/",
            "http://0xa9.0xfe.0xa9.0xfe/",
            "http://metadata.google.internal/",
            "http://[::ffff:169.254.169.254]/",
        ] {
            assert_eq!(ask(&ScriptedHost::new(&[]), url).unwrap_err().kind(), ErrorKind::ForbiddenAddress, "{url}");
        }
    }

    #[test]
    fn passing_failures_are_retried_and_probes_are_not() {
        let host = ScriptedHost::new(&[])
            .then(Scripted::Http("GET", "https://a.example/", 503, ""))
            .then(Scripted::Http("GET", "https://a.example/", 200, "ok"));
        assert_eq!(ask(&host, "https://a.example/").unwrap().body(), b"ok");
        let host = ScriptedHost::new(&[]).then(Scripted::Http("GET", "https://a.example/", 503, ""));
        let probe = Fetch { attempts: 1, ..Fetch::get(parse_url("https://a.example/").unwrap()) };
        let answer = ScriptedHost::block_on(send(&host, probe)).unwrap().unwrap();
        assert_eq!(answer.status(), 503);
    }
}
