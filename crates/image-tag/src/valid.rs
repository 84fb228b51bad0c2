//! From any text to a tag that every registry takes.

use sha2::{Digest, Sha256};
use slipway_core::hexadecimal;
use slipway_core::image::ImageTag;

/// The longest tag, by the OCI distribution specification.
const LIMIT: usize = 128;
/// How many digits of the hash stand for what was cut off.
const HASH_DIGITS: usize = 8;

/// Makes a tag of a text, or nothing if no legal character is left: every run of illegal characters becomes one hyphen, leading
/// dots and hyphens go, and a text that is too long ends in a hash of the whole, so that two of them stay two.
pub(crate) fn tag(text: &str) -> Option<ImageTag> {
    let mut clean = String::with_capacity(text.len());
    let mut in_run = false;
    for character in text.chars() {
        let legal = character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
        match (legal, in_run) {
            (true, _) => clean.push(character),
            (false, false) => clean.push('-'),
            (false, true) => {}
        }
        in_run = !legal;
    }
    let clean = clean.trim_start_matches(['.', '-']);
    if clean.len() <= LIMIT {
        return clean.parse().ok();
    }
    let hash = hexadecimal(&Sha256::digest(text.as_bytes()));
    format!("{}-{}", &clean[..LIMIT - HASH_DIGITS - 1], &hash[..HASH_DIGITS]).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tag_is_valid() {
        for (text, expected) in [
            ("feature/ABC-12_x", Some("feature-ABC-12_x")),
            ("r&d/it's=x", Some("r-d-it-s-x")),
            (".hidden", Some("hidden")),
            ("-dash", Some("dash")),
            ("@acme/pkg@1.0.0", Some("acme-pkg-1.0.0")),
            ("1.2.3+build.5", Some("1.2.3-build.5")),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(tag(text).as_ref().map(ImageTag::as_str), expected, "{text}");
        }
    }

    #[test]
    fn long_tags_stay_different() {
        let (one, two) = ("x".repeat(200), "x".repeat(201));
        let (one, two) = (tag(&one).unwrap(), tag(&two).unwrap());
        assert_eq!(one.as_str().len(), LIMIT);
        assert_ne!(one, two);
        assert_eq!(tag(&"x".repeat(128)).unwrap().as_str(), "x".repeat(128));
    }
}
