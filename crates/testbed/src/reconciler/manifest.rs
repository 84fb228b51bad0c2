//! The image reference in a manifest.

/// `host/name[:tag]@sha256:…`, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ImageReference {
    /// The repository, without the registry's host.
    pub(super) repository: String,
    /// `sha256:` and 64 hexadecimal digits.
    pub(super) digest: String,
}

/// Finds the one `image:` of a YAML manifest. An image without a digest is refused: its tag could be moved.
pub(super) fn image(manifest: &str) -> Result<ImageReference, String> {
    let values = manifest.lines().filter_map(|line| {
        let line = line.trim_start();
        let value = line.strip_prefix("- ").unwrap_or(line).trim_start().strip_prefix("image:")?;
        let value = value.split(" #").next().unwrap_or_default().trim();
        Some(value.trim_matches(['"', '\'']))
    });
    let mut images: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
    images.sort_unstable();
    images.dedup();
    match images.as_slice() {
        [image] => parse(image),
        [] => kustomized(manifest),
        several => Err(format!("the manifest has several images: `{}`", several.join("`, `"))),
    }
}

/// The one entry of a kustomization's `images`.
fn kustomized(manifest: &str) -> Result<ImageReference, String> {
    let value = |key: &str| {
        let line = manifest.lines().find_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix(key))?;
        Some(line.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\'']))
    };
    match (value("newName:").or_else(|| value("name:")), value("digest:")) {
        (Some(name), Some(digest)) => parse(&format!("{name}@{digest}")),
        _ => Err("the manifest has no `image:`".to_owned()),
    }
}

/// How many users get what is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Share {
    /// So many percent.
    Percent(u8),
    /// All, if it is of this version.
    Version(String),
}

impl Share {
    /// The percentage of users that a version gets.
    pub(super) fn percent(&self, version: &str) -> u8 {
        match self {
            Self::Percent(percent) => *percent,
            Self::Version(wanted) if wanted == version => 100,
            Self::Version(_) => 0,
        }
    }
}

/// Finds the one line `weight: 10` or `version: 1.5.0`; without one, all users get what is new.
pub(super) fn share(content: &str) -> Result<Share, String> {
    let value = |key: &str| {
        content.lines().find_map(|line| {
            let value = line.trim_start().strip_prefix(key)?.split(" #").next().unwrap_or_default();
            Some(value.trim().trim_matches(['"', '\'']).to_owned())
        })
    };
    match (value("weight:"), value("version:")) {
        (Some(weight), None) => match weight.parse() {
            Ok(percent @ 0..=100) => Ok(Share::Percent(percent)),
            _ => Err(format!("`{weight}` is no percentage")),
        },
        (None, Some(version)) => Ok(Share::Version(version)),
        (None, None) => Ok(Share::Percent(100)),
        (Some(_), Some(_)) => Err("there is both a `weight:` and a `version:`".to_owned()),
    }
}

fn parse(image: &str) -> Result<ImageReference, String> {
    let (name, digest) = image.split_once('@').ok_or_else(|| format!("`{image}` has no digest"))?;
    let hexadecimal = digest.strip_prefix("sha256:").unwrap_or_default();
    if hexadecimal.len() != 64 || !hexadecimal.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(format!("`{digest}` is not a sha256 digest"));
    }
    let (_host, path) = name.split_once('/').ok_or_else(|| format!("`{image}` names no registry"))?;
    let repository = path.split(':').next().unwrap_or_default();
    Ok(ImageReference { repository: repository.to_owned(), digest: digest.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_or_the_version_that_all_get() {
        for (content, version, expected) in [
            ("canary:\n  weight: 10 # percent", "1.5.0", Ok(10)),
            ("image: x", "1.5.0", Ok(100)),
            ("selector:\n  version: \"1.5.0\"", "1.5.0", Ok(100)),
            ("selector:\n  version: 1.4.0", "1.5.0", Ok(0)),
            ("weight: 101", "1.5.0", Err("`101` is no percentage".to_owned())),
        ] {
            assert_eq!(share(content).map(|share| share.percent(version)), expected, "{content}");
        }
    }

    #[test]
    fn only_an_image_with_a_digest_is_followed() {
        let digest = format!("sha256:{}", "0a".repeat(32));
        for (line, expected) in [
            (format!("      image: ghcr.io/acme/shop:1.5.0@{digest}"), Ok("acme/shop")),
            (format!("    - image: \"127.0.0.1:5000/shop@{digest}\"  # current"), Ok("shop")),
            (format!("image: 'ghcr.io/acme/shop@{digest}'\nimage: ghcr.io/acme/shop@{digest}"), Ok("several")),
            (format!("images:\n  - name: ghcr.io/acme/shop\n    newTag: 1.5.0\n    digest: {digest}"), Ok("acme/shop")),
            ("image: ghcr.io/acme/shop:1.5.0".to_owned(), Err("has no digest")),
            ("image: ghcr.io/acme/shop@sha256:12".to_owned(), Err("not a sha256 digest")),
            (format!("image: shop@{digest}"), Err("names no registry")),
            (format!("image: a.io/b@{digest}\n---\nimage: a.io/c@{digest}"), Err("several images")),
            ("kind: Service\nimagePullPolicy: Always\nimage:\n  tag: x".to_owned(), Err("no `image:`")),
        ] {
            match (image(&line), expected) {
                (Ok(found), Ok("several")) => assert_eq!(found.repository, "acme/shop"),
                (Ok(found), Ok(repository)) => {
                    assert_eq!((found.repository.as_str(), found.digest.as_str()), (repository, digest.as_str()));
                }
                (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
                (found, expected) => panic!("{line}: {found:?}, not {expected:?}"),
            }
        }
    }
}
