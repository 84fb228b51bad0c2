//! Names of container images: what a registry, a manifest and a Dockerfile accept, and nothing else.
//!
//! The grammar is that of the OCI distribution specification 1.1 and of the `distribution/reference` library that
//! Docker, containerd and Kubernetes share. Building a value is its validation, so a value that exists can be written
//! into a manifest or a registry address as it is. Every error is of the kind [`ErrorKind::InvalidInput`].

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Result};

/// The longest image name that registries accept, in bytes.
const LONGEST_NAME: usize = 255;
/// The longest tag, in bytes.
const LONGEST_TAG: usize = 128;
/// The registry that a name without a host means.
const DEFAULT_HOST: &str = "docker.io";

/// The name of an image without tag and digest, such as `ghcr.io/acme/shop`, `localhost:5000/shop` or `nginx`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageName(String);

impl ImageName {
    /// The registry host with its port, if the name has one. A first component is a host if it holds a `.` or `:`, or
    /// is `localhost`; otherwise it belongs to the path, as in `acme/shop`.
    pub fn host(&self) -> Option<&str> {
        split_host(&self.0).0
    }

    /// What stands behind the host: the repository as written.
    pub fn path(&self) -> &str {
        split_host(&self.0).1
    }

    /// Whether both names mean the same repository, with Docker Hub's implicit forms understood: `nginx`,
    /// `docker.io/library/nginx` and `index.docker.io/library/nginx` are one image.
    pub fn is_same_image(&self, other: &Self) -> bool {
        self.canonical() == other.canonical()
    }

    /// Host, implicit `library` namespace and path.
    fn canonical(&self) -> (&str, Option<&str>, &str) {
        let (host, path) = split_host(&self.0);
        let host = match host {
            None | Some("index.docker.io") => DEFAULT_HOST,
            Some(host) => host,
        };
        match path.split_once('/') {
            Some((namespace, rest)) => (host, Some(namespace), rest),
            None if host == DEFAULT_HOST => (host, Some("library"), path),
            None => (host, None, path),
        }
    }
}

/// A tag, such as `1.5.0` or `main-4f2c1d9`: `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageTag(String);

/// The digest of a manifest: `sha256:` and 64, or `sha512:` and 128 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// A full reference: `name[:tag][@digest]`. In `host:5000/shop` the number is a port, not a tag.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageReference {
    /// The repository.
    pub name: ImageName,
    /// The tag, if one is written.
    pub tag: Option<ImageTag>,
    /// The digest, if one is written. A reader that sees both pulls the digest and ignores the tag.
    pub digest: Option<Digest>,
}

impl FromStr for ImageReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let within = |error: Error| error.context(format!("`{}` is not an image reference", shown(text)));
        let (tagged, digest) = match text.split_once('@') {
            Some((tagged, digest)) => (tagged, Some(digest.parse::<Digest>().map_err(within)?)),
            None => (text, None),
        };
        let last_component = tagged.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match tagged[last_component..].find(':') {
            // `[::1]` alone is a bad name, not a name with a tag.
            Some(colon) if !tagged[last_component..].starts_with('[') => {
                let colon = last_component + colon;
                (&tagged[..colon], Some(tagged[colon + 1..].parse::<ImageTag>().map_err(within)?))
            }
            _ => (tagged, None),
        };
        Ok(Self { name: name.parse().map_err(within)?, tag, digest })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

macro_rules! checked_text {
    ($($name:ident: $what:literal, $check:ident;)+) => {$(
        impl $name {
            /// The text as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                match $check(text) {
                    Ok(()) => Ok(Self(text.to_owned())),
                    Err(reason) => Err(invalid($what, text, &reason)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}
checked_text! {
    ImageName: "an image name", check_name;
    ImageTag: "an image tag", check_tag;
    Digest: "a digest", check_digest;
}

macro_rules! string_conversions {
    ($($name:ident),+) => {$(
        impl TryFrom<String> for $name {
            type Error = Error;

            fn try_from(text: String) -> Result<Self> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.to_string()
            }
        }
    )+};
}
string_conversions!(ImageName, ImageTag, Digest, ImageReference);

fn split_host(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((first, rest)) if first == "localhost" || first.contains(['.', ':']) => (Some(first), rest),
        _ => (None, name),
    }
}

fn check_name(name: &str) -> std::result::Result<(), String> {
    if name.is_empty() {
        return Err("it is empty".into());
    }
    if name.len() > LONGEST_NAME {
        return Err(format!("it has {} bytes, at most {LONGEST_NAME} are allowed", name.len()));
    }
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(format!("it must be lower-case, as in `{}`", name.to_ascii_lowercase()));
    }
    if name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err("64 hexadecimal digits are an image id, not a name".into());
    }
    if name.contains("://") {
        return Err("it is a URL, and an image name has no scheme".into());
    }
    let (host, path) = split_host(name);
    if let Some(host) = host {
        check_host(host)?;
    }
    path.split('/').try_for_each(check_component)
}

fn check_host(host: &str) -> std::result::Result<(), String> {
    let (name, port) = if host.starts_with('[') {
        let end = host.find(']').ok_or("the registry host has no closing `]`")?;
        host[1..end].parse::<Ipv6Addr>().map_err(|_| "the registry host is no IPv6 address")?;
        (None, &host[end + 1..])
    } else {
        let end = host.find(':').unwrap_or(host.len());
        (Some(&host[..end]), &host[end..])
    };
    let port_is_valid = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| {
            port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|number| number > 0)
        });
    if !port_is_valid {
        return Err(format!("the registry host `{}` has no valid port", shown(host)));
    }
    let is_host_name = name.is_none_or(|name| {
        name.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    });
    if is_host_name { Ok(()) } else { Err(format!("`{}` is no registry host", shown(host))) }
}

/// A component is runs of `[a-z0-9]` joined by one `.`, one or two `_`, or any number of `-`.
fn check_component(component: &str) -> std::result::Result<(), String> {
    if component.is_empty() {
        return Err("a component between slashes is empty".into());
    }
    let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if let Some(other) = component.chars().find(|&c| !is_word(c) && !matches!(c, '.' | '_' | '-')) {
        return Err(format!("`{}` is not allowed in it", other.escape_debug()));
    }
    if !component.starts_with(is_word) || !component.ends_with(is_word) {
        return Err(format!("`{}` must begin and end with a letter or digit", shown(component)));
    }
    match component.split(is_word).find(|joint| !matches!(*joint, "" | "." | "_" | "__") && joint.contains(['.', '_']))
    {
        Some(joint) => Err(format!("`{}` cannot join two parts of `{}`", shown(joint), shown(component))),
        None => Ok(()),
    }
}

fn check_tag(tag: &str) -> std::result::Result<(), String> {
    if tag.is_empty() {
        return Err("it is empty".into());
    }
    if tag.len() > LONGEST_TAG {
        return Err(format!("it has {} bytes, at most {LONGEST_TAG} are allowed", tag.len()));
    }
    if let Some(other) = tag.chars().find(|&c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-')) {
        return Err(format!("`{}` is not allowed in it", other.escape_debug()));
    }
    match tag.as_bytes()[0] {
        first @ (b'.' | b'-') => Err(format!("it cannot begin with `{}`", char::from(first))),
        _ => Ok(()),
    }
}

fn check_digest(digest: &str) -> std::result::Result<(), String> {
    let Some((algorithm, hex)) = digest.split_once(':').filter(|(algorithm, _)| !algorithm.is_empty()) else {
        return Err("it has no algorithm, as in `sha256:…`".into());
    };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        other => return Err(format!("the algorithm `{}` is neither sha256 nor sha512", shown(other))),
    };
    if hex.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err("its hexadecimal digits must be lower-case".into());
    }
    if let Some(other) = hex.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(format!("`{}` is no hexadecimal digit", other.escape_debug()));
    }
    if hex.len() != length {
        return Err(format!("it has {} hexadecimal digits, {algorithm} has {length}", hex.len()));
    }
    Ok(())
}

fn invalid(what: &str, text: &str, reason: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("`{}` is not {what}: {reason}", shown(text)))
}

/// Hostile text as it may appear in a message: short, without control characters.
fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    /// Each text is refused, for a reason that has the second text in it.
    fn refused<T: FromStr<Err = Error> + fmt::Debug>(cases: &[(&str, &str)]) {
        for (text, part) in cases {
            let error = text.parse::<T>().expect_err(text);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.message().contains(part), "{text:?}: {error}");
        }
    }

    #[test]
    fn names_that_registries_accept() {
        for (text, host, path) in [
            ("nginx", None, "nginx"),
            ("acme/shop", None, "acme/shop"),
            ("ghcr.io/acme/shop", Some("ghcr.io"), "acme/shop"),
            ("localhost/shop", Some("localhost"), "shop"),
            ("localhost:5000/shop", Some("localhost:5000"), "shop"),
            ("host:5000/x", Some("host:5000"), "x"),
            ("[::1]:5000/a/b", Some("[::1]:5000"), "a/b"),
            ("[2001:db8::1]/a", Some("[2001:db8::1]"), "a"),
            ("a.b/c__d/e--f.g_h", Some("a.b"), "c__d/e--f.g_h"),
            ("10.0.0.1:80/a", Some("10.0.0.1:80"), "a"),
        ] {
            let name: ImageName = text.parse().expect(text);
            assert_eq!((name.host(), name.path(), name.as_str()), (host, path, text));
        }
    }

    #[test]
    fn names_that_registries_refuse() {
        refused::<ImageName>(&[
            ("", "it is empty"),
            ("LIBRARY/App", "as in `library/app`"),
            ("Ghcr.io/a", "lower-case"),
            ("a//b", "is empty"),
            ("/a", "is empty"),
            ("a/", "is empty"),
            ("a/b:1", "`:` is not allowed"),
            ("a b", "` ` is not allowed"),
            ("a/é", "`é` is not allowed"),
            ("a/b\n", "`\\n` is not allowed"),
            ("-a", "must begin and end"),
            ("a_", "must begin and end"),
            ("a..b", "`..` cannot join"),
            ("a___b", "`___` cannot join"),
            ("a.-b", "`.-` cannot join"),
            ("host:/a", "no valid port"),
            ("host:0/a", "no valid port"),
            ("host:65536/a", "no valid port"),
            ("host:+1/a", "no valid port"),
            ("[::1]x/a", "no valid port"),
            ("[:::1]:5000/a", "no IPv6 address"),
            ("[::1/a", "no closing `]`"),
            ("a..b.io/c", "no registry host"),
            ("-a.io/c", "no registry host"),
            ("https://ghcr.io/a", "it is a URL"),
            (&"a".repeat(256), "256 bytes"),
            (&"ab".repeat(32), "image id"),
        ]);

        assert!("a".repeat(255).parse::<ImageName>().is_ok());
    }

    #[test]
    fn tags() {
        for text in ["1.5.0", "_x", "A", "v1.5.0-rc.1_b", &"t".repeat(128)] {
            assert_eq!(text.parse::<ImageTag>().expect(text).to_string(), *text);
        }
        refused::<ImageTag>(&[
            ("", "it is empty"),
            (".1", "begin with `.`"),
            ("-1", "begin with `-`"),
            ("1.0+build", "`+` is not allowed"),
            ("a:b", "`:` is not allowed"),
            ("a\u{202e}", "is not allowed"),
            (&"t".repeat(129), "129 bytes"),
        ]);
    }

    #[test]
    fn digests() {
        assert!(SHA256.parse::<Digest>().is_ok());
        assert!(format!("sha512:{}", "a".repeat(128)).parse::<Digest>().is_ok());
        refused::<Digest>(&[
            ("", "no algorithm"),
            (":", "no algorithm"),
            ("sha256:short", "`s` is no hexadecimal digit"),
            ("sha256:abc", "3 hexadecimal digits"),
            ("md5:d41d8cd98f00b204e9800998ecf8427e", "`md5` is neither"),
            ("SHA256:abc", "`SHA256` is neither"),
            (&SHA256.replace("e3b0", "E3B0"), "lower-case"),
            (&SHA256.replace("sha256", "sha512"), "sha512 has 128"),
        ]);
    }

    #[test]
    fn references_come_apart_and_together() {
        for (text, name, tag, digest) in [
            ("nginx".to_owned(), "nginx", None, None),
            ("nginx:1.27".into(), "nginx", Some("1.27"), None),
            ("host:5000/x".into(), "host:5000/x", None, None),
            ("host:5000/x:5000".into(), "host:5000/x", Some("5000"), None),
            ("[::1]:5000/x:1".into(), "[::1]:5000/x", Some("1"), None),
            (format!("a/b@{SHA256}"), "a/b", None, Some(SHA256)),
            (format!("a/b:1@{SHA256}"), "a/b", Some("1"), Some(SHA256)),
        ] {
            let reference: ImageReference = text.parse().expect(&text);
            assert_eq!(reference.name.as_str(), name);
            assert_eq!(reference.tag.as_ref().map(ImageTag::as_str), tag);
            assert_eq!(reference.digest.as_ref().map(Digest::as_str), digest);
            assert_eq!(reference.to_string(), text);
        }
        refused::<ImageReference>(&[
            (":@", "no algorithm"),
            (":1", "it is empty"),
            ("name:", "is not an image tag: it is empty"),
            ("name:tag@sha256:short", "is no hexadecimal digit"),
            ("name@", "no algorithm"),
            ("[::1]", "`[` is not allowed"),
            ("a:1:2", "`:` is not allowed"),
            (&format!("a@{SHA256}@{SHA256}"), "is no hexadecimal digit"),
            ("LIBRARY/App:1", "lower-case"),
        ]);
    }

    #[test]
    fn the_implicit_forms_of_docker_hub_are_one_image() {
        let same = |a: &str, b: &str| {
            let (a, b): (ImageName, ImageName) = (a.parse().expect(a), b.parse().expect(b));
            assert_eq!(a.is_same_image(&b), b.is_same_image(&a));
            a.is_same_image(&b)
        };
        assert!(same("nginx", "docker.io/library/nginx"));
        assert!(same("nginx", "index.docker.io/library/nginx"));
        assert!(same("docker.io/nginx", "library/nginx"));
        assert!(same("acme/shop", "docker.io/acme/shop"));
        assert!(!same("nginx", "docker.io/acme/nginx"));
        assert!(!same("nginx", "ghcr.io/library/nginx"));
        assert!(!same("ghcr.io/nginx", "ghcr.io/library/nginx"));
        assert!(!same("acme/shop", "acme/shop-api"));
        assert!(!same("localhost/nginx", "nginx"));
    }

    #[test]
    fn json_form_is_a_string() {
        let reference: ImageReference = serde_json::from_str("\"a/b:1\"").expect("valid");
        assert_eq!(serde_json::to_string(&reference).expect("a string"), "\"a/b:1\"");
        assert!(serde_json::from_str::<ImageTag>("\"-1\"").is_err());
    }
}
