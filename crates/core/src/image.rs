//! Names of images, by the grammar of the OCI distribution specification. Building one is the validation.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::{Error, ErrorKind, Result, validated_text};

/// The longest name that registries take, host included.
const NAME_LIMIT: usize = 255;
/// The longest tag.
const TAG_LIMIT: usize = 128;

validated_text! {
    /// A repository of images, with its registry if one is named: `ghcr.io/acme/shop`, `localhost:5000/shop`, `nginx`.
    ImageName, check_name
}
validated_text! {
    /// A tag: a letter, digit or `_`, then up to 127 of these and `.` and `-`.
    ImageTag, check_tag
}
validated_text! {
    /// The digest of a manifest: `sha256:` or `sha512:` and lower-case hexadecimal digits.
    Digest, check_digest
}

impl ImageName {
    /// The registry's host and port, if the name has one: the first part, when it holds a dot or a colon or is `localhost`.
    pub fn registry(&self) -> Option<&str> {
        split_registry(&self.0).0
    }

    /// The name without the registry.
    pub fn repository(&self) -> &str {
        split_registry(&self.0).1
    }

    /// Whether both names lead to the same repository, with what Docker Hub leaves out filled in.
    pub fn is_same(&self, other: &Self) -> bool {
        self.complete() == other.complete()
    }

    /// The registry in lower case and the repository, with what Docker Hub leaves out filled in: `docker.io`, `library/nginx`.
    pub fn complete(&self) -> (String, String) {
        let (registry, repository) = split_registry(&self.0);
        let registry = match registry {
            None | Some("index.docker.io" | "registry-1.docker.io") => "docker.io",
            Some(registry) => registry,
        };
        let official = registry == "docker.io" && !repository.contains('/');
        (registry.to_ascii_lowercase(), if official { format!("library/{repository}") } else { repository.into() })
    }
}

fn split_registry(name: &str) -> (Option<&str>, &str) {
    match name.split_once('/') {
        Some((host, rest)) if host == "localhost" || host.contains(['.', ':', '[']) => (Some(host), rest),
        _ => (None, name),
    }
}

fn check_name(text: &str) -> Result<()> {
    let refuse = |why: &str| Err(invalid("an image name", text, why).hint("write it as `ghcr.io/acme/shop`"));
    if text.len() > NAME_LIMIT {
        return refuse("it is longer than 255 characters");
    }
    let (registry, repository) = split_registry(text);
    if registry.is_some_and(|registry| !is_host(registry)) {
        return refuse("its registry is not a host with an optional port");
    }
    if repository.bytes().any(|b| b.is_ascii_uppercase()) {
        return refuse("it has upper-case letters");
    }
    if !repository.split('/').all(is_path_part) {
        return refuse("its parts must be lower-case letters and digits, joined by `.`, `_`, `__` or hyphens");
    }
    Ok(())
}

/// A domain name or an address, and a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return false;
            }
            ("localhost", if rest.is_empty() { None } else { Some(rest.strip_prefix(':').unwrap_or("")) })
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(is_label)
        && port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok())
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_path_part(part: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let mut separator = "";
    let mut rest = part;
    while !rest.is_empty() {
        let word = rest.find(|c: char| !c.is_ascii() || !is_word(c as u8)).unwrap_or(rest.len());
        if word == 0 {
            return false;
        }
        rest = &rest[word..];
        let end = rest.find(|c: char| c.is_ascii() && is_word(c as u8)).unwrap_or(rest.len());
        (separator, rest) = rest.split_at(end);
        if !(matches!(separator, "" | "." | "_" | "__") || separator.bytes().all(|b| b == b'-')) {
            return false;
        }
    }
    !part.is_empty() && separator.is_empty()
}

fn check_tag(text: &str) -> Result<()> {
    let refuse = |why: String| Err(invalid("an image tag", text, &why));
    let Some(first) = text.chars().next() else { return refuse("it is empty".into()) };
    if text.len() > TAG_LIMIT {
        return refuse(format!("it has {} characters, and 128 is the most", text.len()));
    }
    if matches!(first, '.' | '-') {
        return refuse(format!("it starts with `{first}`"));
    }
    match text.chars().find(|c| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))) {
        Some(bad) => refuse(format!("it holds {bad:?}")),
        None => Ok(()),
    }
}

fn check_digest(text: &str) -> Result<()> {
    let refuse =
        |why: &str| Err(invalid("a digest", text, why).hint("write `sha256:` and 64 lower-case hexadecimal digits"));
    let Some((algorithm, digits)) = text.split_once(':') else { return refuse("it names no algorithm") };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return refuse("its algorithm is neither sha256 nor sha512"),
    };
    if digits.len() != length {
        return refuse(&format!("it has {} digits, and {algorithm} has {length}", digits.len()));
    }
    if !digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return refuse("its digits are not lower-case hexadecimal");
    }
    Ok(())
}

/// An image as manifests name it: `name`, `name:tag`, `name@digest` or `name:tag@digest`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ImageReference {
    /// The repository.
    pub name: ImageName,
    /// The tag, if one is named.
    pub tag: Option<ImageTag>,
    /// The digest, if one is named; it wins over the tag.
    pub digest: Option<Digest>,
}

impl FromStr for ImageReference {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let context = |error: Error| error.context(format!("image reference `{text}`"));
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest.parse().map_err(context)?)),
            None => (text, None),
        };
        // A colon before a slash is the registry's port.
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag.parse().map_err(context)?)),
            _ => (rest, None),
        };
        Ok(Self { name: name.parse().map_err(context)?, tag, digest })
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        match &self.digest {
            Some(digest) => write!(f, "@{digest}"),
            None => Ok(()),
        }
    }
}

impl Serialize for ImageReference {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn invalid(what: &str, text: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("`{text}` is not {what}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(length: usize) -> String {
        "0123456789abcdef".chars().cycle().take(length).collect()
    }

    #[test]
    fn references_are_split_where_the_grammar_says() {
        for (text, name, tag, has_digest) in [
            ("nginx", "nginx", None, false),
            ("host:5000/x", "host:5000/x", None, false),
            ("host:5000/x:1.2", "host:5000/x", Some("1.2"), false),
            ("[::1]:5000/acme/x:1", "[::1]:5000/acme/x", Some("1"), false),
            ("ghcr.io/acme/shop:1.5.0@sha256:D", "ghcr.io/acme/shop", Some("1.5.0"), true),
            ("ghcr.io/acme/shop@sha256:D", "ghcr.io/acme/shop", None, true),
        ] {
            let text = text.replace('D', &hex(64));
            let reference: ImageReference = text.parse().unwrap();
            assert_eq!(reference.name.as_str(), name);
            assert_eq!(reference.tag.as_ref().map(ImageTag::as_str), tag);
            assert_eq!(reference.digest.is_some(), has_digest);
            assert_eq!(reference.to_string(), text);
        }
    }

    #[test]
    fn hostile_references_are_refused() {
        for text in [
            "",
            ":",
            ":1",
            "@",
            "x:@",
            "x:",
            "x@",
            "name:tag@sha256:short",
            "LIBRARY/App",
            "a//b",
            "a/-b",
            "a/b-",
            "a..b",
            "a___b",
            "/a",
            "a/",
            "x:.a",
            "x:-a",
            "x:a b",
            "x:é",
            "host:99999/x",
            "host:/x",
            "[::g]/x",
            "-h.io/x",
            "a b",
            "acme/x:1:2",
        ] {
            assert!(text.parse::<ImageReference>().is_err(), "{text:?}");
        }
        assert!("x".repeat(129).parse::<ImageTag>().is_err());
        assert!("x".repeat(128).parse::<ImageTag>().is_ok());
        assert!("x".repeat(256).parse::<ImageName>().is_err());
    }

    #[test]
    fn digests_are_sha_2_in_lower_case() {
        assert!(format!("sha256:{}", hex(64)).parse::<Digest>().is_ok());
        assert!(format!("sha512:{}", hex(128)).parse::<Digest>().is_ok());
        for text in [
            format!("sha256:{}", hex(63)),
            format!("sha256:{}", hex(64).to_uppercase()),
            format!("md5:{}", hex(32)),
            hex(64),
        ] {
            assert!(text.parse::<Digest>().is_err(), "{text}");
        }
    }

    #[test]
    fn docker_hub_leaves_parts_out() {
        let same = |a: &str, b: &str| a.parse::<ImageName>().unwrap().is_same(&b.parse().unwrap());
        assert!(same("nginx", "docker.io/library/nginx"));
        assert!(same("index.docker.io/acme/shop", "acme/shop"));
        assert!(!same("acme/shop", "ghcr.io/acme/shop"));
        assert!(!same("shop", "acme/shop"));
    }
}
